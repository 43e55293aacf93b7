"""The draw itself: a frozen pool and a source give tickets, visits and officers; and what replaces a place that is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from . import tickets
from .officers import Roster, Sent
from .places import MUST, RESERVE, Lots, Ticket, next_reserve, rank, rows_of
from .pool import Pool
from .rules import CODE, Refused

REPLACEMENTS_HEADING = ("place", "reason", "replacement", "officers")


@dataclass(frozen=True, slots=True)
class Source:
    """The random source as read by two witnesses, each of whom typed it; `witnesses` as they are published."""

    text: str
    witnesses: tuple[str, str]

    def __post_init__(self) -> None:
        if self.witnesses[0] == self.witnesses[1] or not all(self.witnesses):
            raise Refused("随机源应由两名不同的见证人录入")
        if not self.text.strip() or any("\n" in text or "\r" in text for text in (self.text, *self.witnesses)):
            raise Refused("随机源应为一行文字")


class Replacement(NamedTuple):
    """A place that was gone before the visit (CANCELLED, CLOSED …) and the next of the reserve with its officers: a line of
    replacements.csv, officers separated by blanks."""

    place: str
    reason: str
    replacement: str
    officers: str


@dataclass(frozen=True)
class Drawn:
    """What a draw gives. `lots` and `tickets` have every row of the pool, by id; `chosen` what is visited, musts among them, in the
    order in which officers were sent; `pairs` the officers."""

    pool: Pool
    source: Source
    seed: str
    lots: Lots = field(repr=False)
    chosen: tuple[str, ...]
    pairs: tuple[Sent, ...] = field(repr=False)

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """The published ticket of every row."""
        return rows_of(self.pool.rows, self.lots)

    def reserves(self, county: str) -> list[str]:
        """The reserve of a county in its published order."""
        waiting = [one for one in self.tickets if one.county == county and one.outcome == RESERVE]
        return [one.id for one in sorted(waiting, key=lambda one: one.rank)]


def draw(pool: Pool, source: Source) -> Drawn:
    """Draw. The same pool and text always give the same; nothing else has a say. O(rows · log rows)."""
    seed = tickets.seed(pool.fingerprint, source.text, pool.rules.no)
    lots, visited = rank(pool.rows, seed, pool.quotas)
    roster = Roster(pool.rules, seed, pool.officers, pool.recusals)
    pairs = tuple(sent for _, row_id, county in visited for sent in roster.send(row_id, county))
    return Drawn(pool, source, seed, lots, tuple(row_id for _, row_id, _ in visited), pairs)


def replace(drawn: Drawn, gone: Iterable[tuple[str, str]]) -> list[Replacement]:
    """For each (place, reason), in the order in which they became known: the next of its county's reserve, with officers by
    the same rule after all that went before. A replacement may itself be gone. Refused for a place that is not visited, a
    must (which no lot replaces) or a reserve that ran out (then a supplementary draw is due).
    """
    by_id = {one.id: one for one in drawn.tickets}
    standing = {row_id: by_id[row_id] for row_id in drawn.chosen}
    loads = dict.fromkeys((officer.id for officer in drawn.pool.officers), 0)
    for sent in drawn.pairs:
        loads[sent.officer] += 1
    officers = [officer._replace(load=officer.load + loads[officer.id]) for officer in drawn.pool.officers]
    roster = Roster(drawn.pool.rules, drawn.seed, officers, drawn.pool.recusals)
    used: set[str] = set()
    found = []
    for place, reason in gone:
        ticket = standing.pop(place, None)
        if ticket is None or ticket.outcome == MUST or not CODE.fullmatch(reason):
            raise Refused(f"{place} 不是可以候补的抽中机构，或者没有写明事由代码")
        following = next_reserve(drawn.tickets, ticket.county, used)
        if following is None:
            raise Refused(f"{ticket.county} 的候补已用尽，应作补充抽取")
        used.add(following)
        standing[following] = by_id[following]
        team = roster.send(following, ticket.county)
        found.append(Replacement(place, reason, following, " ".join(one.officer for one in team)))
    return found
