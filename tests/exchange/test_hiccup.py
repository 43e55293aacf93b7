"""A bad moment of a working receiver holds nobody for minutes; a push with trouble of its own keeps its backoff."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from push_stage import Reply, make_due, make_endpoint, make_event, push, sink, subject

from exchange.delivery.verdicts import BACKOFF_SECONDS, HICCUP_SECONDS, JITTER
from exchange.models import Delivery

pytestmark = pytest.mark.django_db
UNLUCKY = 1


def fail_unlucky(code: int) -> Any:
    return lambda got: Reply(code if got.data["uscc"] == subject(UNLUCKY) else 200)


def wait_of(number: int) -> float:
    """Seconds between the last try of an institution's push and the next."""
    row = Delivery.objects.annotate(wait=F("due_at") - F("attempted_at")).get(subject=subject(number))
    return row.wait.total_seconds()


def fail(times: int, receiver: Any, code: int = 500) -> None:
    receiver.answer = fail_unlucky(code)
    if not Delivery.objects.filter(subject=subject(UNLUCKY)).exists():
        make_event(UNLUCKY)
    for _ in range(times):
        make_due()
        push()


def test_the_third_failure_waits_two_minutes_while_nothing_else_is_heard(reference: None) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        fail(3, receiver)
    assert wait_of(UNLUCKY) >= BACKOFF_SECONDS[2] * (1 - JITTER)


@pytest.mark.parametrize("times", [3, 4])
def test_when_the_endpoint_takes_another_push_it_waits_half_a_minute(reference: None, times: int) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        fail(times, receiver)
        make_event(2)
        push()
        assert wait_of(UNLUCKY) == pytest.approx(HICCUP_SECONDS, abs=1)
        assert [got.data["uscc"] for got in receiver.got].count(subject(UNLUCKY)) == times, "it did not wait at all"


def test_a_short_wait_is_not_made_longer(reference: None) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        fail(1, receiver)
        make_event(2)
        push()
    assert wait_of(UNLUCKY) <= BACKOFF_SECONDS[0] * (1 + JITTER)


def test_who_fails_again_and_again_keeps_its_backoff(reference: None) -> None:
    """Else one push that always meets a 500 would be sent twice a minute for ever."""
    with sink() as receiver:
        make_endpoint(receiver.port)
        for number in range(2, 2 + len(BACKOFF_SECONDS)):
            fail(1, receiver)
            make_event(number)  # a success in between: the circuit stays closed
            push()
    assert wait_of(UNLUCKY) >= BACKOFF_SECONDS[-1] * (1 - JITTER)


def test_a_refusal_of_just_this_push_keeps_its_backoff(reference: None) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        fail(2, receiver, 422)
        before = wait_of(UNLUCKY)
        make_event(2)
        push()
    assert wait_of(UNLUCKY) == before
