"""Seals what is new in every append-only table. Runs each minute, outside of the transactions that write.

Row numbers are given before a transaction commits, so a lower number may appear later than a higher one. A range is
sealed only when nothing can appear in it any more: first the highest number is read, then every transaction that holds
the table's write lock at that moment is waited for (whoever was given a number holds that lock until it ends, and
becomes visible before it lets go). What shows up in a sealed range afterwards was therefore slipped in, and a late
commit is never mistaken for that. Rolled back numbers are gaps: a seal names the numbers it holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from django.db import connection, transaction
from django.db.models import Max
from psycopg2 import sql

from ..append_only import AppendOnlyTable, sealed_tables
from ..models import Seal
from . import copies
from .chain import Record, from_row, ranges, sealed, to_row
from .rows import RowReader, pin_formats

logger = structlog.get_logger("portal.seals")

BATCH = 5_000
# Rows one run seals at most: what an outage left behind is caught up with over several minutes.
MOST_ROWS = 300_000
# Seconds a run waits for transactions that are writing; longer ones (an import) are left to the next run.
PATIENCE = 5.0
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('yancheng_childcare.seals', 0))"


class ChainBroken(Exception):
    """The seals outside the database know what the database does not: nothing is sealed until somebody looked."""


@dataclass(slots=True)
class Run:
    """What one run did; `waiting` are tables in which a transaction was still writing."""

    rows: int = 0
    seals: int = 0
    waiting: list[str] = field(default_factory=list)


def seal_new_rows(*, most_rows: int = MOST_ROWS, batch: int = BATCH, patience: float = PATIENCE) -> Run:
    """Seal what is settled and unsealed; returns what was done. Two runs at once do no harm.

    Raises ChainBroken when the database and the copies outside disagree about the last seal, and OSError when the
    copies cannot be written (the seals are then in the database, and written outside by the next run).
    """
    newest_copy()
    run, tables = Run(), sealed_tables()
    ends = highest_numbers(tables.values())
    done = dict(Seal.objects.values_list("table").distinct().annotate(end=Max("last_id")))
    new = {name: end for name, end in ends.items() if end > done.get(name, -1)}
    settled, run.waiting = wait_for_writers(new, patience)
    for name in settled:
        table = tables[name]
        while run.rows < most_rows:
            sealed_rows, more = _seal_batch(table, new[name], min(batch, most_rows - run.rows))
            run.rows += sealed_rows
            run.seals += 1 if sealed_rows else 0
            if not more:
                break
    copy_seals()
    return run


def highest_numbers(tables: Iterable[AppendOnlyTable]) -> dict[str, int]:
    """The highest number in each table that holds any; a row beyond its own counter was numbered by hand, and not counted."""
    part = sql.SQL(
        "SELECT {name} AS name, least((SELECT max({key}) FROM {table}), pg_sequence_last_value("
        "pg_get_serial_sequence({quoted}, {key_name})::regclass)) AS highest"
    )
    parts = [
        part.format(
            name=sql.Literal(table.name),
            key=sql.Identifier(table.key),
            table=sql.Identifier(table.name),
            quoted=sql.Literal(f'"{table.name}"'),
            key_name=sql.Literal(table.key),
        )
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return {name: highest for name, highest in cursor.fetchall() if highest is not None}


def wait_for_writers(names: Iterable[str], patience: float) -> tuple[list[str], list[str]]:
    """(settled, still written to): waits until the transactions that write now have ended, `patience` seconds at most."""
    waiting = writers(names)
    settled = [name for name, who in waiting.items() if not who]
    until = time.monotonic() + patience
    while len(settled) < len(waiting) and time.monotonic() < until:
        time.sleep(0.02)
        present = writers(name for name in waiting if name not in settled)
        for name, who in present.items():
            waiting[name] &= who
            if not waiting[name]:
                settled.append(name)
    return settled, [name for name in waiting if name not in settled]


def writers(names: Iterable[str]) -> Mapping[str, set[str]]:
    """The transactions that hold or want the write lock of each table: each has inserted, or is about to."""
    found: dict[str, set[str]] = {name: set() for name in names}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, l.virtualtransaction FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND c.relname = ANY(%s)"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND l.pid IS DISTINCT FROM pg_backend_pid()",
            [list(found)],
        )
        for name, transaction_id in cursor.fetchall():
            found[name].add(transaction_id)
    return found


def _seal_batch(table: AppendOnlyTable, upto: int, most: int) -> tuple[int, bool]:
    """Seal up to `most` rows of a table; returns how many, and whether there is more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0, False  # another run is at it
        newest = Seal.objects.order_by("-number").only("number", "head").first()
        after = Seal.objects.filter(table=table.name).order_by("-last_id").values_list("last_id", flat=True).first()
        if after is not None and after >= upto:
            return 0, False
        pin_formats(cursor)
        rows = list(RowReader(table, table.columns).read(cursor, after, upto, most))
        if not rows:
            return 0, False
        more = len(rows) == most
        record = sealed(
            Record(
                number=newest.number + 1 if newest else 1,
                table=table.name,
                after_id=after,
                last_id=rows[-1][0] if more else upto,
                columns=table.columns,
                ids=ranges(number for number, _ in rows),
                digests=b"".join(digest for _, digest in rows),
                sealed_at=datetime.now(UTC).isoformat(),
                previous=newest.head if newest else "",
            )
        )
        to_row(record).save(force_insert=True)
    logger.info("sealed", number=record.number, table=table.name, rows=len(rows), upto=record.last_id, head=record.head)
    return len(rows), more


def newest_copy() -> Record | None:
    """The newest seal outside. Raises ChainBroken when the database has another one there, or none."""
    try:
        kept = copies.last()
    except ValueError as error:
        raise ChainBroken("the last line of the copies is no seal") from error
    if kept is not None and not Seal.objects.filter(number=kept.number, head=kept.head).exists():
        raise ChainBroken(
            f"seal {kept.number} ({kept.table}, up to {kept.last_id}) is outside, but not in the database"
        )
    return kept


def copy_seals() -> None:
    """Write outside what is only in the database. Raises ChainBroken, OSError."""
    with copies.lock():
        kept = newest_copy()
        reached = kept.number if kept else 0
        while fresh := [from_row(row) for row in Seal.objects.filter(number__gt=reached).order_by("number")[:100]]:
            copies.append(fresh)
            reached = fresh[-1].number
