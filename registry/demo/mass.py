"""A large city for benchmarks: institutions by COPY, without outbox, clocks and acts.

Every row passes the rules (check digits, nature ↔ prefix ↔ authority), but these rows never happened: nothing is
pushed, and the history trigger rests. A few thousand invented persons stand for all legal representatives, since
encrypting each anew would be most of the time. Batches are whole: a stopped run goes on where it was.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice
from typing import Any, cast

import orjson
from django.db import connection, transaction
from django.utils import timezone

from yancheng_childcare.crypto import EncryptedTextField, blind_index, encrypt
from yancheng_childcare.owner import resting_triggers
from yancheng_childcare.problems import warnings

from ..choices import EntryChannel
from ..models import Institution
from ..rules.pinyin import romanise
from ..rules.registration import check_registration
from ..rules.uscc import ALPHABET, make_uscc
from . import words
from .naming import Place, brand, county_short, county_title
from .plan import id_number, person, phone

BATCH = 20_000
PERSONS = 4_000
# TX instead of the lived-through city's TY (plan.py): the two never meet.
SERIAL_START = ALPHABET.index("T") * 31**5
# nature → (share, prefix, authority, kind of capital, end of the name)
KINDS = {
    "FORPROFIT": (64, "91", "MARKET", "REGISTERED", "托育服务有限公司"),
    "NONPROFIT": (18, "52", "CIVIL", "STARTUP", "托育中心"),
    "FORPROFIT_IND": (10, "92", "MARKET", "REGISTERED", "托育服务部"),
    "HOME": (5, "92", "MARKET", "REGISTERED", "家庭托育点"),
    "PUBLIC": (3, "12", "STAFFING", "STARTUP", "托育综合服务中心"),
}
COLUMNS = (
    "uscc", "name", "former_names", "name_pinyin", "name_initials", "nature", "registered_address", "region_id",
    "town_id", "legal_rep_name", "legal_rep_id_no", "legal_rep_id_index", "contact_phone", "registered_capital",
    "capital_kind", "business_scope", "purpose", "supervising_unit", "established_on", "approved_on", "valid_from",
    "registry_org_id", "status", "terminated_on", "termination_reason", "record_version", "warnings", "channel",
    "filed_on", "national_filing_no", "created_at", "updated_at",
)  # fmt: skip
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Person:
    """A legal representative as stored: the encrypted values and the look-up key."""

    name: str
    id_no: str
    id_index: str
    phone: str


def stored_persons(number: int = PERSONS) -> list[Person]:
    """Invented persons, encrypted once."""
    id_label, phone_label = (
        cast(EncryptedTextField, Institution._meta.get_field(name)).purpose
        for name in ("legal_rep_id_no", "contact_phone")
    )
    people = []
    # Numbers repeat after 13,000 (plan.id_number): this range keeps clear of the lived-through city's persons.
    for serial in range(1_002_000, 1_002_000 + number):
        clear = id_number(serial)
        people.append(
            Person(
                person(serial),
                encrypt(clear, id_label),
                blind_index(clear, "person"),
                encrypt(phone(serial), phone_label),
            )
        )
    return people


class Rows:
    """Makes lines of COPY text. Every part that repeats is looked up once."""

    def __init__(self, today: date, places: Sequence[Place]):
        self.today = today
        self._places = list(places)
        towns: dict[str, int] = {}
        for place in self._places:
            towns[place.county] = towns.get(place.county, 0) + 1
        # Each town counts with its share of the county's population.
        self._place_weights = list(accumulate(place.population / towns[place.county] for place in self._places))
        self._natures, self._nature_weights = list(KINDS), list(accumulate(kind[0] for kind in KINDS.values()))
        self._persons = stored_persons()
        self._pinyin: dict[str, tuple[str, str]] = {}
        self._warnings: dict[tuple[str, str, str], str] = {}
        self._now = timezone.now().isoformat()

    def lines(self, serials: Iterable[int]) -> Iterator[tuple[str, str]]:
        """(uscc, line) of each serial; the same for the same serial, number of days back from today included."""
        for serial in serials:
            yield self._line(serial)

    def _line(self, serial: int) -> tuple[str, str]:
        rng = random.Random(serial)  # noqa: S311  # repeatable on purpose
        draw = rng.random
        place = rng.choices(self._places, cum_weights=self._place_weights)[0]
        nature = rng.choices(self._natures, cum_weights=self._nature_weights)[0]
        _, prefix, authority, capital_kind, ending = KINDS[nature]
        uscc = make_uscc(prefix, place.county if place.county.isdigit() else "320900", SERIAL_START + serial)
        someone = self._persons[int(draw() * len(self._persons))]
        scopes = words.SCOPES[nature]
        scope = scopes[int(draw() * len(scopes))]
        name, pinyin, initials = self._name(serial, place, ending)
        day = self.today - timedelta(days=int(3 + draw() * 2600))
        filed, status, ended, reason = r"\N", "ACTIVE", r"\N", ""
        chance = draw()
        if chance >= 0.12:
            filed = min(day + timedelta(days=30), self.today).isoformat()
        if chance >= 0.96:
            status, reason = "CANCELLED", "申请注销登记（演示）"
            ended = min(day + timedelta(days=400), self.today).isoformat()
        needs_purpose = nature in {"NONPROFIT", "PUBLIC"}
        established = day.isoformat()
        values = (
            uscc, name, "{}", pinyin, initials, nature,
            f"{county_title(place)}{place.town_name} {words.ROADS[serial % len(words.ROADS)]}{900 + serial % 99}号",
            place.county, place.town, someone.name, someone.id_no, someone.id_index, someone.phone,
            str(20 + serial % 9 * 10), capital_kind, scope, words.PURPOSE if needs_purpose else "",
            place.health_name if nature == "NONPROFIT" else "", established, established, established,
            f"{place.county}-{authority}", status, ended, reason, "2" if status != "ACTIVE" else "1",
            self._kept_warnings(uscc, place.county, nature, name, scope), EntryChannel.DEMO.value, filed,
            "" if filed == r"\N" else f"演示备字〔{filed[:4]}〕{serial:08d}号", self._now, self._now,
        )  # fmt: skip
        return uscc, "\t".join(values)

    def _name(self, serial: int, place: Place, ending: str) -> tuple[str, str, str]:
        """A different name for every serial; pinyin is put together from its parts."""
        # brand() comes again after 1,200 numbers; the number behind it tells the rounds apart.
        parts = (county_short(place), brand(serial % 1200), f"{serial}号", ending)
        full = [self._romanised(part) if part is not parts[2] else (f"{serial}hao", f"{serial}h") for part in parts]
        return "".join(parts), "".join(p for p, _ in full), "".join(i for _, i in full)

    def _romanised(self, part: str) -> tuple[str, str]:
        if part not in self._pinyin:
            self._pinyin[part] = romanise(part)
        return self._pinyin[part]

    def _kept_warnings(self, uscc: str, county: str, nature: str, name: str, scope: str) -> str:
        """The warnings the rules keep for such a registration: they depend on county, nature and scope alone here."""
        key = (county, nature, scope)
        if key not in self._warnings:
            data = {"uscc": uscc, "region_code": county, "nature": nature, "name": name, "business_scope": scope,
                    "contact_phone": phone(1)}  # fmt: skip
            kept = [problem.as_dict() for problem in warnings(check_registration(data, today=self.today))]
            self._warnings[key] = orjson.dumps(kept).decode().replace("\\", "\\\\")
        return self._warnings[key]


class Stream:
    """Lines as the file COPY reads from: made while the database is busy with the ones before."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines
        self.number = 0

    def read(self, size: int) -> str:
        """About `size` characters of whole lines; "" at the end."""
        chunk = list(islice(self._lines, max(1, size // 700)))
        self.number += len(chunk)
        return "\n".join(chunk) + "\n" if chunk else ""


def load_mass(first: int, last: int, *, today: date, places: Sequence[Place], progress: Progress) -> int:
    """Write institutions number `first` up to, not including, `last`; those that are there stay. Returns how many new."""
    began, written = time.monotonic(), 0
    rows = Rows(today, places)
    # Only rows of this module have nobody who entered them.
    own = Institution.objects.filter(channel=EntryChannel.DEMO, created_by__isnull=True)
    present = set(own.values_list("uscc", flat=True).iterator(chunk_size=50_000))
    for start in range(first, last, BATCH):
        end = min(start + BATCH, last)
        written += _copy(line for uscc, line in rows.lines(range(start, end)) if uscc not in present)
        pace = (end - first) / (time.monotonic() - began)
        progress(f"  批量机构 {end - first}/{last - first}（每秒约 {pace:,.0f} 家）")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_table()}")
    return written


def _table() -> str:
    return connection.ops.quote_name(Institution._meta.db_table)


def _copy(lines: Iterator[str]) -> int:
    """One batch, whole or not at all; returns its number of rows."""
    stream = Stream(lines)
    with transaction.atomic(), connection.cursor() as cursor, history_rests(cursor):
        # A crash may cost the last batches, and the next run writes them.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.copy_expert(f"COPY {_table()} ({', '.join(COLUMNS)}) FROM STDIN", stream, size=1 << 16)
    return stream.number


@contextmanager
def history_rests(cursor: Any) -> Iterator[None]:
    """The trigger that copies each new row into the history rests, until the caller's transaction ends at the latest.

    By pgtrigger's switch: the portal's role may put this trigger to rest, and may disable none.
    """
    switch = "SELECT set_config('pgtrigger.ignore', %s, true)"
    cursor.execute(switch, ["{" + ",".join(resting_triggers()) + "}"])
    yield  # an error ends the transaction, and the change with it
    cursor.execute(switch, ["{}"])
