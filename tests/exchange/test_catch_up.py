"""A receiver that was down for ten days: its backlog in order, the others undisturbed (the long form is a benchmark)."""

from __future__ import annotations

import time

import pytest
from push_stage import fan_out_all, make_endpoint, make_event, push, sink, statuses, subject

from exchange.models import Delivery, Endpoint

STREAMS, VERSIONS = 40, 25


@pytest.mark.django_db
def test_a_thousand_aged_pushes_catch_up_in_order_beside_a_lively_endpoint(reference: None) -> None:
    with sink() as back, sink() as lively:
        down = make_endpoint(back.port)
        for version in range(1, VERSIONS + 1):
            for number in range(STREAMS):
                make_event(number, version, kind="registration.changed")
        fan_out_all()
        Delivery.objects.update(
            status="RETRY",
            attempts=60,
            last_error="connect",
            due_at="2099-01-01T00:00:00Z",
            created_at="2026-01-01T00:00:00Z",
        )
        # Everything waits for its backoff behind a circuit; the pause is just over.
        Endpoint.objects.filter(pk=down.pk).update(
            consecutive_failures=600, circuit_step=6, circuit_until="2020-01-01T00:00:00Z"
        )
        other = make_endpoint(lively.port, department="320902-POLICE")
        for number in range(50):
            make_event(1000 + number)
        started = time.monotonic()
        push()
        took = time.monotonic() - started
        latest_other = max(got.at for got in lively.got) - started
    assert set(statuses(down)) == {"DELIVERED"}
    assert set(statuses(other)) == {"DELIVERED"}
    assert len(back.got) == STREAMS * VERSIONS + 50
    for number in range(STREAMS):
        assert [v for s, v in back.versions if s == subject(number)] == list(range(1, VERSIONS + 1))
    assert len(lively.got) == 50
    assert latest_other < max(2.0, took / 2), (
        f"the other endpoint's last event came after {latest_other:.1f} of {took:.1f} s"
    )
