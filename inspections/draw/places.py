"""Which places are drawn, and in which order the others stand in reserve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from .pool import Row
from .tickets import digest, ticket

HEADING = ("id", "county", "weight", "ticket", "rank", "outcome")
CHOSEN, RESERVE, MUST, EXCLUDED = "CHOSEN", "RESERVE", "MUST", "EXCLUDED"


class Ticket(NamedTuple):
    """What came out for one row: a line of tickets.csv. `rank` counts from 1 in the county; 0 for what is not drawn."""

    id: str
    county: str
    weight: int
    ticket: int
    rank: int
    outcome: str


def rank(
    rows: Iterable[Row], seed: str, quotas: Mapping[str, int]
) -> tuple[list[Ticket], list[tuple[bytes, str, str]]]:
    """The ticket of every row, in the order of ids; and (digest, id, county) of all that are visited, in the order of
    digests, which has nothing to do with anyone's weight.

    In a county the smallest ticket comes first; of equal tickets the smaller whole digest, then the smaller id.
    """
    found: list[Ticket] = []
    visited: list[tuple[bytes, str, str]] = []
    counties: dict[str, list[tuple[int, bytes, str, int]]] = {}
    for row_id, county, weight, excluded, must in rows:
        lot = digest(seed, row_id)
        number = ticket(lot, weight)
        if excluded:
            found.append(Ticket(row_id, county, weight, number, 0, EXCLUDED))
        elif must:
            found.append(Ticket(row_id, county, weight, number, 0, MUST))
            visited.append((lot, row_id, county))
        else:
            counties.setdefault(county, []).append((number, lot, row_id, weight))
    for county, lots in counties.items():
        lots.sort()
        quota = quotas[county]
        for place, (number, _, row_id, weight) in enumerate(lots, 1):
            found.append(Ticket(row_id, county, weight, number, place, CHOSEN if place <= quota else RESERVE))
        visited += [(lot, row_id, county) for _, lot, row_id, _ in lots[:quota]]
    found.sort()
    visited.sort()
    return found, visited


def next_reserve(tickets: Iterable[Ticket], county: str, used: Collection[str]) -> str | None:
    """The next of the county in the published reserve order that was not used yet; None: a supplementary draw is due."""
    waiting = (one for one in tickets if one.county == county and one.outcome == RESERVE and one.id not in used)
    first = min(waiting, key=lambda one: one.rank, default=None)
    return first.id if first else None
