"""Child process that reads one import table and hands its rows over piece by piece.

Arguments: `kind` ("xlsx" or "csv"), `size` (bytes of the content on stdin), `rows` and `columns` (most there may be),
`text` (most characters of all cells together), `piece_rows` and `piece_text` (most of one frame).

For each sheet a frame {"hidden", "lines", "first": [[line, cells] …]} is sent, then a line is read from stdin: "next",
or "take N" for the rows below line N, which follow as {"lines": […], "cells": [[…] …], "unseen": [hidden lines], "bent": bool}. The last frame is
{"end": true}; a refusal may stand anywhere. Cells are text, numbers, booleans, or {"date": …} and the like ("bent").
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import orjson
from frames import Refused, send, send_json
from measure import measure
from unseen import Unseen, sheet_parts, unseen

# What Excel itself allows in one cell.
MAX_CELL = 32_767
FIRST_ROWS = 10
#: A cell may hold line ends: more lines than rows are looked at to tell the separator.
SNIFFED_LINES, ENOUGH_COLUMNS = 40, 3
LINES_PER_ROW = 5
Row = tuple[int, list[Any]]


class CsvTable:
    """A CSV in UTF-8 or GB18030, separated by commas, semicolons or tabs."""

    hidden = False

    def __init__(self, data: bytes):
        # Lines end in LF, CR LF, or (old Excel for Mac) CR alone.
        self._data, self.lines = data, data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") + 1
        self.unseen = Unseen()
        try:
            data.decode("utf-8-sig")
            self._encoding = "utf-8-sig"
        except UnicodeDecodeError:
            self._encoding = "gb18030"

    def rows(self) -> Iterator[Row]:
        """Every row with its line number."""
        text = io.TextIOWrapper(io.BytesIO(self._data), encoding=self._encoding, newline="")
        try:
            start = [line for _, line in zip(range(SNIFFED_LINES), text, strict=False)]
            separator = max(",;\t", key=lambda sign: regular_width(start, sign))
            text.seek(0)
            yield from enumerate(csv.reader(text, delimiter=separator), start=1)
        except (csv.Error, UnicodeDecodeError) as error:
            raise Refused("csv") from error

    def refuse_merged(self, _header: int) -> None:
        """A CSV has no merged cells."""


def regular_width(lines: list[str], separator: str) -> tuple[int, int]:
    """How many of the first lines have one and the same width with this separator, and which: a title line above the
    table has another, and so have lines cut at signs that stand inside their texts.
    """
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=separator))
    except csv.Error:
        return 0, 0
    return max(((count, width) for width, count in widths.items() if width >= ENOUGH_COLUMNS), default=(0, 0))


class SheetTable:
    """One sheet of a workbook."""

    def __init__(self, sheet: Any, hidden: bool, unseen: Unseen):
        self._sheet, self.hidden, self.lines, self.unseen = sheet, hidden, sheet.total_height, unseen

    def rows(self) -> Iterator[Row]:
        """Every row with its line number; where the reader has no value, what Excel shows instead."""
        errors = self.unseen.errors
        for line, cells in enumerate(self._sheet.iter_rows(), start=1):
            for column, text in errors.get(line, {}).items():
                cells += [""] * (column - len(cells))
                cells[column - 1] = text
            yield line, cells

    def refuse_merged(self, header: int) -> None:
        """Raises Refused "merged" when cells are merged in the header or below it."""
        for (top, left), (bottom, right) in self._sheet.merged_cell_ranges or []:
            if bottom >= header - 1:
                place = f"第 {top + 1} 行第 {left + 1} 列到第 {bottom + 1} 行第 {right + 1} 列"
                raise Refused("merged", place=place)


def tables(data: bytes, wanted: dict[str, Any]) -> Iterator[CsvTable | SheetTable]:
    """The sheets of the file, one laid out at a time. Raises Refused."""
    if wanted["kind"] == "csv":
        table = CsvTable(data)
        # A cell may hold line ends, but not that many: to look at nineteen million empty lines takes half a minute.
        if table.lines > LINES_PER_ROW * wanted["rows"]:
            raise Refused("long")
        yield table
        return
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        measure(data, rows=wanted["rows"], columns=wanted["columns"], text=wanted["text"])
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        parts = sheet_parts(data)
        for about in book.sheets_metadata:
            if about.typ == SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(about.name)
                if sheet.total_height > wanted["rows"]:
                    raise Refused("long")
                found = unseen(data, parts[about.name])
                yield SheetTable(sheet, about.visible != SheetVisibleEnum.Visible, found)
    except (CalamineError, zipfile.BadZipFile, KeyError, ExpatError, ParseError, ValueError) as error:
        raise Refused("FILE-018") from error


def first_rows(table: CsvTable | SheetTable, columns: int) -> list[Row]:
    """The first rows that hold anything: among them must be the header."""
    found: list[Row] = []
    for line, cells in table.rows():
        if any(cell != "" for cell in cells):
            found.append((line, narrowed(cells, columns)))
            if len(found) == FIRST_ROWS:
                break
    return found


def filled_rows(table: CsvTable | SheetTable, header: int) -> Iterator[Row]:
    """Rows below the header that are not blank."""
    for line, cells in table.rows():
        if line <= header:
            continue
        for cell in cells:
            if cell != "" and not (isinstance(cell, str) and cell.isspace()):
                yield line, cells
                break


def deliver(table: CsvTable | SheetTable, header: int, wanted: dict[str, Any]) -> None:
    """Send the rows in pieces. Raises Refused for a cell or a sum of cells that is too long."""
    lines: list[int] = []
    rows: list[list[Any]] = []
    text = total = 0
    for line, cells in filled_rows(table, header):
        if len(cells) > wanted["columns"]:
            cells = narrowed(cells, wanted["columns"])
        for cell in cells:
            if type(cell) is str:
                if len(cell) > MAX_CELL:
                    raise Refused("FILE-023", found=f"第 {line} 行有一格超过 {MAX_CELL:,} 个字")
                text += len(cell)
        lines.append(line)
        rows.append(cells)
        if len(rows) == wanted["piece_rows"] or text >= wanted["piece_text"]:
            send(packed(lines, rows, table.unseen.hidden))
            total += text
            lines, rows, text = [], [], 0
        if total + text > wanted["text"]:
            raise Refused("FILE-023", found=f"全部单元格合计超过 {wanted['text'] // 10_000:,} 万字")
    if rows:
        send(packed(lines, rows, table.unseen.hidden))


def narrowed(cells: list[Any], columns: int) -> list[Any]:
    """Without the blank cells at the right. Raises Refused "wide" when one beyond the last column holds anything."""
    if any(cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in cells[columns:]):
        raise Refused("wide", column="")
    return cells[:columns]


def packed(lines: list[int], rows: list[list[Any]], hidden: set[int]) -> bytes:
    """One piece as JSON."""
    unseen = [line for line in lines if line in hidden] if hidden else []
    bent: list[bool] = []

    def bend(value: Any) -> dict[str, str]:
        bent.append(True)
        return {type(value).__name__: value.isoformat() if hasattr(value, "isoformat") else str(value)}

    body = orjson.dumps({"lines": lines, "cells": rows, "unseen": unseen}, bend, orjson.OPT_PASSTHROUGH_DATETIME)
    if b"null" in body:  # JSON knows neither infinity nor "not a number": they go over as words
        rows = [[str(c) if type(c) is float and not math.isfinite(c) else c for c in cells] for cells in rows]
        body = orjson.dumps({"lines": lines, "cells": rows, "unseen": unseen}, bend, orjson.OPT_PASSTHROUGH_DATETIME)
    return body[:-1] + (b',"bent":true}' if bent else b',"bent":false}')


def main() -> int:
    """Read the content, then answer sheet by sheet until one is taken."""
    wanted = json.loads(sys.argv[1])
    data = sys.stdin.buffer.read(wanted["size"])
    try:
        for table in tables(data, wanted):
            first = first_rows(table, wanted["columns"])
            numbers = [line for line, _ in first]
            about = {"hidden": table.hidden, "total": table.lines}
            send(orjson.dumps(about)[:-1] + b"," + packed(numbers, [cells for _, cells in first], set())[1:])
            command = re.fullmatch(rb"take ([0-9]+)\n", sys.stdin.buffer.readline())
            if command:
                table.refuse_merged(int(command[1]))
                deliver(table, int(command[1]), wanted)
                break
    except Refused as refused:
        send_json(refused.as_answer())
        return 0
    send_json({"end": True})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
