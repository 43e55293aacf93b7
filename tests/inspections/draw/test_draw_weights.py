"""Weights are followed exactly: single draws over 10,000 seeds, larger draws against a full enumeration of a small pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import permutations

import pytest

from inspections.draw import places, strata, tickets
from inspections.draw.pool import Row
from yancheng_childcare.crypto import sm3

SEEDS = 10_000
# Critical values of chi-square at 0.1 % by degrees of freedom (any printed table).
CRITICAL = {7: 24.32, 19: 43.82}


def row(name: str, weight: int) -> Row:
    return Row(sm3(name.encode()).hex(), "320902", weight, "", "")


def drawn(rows: list[Row], count: int) -> Iterable[tuple[str, ...]]:
    """What is drawn under each of the seeds, in the order of ranks."""
    rows = sorted(rows)
    for number in range(SEEDS):
        seed = tickets.seed("f" * 64, str(number), "1")
        found = places.rows_of(rows, places.rank(rows, seed, {"320902": count})[0])
        yield tuple(one.id for one in sorted(found, key=lambda one: one.rank)[:count])


def chi_square(found: Counter, chances: dict) -> float:
    assert abs(sum(chances.values()) - 1) < 1e-9
    return sum((found[key] - SEEDS * chance) ** 2 / (SEEDS * chance) for key, chance in chances.items())


def test_draws_of_one_follow_the_weights():
    rows = [row(f"place {n}", weight) for n, weight in enumerate((1, 2, 4, 8, 1, 2, 4, 8))]
    found = Counter(first for (first,) in drawn(rows, 1))
    assert chi_square(found, {one.id: one.weight / 30 for one in rows}) < CRITICAL[7]


def test_larger_draws_follow_the_enumeration():
    """Three of six: the chance of a set is the sum over its orders of the chances without replacement."""
    rows = [row(f"place {n}", weight) for n, weight in enumerate((1, 2, 4, 8, 2, 4))]
    weights = {one.id: one.weight for one in rows}
    chances: dict[frozenset, float] = {}
    for order in permutations(weights, 3):
        chance, left = 1.0, sum(weights.values())
        for one in order:
            chance, left = chance * weights[one] / left, left - weights[one]
        chances[frozenset(order)] = chances.get(frozenset(order), 0) + chance
    assert len(chances) == 20
    assert min(chances.values()) * SEEDS > 5
    assert chi_square(Counter(map(frozenset, drawn(rows, 3))), chances) < CRITICAL[19]


@pytest.mark.parametrize("weight", tickets.WEIGHTS)
def test_ticket_is_the_smallest_of_the_first_words(weight):
    words = [9, 8, 7, 6, 5, 4, 3, 2]
    digest = b"".join(word.to_bytes(4, "big") for word in words)
    assert tickets.ticket(digest, weight) == min(words[:weight])


def test_ties_by_whole_digest_then_id(monkeypatch):
    digests = {"a": b"\0\0\0\1" + b"\2" * 28, "b": b"\0\0\0\1" + b"\1" * 28, "c": b"\0\0\0\1" + b"\1" * 28}
    monkeypatch.setattr(places, "digest", lambda seed, name: digests[name])
    rows = [Row(name, "320902", 1, "", "") for name in "abc"]
    lots, visited = places.rank(rows, "", {"320902": 2})
    assert {one.id: one.rank for one in places.rows_of(rows, lots)} == {"b": 1, "c": 2, "a": 3}
    assert [name for _, name, _ in visited] == ["b", "c"]


def test_seed_and_ticket_by_hand():
    """docs/draws.md: printf 'F\\n7 0 3\\n1' | openssl dgst -sm3, and printf '%s%s' SEED ID | openssl dgst -sm3."""
    seed = tickets.seed("F", "7 0 3", "1")
    assert seed == sm3(b"F\n7 0 3\n1").hex()
    assert tickets.digest(seed, "id") == sm3(seed.encode() + b"id")


def test_quotas_never_exceed_what_is_there():
    counts = {"A": 1, "B": 2, "C": 300}
    for total in range(310):
        found = strata.quotas(counts, total=total)
        assert sum(found.values()) == min(total, 303)
        assert all(0 <= found[county] <= counts[county] for county in counts)
