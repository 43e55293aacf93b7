"""A dry run of a table that is taken row by row: what each row says, what is wrong with it, what will become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem

from .columns import Columns
from .reading import open_table

NEW, KNOWN, WRONG = "NEW", "KNOWN", "WRONG"
Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, its typed values, and whether it is new, already there or wrong (`problems`)."""

    number: int
    data: dict[str, Any] = field(repr=False)
    index: str = ""
    problems: tuple[Problem, ...] = ()
    state: str = NEW

    def wrong(self, *problems: Problem) -> Line:
        """The same line with these problems."""
        return replace(self, problems=(*self.problems, *problems), state=WRONG) if problems else self


@dataclass(frozen=True, slots=True)
class Report:
    """What a table holds, row by row, and remarks on its header."""

    columns: Columns
    lines: tuple[Line, ...]
    remarks: tuple[Problem, ...] = ()

    def in_state(self, state: str) -> list[Line]:
        """The rows that are NEW, KNOWN or WRONG."""
        return [line for line in self.lines if line.state == state]

    def problem_rows(self, named: str) -> list[dict[str, Any]]:
        """Row, column, code and message of all that is wrong, in the file's order; `named`: the field that names a row."""
        return [
            {
                "line": line.number,
                "name": str(line.data.get(named, ""))[:20],
                "column": self.columns.labels.get(problem.field, "整行"),
                "problem": problem,
            }
            for line in self.in_state(WRONG)
            for problem in line.problems
        ]

    def wrong(self) -> dict[int, str]:
        """Line → its problems in words, of the rows that cannot be taken."""
        return {line.number: self.columns.said([p.as_dict() for p in line.problems]) for line in self.in_state(WRONG)}


def read_lines(
    file: StoredFile, columns: Columns, limit: int, judge: Callable[[int, Cells, tuple[Problem, ...]], Line]
) -> Report:
    """Each row judged on its own: `judge` gets its number, its cells by field ("" where there is none) and what is odd.

    Raises Rejected for a file that cannot be read.
    """
    with open_table(file, columns=columns, limit=limit) as table:
        places = {name: table.header.columns.get(name) for name in columns.labels}
        lines = [
            judge(number, {name: _at(cells, place) for name, place in places.items()}, table.odd(number, cells))
            for number, cells in table.rows
        ]
    return Report(columns, tuple(lines), table.header.remarks)


def _at(cells: Sequence[Any], place: int | None) -> Any:
    return cells[place] if place is not None and place < len(cells) else ""
