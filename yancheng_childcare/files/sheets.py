"""Import files: checked at the door and read again later, both in a child process (`confined`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import orjson
from django.conf import settings

from .codes import FILE_CODES, refuse
from .confined import Child, ChildFailed, Limits, ask

MAX_UNPACKED = 50 * 1024 * 1024  # settings.IMPORT_MAX_UNPACKED overrides
MAX_COLUMNS = 60
#: Characters of all cells together: 200,000 rows of 1,000 characters.
MAX_TEXT = 200_000_000
#: What the reading process holds of a table at a time: rows, or characters when cells are long.
PIECE_ROWS, PIECE_TEXT = 4_000, 2_000_000
_MEGABYTE = 1024 * 1024
CHECK_LIMITS = Limits(memory=512 * _MEGABYTE, cpu_seconds=10, seconds=20, answer=_MEGABYTE)
READ_LIMITS = Limits(memory=1_280 * _MEGABYTE, cpu_seconds=90, seconds=60, answer=64 * _MEGABYTE)
Row = tuple[int, Sequence[Any]]
_TIMES: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": str,
}


class Unreadable(Exception):
    """A table that cannot be imported for a reason the caller words: `reason` is "wide", "long", "merged" or "csv"."""

    def __init__(self, reason: str, values: dict[str, Any]):
        self.reason, self.values = reason, values
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a table: whether it is hidden, how many lines it has, its first rows that hold anything."""

    hidden: bool
    lines: int
    first: list[Row]


class TableReader:
    """A table being read in a child process: first its sheets, then the rows of the one that was chosen."""

    def __init__(self, child: Child, field: str):
        self._child, self._field = child, field
        #: Lines of the rows handed over so far that nobody sees in a spreadsheet: hidden by a filter or by hand.
        self.unseen: set[int] = set()

    def sheets(self) -> Iterator[Sheet]:
        """The sheets, one after the other; stop at the one to take. Raises Rejected and Unreadable."""
        while "end" not in (about := self._answer()):
            yield Sheet(about["hidden"], about["total"], _rows(about))
            self._tell(b"next\n")

    def pieces(self, header: int) -> Iterator[list[Row]]:
        """The rows below line `header` of the last sheet, at most PIECE_ROWS at a time. Blank rows are left out.

        Raises Rejected (FILE-023 too much text, FILE-024 the child came to its limits) and Unreadable.
        """
        self._tell(b"take %d\n" % header)
        while "end" not in (piece := self._answer()):
            self.unseen.update(piece["unseen"])
            yield _rows(piece)

    def _tell(self, command: bytes) -> None:
        try:
            self._child.send([command])
        except ChildFailed:
            raise refuse("FILE-024", self._field) from None

    def _answer(self) -> dict[str, Any]:
        try:
            return _understood(self._child.answer(), self._field)
        except ChildFailed:
            raise refuse("FILE-024", self._field) from None


@contextmanager
def open_rows(
    content: Iterable[bytes], *, size: int, kind: str, rows: int, field: str = "file"
) -> Iterator[TableReader]:
    """Read a table of `size` bytes (`kind` "xlsx" or "csv", at most `rows` lines). Leaving ends the child."""
    limits = {
        "rows": rows,
        "columns": MAX_COLUMNS,
        "text": MAX_TEXT,
        "piece_rows": PIECE_ROWS,
        "piece_text": PIECE_TEXT,
    }
    with Child("read_table", READ_LIMITS, field=field, kind=kind, size=size, **limits) as child:
        try:
            child.send(content)
        except ChildFailed:
            raise refuse("FILE-024", field) from None
        yield TableReader(child, field)


def check_table(data: bytes, kind: str, *, field: str = "file") -> str:
    """Whether a file may be taken in as a table; the encoding of a CSV, "" for a workbook.

    Raises Rejected: FILE-016 bomb (over 50 MB unpacked, 100 ×, 1,000 members), FILE-017 macros, embedded files or
    nested archives, FILE-018 broken or with a DTD, FILE-019 and FILE-020 no text, FILE-024 too much for the child.
    """
    limit = int(getattr(settings, "IMPORT_MAX_UNPACKED", MAX_UNPACKED))
    try:
        answer = ask("check_table", [data], CHECK_LIMITS, field=field, kind=kind, unpacked=limit)
    except ChildFailed:
        raise refuse("FILE-024", field) from None
    return str(_understood(answer, field)["encoding"])


def _understood(frame: bytes, field: str) -> dict[str, Any]:
    """A frame of a child, which may be a refusal. What a child says is data, whoever may have taken it over."""
    answer: dict[str, Any] = orjson.loads(frame)
    if code := answer.get("refuse"):
        if code in FILE_CODES:
            raise refuse(code, field, **answer["values"])
        raise Unreadable(code, answer["values"])
    return answer


def _rows(piece: dict[str, Any]) -> list[Row]:
    cells = piece["cells"]
    if piece["bent"]:
        cells = [[_straight(cell) if type(cell) is dict else cell for cell in row] for row in cells]
    return list(zip(piece["lines"], cells, strict=True))


def _straight(cell: dict[str, str]) -> Any:
    [(kind, text)] = cell.items()
    return _TIMES[kind](text)


__all__ = ["MAX_COLUMNS", "Row", "Sheet", "TableReader", "Unreadable", "check_table", "open_rows"]
