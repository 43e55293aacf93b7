"""What a table is, in one declaration: its columns, their titles, help, examples and words; and its header as found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from yancheng_childcare.problems import Level, Problem, Rejected

from . import codes

#: The column a file of bad rows adds; it is ignored when the file comes back.
PROBLEM_COLUMN = "问题"
_ENOUGH_TO_BE_A_HEADER = 3


def plain(text: Any) -> str:
    """A header or label as it is compared: half-width, without blanks, stars and bracketed remarks."""
    folded = unicodedata.normalize("NFKC", str(text)).strip().lower()
    return re.sub(r"\(.*?\)|[\s*:\u200b\ufeff]", "", folded)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `also`: other titles it is known by; `required`: a table without it cannot be read.

    `must` is what the notes say of it ("" = 必填 or 选填), `help` how it is filled in, `allowed` what may stand there,
    `choices` the drop-down. `words`: `plain` label → code. `text`: digits and days a spreadsheet must not rewrite.
    """

    name: str
    title: str
    help: str = "文字"
    example: str = ""
    required: bool = False
    must: str = ""
    also: tuple[str, ...] = ()
    allowed: str = ""
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    text: bool = False

    def note(self) -> list[str]:
        """The line about it in the template's notes."""
        must = self.must or ("必填" if self.required else "选填")
        return [self.title, must, self.help, self.example, self.allowed or "、".join(self.choices), self.name]


class Sheet(NamedTuple):
    """A further sheet of the template: its title, header, rows and widths."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True)
class Columns:
    """One kind of table. `no_header` and `empty` say what is wrong with a file without header, without rows below it.

    `name` is the template's file name, `sheet` its first sheet; `formatted` rows of it are prepared for typing.
    """

    name: str
    sheet: str
    all: tuple[Column, ...]
    no_header: str
    empty: str
    formatted: int = 5_000
    more_sheets: Callable[[], Sequence[Sheet]] = tuple

    @cached_property
    def headers(self) -> dict[str, str]:
        """Header text as `plain` gives it → field. A column's own names go before what others are also called."""
        known: dict[str, str] = {}
        for column in self.all:
            for text in (column.name, column.title):
                known.setdefault(plain(text), column.name)
        for column in self.all:
            for text in column.also:
                known.setdefault(plain(text), column.name)
        return known

    @cached_property
    def labels(self) -> dict[str, str]:
        """Field → title."""
        return {column.name: column.title for column in self.all}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields without whose columns a table cannot be read."""
        return tuple(column.name for column in self.all if column.required)

    @cached_property
    def words(self) -> dict[str, Mapping[str, str]]:
        """Field → (label as `plain` gives it → code), of the columns that have such words."""
        return {column.name: column.words for column in self.all if column.words}

    @cached_property
    def texts(self) -> frozenset[str]:
        """The fields whose cells are text for a spreadsheet, whatever they look like."""
        return frozenset(column.name for column in self.all if column.text)

    def said(self, problems: Sequence[Mapping[str, str]]) -> str:
        """Problems in words, as they stand beside a row that goes back."""
        return "；".join(f"{self.labels.get(p['field'], '')}：{p['message']}".lstrip("：") for p in problems)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand. `line` is the header's own row number, `columns` field → position."""

    line: int
    columns: dict[str, int]
    titles: tuple[str, ...]
    remarks: tuple[Problem, ...]

    @property
    def width(self) -> int:
        """Columns up to the last one with a title."""
        return max(place for place, title in enumerate(self.titles, 1) if title)


def looks_like_header(cells: Sequence[Any], table: Columns) -> bool:
    """Whether a row is the header: title lines above it are skipped."""
    known = sum(1 for cell in cells if isinstance(cell, str) and plain(cell) in table.headers)
    return known >= _ENOUGH_TO_BE_A_HEADER


def read_header(line: int, cells: Sequence[Any], table: Columns) -> Header:
    """The header's columns; unknown ones are remarked. Raises Rejected for missing or repeated columns (all at once)."""
    columns: dict[str, int] = {}
    found: list[Problem] = []
    remarks: list[Problem] = []
    titles = tuple(str(cell).strip() for cell in cells)
    for position, title in enumerate(titles):
        name = table.headers.get(plain(title), "") if title else ""
        if name in columns:
            message = f"“{titles[columns[name]]}”与“{title}”是同一项，请只保留一列。"
            found.append(Problem(codes.IMPORT_COLUMN_TWICE, name, message))
        elif name:
            columns[name] = position
        elif title and plain(title) != PROBLEM_COLUMN:
            message = f"不认识“{title[:30]}”这一列，其内容不会导入。"
            remarks.append(Problem(codes.IMPORT_COLUMN_UNKNOWN, "", message, Level.WARN))
    missing = [table.labels[name] for name in table.required if name not in columns]
    if missing:
        message = f"表头缺少必需的列：{'、'.join(missing)}。请下载模板，按模板的表头补齐后重新上传。"
        found.insert(0, Problem(codes.IMPORT_COLUMN_MISSING, "file", message))
    if found:
        raise Rejected(found, title="表头有问题")
    return Header(line, columns, titles, tuple(remarks[:20]))
