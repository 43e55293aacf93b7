"""What the demo city will hold, decided before anything is written: pure, seeded, and stable when it grows.

Institution number n is the same whether 300 or 1,000 are planned, so a later run with a larger number only adds.
Dates hang on `today`, so that 已登记未备案 always has fresh, middling and overdue cases.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ..rules.identity import make_id_number
from ..rules.uscc import ALPHABET, make_uscc
from . import words
from .accounts import OWN_INSTITUTIONS
from .naming import Place, brand, company_name, county_title, name_of

SEED = "yancheng-demo"
FIRST_DAY = date(2019, 3, 1)
NATURE_SHARES = {
    "FORPROFIT": 55, "NONPROFIT": 15, "FORPROFIT_IND": 10, "KINDERGARTEN": 8, "HOME": 6, "PUBLIC": 3, "EMPLOYER": 3,
}  # fmt: skip
AUTHORITY = {"NONPROFIT": "CIVIL", "PUBLIC": "STAFFING", "KINDERGARTEN": "EDU"}
PREFIX = {"NONPROFIT": "52", "PUBLIC": "12", "FORPROFIT_IND": "92", "HOME": "92"}
SMALL = frozenset({"HOME", "FORPROFIT_IND"})
# The organisation code starts with TY: new codes are given in sequence and are nowhere near it.
SERIAL_START = ALPHABET.index("T") * 31**5 + ALPHABET.index("Y") * 31**4
# In every 25 institutions of an area: one ended, three (in 亭湖 six, so that its desks have work) not yet filed.
ENDED_AT = 13
UNFILED_AT = frozenset({3, 11, 19})
UNFILED_AT_BUSY = frozenset({2, 6, 10, 15, 18, 22})
BUSY_REGION, OPERATOR_REGION = "320902", "320903"


@dataclass(slots=True)
class Plan:
    """One institution's life: registered, perhaps filed, changed, ended. `data` has the names of domain.md §1.2."""

    serial: int
    data: dict[str, Any]
    registry_org: str
    filed_on: date | None = None
    filing_no: str = ""
    changes: list[tuple[date, dict[str, Any]]] = field(default_factory=list)
    ending: tuple[str, str, date] | None = None

    @property
    def uscc(self) -> str:
        """The key."""
        return str(self.data["uscc"])


def id_number(serial: int) -> str:
    """A legal representative's number: division 320900 is never given to a person, so it can be nobody's."""
    born = date(1962, 1, 1) + timedelta(days=serial * 37 % 13_000)
    return make_id_number("320900", born, serial % 1000)


def phone(serial: int) -> str:
    """A number of the segment 160, which no operator uses."""
    return f"160{serial % 10**8:08d}"


def person(serial: int) -> str:
    """An invented name."""
    given = words.GIVEN_NAMES[serial * 7 % len(words.GIVEN_NAMES)]
    return words.SURNAMES[serial * 11 % len(words.SURNAMES)] + given


def next_by_share(shares: Mapping[str, float], used: Counter[str]) -> str:
    """The key that is furthest behind its share, counted in."""
    total, number = sum(shares.values()), used.total() + 1
    chosen = max(shares, key=lambda key: shares[key] / total * number - used[key])
    used[chosen] += 1
    return chosen


def plan_city(number: int, *, today: date, places: Iterable[Place]) -> list[Plan]:
    """The first `number` institutions of the demo city (at least the two of the demo operators)."""
    areas: dict[str, list[Place]] = {}
    for place in places:
        areas.setdefault(place.county, []).append(place)
    weights = {county: float(towns[0].population) for county, towns in sorted(areas.items())}
    by_area: Counter[str] = Counter({BUSY_REGION: 1, OPERATOR_REGION: 1})
    by_nature: Counter[str] = Counter({"FORPROFIT": 2})
    plans = list(_own(areas, today))
    unfiled: Counter[str] = Counter()
    # Areas begin with different ages, 亭湖 with a fresh one.
    order = {county: index for index, county in enumerate(weights)}
    ended = 0
    for serial in range(2, number):
        county = next_by_share(weights, by_area)
        nature = next_by_share(NATURE_SHARES, by_nature)
        turn = by_area[county] % 25
        rng = random.Random(f"{SEED}:{serial}")  # noqa: S311  # repeatable on purpose
        plan = _registration(serial, nature, rng.choice(areas[county]), rng)
        if turn in (UNFILED_AT_BUSY if county == BUSY_REGION else UNFILED_AT):
            age = _unfiled_age(unfiled[county] + order[county], rng)
            _date(plan, today - timedelta(days=age), today, rng)
            unfiled[county] += 1
        else:
            _live(plan, turn, ended, today, rng)
            ended += plan.ending is not None
        plans.append(plan)
    return plans


def _unfiled_age(turn: int, rng: random.Random) -> int:
    """Days since registration: fresh, overdue, middling in turn."""
    return rng.randint(*((3, 28), (64, 320), (31, 58))[turn % 3])


