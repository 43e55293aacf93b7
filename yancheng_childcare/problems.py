"""What is wrong with an input, said once and the same way on a page, in the API and in an import file.

A `Problem` names the field, a stable code and one Chinese sentence that says what is wrong and what to do
next. Codes never change their meaning: other departments program against them (`docs/error-codes.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .id_numbers import hide_id_numbers, holds_id_number


class Level(StrEnum):
    """BLOCK stops the step; WARN is kept with the record and listed (the law only recommends)."""

    BLOCK = "BLOCK"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `field` is the input's name ("" = the whole input); `clause` cites document and article.

    A message may quote what was typed, and problems are stored and shown to others: identity numbers are hidden here,
    once for all of them.
    """

    code: str
    field: str
    message: str
    level: Level = Level.BLOCK
    clause: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", hide_id_numbers(self.field))
        object.__setattr__(self, "message", hide_id_numbers(self.message))

    def as_dict(self) -> dict[str, str]:
        """The shape the API and stored warnings use."""
        return {
            "code": self.code,
            "field": self.field,
            "message": self.message,
            "level": str(self.level),
            "clause": self.clause,
        }


# Said by the portal and, for addresses that never reach it, by the web server itself.
ADDRESS_TOO_LONG = Problem("GEN-414", "", "网址过长，请减少查询条件后重试。")


# Encrypted columns; and credit codes, some of which are eighteen digits that pass for an identity number.
FIELDS_WITH_NUMBERS = frozenset({"uscc", "id_no", "legal_rep_id_no"})
ID_NUMBER_IN_TEXT = "GEN-ID"
ID_NUMBER_WORDS = "这里有身份证号码。为保护个人信息，请删去号码后再提交；号码只填在专门的“证件号”栏。"


def refuse_id_number(field: str, text: str) -> list[Problem]:
    """The problem with a text that holds an identity number; [] when there is none."""
    return [Problem(ID_NUMBER_IN_TEXT, field, ID_NUMBER_WORDS)] if holds_id_number(text) else []


def refuse_id_numbers(data: Mapping[str, Any]) -> list[Problem]:
    """The same for every text of a step's data, lists and mappings inside it included; fields of their own are let by."""
    found: list[Problem] = []
    for name, value in data.items():
        if name in FIELDS_WITH_NUMBERS:
            continue
        if isinstance(value, str):
            found += refuse_id_number(name, value)
        elif isinstance(value, Mapping):
            found += refuse_id_numbers(value)
        elif isinstance(value, list | tuple):
            found += refuse_id_numbers({f"{name}-{place}": one for place, one in enumerate(value, 1)})
    return found


class Rejected(Exception):
    """An input or a step that cannot go on. `status` is the HTTP status both faces answer with, `retry_after` the
    seconds after which it may be tried again (Retry-After).
    """

    def __init__(
        self,
        problems: Iterable[Problem] | Problem,
        *,
        status: int = 422,
        title: str = "提交的内容有问题",
        retry_after: int | None = None,
    ):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        self.status = status
        self.title = title
        self.retry_after = retry_after
        super().__init__("; ".join(f"{p.code} {p.field}" for p in self.problems))

    @property
    def code(self) -> str:
        """The first problem's code: the answer's own code in RFC 9457."""
        return self.problems[0].code if self.problems else "GEN-000"


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that stop the step."""
    return [p for p in problems if p.level is Level.BLOCK]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that are kept and listed."""
    return [p for p in problems if p.level is Level.WARN]
