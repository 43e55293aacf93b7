"""What is wrong with an input, said once and the same way on a page, in the API and in an import file.

A `Problem` names the field, a stable code and one Chinese sentence that says what is wrong and what to do
next. Codes never change their meaning: other departments program against them (`docs/error-codes.md`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """BLOCK stops the step; WARN is kept with the record and listed (the law only recommends)."""

    BLOCK = "BLOCK"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `field` is the input's name ("" = the whole input); `clause` cites document and article."""

    code: str
    field: str
    message: str
    level: Level = Level.BLOCK
    clause: str = ""

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
