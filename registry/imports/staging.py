"""A chunk of good rows goes in by set: one COPY into a temporary table, then one statement per table.

Every row leaves what a single entry leaves: the institution (its history is written by the trigger), an event in the
outbox, an act in the log, and for a new one its clocks. Row for row the same content as `registry.services`, which a
test compares.
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from psycopg2 import sql

from exchange.bodies import masked, sealed_purpose
from yancheng_childcare.choices import ClockKind
from yancheng_childcare.crypto import blind_index, encrypt
from yancheng_childcare.deadlines import due_day
from yancheng_childcare.models import Department
from yancheng_childcare.problems import Problem
from yancheng_childcare.records import actor_label, request_id

from ..choices import EntryChannel, RegistrationStatus
from ..models import Institution
from ..pinyin import romanise
from ..publication import SUMMARIES, payload
from .comparing import PHONE_LABEL, Known

#: What each row brings itself; all other columns of an institution are the same for the whole import.
OWN_COLUMNS = (
    "uscc", "name", "former_names", "name_pinyin", "name_initials", "nature", "registered_address", "region_id", "town_id",
    "legal_rep_name", "legal_rep_id_no", "legal_rep_id_index", "contact_phone", "registered_capital", "capital_kind",
    "business_scope", "purpose", "supervising_unit", "established_on", "approved_on", "valid_from", "valid_to",
    "warnings", "record_version",
)  # fmt: skip
_ACT_COLUMNS = ("line", "fresh", "uid", "changed", "content", "sealed", "summary")
_ID_LABEL: str = Institution._meta.get_field("legal_rep_id_no").purpose  # type: ignore[union-attr]  # EncryptedTextField
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
#: Stands for NULL in the COPY text: a control character, which the rules refuse in every value.
_NULL = "\1"
#: One read per chunk: each smaller one would wait for the thread that prepares the next rows to let go of the interpreter.
_COPY_BYTES = 16 << 20
RECORDED, CHANGED = "registration.recorded", "registration.changed"


class Registered:
    """A registration as it will stand, with the names `publication.payload` reads."""

    status = RegistrationStatus.ACTIVE.value
    terminated_on = None
    termination_reason = ""

    def __init__(self, data: dict[str, Any], version: int, registry_org: Department):
        self.__dict__.update(data)
        self.region_id, self.town_id = data["region_code"], data["town_code"]
        self.record_version, self.registry_org = version, registry_org


@dataclass(frozen=True, slots=True)
class Batch:
    """What is the same for every row of one import."""

    job: str
    department: Department
    actor: Any
    now: datetime
    today: date


def stage_line(
    batch: Batch, line: int, data: dict[str, Any], problems: tuple[Problem, ...], known: Known | None, changed: list[str]
) -> str:
    """The row as one line of the staging table's COPY text; `known` None means a new registration."""
    version = known.version + 1 if known else 1
    event_type = CHANGED if known else RECORDED
    name, id_no, phone = data["name"], data["legal_rep_id_no"], data["contact_phone"]
    full, short = romanise(name)
    personal = {"legal_rep_id_no": id_no, "contact_phone": phone}
    content = payload(Registered(data, version, batch.department), event_type)  # type: ignore[arg-type]  # same names
    content.update(masked(personal))
    values = (
        str(line), "f" if known else "t", str(uuid.uuid4()), orjson.dumps(changed).decode() if known else "[]",
        orjson.dumps(content).decode(), encrypt(orjson.dumps(personal).decode(), sealed_purpose()),
        f"{SUMMARIES[event_type]}：{name}（第 {version} 版）"[:300],
        data["uscc"], name, _former_names(known, changed), full, short, data["nature"], data["registered_address"],
        data["region_code"], data["town_code"], data["legal_rep_name"], encrypt(id_no, _ID_LABEL),
        blind_index(id_no, "person"), encrypt(phone, PHONE_LABEL), str(data["registered_capital"]), data["capital_kind"],
        data["business_scope"], data["purpose"], data["supervising_unit"], str(data["established_on"]),
        str(data["approved_on"]), str(data["valid_from"]), str(data["valid_to"] or _NULL),
        orjson.dumps([p.as_dict() for p in problems]).decode() if problems else "[]", str(version),
    )  # fmt: skip
    text = "\0".join(values)  # no value holds NUL: the rules refuse it
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return "\t".join([value.translate(_ESCAPES) for value in values])
    return text.replace("\0", "\t")


