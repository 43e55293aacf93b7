"""One pass over a table: read, check, compare, and (when taking) put in. All of it in one transaction.

Two hands work at once: this thread reads and checks rows, a second one waits for the database. A chunk is compared
while the next is being read and written while the next is being prepared, so memory holds a few chunks, whatever the
length of the file.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from psycopg2.extras import execute_values

from casework.imports.reading import Table
from yancheng_childcare.files.sheets import PIECE_ROWS, Row
from yancheng_childcare.problems import Level, Problem

from ...codes import registration as codes
from .checking import Data, RowChecker
from .comparing import LOCK, LOOK_UP, Known, changed_fields, known_from, refusal
from .lines import Batch, Prepared, Writer
from .staging import Stage

CHUNK = PIECE_ROWS
#: Problem rows that are listed and given back; the others are only counted. A file with more has one cause, not many.
MAX_LISTED = 20_000
Progress = Callable[[int], None]
Found = tuple[int, bool, tuple[Problem, ...]]


@dataclass(slots=True)
class Counts:
    """Rows of a pass by what became of them; `warned` rows are also counted as new, changed or unchanged."""

    total: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    warned: int = 0


@dataclass(slots=True)
class _Chunk:
    """Rows of one chunk on their way: the good ones, and what was found in the others."""

    good: list[tuple[int, Data, tuple[Problem, ...]]] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


class Pass:
    """A check (`take` False: nothing but problem rows is written) or an import of one table."""

    def __init__(self, batch: Batch, table: Table, *, take: bool, progress: Progress | None = None):
        self.batch, self.table, self.take = batch, table, take
        self.counts = Counts()
        self._progress = progress
        self._checker = RowChecker(table.header, batch.department, batch.today)
        self._first_lines: dict[str, int] = {}
        self._stage, self._writer = Stage(batch), Writer(batch)
        self._listed = 0

    def run(self) -> Counts:
        """Work through the table. The caller holds the transaction; any error leaves nothing behind.

        Raises Rejected for a table that cannot be read to its end or is too long.
        """
        connection.ensure_connection()
        self._raw: Any = connection.connection
        with no_cycle_search(), connection.wrap_database_errors, ThreadPoolExecutor(1, "import") as hand:
            hand.submit(self._with_cursor, self._begin).result()
            if self.table.header.remarks:
                remarks: Found = (self.table.header.line, False, self.table.header.remarks)
                hand.submit(self._with_cursor, self._keep, [remarks]).result()
            written: Future[Any] | None = None
            waiting: tuple[_Chunk, Future[dict[str, Known]]] | None = None
            for rows in chunks(self.table.pieces, CHUNK):
                chunk = self._check(rows)
                keys = [data["uscc"] for _, data, _ in chunk.good]
                looked_up = hand.submit(self._with_cursor, self._look_up, keys)
                if waiting:
                    written = self._finish(hand, waiting, written)
                waiting = chunk, looked_up
            if waiting:
                written = self._finish(hand, waiting, written)
            if written:
                self._settle(written)
        return self.counts

    # --- this thread: rows ------------------------------------------------------------------------------------------
    def _check(self, rows: Iterable[Row]) -> _Chunk:
        chunk, counts, checker, first = _Chunk(), self.counts, self._checker, self._first_lines
        for line, cells in rows:
            counts.total += 1
            if odd := self.table.odd(line, cells):
                self._bad(chunk, line, odd)
                continue
            data, problems = checker.check(checker.data(cells))
            if any(problem.level is Level.BLOCK for problem in problems):
                self._bad(chunk, line, problems)
                continue
            before = first.setdefault(data["uscc"], line)
            if before != line:
                message = f"统一社会信用代码与第 {before} 行相同，一家机构只能有一行。请核对后删除多余的行。"
                self._bad(chunk, line, (Problem(codes.DUPLICATE_IN_FILE, "uscc", message),))
                continue
            chunk.good.append((line, data, problems))
        return chunk

    def _bad(self, chunk: _Chunk, line: int, problems: tuple[Problem, ...]) -> None:
        self.counts.bad += 1
        if self._listed < MAX_LISTED:
            self._listed += 1
            chunk.found.append((line, True, problems))

    def _finish(
        self, hand: ThreadPoolExecutor, waiting: tuple[_Chunk, Future[dict[str, Known]]], written: Future[Any] | None
    ) -> Future[Any]:
        """Decide and prepare a chunk whose look-up has been answered, then hand it over for writing."""
        chunk, looked_up = waiting
        prepared = self._decide(chunk, looked_up.result())
        if written:
            self._settle(written)
        if self._progress:
            self._progress(self.counts.total)
        return hand.submit(self._with_cursor, self._write, prepared, chunk.found)

    def _decide(self, chunk: _Chunk, known: dict[str, Known]) -> Prepared:
        counts, prepared = self.counts, Prepared()
        for line, data, problems in chunk.good:
            stored = known.get(data["uscc"])
            changed: list[str] = []
            if stored is not None:
                if stop := refusal(stored, self.batch.department.pk):
                    self._bad(chunk, line, (stop,))
                    continue
                changed = changed_fields(stored, data)
            if problems:
                counts.warned += 1
                if self._listed < MAX_LISTED:
                    self._listed += 1
                    chunk.found.append((line, False, problems))
            if stored is None:
                counts.new += 1
            elif changed:
                counts.changed += 1
            else:
                counts.same += 1
                continue
            if self.take:
                self._writer.add(prepared, line, data, problems, stored, changed)
        return prepared

    def _settle(self, written: Future[Any]) -> None:
        """Rows that another entry was faster than, found while writing: they are bad after all."""
        late = written.result()
        self.counts.new -= late
        self.counts.bad += late

    # --- the other thread: the database -----------------------------------------------------------------------------
    def _with_cursor(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run on the raw connection, whose transaction the waiting thread holds open."""
        with self._raw.cursor() as cursor:
            return work(cursor, *arguments)

    def _begin(self, cursor: Any) -> None:
        if self.take:
            # One import of an authority at a time: two files with the same new codes cannot block each other.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('import:' || %s, 0))", [self.batch.department.pk]
            )
            self._writer.fixed = self._stage.prepare(cursor)
        cursor.execute("DELETE FROM registry_importrow WHERE job_id = %s", [self.batch.job])

    def _look_up(self, cursor: Any, keys: list[str]) -> dict[str, Known]:
        if not keys:
            return {}
        cursor.execute(LOOK_UP, [keys])
        known = dict(known_from(row) for row in cursor)
        if self.take and known:
            # Read again once they are locked: in between a colleague may have changed one.
            keys = list(known)
            cursor.execute(LOCK, [keys, self.batch.department.pk])
            cursor.execute(LOOK_UP, [keys])
            known = dict(known_from(row) for row in cursor)
        return known

    def _write(self, cursor: Any, prepared: Prepared, found: list[Found]) -> int:
        late = self._stage.write(cursor, prepared)
        message = "该机构刚刚由另一笔录入完成登记。请重新上传，按变更处理。"
        problem = Problem(codes.USCC_ALREADY_REGISTERED, "uscc", message)
        self._keep(cursor, [*found, *((line, True, (problem,)) for line in late)])
        return len(late)

    def _keep(self, cursor: Any, found: list[Found]) -> None:
        """Problem rows: line, code, field and words, never the content of a cell."""
        if found:
            execute_values(
                cursor,
                "INSERT INTO registry_importrow (job_id, line, blocked, problems) VALUES %s "
                "ON CONFLICT (job_id, line) DO UPDATE SET blocked = excluded.blocked, problems = excluded.problems",
                [
                    (self.batch.job, line, blocked, orjson.dumps([p.as_dict() for p in problems]).decode())
                    for line, blocked, problems in found
                ],
                page_size=1_000,
            )


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Rows hold no reference cycles, so the collector's search through a chunk's objects finds nothing: it waits."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def chunks(pieces: Iterable[list[Row]], size: int) -> Iterator[list[Row]]:
    """The pieces of a table, cut where one has more than `size` rows; a piece with long cells has fewer."""
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]
