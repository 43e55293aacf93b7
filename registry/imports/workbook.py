"""A workbook is measured before it is opened: the reader lays out every cell between the outermost two in memory.

One cell in row 1 and one in row 1,048,576 of column XFD would be 17 thousand million cells (reliability.md T25), so
positions are looked up in the raw XML first. What the sheet says of its own size (`dimension`) is never believed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from yancheng_childcare.files.codes import refuse
from yancheng_childcare.problems import Problem, Rejected

from .. import codes
from .columns import HEADER_SEARCH_ROWS, REGISTRATION, Columns, looks_like_header

MAX_COLUMNS = 60
_PIECE = 1 << 20
# r="AB12" of a cell or r="12" of a row, with any prefix, quote or blanks around the equals sign.
_POSITION = re.compile(rb"""\br\s*=\s*["'](?:([A-Za-z]{0,8})([0-9]{0,10}))["']""")
_ODD_POSITION = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^>]{0,200}?\br\s*=\s*["'](?![A-Za-z0-9]{1,18}["'])""")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def measure(data: bytes, *, max_rows: int) -> None:
    """Raises Rejected when any cell of any sheet lies beyond 60 columns or `max_rows` lines."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with book.open(name) as part:
                    _measure_part(part, max_rows)


def _measure_part(part: Any, max_rows: int) -> None:
    rest, first = b"", True
    while piece := part.read(_PIECE):
        if first and (b"\0" in piece[:64] or piece[:2] in (b"\xff\xfe", b"\xfe\xff")):
            raise refuse("FILE-018")
        first = False
        # Only whole tags are looked at: what follows the last one waits for the next piece.
        text, end, rest = (rest + piece).rpartition(b">")
        if len(rest) > _PIECE:
            raise refuse("FILE-018")
        if _ODD_POSITION.search(text + end):
            raise refuse("FILE-018")
        for letters, digits in set(_POSITION.findall(text)):
            if letters and _column_number(letters) > MAX_COLUMNS:
                message = f"表格超过 {MAX_COLUMNS} 列（用到了 {letters.decode().upper()} 列）。请删除右侧多余的列，另存后重新上传。"
                raise Rejected(Problem(codes.IMPORT_TOO_WIDE, "file", message), title="文件不能导入")
            if digits and int(digits) > max_rows:
                raise too_many_rows(max_rows)


def too_many_rows(limit: int) -> Rejected:
    """One clear error for a table that is too long; nothing was read in."""
    message = f"表格超过 {limit:,} 行，没有导入任何内容。请拆分成几个文件后分别上传。"
    return Rejected(Problem(codes.IMPORT_TOO_MANY_ROWS, "file", message), title="文件不能导入")


def open_sheet(data: bytes, columns: Columns = REGISTRATION) -> Any:
    """The first visible sheet with a header. Raises Rejected when there is none, or when cells are merged in it."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        hidden = False
        for about in book.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            line = _header_line(sheet.iter_rows(), columns)
            if line is None:
                continue
            if about.visible != SheetVisibleEnum.Visible:
                hidden = True
                continue
            _refuse_merged(sheet, line)
            return sheet
    except CalamineError as error:
        raise refuse("FILE-018") from error
    raise no_header(hidden, columns)


def no_header(hidden: bool = False, columns: Columns = REGISTRATION) -> Rejected:
    """The file has no header row we know."""
    message = "数据在隐藏的工作表里，请取消隐藏后重新上传。" if hidden else columns.no_header
    return Rejected(Problem(codes.IMPORT_NO_HEADER, "file", message), title="文件不能导入")


def _header_line(rows: Iterator[list[Any]], columns: Columns) -> int | None:
    found = 0
    for number, cells in enumerate(rows):
        if looks_like_header(cells, columns):
            return number
        found += any(cell != "" for cell in cells)
        if found >= HEADER_SEARCH_ROWS:
            break
    return None


def _refuse_merged(sheet: Any, header_line: int) -> None:
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if bottom >= header_line:
            place = f"第 {top + 1} 行第 {left + 1} 列到第 {bottom + 1} 行第 {right + 1} 列"
            message = f"表格中有合并单元格（{place}）。请取消合并，每行每格各填各的，再重新上传。"
            raise Rejected(Problem(codes.IMPORT_MERGED, "file", message), title="文件不能导入")