def _former_names(known: Known | None, changed: list[str]) -> str:
    """The array of former names as PostgreSQL writes it; the present name joins it when the name changes."""
    if known is None:
        return "{}"
    names = list(known.former_names)
    present = known.values["name"]
    if "name" in changed and present not in names:
        names.append(present)
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in names) + "}"


def _columns(names: tuple[str, ...], table: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, name) if table else sql.Identifier(name) for name in names)


class Stage:
    """The SQL of one import, on the raw connection so that a second thread may wait for it.

    Raw also because history's context would be looked up and locked once per row; who did it stands in the act of each
    institution. Everything after the COPY is one round trip: each answer would wait for the thread that prepares rows
    to let go of the interpreter.
    """

    def __init__(self, batch: Batch):
        self.batch = batch
        model = {field.column: field for field in Institution._meta.concrete_fields if not field.primary_key}
        fixed = {
            column: field.get_db_prep_save(field.get_default(), connection)
            for column, field in model.items()
            if column not in OWN_COLUMNS
        }
        fixed.update(
            registry_org_id=batch.department.pk,
            channel=EntryChannel.IMPORT.value,
            created_by_id=batch.actor.pk,
            created_at=batch.now,
            updated_at=batch.now,
        )
        self._fixed = fixed

    def prepare(self, cursor: Any) -> None:
        """The temporary tables, and the session as long statements need it; both end with the transaction."""
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s'; SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            sql.SQL(
                "DROP TABLE IF EXISTS import_stage, import_late; "
                "CREATE TEMP TABLE import_late (line int) ON COMMIT DROP; "
                "CREATE TEMP TABLE import_stage ON COMMIT DROP AS SELECT 0::int AS line, true AS fresh, NULL::uuid AS uid, "
                "NULL::jsonb AS changed, NULL::jsonb AS content, ''::text AS sealed, ''::text AS summary, {} "
                "FROM registry_institution WHERE false"
            ).format(_columns(OWN_COLUMNS))
        )
        steps = [self._insert(), *self._tell(), *self._start_clocks()]
        last = [sql.SQL("TRUNCATE import_stage"), sql.SQL("DELETE FROM import_late RETURNING line")]
        self._all_new = sql.SQL("; ").join([*steps, *last]).as_string(cursor)
        self._with_changes = sql.SQL("; ").join([self._update(), *steps, *last]).as_string(cursor)

    def write(self, cursor: Any, text: str, *, changes: bool) -> list[int]:
        """Put one chunk in; returns the lines that another registration, made in this very moment, was faster than.

        `changes`: whether any row of it changes a stored registration.
        """
        cursor.copy_expert(
            sql.SQL("COPY import_stage ({}) FROM STDIN WITH (NULL E'\\x01')").format(_columns(_ACT_COLUMNS + OWN_COLUMNS)),
            io.BytesIO(text.encode()),
            size=_COPY_BYTES,
        )
        cursor.execute(self._with_changes if changes else self._all_new)
        return [line for (line,) in cursor.fetchall()]

    def _insert(self) -> sql.Composable:
        fixed = tuple(self._fixed)
        return sql.SQL(
            "WITH made AS (INSERT INTO registry_institution ({own}, {fixed}) SELECT {own}, {values} FROM import_stage "
            "WHERE fresh ON CONFLICT (uscc) DO NOTHING RETURNING uscc), "
            "gone AS (DELETE FROM import_stage WHERE fresh AND uscc NOT IN (SELECT uscc FROM made) RETURNING line) "
            "INSERT INTO import_late SELECT line FROM gone"
        ).format(own=_columns(OWN_COLUMNS), fixed=_columns(fixed), values=_literals(*self._fixed.values()))

    def _update(self) -> sql.Composable:
        columns = tuple(column for column in OWN_COLUMNS if column != "uscc")
        return sql.SQL(
            "UPDATE registry_institution i SET ({}) = ROW({}), updated_at = {} FROM import_stage s "
            "WHERE NOT s.fresh AND i.uscc = s.uscc"
        ).format(_columns(columns), _columns(columns, "s"), sql.Literal(self.batch.now))

    def _tell(self) -> list[sql.Composable]:
        """Outbox and log: one event and one act per institution, as a single entry writes them."""
        event_type = sql.SQL("CASE WHEN fresh THEN {} ELSE {} END").format(sql.Literal(RECORDED), sql.Literal(CHANGED))
        outbox = sql.SQL(
            "INSERT INTO exchange_outboxevent (uid, type, subject, version, region_id, occurred_at, data, sealed) "
            "SELECT uid, {}, uscc, record_version, region_id, {}, content, sealed FROM import_stage"
        ).format(event_type, sql.Literal(self.batch.now))
        acts = sql.SQL(
            "INSERT INTO yancheng_childcare_event (actor_id, actor_label, action, subject, region_prefix, succeeded, "
            "summary, data, request_id) SELECT {}, {}, {}, 'registry.institution:' || uscc, r.prefix, true, summary, "
            "CASE WHEN fresh THEN '{{\"step\": \"register\", \"channel\": \"IMPORT\"}}'::jsonb "
            "ELSE jsonb_build_object('step', 'change', 'changed', changed, 'reason', '') END "
            "|| jsonb_build_object('import', {}, 'event', uid, 'version', record_version), {} "
            "FROM import_stage JOIN yancheng_childcare_region r ON r.code = region_id"
        ).format(
            sql.Literal(self.batch.actor.pk),
            sql.Literal(actor_label(self.batch.actor)),
            event_type,
            sql.Literal(self.batch.job),
            sql.Literal(request_id()),
        )
        return [outbox, acts]

    def _start_clocks(self) -> list[sql.Composable]:
        rows = []
        for code, label, source, days, kind in clocks():
            due, provisional = due_day(started_on=self.batch.today, days=days, kind=kind)
            rows.append(sql.SQL("({})").format(_literals(code, label, source, kind, days, due, provisional)))
        return [
            sql.SQL(
                "INSERT INTO yancheng_childcare_deadline (subject, code, label, source, kind, days, due_on, provisional, "
                "region_id, started_on, pause_reason, paused_days) SELECT 'registry.institution:' || uscc, c.*, region_id, "
                "{}, '', 0 FROM import_stage, (VALUES {}) c (code, label, source, kind, days, due_on, provisional) WHERE fresh"
            ).format(sql.Literal(self.batch.today), sql.SQL(", ").join(rows))
        ]


def _literals(*values: Any) -> sql.Composed:
    return sql.SQL(", ").join([sql.Literal(value) for value in values])


def clocks() -> tuple[tuple[str, str, str, int, str], ...]:
    """(code, label, source, days, kind) of the clocks a new registration starts, as `services.start_clocks` does."""
    filing, police = settings.UNFILED_GOVERN_DAYS, settings.POLICE_ADVICE_WORKDAYS
    return (
        ("DL-FILE", "提交备案（平台提醒）", "方案 三(三)1「及时」；天数为平台约定", filing, ClockKind.DAYS.value),
        ("DL-POLICE", "公安安全防范指导", "方案附件 公安部门职责；天数为平台约定", police, ClockKind.WORKDAYS.value),
    )

