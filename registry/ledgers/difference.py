"""What ledgers are reconciled by, whichever ledgers: a number said twice, counted by area, with the institutions behind it.

Three ledgers of authorities (`differences`: registration, health, public security) and three of one institution's life
(`filing.figures`: registered, running, filed) are two lists of the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db.models import Count, Q


@dataclass(frozen=True, slots=True)
class Difference:
    """One number: said of known facts, and as a filter on institutions that carry them (a test holds both together).

    `hard` ones mean that ledgers disagree; the others that somebody has yet to act.
    """

    key: str
    title: str
    meaning: str
    colour: str
    holds: Callable[[Any], bool]
    where: Q
    hard: bool = True


class Area(Protocol):
    """A row of the table by area, or its total."""

    def __init__(self, code: str, name: str) -> None: ...

    def add(self, facts: dict[str, bool], number: int) -> None:
        """Count so many institutions with these facts in."""


Row = TypeVar("Row", bound=Area)


def by_area(
    rows: Any, facts: Sequence[str], counties: Iterable[tuple[str, str]], make: type[Row]
) -> tuple[list[Row], Row]:
    """One row per area, in the given order, and their total; one query that groups institutions of like facts."""
    found = rows.order_by().values_list("region_id", *facts).annotate(number=Count("pk"))
    areas, total = {code: make(code, name) for code, name in counties}, make("", "合计")
    for area, *values, number in found:
        if area in areas:
            known = dict(zip(facts, values, strict=True))
            areas[area].add(known, number)
            total.add(known, number)
    return list(areas.values()), total
