"""What ledgers are reconciled by, whichever ledgers: numbers said once, counted by area, the institutions behind them.

Three ledgers of authorities (`differences`: registration, health, public security) and three of one institution's life
(`filing.figures`: registered, running, filed) are two values of the same thing, on the same page (`pages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, When

from ..models import Institution


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: how many institutions there are of which `where` is true. It asks nothing but facts that are yes or no."""

    key: str
    title: str
    meaning: str
    colour: str
    where: Q

    def holds(self, facts: Mapping[str, bool]) -> bool:
        """Whether it counts an institution with these facts."""
        return _holds(self.where, facts)


def _holds(condition: Any, facts: Mapping[str, bool]) -> bool:
    if not isinstance(condition, Q):
        name, value = condition
        return facts[name] == value
    held = [_holds(child, facts) for child in condition.children]
    return (any(held) if condition.connector == Q.OR else all(held)) != condition.negated


def flag(condition: Q) -> Case:
    """A fact for `Reconciliation.annotate`."""
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


@dataclass(slots=True)
class Area:
    """One area, or the total: how many institutions each number counts."""

    code: str
    name: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Ledgers side by side.

    `facts` are known of an institution after `annotate`; `stages` narrow from one to the next, `worklists` are to be
    looked into, `sums` only counted. `listing` is the route of the lists; `note` says the totals in words; `filing` and
    `details` say of one institution its filing and what stands behind its differences.
    """

    heading: str
    lead: str
    route: str
    listing: str
    facts: tuple[str, ...]
    stages: tuple[Figure, ...]
    worklists: tuple[Figure, ...]
    annotate: Callable[[Any], Any]
    note: Callable[[dict[str, int]], str]
    filing: Callable[[Any], str]
    details: Callable[[Any], tuple[str, ...]] = lambda row: ()
    sums: tuple[Figure, ...] = ()

    @property
    def figures(self) -> dict[str, Figure]:
        """Every number by its key, in the order of the page."""
        return {figure.key: figure for figure in (*self.stages, *self.sums, *self.worklists)}

    def behind(self, rows: Any, key: str) -> Any:
        """The institutions among `rows` that one number counts, with their facts. Raises KeyError for an unknown one."""
        return self.annotate(rows).filter(self.figures[key].where)

    def differences(self, row: Any) -> list[Figure]:
        """What is to be looked into at one institution that came with its facts."""
        facts = {name: getattr(row, name) for name in self.facts}
        return [figure for figure in self.worklists if figure.holds(facts)]

    def by_area(self, user: Any, roles: frozenset[str], counties: Iterable[tuple[str, str]]) -> tuple[list[Area], Area]:
        """One row per area, in the given order, and their total; one query that groups institutions of like facts."""
        figures = self.figures.values()
        areas = {code: Area(code, name, dict.fromkeys(self.figures, 0)) for code, name in counties}
        total = Area("", "合计", dict.fromkeys(self.figures, 0))
        rows = self.annotate(Institution.objects.visible_to(user, roles)).filter(region__in=areas).order_by()
        for code, *values, number in rows.values_list("region_id", *self.facts).annotate(number=Count("pk")):
            known = dict(zip(self.facts, values, strict=True))
            for figure in figures:
                if figure.holds(known):
                    areas[code].counts[figure.key] += number
                    total.counts[figure.key] += number
        return list(areas.values()), total
