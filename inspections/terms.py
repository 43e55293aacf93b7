"""Days and numbers of inspections that are our own choice ([A]) or the city's: by day, so that what runs keeps its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .choices import Severity


@dataclass(frozen=True, slots=True)
class Days:
    """Working days to put right, to look again, and of the one extension (domain.md §5.7 [A])."""

    fix: int
    look: int
    extend: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from a day on. `cap`: inspections a year, subject and institution; `publish`: 政府信息公开条例 第二十六条."""

    since: date
    cap: int
    publish: int
    object: int
    accept_referral: int
    answer_referral: int
    days: dict[str, Days]


_ALL = (
    Terms(
        since=date(2020, 1, 1),
        cap=2,
        publish=20,
        object=5,
        accept_referral=2,
        answer_referral=20,
        days={
            Severity.RED: Days(0, 2, 0),
            Severity.CRITICAL: Days(5, 3, 5),
            Severity.MAJOR: Days(15, 5, 15),
            Severity.MINOR: Days(30, 5, 30),
        },
    ),
)
GRAVITY = (Severity.MINOR, Severity.MAJOR, Severity.CRITICAL, Severity.RED)


def terms_on(day: date) -> Terms:
    """The terms in force on that day."""
    return max((terms for terms in _ALL if terms.since <= day), key=lambda terms: terms.since)


def gravest(severities: list[str]) -> str:
    """The gravest of them. Raises ValueError for none."""
    return max(severities, key=lambda one: GRAVITY.index(Severity(one)))
