"""The table to fill in: one sheet for the rows, one with notes, and what else the declaration has; as csv the header."""

from __future__ import annotations

import tempfile
from typing import IO, Any

import xlsxwriter

from yancheng_childcare.exports import safe_cell, write_csv

from .columns import Columns, Sheet

NOTES = "填表说明"
_HEAD = ("列名", "是否必填", "怎么填", "示例", "可填的内容", "接口字段名")
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def template_csv(table: Columns) -> bytes:
    """The header alone, in UTF-8 with a mark that Excel and WPS understand."""
    return b"".join(write_csv([], [column.title for column in table.all]))


def template_xlsx(table: Columns) -> IO[bytes]:
    """The workbook in a temporary file at its start; the caller closes it. Codes and dates are text cells."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
    book = xlsxwriter.Workbook(target, _OPTIONS)
    try:
        _fill_in(book, table)
        notes = [column.note() for column in table.all]
        for sheet in (Sheet(NOTES, _HEAD, notes, (22, 26, 40, 30, 60, 22)), *table.more_sheets()):
            _write(book, sheet)
        book.close()
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _fill_in(book: Any, table: Columns) -> None:
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    page = book.add_worksheet(table.sheet)
    page.freeze_panes(1, 0)
    for place, column in enumerate(table.all):
        page.set_column(place, place, max(12, 2 * len(column.title) + 2), text if column.text else None)
        page.write_string(0, place, column.title, bold)
        if column.choices:
            listed = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
            page.data_validation(1, place, table.formatted, place, listed)


def _write(book: Any, sheet: Sheet) -> None:
    page, bold, text = (
        book.add_worksheet(sheet.title),
        book.add_format({"bold": True}),
        book.add_format({"num_format": "@"}),
    )
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(zip(sheet.head, sheet.widths, strict=True)):
        page.set_column(column, column, width, text)
        page.write_string(0, column, name, bold)
    for line, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            page.write_string(line, column, str(safe_cell(value)), text)
