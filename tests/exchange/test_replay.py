"""Sending again, pausing, the test event, receipts, health and alarms."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from push_stage import Reply, fan_out_all, make_due, make_endpoint, make_event, push, sink, statuses

from exchange.alarms import raise_push_alarms
from exchange.delivery import claims
from exchange.health import endpoint_health
from exchange.models import Delivery, Endpoint, IdempotencyRecord, OutboxEvent
from exchange.ping import ping
from exchange.receipts import accept_receipt
from exchange.replay import redeliver, redeliver_range, skip
from exchange.switches import pause_endpoint, resume_endpoint
from exchange.tasks import beat_push, purge_idempotency_records
from yancheng_childcare.models import Department, Event, Heartbeat, Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db


def test_sending_again_keeps_the_id(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        make_event()
        push()
        redeliver(delivery=Delivery.objects.get(), actor=cast["admin"])
        push()
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert Delivery.objects.get().attempts == 2
    assert Event.objects.get(action="delivery.redelivered").actor == cast["admin"]


def test_a_range_counts_and_spares_what_is_outside(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        for number in range(6):
            make_event(number)
        push()
        old = Delivery.objects.order_by("id").first()
        Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
        since, until = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
        assert redeliver_range(endpoint=endpoint, since=since, until=until, actor=cast["admin"]) == 5
        push()
        assert len(receiver.got) == 11
        with pytest.raises(Rejected) as refused:
            redeliver_range(endpoint=endpoint, since=until, until=since, actor=cast["admin"])
    assert refused.value.code == "EXC-105"
    old.refresh_from_db()
    assert old.attempts == 1


def test_nothing_is_done_to_a_push_under_way(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    make_event()
    fan_out_all()
    claims.claim_due({endpoint.pk: 1})
    delivery = Delivery.objects.get()
    for act in (
        lambda: redeliver(delivery=delivery, actor=cast["admin"]),
        lambda: skip(delivery=delivery, actor=cast["admin"], reason="不再需要推送"),
    ):
        with pytest.raises(Rejected) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, "EXC-101")
    make_due()  # the sender died: its lease is over
    redeliver(delivery=delivery, actor=cast["admin"])
    assert statuses() == ["PENDING"]


def test_switches_refuse_the_wrong_state(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    with pytest.raises(Rejected):
        resume_endpoint(endpoint=endpoint, actor=cast["admin"])
    pause_endpoint(endpoint=endpoint, actor=cast["admin"])
    with pytest.raises(Rejected) as refused:
        pause_endpoint(endpoint=endpoint, actor=cast["admin"])
    assert refused.value.code == "EXC-106"


def test_ping_says_what_came_back(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        good = ping(endpoint=endpoint, actor=cast["admin"])
        receiver.answer = lambda got: Reply(500, body="电话 13812341234".encode())
        bad = ping(endpoint=endpoint, actor=cast["admin"])
    assert (good["ok"], good["code"], receiver.got[0].data["event_type"]) == (True, 200, "PING")
    assert (bad["ok"], bad["code"], bad["response"]) == (False, 500, "电话 138****1234")
    Endpoint.objects.update(url="http://169.254.169.254/")
    endpoint.refresh_from_db()
    refused = ping(endpoint=endpoint, actor=cast["admin"])
    assert (refused["ok"], refused["error"], refused["code"]) == (False, "target_refused", None)
    assert Delivery.objects.count() == 0


def receipt(event: OutboxEvent | uuid.UUID, cast: dict[str, Any], **fields: Any) -> Any:
    uid = event.uid if isinstance(event, OutboxEvent) else event
    given = {"handled": True, "remark": "已上门指导", "handled_at": timezone.now(), **fields}
    department = Department.objects.get(pk=given.pop("department", "320902-HEALTH"))
    return accept_receipt(event_uid=uid, department=department, actor=cast["police_tinghu"], **given)


def test_handled_makes_it_acked_and_received_alone_does_not(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        event = make_event()
        push()
    receipt(event, cast, handled=False)
    assert statuses() == ["DELIVERED"]
    receipt(event, cast)
    assert statuses() == ["ACKED"]


def test_a_receipt_that_overtakes_our_settlement_still_counts(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        event = make_event()
        fan_out_all()
        receipt(event, cast)  # before the push has been settled
        assert statuses() == ["PENDING"]
        push()
    assert statuses() == ["ACKED"]


def test_receipts_for_strangers_and_from_the_future_are_refused(cast: dict[str, Any]) -> None:
    make_endpoint(9)
    event = make_event()
    fan_out_all()
    for fields, status, code in (
        ({"department": "320903-HEALTH"}, 404, "EXC-201"),
        ({"handled_at": timezone.now() + timedelta(hours=1)}, 422, "EXC-203"),
        ({"remark": "字" * 501}, 422, "EXC-204"),
    ):
        with pytest.raises(Rejected) as refused:
            receipt(event, cast, **fields)
        assert (refused.value.status, refused.value.code) == (status, code)
    with pytest.raises(Rejected) as refused:
        receipt(uuid.uuid4(), cast)
    assert refused.value.status == 404


def test_health_of_many_endpoints_in_few_queries(cast: dict[str, Any], django_assert_max_num_queries: Any) -> None:
    with sink() as receiver:
        good = make_endpoint(receiver.port)
        bad = make_endpoint(9, timeout_seconds=1, department="320902-POLICE")
        make_event(1)
        make_event(2)
        push()
    Delivery.objects.filter(endpoint=bad).update(created_at=timezone.now() - timedelta(hours=30))
    for _ in range(8):
        make_endpoint(9)
    with django_assert_max_num_queries(4):
        health = endpoint_health(Endpoint.objects.all())
    assert (health[good.pk].ratio_24h, health[good.pk].undelivered, health[good.pk].alarm) == (1.0, 0, "")
    assert (health[bad.pk].ratio_7d, health[bad.pk].undelivered, health[bad.pk].alarm) == (0.0, 2, "day")
    assert len(health) == 10


def test_alarms_are_raised_once_per_step(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    make_event()
    fan_out_all()
    assert raise_push_alarms() == 0
    for age, raised in ((timedelta(minutes=16), 1), (timedelta(hours=25), 1), (timedelta(hours=73), 1)):
        Delivery.objects.update(created_at=timezone.now() - age)
        assert raise_push_alarms() == raised
        assert raise_push_alarms() == 0
    assert Notification.objects.filter(title__contains=endpoint.name, user=cast["admin"]).count() == 3
    assert statuses() == ["PENDING"], "an alarm never ends a push"


def test_silence_is_an_alarm_too(cast: dict[str, Any]) -> None:
    endpoint = make_endpoint(9)
    Endpoint.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert raise_push_alarms() == 1
    assert raise_push_alarms() == 0
    assert "8 天无事件" in Notification.objects.filter(user=cast["admin"]).latest("id").title
    assert endpoint_health([Endpoint.objects.get(pk=endpoint.pk)])[endpoint.pk].alarm == "quiet"


def test_heartbeat_and_purge(cast: dict[str, Any]) -> None:
    beat_push()
    beat_push()
    assert timezone.now() - Heartbeat.objects.get(name="push").at < timedelta(seconds=5)
    for hours in (1, 73):
        row = IdempotencyRecord.objects.create(user=cast["admin"], key=str(hours), request_hash="x")
        IdempotencyRecord.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    assert purge_idempotency_records() == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["1"]
