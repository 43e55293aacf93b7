"""From the outbox to deliveries: commit order, subscriptions by region and type, and single file."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from push_stage import make_endpoint, make_event, statuses, subject

from exchange.fan_out import fan_out
from exchange.models import Delivery, Endpoint, OutboxEvent, Subscription


@pytest.mark.django_db
def test_one_delivery_per_endpoint_though_two_subscriptions_match(reference: None) -> None:
    endpoint = make_endpoint(9)
    Subscription.objects.create(endpoint=endpoint, region_id="320900", event_type="registration.recorded")
    make_event()
    assert fan_out() == (1, 1)
    assert fan_out() == (0, 0)


@pytest.mark.django_db
def test_region_and_type_decide(reference: None) -> None:
    county, city = make_endpoint(9), make_endpoint(9, region="320900", department="320900-HEALTH")
    other = make_endpoint(9, region="320903", department="320903-HEALTH")
    make_event(1)
    make_event(2, region="320903")
    make_event(3, kind="registration.cancelled")  # nobody subscribed to it
    fan_out()
    got = {
        e.pk: set(Delivery.objects.filter(endpoint=e).values_list("subject", flat=True)) for e in (county, city, other)
    }
    assert got == {county.pk: {subject(1)}, city.pk: {subject(1), subject(2)}, other.pk: {subject(2)}}
    assert not OutboxEvent.objects.waiting_for_fan_out().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["PAUSED", "DISABLED"])
def test_stopped_endpoints_still_get_theirs(reference: None, status: str) -> None:
    endpoint = make_endpoint(9)
    Endpoint.objects.filter(pk=endpoint.pk).update(status=status)
    make_event()
    fan_out()
    assert statuses(endpoint) == ["PENDING"]


@pytest.mark.django_db
def test_ids_are_stable_distinct_and_without_dots(reference: None) -> None:
    make_endpoint(9), make_endpoint(9)
    event = make_event()
    fan_out()
    ids = list(Delivery.objects.values_list("webhook_id", flat=True))
    assert len(set(ids)) == 2
    assert all(text.startswith(f"msg_{event.uid.hex}_") and "." not in text and len(text) <= 64 for text in ids)


@pytest.mark.django_db
def test_batches_number_on_without_a_gap(reference: None) -> None:
    make_endpoint(9)
    for number in range(25):
        make_event(number)
    while fan_out(batch=10)[0]:
        continue
    rows = list(OutboxEvent.objects.order_by("id").values_list("position", flat=True))
    assert rows == list(range(rows[0], rows[0] + 25))
    order = list(Delivery.objects.order_by("id").values_list("event__position", flat=True))
    assert order == sorted(order)


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_gets_a_later_position(reference: None) -> None:
    """An event whose id was taken first but that commits last is not passed over by a reader at its position."""
    ready, go = threading.Event(), threading.Event()

    def slow_transaction() -> None:
        try:
            with transaction.atomic():
                make_event(1)
                ready.set()
                go.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_transaction)
    thread.start()
    assert ready.wait(10)
    make_event(2)
    fan_out()
    go.set()
    thread.join(10)
    fan_out()
    first, second = (OutboxEvent.objects.get(subject=subject(n)) for n in (1, 2))
    assert first.id < second.id
    assert first.position > second.position


@pytest.mark.django_db(transaction=True)
def test_only_one_process_at_a_time(reference: None) -> None:
    from exchange.fan_out import _LOCK

    make_endpoint(9)
    make_event()
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                holding.set()
                done.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    assert fan_out() == (0, 0)  # skipped, not waited for
    done.set()
    thread.join(10)
    assert fan_out() == (1, 1)
