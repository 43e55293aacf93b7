"""Tables as people upload them, built in memory for the tests of batch import."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.registration.fields import ENTERED, LABELS

HEADER = [LABELS[name] for name in ENTERED]
Rows = Iterable[dict[str, Any]]


def cells(row: dict[str, Any]) -> list[Any]:
    """The values of a registration in the template's order."""
    return [row.get(name) if row.get(name) is not None else "" for name in ENTERED]


def as_csv(
    rows: Rows, *, header: Sequence[str] = HEADER, encoding: str = "utf-8", separator: str = ","
) -> SimpleUploadedFile:
    """An uploaded csv."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(header)
    writer.writerows(cells(row) for row in rows)
    return SimpleUploadedFile("登记.csv", text.getvalue().encode(encoding), "text/csv")


def workbook(draw: Callable[[Any], None]) -> SimpleUploadedFile:
    """An uploaded workbook that `draw` filled."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    draw(book)
    book.close()
    return SimpleUploadedFile("登记.xlsx", target.getvalue())


def as_xlsx(rows: Rows, *, header: Sequence[str] = HEADER) -> SimpleUploadedFile:
    """An uploaded workbook with text cells."""

    def draw(book: Any) -> None:
        sheet = book.add_worksheet("登记信息")
        for column, title in enumerate(header):
            sheet.write_string(0, column, title)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(cells(row)):
                sheet.write_string(line, column, str(value))

    return workbook(draw)
