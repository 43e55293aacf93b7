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

STAGE = "import_stage"
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

    Raw also because history's context would be written once per row: one import would rewrite one context row a
    hundred thousand times. Who did it stands in the act of each institution.
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
        """The staging table, and the session as a long statement needs it; both end with the transaction."""
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s'; SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(STAGE)))
        cursor.execute(
            sql.SQL(
                "CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT 0::int AS line, true AS fresh, NULL::uuid AS uid, "
                "NULL::jsonb AS changed, NULL::jsonb AS content, ''::text AS sealed, ''::text AS summary, {} "
                "FROM registry_institution WHERE false"
            ).format(sql.Identifier(STAGE), _columns(OWN_COLUMNS))
        )

    def write(self, cursor: Any, text: str, *, changes: bool) -> list[int]:
        """Put one chunk in; returns the lines that another registration, made in this very moment, was faster than.

        `changes`: whether any row of it changes a stored registration.
        """
        cursor.copy_expert(
            sql.SQL("COPY {} ({}) FROM STDIN WITH (NULL E'\\x01')").format(sql.Identifier(STAGE), _columns(_ACT_COLUMNS + OWN_COLUMNS)),
            io.BytesIO(text.encode()),
            size=_COPY_BYTES,
        )
        late = self._insert(cursor)
        if changes:
            self._update(cursor)
        self._tell(cursor)
        self._start_clocks(cursor)
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(STAGE)))
        return late

    def _insert(self, cursor: Any) -> list[int]:
        fixed = tuple(self._fixed)
        cursor.execute(
            sql.SQL(
                "WITH made AS (INSERT INTO registry_institution ({own}, {fixed}) SELECT {own}, {values} FROM {stage} "
                "WHERE fresh ORDER BY line ON CONFLICT (uscc) DO NOTHING RETURNING uscc) "
                "DELETE FROM {stage} WHERE fresh AND uscc NOT IN (SELECT uscc FROM made) RETURNING line"
            ).format(
                own=_columns(OWN_COLUMNS),
                fixed=_columns(fixed),
                values=sql.SQL(", ").join([sql.Placeholder()] * len(fixed)),
                stage=sql.Identifier(STAGE),
            ),
            list(self._fixed.values()),
        )
        return [line for (line,) in cursor.fetchall()]

    def _update(self, cursor: Any) -> None:
        columns = tuple(column for column in OWN_COLUMNS if column != "uscc")
        cursor.execute(
            sql.SQL(
                "UPDATE registry_institution i SET ({}) = ROW({}), updated_at = %s FROM {} s "
                "WHERE NOT s.fresh AND i.uscc = s.uscc"
            ).format(_columns(columns), _columns(columns, "s"), sql.Identifier(STAGE)),
            [self.batch.now],
        )

    def _tell(self, cursor: Any) -> None:
        """Outbox and log: one event and one act per institution, as a single entry writes them."""
        cursor.execute(
            sql.SQL(
                "INSERT INTO exchange_outboxevent (uid, type, subject, version, region_id, occurred_at, data, sealed) "
                "SELECT uid, CASE WHEN fresh THEN %s ELSE %s END, uscc, record_version, region_id, %s, content, sealed "
                "FROM {} ORDER BY line"
            ).format(sql.Identifier(STAGE)),
            [RECORDED, CHANGED, self.batch.now],
        )
        cursor.execute(
            sql.SQL(
                "INSERT INTO yancheng_childcare_event (actor_id, actor_label, action, subject, region_prefix, succeeded, "
                "summary, data, request_id) SELECT %s, %s, CASE WHEN fresh THEN %s ELSE %s END, "
                "'registry.institution:' || uscc, r.prefix, true, summary, "
                "CASE WHEN fresh THEN jsonb_build_object('step', 'register', 'channel', 'IMPORT') "
                "ELSE jsonb_build_object('step', 'change', 'changed', changed, 'reason', '') END "
                "|| jsonb_build_object('import', %s, 'event', uid, 'version', record_version), %s "
                "FROM {} JOIN yancheng_childcare_region r ON r.code = region_id ORDER BY line"
            ).format(sql.Identifier(STAGE)),
            [self.batch.actor.pk, actor_label(self.batch.actor), RECORDED, CHANGED, self.batch.job, request_id()],
        )

    def _start_clocks(self, cursor: Any) -> None:
        for code, label, source, days, kind in clocks():
            due, provisional = due_day(started_on=self.batch.today, days=days, kind=kind)
            cursor.execute(
                sql.SQL(
                    "INSERT INTO yancheng_childcare_deadline (subject, code, label, source, region_id, kind, started_on, "
                    "days, due_on, provisional, pause_reason, paused_days) "
                    "SELECT 'registry.institution:' || uscc, %s, %s, %s, region_id, %s, %s, %s, %s, %s, '', 0 "
                    "FROM {} WHERE fresh ORDER BY line ON CONFLICT DO NOTHING"
                ).format(sql.Identifier(STAGE)),
                [code, label, source, kind, self.batch.today, days, due, provisional],
            )


def clocks() -> tuple[tuple[str, str, str, int, str], ...]:
    """(code, label, source, days, kind) of the clocks a new registration starts, as `services.start_clocks` does."""
    filing, police = settings.UNFILED_GOVERN_DAYS, settings.POLICE_ADVICE_WORKDAYS
    return (
        ("DL-FILE", "提交备案（平台提醒）", "方案 三(三)1「及时」；天数为平台约定", filing, ClockKind.DAYS.value),
        ("DL-POLICE", "公安安全防范指导", "方案附件 公安部门职责；天数为平台约定", police, ClockKind.WORKDAYS.value),
    )

