"""What the draw always keeps, over generated pools (hypothesis), and what is refused before anything is frozen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections import draw as engine
from inspections.draw import strata
from tests.inspections.draw.conftest import COUNTIES, officer, place, rules, source

FATES = st.sampled_from([{}, {}, {}, {"excluded": "CAP"}, {"must": "COMPLAINT"}])
ROWS = st.lists(st.tuples(st.sampled_from(COUNTIES), st.sampled_from((1, 2, 4, 8)), FATES), min_size=1, max_size=60)
places_of = ROWS.map(lambda rows: [place(n, county, weight, **fate) for n, (county, weight, fate) in enumerate(rows)])
OFFICERS = [officer(n, ("*", *COUNTIES)[n % 4], load=n % 5) for n in range(40)]
# At most two of the officers who may go everywhere (0, 4, 8 …) are ever recused, so that enough are left.
recusals_of = st.sets(st.tuples(st.integers(0, 59), st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7))), max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    places_of, recusals_of, st.integers(0, 100), st.sampled_from((0, 5)), st.text("0123456789", min_size=1), st.data()
)
def test_what_every_draw_keeps(places, recused, rate, all_below, text, data):
    keys = {one.key for one in places}
    recusals = [(f"P{p:05d}", f"C{o:04d}") for p, o in recused if f"P{p:05d}" in keys]
    batch = rules(rate=rate, all_below=all_below)
    pool = engine.freeze(places, OFFICERS, batch, recusals=recusals)
    drawn = engine.draw(pool, source(text))

    shuffled = engine.freeze(
        data.draw(st.permutations(places)), OFFICERS[::-1], batch, recusals=data.draw(st.permutations(recusals))
    )
    assert engine.publish(engine.draw(shuffled, source(text))) == engine.publish(drawn), "order of input has a say"
    assert engine.verify(engine.publish(drawn), id_map=pool.id_map).deviation is None

    mine = {engine.row_id(one.salt, one.key): one for one in places}
    assert [one.id for one in drawn.tickets] == sorted(mine), "a ticket for every row, once"
    chosen = set(drawn.chosen)
    assert len(chosen) == len(drawn.chosen)
    assert not chosen & {row for row, one in mine.items() if one.excluded}
    assert chosen >= {row for row, one in mine.items() if one.must}

    counts = Counter(one.county for one in places if not one.excluded and not one.must)
    lots = Counter(mine[row].county for row in chosen if not mine[row].must)
    assert {county: lots[county] for county in pool.quotas} == pool.quotas
    whole = {county for county in counts if counts[county] < all_below}
    shared = sum(counts[county] for county in counts if county not in whole)
    assert sum(pool.quotas.values()) == -(-shared * rate // 100) + sum(counts[county] for county in whole)
    for county in set(counts) - whole:
        assert abs(pool.quotas[county] * shared - sum_of(pool, whole) * counts[county]) < shared, "more than one off"

    for county in counts:
        ranked = sorted((one for one in drawn.tickets if one.county == county and one.rank), key=lambda one: one.rank)
        assert [one.ticket for one in ranked] == sorted(one.ticket for one in ranked)
        outcomes = [one.outcome for one in ranked]
        assert outcomes == ["CHOSEN"] * pool.quotas[county] + ["RESERVE"] * (counts[county] - pool.quotas[county])

    kinds = {engine.row_id(one.salt, one.certificate): one for one in OFFICERS}
    sent = Counter(pair.place for pair in drawn.pairs)
    assert sent == dict.fromkeys(drawn.chosen, 2)
    assert len(set(drawn.pairs)) == len(drawn.pairs), "one officer twice at one place"
    for pair in drawn.pairs:
        assert (mine[pair.place].key, kinds[pair.officer].certificate) not in recusals
        assert kinds[pair.officer].area in ("*", mine[pair.place].county)


def sum_of(pool: engine.Pool, whole: set[str]) -> int:
    return sum(quota for county, quota in pool.quotas.items() if county not in whole)


def test_quotas_by_largest_remainder():
    """I21: 303 rows at 5 % are ceil(15.15) = 16; equal remainders: the smaller code first; fewer than 5: all of them."""
    assert strata.quotas({"A": 101, "B": 101, "C": 101}, rate=5) == {"A": 6, "B": 5, "C": 5}
    assert strata.quotas({"A": 199, "B": 100, "C": 4}, rate=5, all_below=5) == {"A": 10, "B": 5, "C": 4}
    assert strata.quotas({"A": 199, "B": 100, "C": 4}, rate=5) == {"A": 11, "B": 5, "C": 0}
    assert strata.quotas({"A": 3, "B": 0}, total=9) == {"A": 3, "B": 0}
    assert strata.quotas({"A": 0}, rate=20) == {"A": 0}


def test_load_is_levelled():
    """500 visits by 40 officers of whom none is recused: nobody carries two more than another."""
    idle = [replace(one, load=0, area="*") for one in OFFICERS]
    drawn = engine.draw(engine.freeze([place(n) for n in range(500)], idle, rules(rate=100)), source())
    loads = Counter(pair.officer for pair in drawn.pairs)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_crossing_sends_no_officer_home():
    places = [place(n, COUNTIES[n % 3]) for n in range(30)]
    mine = {engine.row_id(one.salt, one.key): one.county for one in places}
    home = {engine.row_id(one.salt, one.certificate): one.area for one in OFFICERS}
    drawn = engine.draw(engine.freeze(places, OFFICERS, rules(crossing="OTHER")), source())
    assert all(home[pair.officer] != mine[pair.place] for pair in drawn.pairs)


def test_certificate_of_the_last_visiting_day():
    """I12: a certificate that ends before the last day of visits does not go; on that day it does."""
    ends = [officer(n, valid_to=date(2026, 12, 30)) for n in range(5)]
    enough = [officer(n, valid_to=date(2026, 12, 31)) for n in range(5, 7)]
    drawn = engine.draw(engine.freeze([place(n) for n in range(20)], ends + enough, rules()), source())
    able = {engine.row_id(one.salt, one.certificate) for one in enough}
    assert {pair.officer for pair in drawn.pairs} == able
    with pytest.raises(engine.Refused, match="没有足够的 HEALTH"):
        engine.freeze([place(1)], ends + enough[:1], rules())


def test_too_few_after_recusal_is_refused_before_the_source_is_known():
    pool = [officer(1), officer(2), officer(3, department="FIRE"), officer(4, department="FIRE")]
    teams = (("HEALTH", 2), ("FIRE", 2))
    engine.freeze([place(1)], pool, rules(teams=teams))
    with pytest.raises(engine.Refused, match="FIRE"):
        engine.freeze([place(1)], pool, rules(teams=teams), recusals=[("P00001", "C0003")])


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ([place(1), place(1)], "重复"),
        ([place(1, weight=3)], "权重"),
        ([place(1, excluded="CAP", must="KEY")], "不能既排除又必查"),
        ([place(1, county="亭湖区")], "代码"),
    ],
)
def test_a_pool_that_cannot_be_frozen(places, why):
    with pytest.raises(engine.Refused, match=why):
        engine.freeze(places, OFFICERS, rules())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"rate": None}, "只能定一项"),
        ({"rate": 101}, "0 至 100"),
        ({"teams": (("HEALTH", 1),)}, "不得少于两人"),
        ({"source_at": datetime(2026, 11, 24, 9, tzinfo=UTC)}, "之前固化"),
        ({"no": "1\n2"}, "一行文字"),
        ({"crossing": "NEAR"}, "派员方式"),
    ],
)
def test_rules_that_do_not_hold(change, why):
    with pytest.raises(engine.Refused, match=why):
        rules(**change)


def test_two_witnesses_are_two():
    with pytest.raises(engine.Refused, match="两名不同"):
        engine.Source("703", ("甲", "甲"))
    with pytest.raises(engine.Refused, match="一行"):
        engine.Source("7\n03", ("甲", "乙"))


def test_replacement_is_the_next_of_the_reserve(drawn):
    county = COUNTIES[0]
    gone = next(one.id for one in drawn.tickets if one.county == county and one.outcome == "CHOSEN")
    reserve = drawn.reserves(county)
    first, second = engine.replace(drawn, [(gone, "CANCELLED"), (reserve[0], "CLOSED")])
    assert (first.replacement, second.replacement) == (reserve[0], reserve[1])
    kinds = {one.id: one.department for one in drawn.pool.officers}
    assert [kinds[one] for one in first.officers.split()] == ["FIRE", "FIRE", "HEALTH", "HEALTH"]
    assert not {(first.replacement, one) for one in first.officers.split()} & drawn.pool.recusals


def test_what_is_not_replaced(drawn):
    must = next(one.id for one in drawn.tickets if one.outcome == "MUST")
    reserve = drawn.reserves(COUNTIES[0])
    for place_id in (must, reserve[0], "unknown"):
        with pytest.raises(engine.Refused, match="不是可以候补"):
            engine.replace(drawn, [(place_id, "CLOSED")])
    gone = next(one.id for one in drawn.tickets if one.county == COUNTIES[0] and one.outcome == "CHOSEN")
    with pytest.raises(engine.Refused, match="补充抽取"):
        engine.replace(drawn, [(one, "CLOSED") for one in [gone, *reserve]])


def test_supplementary_draw_needs_a_later_source(drawn):
    before = drawn.pool

    def follows(at, **more):
        values = {"no": before.rules.no, "fingerprint": before.fingerprint, "source_at": at, "reason": "RANKS_OUT"}
        return engine.Follows(**(values | more))

    later = {"frozen_at": datetime(2026, 11, 30, 9, tzinfo=UTC), "source_at": datetime(2026, 11, 30, 13, tzinfo=UTC)}
    batch = rules(no="2026-04补1", follows=follows(before.rules.source_at), **later)
    second = engine.draw(engine.freeze([place(n) for n in range(90, 99)], OFFICERS, batch), source("1 1 1"))
    earlier = engine.publish(drawn)
    assert engine.verify(engine.publish(second), earlier=earlier).deviation is None
    with pytest.raises(engine.Refused, match="更晚"):
        rules(no="2026-04补1", follows=follows(batch.source_at), **later)
    with pytest.raises(engine.Refused, match="候补用尽"):
        rules(no="2026-04补1", follows=follows(before.rules.source_at, reason="BETTER"), **later)
    other = replace(batch, follows=follows(before.rules.source_at, fingerprint="0" * 64))
    wrong = engine.draw(engine.freeze([place(91)], OFFICERS, other), source("1 1 1"))
    found = engine.verify(engine.publish(wrong), earlier=earlier).deviation
    assert (found.file, found.line) == ("rules.csv", 13)


def test_counties_whose_weights_would_be_known():
    rows = [("A", 8), ("B", 1), ("B", 1), ("C", 2), ("C", 4), ("D", 4), ("D", 4)]
    assert engine.telling(rows) == ["A", "D"]
