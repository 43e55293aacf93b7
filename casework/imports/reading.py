"""A stored table as a header and a stream of rows; xlsx and csv look the same from here on.

The file is read in a child process (`files.sheets`); here its rows are only understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.conf import settings

from yancheng_childcare.blanks import is_blank
from yancheng_childcare.files import IntakeResult, read_stored
from yancheng_childcare.files.sheets import MAX_COLUMNS, Row, TableReader, Unreadable, open_rows
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .columns import Columns, Header, looks_like_header, read_header

# Title lines and empty lines above and between the rows do not count as rows, within reason.
_SLACK_LINES = 1_000
Piece = list[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table: `pieces` yields lists of (line as the spreadsheet numbers it, cells), blank rows left out."""

    header: Header
    pieces: Iterator[Piece]
    #: Lines in the file: an upper bound of the rows, for progress and for choosing how to work on it.
    lines: int
    #: Lines of the rows read so far that a spreadsheet does not show.
    unseen: Set[int] = frozenset()

    def odd(self, line: int, cells: Sequence[Any]) -> tuple[Problem, ...]:
        """Why a row must not be taken although each of its cells might be good: nobody sees it, or it has too many."""
        found = []
        if line in self.unseen:
            message = "这一行是隐藏的（筛选或手工隐藏），没有导入。要导入的，请取消隐藏后重新上传；不要的请删除。"
            found.append(Problem(codes.IMPORT_ROW_HIDDEN, "", message))
        if len(cells) > self.header.width and (place := _first_filled(cells, self.header.width)):
            message = (
                f"这一行第 {place} 列有内容，而表头只到第 {self.header.width} 列。内容里有逗号的，请给这一格加上英文引号"
                "（或另存为 xlsx）；多余的内容请删除。"
            )
            found.append(Problem(codes.IMPORT_SURPLUS, "", message))
        return tuple(found)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows one by one."""
        return chain.from_iterable(self.pieces)


@contextmanager
def open_table(file: StoredFile, *, columns: Columns, limit: int | None = None) -> Iterator[Table]:
    """Open a stored file (xlsx or csv) with at most `limit` rows (default: settings.IMPORT_MAX_ROWS).

    Raises Rejected when it has no header, is empty, too long or too wide, or more than the child process may hold.
    """
    with _opened(read_stored(file), file.size, file.kind, columns, limit) as table:
        yield table


@contextmanager
def open_upload(taken: IntakeResult, *, columns: Columns, limit: int | None = None) -> Iterator[Table]:
    """The same for an upload that passed the intake and is not kept yet."""
    with _opened([taken.data], taken.size, taken.kind, columns, limit) as table:
        yield table


@contextmanager
def _opened(content: Iterable[bytes], size: int, kind: str, columns: Columns, limit: int | None) -> Iterator[Table]:
    most = limit or int(settings.IMPORT_MAX_ROWS)
    try:
        with open_rows(content, size=size, kind=kind, rows=most + _SLACK_LINES) as reader:
            yield _table(reader, most, columns)
    except Unreadable as error:
        raise _worded(error, most) from error


def _table(reader: TableReader, limit: int, columns: Columns) -> Table:
    """The first visible sheet with a header. Raises Rejected when there is none."""
    hidden = False
    for sheet in reader.sheets():
        found = next(((line, cells) for line, cells in sheet.first if looks_like_header(cells, columns)), None)
        if found is None:
            continue
        if sheet.hidden:
            hidden = True
            continue
        header = read_header(*found, columns)
        return Table(header, _filled(reader.pieces(header.line), limit, columns), sheet.lines, reader.unseen)
    message = "数据在隐藏的工作表里，请取消隐藏后重新上传。" if hidden else columns.no_header
    raise _refused(codes.IMPORT_NO_HEADER, message)


def _first_filled(cells: Sequence[Any], after: int) -> int:
    """The number of the first column after `after` that holds anything, counted from 1; 0 for none."""
    return next((place for place, cell in enumerate(cells[after:], after + 1) if not is_blank(cell)), 0)


def _filled(pieces: Iterator[Piece], limit: int, columns: Columns) -> Iterator[Piece]:
    """At most `limit` rows: one more is one clear error."""
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > limit:
            raise _refused(codes.IMPORT_TOO_MANY_ROWS, _too_long(limit))
        yield piece
    if not count:
        raise _refused(codes.IMPORT_EMPTY, columns.empty)


def _worded(error: Unreadable, limit: int) -> Rejected:
    """What the reader found, as a problem of this import."""
    match error.reason:
        case "long":
            return _refused(codes.IMPORT_TOO_MANY_ROWS, _too_long(limit))
        case "wide":
            column = error.values.get("column")
            used = f"（用到了 {column} 列）" if column else ""
            message = f"表格超过 {MAX_COLUMNS} 列{used}。请删除右侧多余的列，另存后重新上传。"
            return _refused(codes.IMPORT_TOO_WIDE, message)
        case "merged":
            place = error.values["place"]
            message = f"表格中有合并单元格（{place}）。请取消合并，每行每格各填各的，再重新上传。"
            return _refused(codes.IMPORT_MERGED, message)
    message = "CSV 的引号或编码不完整，无法读完。请用表格软件打开后另存为“CSV UTF-8（逗号分隔）”。"
    return _refused(codes.IMPORT_UNREADABLE, message)


def _too_long(limit: int) -> str:
    return f"表格超过 {limit:,} 行，没有导入任何内容。请拆分成几个文件后分别上传。"


def _refused(code: str, message: str) -> Rejected:
    return Rejected(Problem(code, "file", message), title="文件不能导入")
