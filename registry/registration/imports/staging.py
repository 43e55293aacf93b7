"""A chunk goes in by set: COPY for everything that is new, one UPDATE from a staging table for what has changed.

Of the institution's own triggers, the one that writes the history of a new row rests: called row by row it costs more
than the row itself, so one statement per chunk writes the same history. All others run. Everything else a single entry
leaves — the event in the outbox, the act in the log, the clocks — comes as lines of its own from `lines`; tests compare.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg2 import errors, sql

from yancheng_childcare.append_only import first_history_of

from ...choices import EntryChannel
from ...models import Institution
from .lines import ACT_COLUMNS, CLOCK_COLUMNS, NULL, OUTBOX_COLUMNS, OWN_COLUMNS, Batch, NewRow, Prepared, copy_line

#: One read per chunk: each smaller one would wait for the thread that prepares the next rows to let go of the interpreter.
_COPY_BYTES = 64 << 20
#: Names of triggers that rest until the end of the transaction or the next call. "{}" (none) is worth saying: where the
#: setting is missing, each trigger call raises and catches an error to find that out.
_SLEEP = "SELECT set_config('pgtrigger.ignore', %s, true)"


class Stage:
    """The SQL of one import, on the raw connection so that a second thread may wait for it.

    Raw also because history's context would be looked up and locked once per row; who did it stands in the act of each
    institution.
    """

    def __init__(self, batch: Batch):
        self.batch = batch
        columns = {field.column: field for field in Institution._meta.concrete_fields if not field.primary_key}
        self._fixed: dict[str, Any] = {
            str(column): field.get_db_prep_save(field.get_default(), connection)
            for column, field in columns.items()
            if column not in OWN_COLUMNS
        }
        self._fixed.update(
            registry_org_id=batch.department.pk,
            channel=EntryChannel.IMPORT.value,
            created_by_id=batch.actor.pk,
            created_at=batch.now,
            updated_at=batch.now,
        )
        self._copies = {
            "institution": _copy("registry_institution", (*OWN_COLUMNS, *self._fixed)),
            "outbox": _copy("exchange_outboxevent", OUTBOX_COLUMNS),
            "act": _copy("yancheng_childcare_event", ACT_COLUMNS),
            "clocks": _copy("yancheng_childcare_deadline", CLOCK_COLUMNS),
            "changed": _copy("import_stage", OWN_COLUMNS),
        }
        self._sleeping, self._history = first_history_of(Institution), _history()

    def prepare(self, cursor: Any) -> str:
        """The staging table, and the session as long statements need it; both end with the transaction.

        Returns the columns that are the same for every new institution, as the end of its COPY line.
        """
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s'; SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_SLEEP, ["{}"])
        cursor.execute(
            sql.SQL(
                "DROP TABLE IF EXISTS import_stage; "
                "CREATE TEMP TABLE import_stage ON COMMIT DROP AS SELECT {} FROM registry_institution WHERE false"
            ).format(_columns(OWN_COLUMNS))
        )
        texts = sql.SQL(", ").join([sql.SQL("({})::text").format(sql.Literal(v)) for v in self._fixed.values()])
        cursor.execute(sql.SQL("SELECT {}").format(texts))
        return "\t" + copy_line(*(NULL if value is None else value for value in cursor.fetchone()))

    def write(self, cursor: Any, prepared: Prepared) -> list[int]:
        """Put one chunk in; returns the lines that another registration, made in this very moment, was faster than."""
        new, late = self._register(cursor, prepared.new)
        if prepared.changed:
            self._copy(cursor, "changed", (own for _, own, _, _ in prepared.changed))
            cursor.execute(self._update())
        self._copy(cursor, "outbox", [*(row.outbox for row in new), *(outbox for _, _, outbox, _ in prepared.changed)])
        self._copy(cursor, "act", [*(row.act for row in new), *(act for _, _, _, act in prepared.changed)])
        self._copy(cursor, "clocks", (row.clocks for row in new))
        return late

    def _register(self, cursor: Any, rows: list[NewRow]) -> tuple[list[NewRow], list[int]]:
        """The rows that went in, and the lines of those whose code somebody else has registered meanwhile."""
        late: list[int] = []
        while rows:
            cursor.execute("SAVEPOINT import_chunk")
            try:
                cursor.execute(_SLEEP, ["{" + self._sleeping + "}"])
                self._copy(cursor, "institution", (row.institution for row in rows))
                cursor.execute(_SLEEP, ["{}"])
                cursor.execute(self._history, [[row.uscc for row in rows]])
                break
            except errors.UniqueViolation:
                cursor.execute("ROLLBACK TO SAVEPOINT import_chunk")
                cursor.execute(
                    "SELECT uscc FROM registry_institution WHERE uscc = ANY(%s)", [[row.uscc for row in rows]]
                )
                taken = {uscc for (uscc,) in cursor.fetchall()}
                if not taken:
                    raise
                late += [row.line for row in rows if row.uscc in taken]
                rows = [row for row in rows if row.uscc not in taken]
        return rows, late

    def _copy(self, cursor: Any, name: str, lines: Iterable[str]) -> None:
        text = "\n".join(lines)
        if text:
            cursor.copy_expert(self._copies[name], io.BytesIO(text.encode()), size=_COPY_BYTES)

    def _update(self) -> sql.Composable:
        columns = tuple(column for column in OWN_COLUMNS if column != "uscc")
        return sql.SQL(
            "UPDATE registry_institution i SET ({}) = ROW({}), updated_at = {} FROM import_stage s WHERE i.uscc = s.uscc; "
            "TRUNCATE import_stage"
        ).format(_columns(columns), _columns(columns, "s"), sql.Literal(self.batch.now))


def _history() -> sql.Composable:
    """What that trigger writes, for the new institutions of a chunk at once. An import has no context (see `Stage`)."""
    event = Institution.pgh_event_model  # type: ignore[attr-defined]  # added by pghistory.track
    columns = [field.column for field in event._meta.concrete_fields if not field.name.startswith("pgh_")]
    return sql.SQL(
        "INSERT INTO {} ({}, pgh_obj_id, pgh_label, pgh_created_at) "
        "SELECT {}, id, 'insert', now() FROM registry_institution WHERE uscc = ANY(%s) ORDER BY id"
    ).format(sql.Identifier(event._meta.db_table), _columns(columns), _columns(columns))


def _columns(names: Sequence[str], table: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, name) if table else sql.Identifier(name) for name in names)


def _copy(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN WITH (NULL E'\\x01')").format(sql.Identifier(table), _columns(columns))
