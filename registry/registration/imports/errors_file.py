"""The bad rows back in a file of the kind that was uploaded: the cells as they were, and what is wrong beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from yancheng_childcare.exports import write_csv, write_xlsx

from ...models import ImportJob
from ..fields import LABELS
from .columns import PROBLEM_COLUMN, TEXT_COLUMNS, plain
from .reading import Table, open_table


def bad_lines(job: ImportJob) -> dict[int, str]:
    """Line → its problems in words, column by column, of the rows that cannot go in."""
    return {
        line: "；".join(
            f"{LABELS.get(p['field'], '')}：{p['message']}".lstrip("：") for p in problems if p["level"] == "BLOCK"
        )
        for line, problems in job.rows.filter(blocked=True).order_by("line").values_list("line", "problems")
    }


def errors_csv(job: ImportJob) -> IO[bytes]:
    """The bad rows as csv in UTF-8 in a temporary file, opened at its start.

    Written at once: a slow reader would hold the child process that reads the table.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
    with open_table(job.file) as table:
        target.writelines(write_csv(_rows(job, table), _titles(table)))
    target.seek(0)
    return target


def errors_xlsx(job: ImportJob) -> IO[bytes]:
    """The bad rows as a workbook in a temporary file, opened at its start. Codes and dates are text cells."""
    with open_table(job.file) as table:
        columns = table.header.columns
        text = [table.header.titles[columns[name]] for name in TEXT_COLUMNS if name in columns]
        return write_xlsx(_rows(job, table), _titles(table), "需要改正的行", text_columns=text)


def _kept(table: Table) -> list[int]:
    """Positions of the columns that go back: all but an earlier “问题” column and columns without a title."""
    return [i for i, title in enumerate(table.header.titles) if title and plain(title) != PROBLEM_COLUMN]


def _titles(table: Table) -> list[str]:
    return [*(table.header.titles[i] for i in _kept(table)), PROBLEM_COLUMN]


def _rows(job: ImportJob, table: Table) -> Iterator[list[Any]]:
    wrong, kept = bad_lines(job), _kept(table)
    for line, cells in table.rows:
        if line in wrong:
            yield [*(_cell(cells[i]) if i < len(cells) else "" for i in kept), wrong[line]]


def _cell(value: Any) -> Any:
    """As it is read again: a day stays a day without a time, a whole number loses its point."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return int(value)
    return value
