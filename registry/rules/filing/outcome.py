"""What one rule finds, and the readings all rules share. `None`, and a number that cannot be one, is never a pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Verdict(StrEnum):
    """WAIVED: it failed or is unknown, and an officer set the rule aside with a reason."""

    PASS = "PASS"  # noqa: S105  a verdict, not a password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    WAIVED = "WAIVED"


VERDICT_LABELS = {
    Verdict.PASS: "符合",
    Verdict.FAIL: "不符合",
    Verdict.UNKNOWN: "待确认",
    Verdict.NOT_APPLICABLE: "不适用",
    Verdict.WAIVED: "已豁免",
}


LARGEST = Decimal(10) ** 9  # beyond this nothing is an area in m² or a percentage


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its sentence (without clause) and the value that was compared, with its unit."""

    verdict: Verdict
    message: str
    value: str = ""


def passed(message: str, value: str = "") -> Outcome:
    """The value is known and keeps the limit."""
    return Outcome(Verdict.PASS, message, value)


def failed(message: str, value: str = "") -> Outcome:
    """The value is known and breaks the limit."""
    return Outcome(Verdict.FAIL, message, value)


def unknown(message: str, value: str = "") -> Outcome:
    """Something needed has not been said: not a pass."""
    return Outcome(Verdict.UNKNOWN, message, value)


def not_applicable(message: str) -> Outcome:
    """The rule does not speak of this institution."""
    return Outcome(Verdict.NOT_APPLICABLE, message)


def count(value: int | None) -> int | None:
    """A number of things; None when unknown or below zero."""
    return value if value is not None and value >= 0 else None


def measure(value: Decimal | None) -> Decimal | None:
    """A measured quantity (m², percent); None when unknown, not finite, below zero or beyond anything that can be."""
    return value if value is not None and value.is_finite() and 0 <= value < LARGEST else None


def shown(value: Decimal | int) -> str:
    """A number for a sentence: two decimals at most, cut and not rounded, so that 2.999 is never shown as 3."""
    whole, _, rest = format(Decimal(value), "f").partition(".")
    rest = rest[:2].rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def of_statement(said: bool | None, *, good: bool, right: str, wrong: str, open_question: str) -> Outcome:
    """A yes/no answer against the answer the rule wants."""
    if said is None:
        return unknown(open_question)
    answer = "是" if said else "否"
    return passed(right, answer) if said is good else failed(wrong, answer)


@dataclass(frozen=True, slots=True)
class Least:
    """One measurement with its lower limit."""

    label: str
    value: Decimal | None
    limit: Decimal
    unit: str = "平方米"


def all_at_least(parts: Iterable[Least], subject: str) -> Outcome:
    """Every measurement reaches its limit. One that does not decides, also while others are unknown."""
    parts = list(parts)
    small = [p for p in parts if (value := measure(p.value)) is not None and value < p.limit]
    if small:
        words = "；".join(
            f"{p.label} {shown(measure(p.value) or Decimal(0))} {p.unit}，标准不小于 {shown(p.limit)} {p.unit}"
            for p in small
        )
        return failed(f"{subject}{words}", "、".join(f"{p.label} {shown(p.value or Decimal(0))}" for p in small))
    missing = [p.label for p in parts if measure(p.value) is None]
    if missing:
        return unknown(f"{subject}还没有填写：{'、'.join(dict.fromkeys(missing))}")
    return passed(f"{subject}各项面积达到标准", "、".join(f"{p.label} {shown(p.value or Decimal(0))}" for p in parts))
