"""The bad rows back as a table: the cells as they were, and what is wrong beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from yancheng_childcare.exports import write_csv, write_xlsx
from yancheng_childcare.models import StoredFile

from .cells import given_back
from .columns import PROBLEM_COLUMN, Columns, plain
from .reading import Table, open_table


def bad_rows_file(
    file: StoredFile, columns: Columns, wrong: Mapping[int, str], kind: str, limit: int | None = None
) -> IO[bytes]:
    """The rows of `wrong` (line → its problems in words) as "csv" or "xlsx", in a temporary file at its start.

    Written at once: a slow reader would hold the child process that reads the table. Codes and dates of a workbook are
    text cells.
    """
    with open_table(file, columns=columns, limit=limit) as table:
        # All but an earlier “问题” column and columns without a title.
        kept = [i for i, title in enumerate(table.header.titles) if title and plain(title) != PROBLEM_COLUMN]
        titles = [*(table.header.titles[i] for i in kept), PROBLEM_COLUMN]
        rows = _rows(table, wrong, kept)
        if kind == "xlsx":
            places = table.header.columns
            text = [table.header.titles[places[name]] for name in columns.texts if name in places]
            return write_xlsx(rows, titles, "需要改正的行", text_columns=text)
        target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
        target.writelines(write_csv(rows, titles))
    target.seek(0)
    return target


def _rows(table: Table, wrong: Mapping[int, str], kept: list[int]) -> Iterator[list[Any]]:
    for line, cells in table.rows:
        if line in wrong:
            yield [*(given_back(cells[i]) if i < len(cells) else "" for i in kept), wrong[line]]
