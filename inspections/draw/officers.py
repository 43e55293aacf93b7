"""Which officers go where: certified, of the right department and area, never recused, the least loaded first.

行政处罚法 art. 42 (two officers with certificates), art. 43 (recusal); domain.md §5.2, 5.3; performance.md §5 (heap).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from yancheng_childcare.crypto import sm3

from .rules import Refused, Rules
from .secret import row_id

HEADING = ("id", "department", "area", "valid_to", "load")


@dataclass(frozen=True, slots=True)
class Officer:
    """One of the register of officers: certificate number, department, area ("*": the whole city), last day of the
    certificate, visits so far this year; the salt of this batch (secret.new_salt)."""

    certificate: str
    department: str
    area: str
    valid_to: date
    load: int
    salt: str

    def published(self) -> OfficerRow:
        """The row without the person."""
        return OfficerRow(
            row_id(self.salt, self.certificate), self.department, self.area, self.valid_to.isoformat(), self.load
        )


class OfficerRow(NamedTuple):
    """An officer as published: a line of officers.csv."""

    id: str
    department: str
    area: str
    valid_to: str
    load: int


class Sent(NamedTuple):
    """One officer sent to one place: a line of pairs.csv."""

    place: str
    department: str
    officer: str


def lacking(
    rules: Rules,
    places: Iterable[tuple[str, str]],
    officers: Iterable[OfficerRow],
    recusals: frozenset[tuple[str, str]],
) -> tuple[str, str] | None:
    """The first (place, department) for which too few officers are left, of (place, county); None when all can be visited.

    Asked when the pool is frozen: once the source is known nothing can be mended (domain.md §5.2: 不足 2 人则报错).
    """
    last_day = rules.visits_until.isoformat()
    kinds = {row.id: (row.department, row.area) for row in officers if row.valid_to >= last_day}
    by_kind, barred = Counter(kinds.values()), Counter[tuple[str, tuple[str, str]]]()
    for place, officer in recusals:
        if officer in kinds:
            barred[place, kinds[officer]] += 1
    for place, county in places:
        for department, count in rules.teams:
            mine = [kind for kind in by_kind if kind[0] == department and rules.allows(kind[1], county)]
            if sum(by_kind[kind] - barred[place, kind] for kind in mine) < count:
                return place, department
    return None


class Roster:
    """The officers of a batch by department and area, each a heap of (load, SM3(seed‖officer‖load), officer): the least
    loaded comes first, and of equals the seed decides anew at every load. O(log officers) for each officer sent."""

    def __init__(self, rules: Rules, seed: str, officers: Iterable[OfficerRow], recusals: frozenset[tuple[str, str]]):
        self.rules, self.seed, self.recusals = rules, seed, recusals
        self.heaps: dict[tuple[str, str], list[tuple[int, bytes, str]]] = {}
        for row in officers:
            if row.valid_to >= rules.visits_until.isoformat():
                self.heaps.setdefault((row.department, row.area), []).append(self._entry(row.id, row.load))
        for heap in self.heaps.values():
            heapq.heapify(heap)

    def send(self, place: str, county: str) -> list[Sent]:
        """The officers for one place, departments in order; each then carries one visit more. Refused when too few."""
        return [
            Sent(place, department, officer)
            for department, count in sorted(self.rules.teams)
            for officer in self._take(place, county, department, count)
        ]

    def _entry(self, officer: str, load: int) -> tuple[int, bytes, str]:
        return load, sm3(f"{self.seed}{officer}{load}".encode()), officer

    def _take(self, place: str, county: str, department: str, count: int) -> list[str]:
        allowed = [
            heap for (of, area), heap in self.heaps.items() if of == department and self.rules.allows(area, county)
        ]
        taken: list[str] = []
        back: list[tuple[list[tuple[int, bytes, str]], tuple[int, bytes, str]]] = []
        while len(taken) < count:
            filled = [heap for heap in allowed if heap]
            if not filled:
                raise Refused(f"{place} 没有足够的 {department} 执法人员可派")
            heap = min(filled, key=lambda heap: heap[0])
            load, order, officer = heapq.heappop(heap)
            if (place, officer) in self.recusals:
                back.append((heap, (load, order, officer)))
            else:
                taken.append(officer)
                back.append((heap, self._entry(officer, load + 1)))
        for heap, entry in back:
            heapq.heappush(heap, entry)
        return taken
