"""Good rows as lines of PostgreSQL's COPY text: what a single entry would write, worked out in this process.

Personal fields are encrypted here, the payload is `publication.payload`, the summary is the one `announce` writes.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from exchange.bodies import masked, sealed_purpose
from yancheng_childcare.crypto import blind_index, sealer
from yancheng_childcare.deadlines import due_day
from yancheng_childcare.models import Department, Region
from yancheng_childcare.problems import Problem
from yancheng_childcare.records import actor_label, request_id

from ...choices import EntryChannel, RegistrationStatus
from ...models import Institution, subject_of
from ...rules.pinyin import romanise
from ...rules.values import as_day
from ..clocks import opening_clocks
from ..publication import SUMMARIES, payload
from .comparing import PHONE_LABEL, Known

ID_LABEL: str = Institution._meta.get_field("legal_rep_id_no").purpose  # type: ignore[union-attr]  # EncryptedTextField
#: What each row brings itself; all other columns of an institution are the same for the whole import.
OWN_COLUMNS = (
    "uscc", "name", "former_names", "name_pinyin", "name_initials", "nature", "registered_address", "region_id", "town_id",
    "legal_rep_name", "legal_rep_id_no", "legal_rep_id_index", "contact_phone", "registered_capital", "capital_kind",
    "business_scope", "purpose", "supervising_unit", "established_on", "approved_on", "valid_from", "valid_to",
    "warnings", "record_version",
)  # fmt: skip
OUTBOX_COLUMNS = ("uid", "type", "subject", "version", "region_id", "occurred_at", "data", "sealed")
ACT_COLUMNS = (
    "actor_id", "actor_label", "action", "subject", "region_prefix", "succeeded", "summary", "data", "request_id",
)  # fmt: skip
CLOCK_COLUMNS = (
    "subject", "region_id", "code", "label", "source", "kind", "days", "due_on", "provisional", "started_on",
    "pause_reason", "paused_days",
)  # fmt: skip
#: Stands for NULL in the COPY text: a control character, which the rules refuse in every value.
NULL = "\1"
RECORDED, CHANGED = "registration.recorded", "registration.changed"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_line(*values: str) -> str:
    """One line of COPY text, escaped where needed; no value holds NUL, which the rules refuse."""
    text = "\0".join(values)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return "\t".join([value.translate(_ESCAPES) for value in values])
    return text.replace("\0", "\t")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is the same for every row of one import."""

    job: str
    department: Department
    actor: Any
    now: datetime
    today: date


@dataclass(slots=True)
class Prepared:
    """A chunk ready to be written: per new row its lines by table, per changed row one line of the staging table."""

    new: list[NewRow] = field(default_factory=list)
    changed: list[tuple[str, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewRow:
    """The lines of a new registration. `clocks` holds one line per clock."""

    line: int
    uscc: str
    institution: str
    outbox: str
    act: str
    clocks: str


class Registered:
    """A registration as it will stand, with the names `publication.payload` reads."""

    status = RegistrationStatus.ACTIVE.value
    terminated_on = None
    termination_reason = ""

    def __init__(self, data: dict[str, Any], version: int, registry_org: Department):
        self.__dict__.update(data)
        self.region_id, self.town_id = data["region_code"], data["town_code"]
        self.record_version, self.registry_org = version, registry_org


class Writer:
    """Turns checked rows into lines. `fixed` is the COPY text of an institution's columns that no row brings itself."""

    def __init__(self, batch: Batch):
        self.batch = batch
        self.fixed = ""
        self._moment = batch.now.isoformat()
        self._actor = (str(batch.actor.pk), actor_label(batch.actor))
        self._request = request_id()
        self._prefixes = dict(Region.objects.values_list("code", "prefix"))
        self._seal_id, self._seal_phone, self._seal_event = map(sealer, (ID_LABEL, PHONE_LABEL, sealed_purpose()))
        self._clocks: dict[date, list[str]] = {}

    def add(
        self, prepared: Prepared, line: int, data: dict[str, Any], problems: tuple[Problem, ...], known: Known | None,
        changed: list[str],
    ) -> None:  # fmt: skip
        """Add a good row to the chunk; `known` None means a new registration."""
        version, event_type = (known.version + 1, CHANGED) if known else (1, RECORDED)
        uscc, region, uid = data["uscc"], data["region_code"], str(uuid.uuid4())
        personal = {"legal_rep_id_no": data["legal_rep_id_no"], "contact_phone": data["contact_phone"]}
        content = payload(Registered(data, version, self.batch.department), event_type)  # type: ignore[arg-type]  # same names
        content.update(masked(personal))
        outbox = copy_line(
            uid, event_type, uscc, str(version), region, self._moment, orjson.dumps(content).decode(),
            self._seal_event(orjson.dumps(personal).decode()),
        )  # fmt: skip
        step: dict[str, Any] = (
            {"step": "change", "changed": changed, "reason": ""}
            if known
            else {"step": "register", "channel": EntryChannel.IMPORT.value}
        )
        snapshot = orjson.dumps({**step, "import": self.batch.job, "event": uid, "version": version}).decode()
        subject = subject_of(uscc)
        summary = f"{SUMMARIES[event_type]}：{data['name']}（第 {version} 版）"[:300]
        act = copy_line(
            *self._actor, event_type, subject, self._prefixes[region], "t", summary, snapshot, self._request
        )
        own = self._own(data, problems, version, _former_names(known, changed))
        if known:
            prepared.changed.append((uscc, own, outbox, act))
        else:
            running = "\n".join(
                [
                    f"{subject}\t{region}\t{clock}"
                    for clock in self._clocks_from(as_day(data["established_on"]) or self.batch.today)
                ]
            )
            prepared.new.append(NewRow(line, uscc, own + self.fixed, outbox, act, running))

    def _clocks_from(self, established_on: date) -> list[str]:
        """One line per clock of a registration established on this day."""
        if established_on not in self._clocks:
            self._clocks[established_on] = lines = []
            for code, label, source, days, kind, first in opening_clocks(established_on, self.batch.today):
                due, provisional = due_day(started_on=first, days=days, kind=kind)
                constants = (code, label, source, kind, str(days), str(due), str(provisional), str(first), "", "0")
                lines.append(copy_line(*constants))
        return self._clocks[established_on]

    def _own(self, data: dict[str, Any], problems: tuple[Problem, ...], version: int, former: str) -> str:
        full, short = romanise(data["name"])
        id_no = data["legal_rep_id_no"]
        return copy_line(
            data["uscc"], data["name"], former, full, short, data["nature"], data["registered_address"],
            data["region_code"], data["town_code"], data["legal_rep_name"], self._seal_id(id_no),
            blind_index(id_no, "person"), self._seal_phone(data["contact_phone"]), str(data["registered_capital"]),
            data["capital_kind"], data["business_scope"], data["purpose"], data["supervising_unit"],
            str(data["established_on"]), str(data["approved_on"]), str(data["valid_from"]), str(data["valid_to"] or NULL),
            orjson.dumps([p.as_dict() for p in problems]).decode() if problems else "[]", str(version),
        )  # fmt: skip


def _former_names(known: Known | None, changed: list[str]) -> str:
    """The array of former names as PostgreSQL writes it; the present name joins it when the name changes."""
    if known is None:
        return "{}"
    names = list(known.former_names)
    present = known.values["name"]
    if "name" in changed and present not in names:
        names.append(present)
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in names) + "}"
