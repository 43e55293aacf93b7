"""Compares the rows of today with the seals, the seals with their chain, and both with the copies outside.

The content of a seal counts when its head is genuine, wherever it stands: a seal that was rewritten or cut off in the
database is read from outside, so that the row it spoke of can still be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum

from django.db import ProgrammingError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg2 import sql

from ..append_only import AppendOnlyTable, sealed_tables
from ..models import Seal
from . import copies
from .chain import Record, from_row
from .rows import RowReader, pin_formats
from .sealing import highest_numbers

# Seals of one table are compared together up to this many rows: one statement for many small seals.
_TOGETHER = 20_000
_MOST_SEALS = 2_000
# Findings kept of one table; the others are counted.
_MOST_KEPT = 20


class Kind(StrEnum):
    """What was found."""

    CHANGED = "CHANGED"
    MISSING = "MISSING"
    INSERTED = "INSERTED"
    NOT_COMPARABLE = "NOT_COMPARABLE"
    SEAL_CHANGED = "SEAL_CHANGED"
    SEAL_MISSING = "SEAL_MISSING"
    COPY_CHANGED = "COPY_CHANGED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. `number` is the row's in `table`, or the seal's for findings of the chain."""

    kind: Kind
    table: str
    number: int | None
    place: str = ""


@dataclass(slots=True)
class TableResult:
    """One table: rows compared, rows not yet sealed, and what was found, lowest number first."""

    compared: int = 0
    unsealed: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Count it, and keep it if it is among the first."""
        self.found += 1
        self.findings.append(finding)
        if len(self.findings) > 2 * _MOST_KEPT:
            self.first()

    def first(self) -> list[Finding]:
        """The findings with the lowest numbers."""
        self.findings = sorted(self.findings, key=lambda finding: finding.number or 0)[:_MOST_KEPT]
        return self.findings


@dataclass(slots=True)
class Report:
    """The whole: by table, and what was found on the chain itself."""

    tables: dict[str, TableResult]
    seals: int = 0
    chain: list[Finding] = field(default_factory=list)
    last_sealed_at: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not self.chain and not any(result.found for result in self.tables.values())


def verify(*, since: date | None = None) -> Report:
    """Compare everything sealed on or after `since` (Asia/Shanghai), or from the beginning. Changes nothing."""
    return _Verification(since).run()


class _Verification:
    def __init__(self, since: date | None):
        self.start = datetime.combine(since, time.min, timezone.get_default_timezone()) if since else None
        self.tables = sealed_tables()
        self.report = Report({name: TableResult() for name in self.tables})
        self._pending: dict[str, list[Record]] = {name: [] for name in self.tables}
        self._reached: dict[str, int] = {}

    def run(self) -> Report:
        before: Record | None = None
        for number, record in self._genuine():
            self.report.seals += 1
            if record is None:
                self._chain(Kind.SEAL_MISSING, "", number)
            elif before is not None and record.number == before.number + 1 and record.previous != before.head:
                self._chain(Kind.SEAL_CHANGED, record.table, record.number, "previous")
            if record is not None:
                self._take(record)
            before = record
        for name in self.tables:
            self._compare(name)
        self._count_unsealed()
        return self.report

    # --- seals ------------------------------------------------------------------------------------------------------
    def _genuine(self) -> Iterator[tuple[int, Record | None]]:
        """Each number once, ascending, with the seal that is to be believed; None where neither place has one."""
        expected = None if self.start else 1
        for number, rows in self._by_number(self._inside(), self._outside()):
            while expected is not None and expected < number:
                yield expected, None
                expected += 1
            yield number, self._believed(number, *rows)
            expected = number + 1

    def _believed(self, number: int, inside: Record | None, outside: Record | None) -> Record | None:
        table = (inside or outside or _NOWHERE).table
        rewritten = None
        if inside is None:
            self._chain(Kind.SEAL_MISSING, table, number)
        elif not inside.is_genuine():
            self._chain(Kind.SEAL_CHANGED, table, number)
            inside, rewritten = None, inside
        if outside is not None and not outside.is_genuine():
            self._chain(Kind.COPY_CHANGED, table, number)
            outside = None
        if inside and outside and inside.head != outside.head:
            # Two seals of one number, each made with the key: the database was set back and went on.
            self._chain(Kind.COPY_CHANGED, table, number)
        return inside or outside or self._at_least(rewritten)

    def _at_least(self, rewritten: Record | None) -> Record | None:
        """A seal without a genuine head still names a changed row, if nothing but columns of ours are read for it."""
        table = self.tables.get(rewritten.table) if rewritten else None
        if rewritten and table and rewritten.is_sound() and set(rewritten.columns) <= set(table.columns):
            return rewritten
        return None

    def _by_number(
        self, inside: Iterator[Record], outside: Iterator[Record]
    ) -> Iterator[tuple[int, tuple[Record | None, Record | None]]]:
        one, other = next(inside, None), next(outside, None)
        while one or other:
            number = min(record.number for record in (one, other) if record)
            mine = one if one and one.number == number else None
            theirs = other if other and other.number == number else None
            yield number, (mine, theirs)
            one = next(inside, None) if mine else one
            other = next(outside, None) if theirs else other

    def _inside(self) -> Iterator[Record]:
        rows = Seal.objects.order_by("number")
        if self.start:
            rows = rows.filter(sealed_at__gte=self.start)
        reached: int | None = None
        while some := list((rows if reached is None else rows.filter(number__gt=reached))[:200]):
            for row in some:
                try:
                    record = from_row(row)
                except (TypeError, ValueError):
                    record = _unreadable(row)
                yield record if record.row_count == row.row_count else _unreadable(row)
            reached = some[-1].number

    def _outside(self) -> Iterator[Record]:
        reached = 0
        for path, place, record in copies.read():
            if record is None or record.number <= reached:
                self.report.chain.append(Finding(Kind.COPY_CHANGED, "", None, f"{path.name}:{place}"))
                continue
            reached = record.number
            if not self.start or datetime.fromisoformat(record.sealed_at) >= self.start:
                yield record

    def _chain(self, kind: Kind, table: str, number: int, place: str = "") -> None:
        finding = Finding(kind, table, number, place)
        if finding not in self.report.chain:
            self.report.chain.append(finding)

    # --- rows -------------------------------------------------------------------------------------------------------
    def _take(self, record: Record) -> None:
        self.report.last_sealed_at = datetime.fromisoformat(record.sealed_at)
        waiting = self._pending.get(record.table)
        if waiting is None:
            self._chain(Kind.NOT_COMPARABLE, record.table, record.number)
            return
        if waiting:
            last = waiting[-1]
            together = sum(one.row_count for one in waiting) + record.row_count
            if (
                record.columns != last.columns
                or record.after_id != last.last_id
                or together > _TOGETHER
                or len(waiting) >= _MOST_SEALS
            ):
                self._compare(record.table)
                waiting = self._pending[record.table]
        waiting.append(record)
        self._reached[record.table] = max(record.last_id, self._reached.get(record.table, record.last_id))

    def _compare(self, name: str) -> None:
        """Compare the collected seals of one table with the rows of their range."""
        records, self._pending[name] = self._pending[name], []
        if not records:
            return
        expected = {number: digest for record in records for number, digest in record.rows()}
        result = self.report.tables[name]
        result.compared += len(expected)
        try:
            for number, digest in self._rows(self.tables[name], records):
                sealed = expected.pop(number, None)
                if sealed is None:
                    result.add(Finding(Kind.INSERTED, name, number))
                elif sealed != digest:
                    result.add(Finding(Kind.CHANGED, name, number))
        except ProgrammingError:
            # A column that was sealed is no longer there.
            self._chain(Kind.NOT_COMPARABLE, name, records[0].number)
            return
        for number in expected:
            result.add(Finding(Kind.MISSING, name, number))

    def _rows(self, table: AppendOnlyTable, records: list[Record]) -> Iterator[tuple[int, bytes]]:
        with transaction.atomic(), connection.cursor() as cursor:
            pin_formats(cursor)
            yield from RowReader(table, records[0].columns).read(cursor, records[0].after_id, records[-1].last_id)

    def _count_unsealed(self) -> None:
        """Rows above the last seal are not yet sealed; one above its table's own counter was numbered by hand."""
        ends = dict(Seal.objects.values_list("table").annotate(end=Max("last_id")))
        tops = {}
        for name, table in self.tables.items():
            reached = [end for end in (self._reached.get(name), ends.get(name)) if end is not None]
            self.report.tables[name].unsealed, tops[name] = _above(table, max(reached, default=None))
        # The counters last: a row that is written meanwhile must not look as if it were beyond them.
        highest = highest_numbers(self.tables.values())
        for name, numbers in tops.items():
            for number in numbers:
                if number > highest.get(name, number - 1):
                    self.report.tables[name].add(Finding(Kind.INSERTED, name, number))


def _above(table: AppendOnlyTable, reached: int | None) -> tuple[int, list[int]]:
    """How many rows have a number above `reached`, and the highest of these numbers."""
    statement = sql.SQL(
        "SELECT count(*), ARRAY(SELECT {key} FROM {table}{above} ORDER BY {key} DESC LIMIT {most}) FROM {table}{above}"
    ).format(
        key=sql.Identifier(table.key),
        table=sql.Identifier(table.name),
        above=sql.SQL("")
        if reached is None
        else sql.SQL(" WHERE {} > {}").format(sql.Identifier(table.key), sql.Literal(reached)),
        most=sql.Literal(_MOST_KEPT),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        count, highest = cursor.fetchone()
    return count, highest


_NOWHERE = Record(0, "", None, 0, (), (), b"", "", "")


def _unreadable(row: Seal) -> Record:
    """A seal whose content makes no sense any more: its head cannot be genuine."""
    return Record(row.number, row.table, None, row.last_id, (), (), b"", datetime.now(UTC).isoformat(), "", "")