def _live(plan: Plan, turn: int, ended_before: int, today: date, rng: random.Random) -> None:
    """Dates of an institution that filed: most long ago, some just now; some changed since, one in 25 ended.

    `ended_before` counts the ended ones so far: the ways to end take turns.
    """
    recent = turn % 9 == 4 and turn != ENDED_AT
    age = rng.randint(14, 70) if recent else rng.randint(120, 2600)
    _date(plan, max(FIRST_DAY, today - timedelta(days=age)), today, rng)
    registered: date = plan.data["approved_on"]
    if not (turn == ENDED_AT and rng.random() < 0.3):
        _file(plan, registered + timedelta(days=rng.randint(4, 9) if recent else rng.randint(12, 75)))
    if turn == ENDED_AT:
        step, reason = words.ENDINGS[ended_before % len(words.ENDINGS)]
        earliest = (plan.filed_on or registered) + timedelta(days=10)
        day = max(earliest, today - timedelta(days=rng.randint(2, 400)))
        plan.ending = (step, reason, min(day, today))
    elif turn % 7 == 1 and plan.filed_on:
        span = (today - plan.filed_on).days
        days = sorted({rng.randint(1, max(1, span - 1)) for _ in range(2 if turn % 3 == 1 else 1)})
        plan.changes = [
            (plan.filed_on + timedelta(days=day), _change(plan, turn + order, rng)) for order, day in enumerate(days)
        ]


def _change(plan: Plan, kind: int, rng: random.Random) -> dict[str, Any]:
    """What one change alters: the name, the address, the legal representative or the capital."""
    data = plan.data
    if kind % 4 == 1 and plan.registry_org[7:] in {"MARKET", "CIVIL"}:
        words_now = brand(plan.serial)
        return {"name": str(data["name"]).replace(words_now, f"新{words_now}", 1)}
    if kind % 4 == 2:
        serial = plan.serial + 500_000
        return {"legal_rep_name": person(serial), "legal_rep_id_no": id_number(serial), "contact_phone": phone(serial)}
    if kind % 4 == 3:
        return {"registered_capital": str(int(data["registered_capital"]) + 60)}
    street = f"{rng.choice(words.ROADS)}{rng.randint(900, 998)}号{rng.randint(1, 4)}幢"
    return {"registered_address": f"{str(data['registered_address']).split(' ')[0]} {street}"}


def _file(plan: Plan, filed_on: date) -> None:
    plan.filed_on = filed_on
    plan.filing_no = f"演示备字〔{filed_on.year}〕{plan.data['region_code']}-{plan.serial:04d}号"


def _date(plan: Plan, day: date, today: date, rng: random.Random) -> None:
    """Registration on a weekday; approved the same day or soon after."""
    established = day - timedelta(days=max(0, day.weekday() - 4))
    plan.data["established_on"] = plan.data["valid_from"] = established
    plan.data["approved_on"] = min(today, established + timedelta(days=rng.choice((0, 0, 0, 1, 2))))
    nature = plan.data["nature"]
    if nature in {"NONPROFIT", "PUBLIC"}:
        plan.data["valid_to"] = established + timedelta(days=5 * 365 + 1)


def _registration(serial: int, nature: str, place: Place, rng: random.Random) -> Plan:
    """Everything of a registration but its dates."""
    kind = AUTHORITY.get(nature, "MARKET")
    prefix = PREFIX.get(nature, "91")
    if nature == "KINDERGARTEN":
        prefix = rng.choice(("12", "52"))
    elif nature == "EMPLOYER" and rng.random() < 0.3:
        prefix, kind = "12", "STAFFING"
    # The city's civil affairs bureau registers a third of the non-profit ones itself.
    office = "320900" if nature == "NONPROFIT" and serial % 3 == 0 else place.county
    startup = prefix in {"12", "52"}
    scope = rng.choice(words.SCOPES[nature])
    if nature == "FORPROFIT" and serial % 41 == 7:
        scope = words.HOME_WORDING_SCOPE
    road = f"{rng.choice(words.ROADS)}{rng.randint(900, 998)}号"
    data = {
        "uscc": make_uscc(prefix, office if office.isdigit() else "320900", SERIAL_START + serial),
        "name": name_of(nature, serial, place),
        "nature": nature,
        "registered_address": f"{county_title(place)}{place.town_name} {road}",
        "region_code": place.county,
        "town_code": place.town,
        "legal_rep_name": person(serial),
        "legal_rep_id_no": id_number(serial),
        "contact_phone": "" if serial % 53 == 9 else phone(serial),
        "registered_capital": str(rng.choice((3, 5, 10) if nature in SMALL else (20, 30, 50, 80, 100, 200))),
        "capital_kind": "STARTUP" if startup else "REGISTERED",
        "business_scope": scope,
        "purpose": words.PURPOSE if nature in {"NONPROFIT", "PUBLIC"} else "",
        "supervising_unit": place.health_name if nature == "NONPROFIT" else "",
        "valid_to": None,
    }
    return Plan(serial, data, f"{office}-{kind}")


def _own(areas: dict[str, list[Place]], today: date) -> Iterable[Plan]:
    """The two institutions of the demo operators: one filed and once renamed, one registered and not yet filed."""
    for serial, (username, title) in enumerate((("operator_xiaotaiyang", "小太阳"), ("operator_yangguang", "阳光"))):
        rng = random.Random(f"{SEED}:{serial}")  # noqa: S311  # repeatable on purpose
        place = areas[BUSY_REGION if serial == 0 else OPERATOR_REGION][0]
        plan = _registration(serial, "FORPROFIT", place, rng)
        name = company_name(place, title)
        plan.data |= {
            "uscc": OWN_INSTITUTIONS[username], "name": name, "business_scope": "托育服务", "contact_phone": phone(serial),
        }  # fmt: skip
        if serial == 0:
            plan.data["name"] = name.replace("托育服务", "婴幼儿照护服务")
            _date(plan, today - timedelta(days=610), today, rng)
            _file(plan, plan.data["approved_on"] + timedelta(days=26))
            plan.changes = [(today - timedelta(days=95), {"name": name})]
        else:
            _date(plan, today - timedelta(days=41), today, rng)
        yield plan
