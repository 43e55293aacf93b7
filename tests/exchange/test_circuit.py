"""The circuit's rules and the verdict on each kind of answer: pure functions."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from exchange.circuit import KEEP_PAUSE, PROBE_PAUSES, State, Tally, step
from exchange.client import Answer
from exchange.client.answers import parse_retry_after
from exchange.delivery.verdicts import backoff, judge

CLOSED = State(0, 0, open=False)


def tally(good: int = 0, bad: int = 0, *, probe: bool = False, retry_after: int | None = None) -> Tally:
    result = Tally()
    for _ in range(good):
        result.good(delivered=True)
    for _ in range(bad):
        result.bad(probe=probe, retry_after=retry_after)
    return result


def test_opens_at_the_fifth_failure_in_a_row_and_not_before() -> None:
    assert step(CLOSED, tally(bad=4)).pause is None
    assert step(CLOSED, tally(bad=5)).pause == PROBE_PAUSES[0]
    assert step(State(4, 0, open=False), tally(bad=1)).pause == PROBE_PAUSES[0]


def test_a_success_in_between_starts_the_count_afresh() -> None:
    change = step(State(4, 0, open=False), tally(good=1, bad=1))
    assert (change.pause, change.failures) == (None, 1)


def test_pauses_grow_with_failed_probes_up_to_half_a_minute() -> None:
    state, pauses = State(5, 1, open=True), []
    for _ in range(8):
        change = step(state, tally(bad=1, probe=True))
        pauses.append(change.pause)
        state = State(change.failures, change.step, open=True)
    assert pauses == [2, 5, 10, 15, 30, 30, 30, 30]


def test_answers_under_way_when_it_opened_do_not_lengthen_the_pause() -> None:
    assert step(State(5, 3, open=True), tally(bad=4)).pause == KEEP_PAUSE


def test_one_sign_of_life_closes_it() -> None:
    change = step(State(40, 6, open=True), tally(good=1))
    assert change.pause is None
    assert change.recovered


def test_retry_after_holds_the_whole_endpoint_at_once() -> None:
    assert step(CLOSED, tally(bad=1, retry_after=120)).pause == 120


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 900), (60, 900), (4000, 900)]
)
def test_backoff_follows_the_contract_within_a_fifth(attempts: int, seconds: float) -> None:
    values = [backoff(attempts, random.Random(seed)) for seed in range(200)]
    assert min(values) >= seconds * 0.8
    assert max(values) <= seconds * 1.2
    assert max(values) - min(values) > seconds * 0.2


def verdict(
    code: int | None,
    *,
    error: str = "",
    attempts: int = 1,
    same: int = 0,
    last: int | None = None,
    wait: int | None = None,
):
    return judge(Answer(code, error, 5, "", wait), attempts=attempts, same_refusals=same, last_code=last)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_2xx_is_success(code: int) -> None:
    assert verdict(code).closed


@pytest.mark.parametrize("code", [301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 502, 503, 504])
def test_nothing_else_is(code: int) -> None:
    assert not verdict(code).closed


@pytest.mark.parametrize("code", [400, 404, 405, 409, 413, 415, 422])
def test_the_third_identical_refusal_parks(code: int) -> None:
    assert [verdict(code, same=n, last=code if n else None).parked for n in range(3)] == [False, False, True]
    assert verdict(code, same=2, last=418).same_refusals == 1


@pytest.mark.parametrize("code", [None, 301, 401, 403, 408, 425, 429, 500, 503])
def test_what_concerns_the_endpoint_never_parks_however_often(code: int | None) -> None:
    result = verdict(code, attempts=10_000, same=0, last=code)
    assert (result.parked, result.endpoint_failed, result.closed) == (False, True, False)


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_retry_after_counts_for_throttling_answers(code: int) -> None:
    assert verdict(code, wait=700).retry_after == 700
    assert verdict(code, wait=700).delay >= 700


@pytest.mark.parametrize("code", [500, 403])
def test_retry_after_of_other_answers_is_ignored(code: int) -> None:
    assert verdict(code, wait=700).retry_after is None


def test_retry_after_in_both_forms_capped_and_nonsense_ignored() -> None:
    now = time.time()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert parse_retry_after("120") == 120
    assert 88 <= parse_retry_after(date, now=now) <= 91
    assert parse_retry_after("999999999999999999999") == 3600
    assert parse_retry_after("Fri, 31 Dec 2199 23:59:59 GMT") == 3600
    assert parse_retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    assert [parse_retry_after(text) for text in (None, "", "soon", "-5", "1.5", "１２")] == [None] * 6


def test_a_lone_failure_among_successes_is_no_recovery() -> None:
    """Else every success would set off the failing push again without its backoff."""
    assert not step(State(3, 0, open=False), tally(good=1)).recovered


@pytest.mark.parametrize(
    ("state", "batch", "over"),
    [
        (State(3, 0, open=False), tally(good=1), True),
        (CLOSED, tally(bad=2), False),
        (CLOSED, tally(good=3), False),
        (State(2, 0, open=False), tally(good=1, bad=1), False),
        (State(6, 2, open=True), tally(good=1), False),
    ],
    ids=["taken again", "only failures", "nothing failed", "failed last", "an outage, which is more"],
)
def test_a_hiccup_is_over_when_a_closed_circuit_sees_life_after_failures(
    state: State, batch: Tally, over: bool
) -> None:
    assert step(state, batch).hiccup_over is over


def test_a_failure_and_then_a_success_in_one_batch_is_a_hiccup_too() -> None:
    batch = tally(bad=1)
    batch.good(delivered=True)
    assert step(CLOSED, batch).hiccup_over
