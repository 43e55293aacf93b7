"""Which places are drawn, and in which order the others stand in reserve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from .pool import Row
from .tickets import digest, ticket

HEADING = ("id", "county", "weight", "ticket", "rank", "outcome")
CHOSEN, RESERVE, MUST, EXCLUDED = "CHOSEN", "RESERVE", "MUST", "EXCLUDED"


class Lots(NamedTuple):
    """What came out, by columns in the order of the pool's rows (by id): 100,000 objects more would take a third of the
    time of a draw in the garbage collector, so `rows_of` makes them when they are read."""

    numbers: list[int]
    ranks: list[int]
    outcomes: list[str]


class Ticket(NamedTuple):
    """What came out for one row: a line of tickets.csv. `rank` counts from 1 in the county; 0 for what is not drawn."""

    id: str
    county: str
    weight: int
    ticket: int
    rank: int
    outcome: str


def rank(rows: Iterable[Row], seed: str, quotas: Mapping[str, int]) -> tuple[Lots, list[tuple[bytes, str, str]]]:
    """The lot of every row, of rows in the order of ids; and (digest, id, county) of all that are visited, in the order of
    digests, which has nothing to do with anyone's weight.

    In a county the smallest ticket comes first; of equal tickets the smaller whole digest, then the smaller id.
    """
    rows = list(rows)
    lots = [digest(seed, row.id) for row in rows]
    numbers = [ticket(lot, row.weight) for lot, row in zip(lots, rows, strict=True)]
    keys = [number.to_bytes(4, "big") + lot for number, lot in zip(numbers, lots, strict=True)]
    ranks, outcomes = [0] * len(rows), [""] * len(rows)
    waiting: dict[str, list[int]] = {}
    for at, (_, county, _, excluded, must) in enumerate(rows):
        if excluded or must:
            outcomes[at] = EXCLUDED if excluded else MUST
        else:
            waiting.setdefault(county, []).append(at)
    for county, queue in waiting.items():
        queue.sort(key=keys.__getitem__)  # stable: of equal keys the smaller id, as `rows` are in the order of ids
        quota = quotas[county]
        for place, at in enumerate(queue, 1):
            ranks[at] = place
            outcomes[at] = CHOSEN if place <= quota else RESERVE
    going = (at for at, outcome in enumerate(outcomes) if outcome in (CHOSEN, MUST))
    return Lots(numbers, ranks, outcomes), sorted((lots[at], rows[at].id, rows[at].county) for at in going)


def rows_of(rows: Iterable[Row], lots: Lots) -> tuple[Ticket, ...]:
    """The published ticket of every row."""
    columns = zip(rows, lots.numbers, lots.ranks, lots.outcomes, strict=True)
    return tuple(
        Ticket(row.id, row.county, row.weight, number, place, outcome) for row, number, place, outcome in columns
    )


def next_reserve(tickets: Iterable[Ticket], county: str, used: Collection[str]) -> str | None:
    """The next of the county in the published reserve order that was not used yet; None: a supplementary draw is due."""
    waiting = (one for one in tickets if one.county == county and one.outcome == RESERVE and one.id not in used)
    first = min(waiting, key=lambda one: one.rank, default=None)
    return first.id if first else None
