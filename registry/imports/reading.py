"""A stored table as a header and a stream of rows; xlsx and csv look the same from here on."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from yancheng_childcare.files import path_of
from yancheng_childcare.problems import Problem, Rejected

from .. import codes
from .columns import HEADER_SEARCH_ROWS, REGISTRATION, Columns, Header, looks_like_header, read_header
from .workbook import MAX_COLUMNS, measure, no_header, open_sheet, too_many_rows

# Title lines and empty lines above and between the rows do not count as rows, within reason.
_SLACK_LINES = 1_000
Row = tuple[int, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table: `rows` yields (line as the spreadsheet numbers it, cells) of every row that is not blank."""

    header: Header
    rows: Iterator[Row]
    #: Lines in the file: an upper bound of the rows, for progress and for choosing how to work on it.
    lines: int


def open_table(sha256: str, kind: str, *, columns: Columns = REGISTRATION, limit: int | None = None) -> Table:
    """Open a stored file (`kind` xlsx or csv) with at most `limit` rows (default: settings.IMPORT_MAX_ROWS).

    Raises Rejected when it has no header, is empty, too long or too wide.
    """
    path = path_of(sha256)
    if kind == "xlsx":
        return open_workbook(path.read_bytes(), columns=columns, limit=limit)
    return open_csv(path, columns=columns, limit=limit)


def open_workbook(data: bytes, *, columns: Columns = REGISTRATION, limit: int | None = None) -> Table:
    """A table from an xlsx that passed the intake."""
    limit = limit or int(settings.IMPORT_MAX_ROWS)
    try:
        measure(data, max_rows=limit + _SLACK_LINES)
    except Rejected as error:
        raise too_many_rows(limit) if error.code == codes.IMPORT_TOO_MANY_ROWS else error from None
    sheet = open_sheet(data, columns)
    return _table(enumerate(sheet.iter_rows(), start=1), sheet.total_height, limit, columns)


def open_csv(path: Path, *, columns: Columns = REGISTRATION, limit: int | None = None) -> Table:
    """A table from a csv in UTF-8 or GB18030, separated by commas, semicolons or tabs."""
    encoding, lines = _encoding(path)
    return _table(_csv_rows(path, encoding), lines, limit or int(settings.IMPORT_MAX_ROWS), columns)


def _encoding(path: Path) -> tuple[str, int]:
    """Encoding and number of line ends, in pieces of 1 MB: the file is never in memory as a whole."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    encoding, lines = "utf-8-sig", 1
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            lines += piece.count(b"\n")
            if encoding == "utf-8-sig":
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    encoding = "gb18030"
    return encoding, lines


def _csv_rows(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        start = file.readline()
        separator = max(",;\t", key=start.count)
        file.seek(0)
        try:
            yield from enumerate(csv.reader(file, delimiter=separator), start=1)
        except (csv.Error, UnicodeDecodeError) as error:
            message = "CSV 的引号或编码不完整，无法读完。请用表格软件打开后另存为“CSV UTF-8（逗号分隔）”。"
            raise Rejected(Problem(codes.IMPORT_UNREADABLE, "file", message), title="文件不能导入") from error


def _table(rows: Iterator[Row], lines: int, limit: int, columns: Columns) -> Table:
    searched = 0
    for line, cells in rows:
        if looks_like_header(cells, columns):
            if len(cells) > MAX_COLUMNS and any(str(cell).strip() for cell in cells[MAX_COLUMNS:]):
                message = f"表格超过 {MAX_COLUMNS} 列。请删除右侧多余的列，另存后重新上传。"
                raise Rejected(Problem(codes.IMPORT_TOO_WIDE, "file", message), title="文件不能导入")
            header = read_header(line, cells, columns)
            return Table(header, _filled(rows, limit, columns), lines)
        searched += any(cell != "" for cell in cells)
        if searched >= HEADER_SEARCH_ROWS:
            break
    raise no_header(columns=columns)


def _filled(rows: Iterator[Row], limit: int, columns: Columns) -> Iterator[Row]:
    """Rows that hold anything, at most `limit` of them: one more is one clear error."""
    count = 0
    for line, cells in rows:
        for cell in cells:
            if cell != "" and not (isinstance(cell, str) and cell.isspace()):
                break
        else:
            continue
        count += 1
        if count > limit:
            raise too_many_rows(limit)
        yield line, cells
    if not count:
        raise Rejected(Problem(codes.IMPORT_EMPTY, "file", columns.empty), title="文件不能导入")
