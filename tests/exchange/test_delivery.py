"""The engine against a real receiver: order, fencing, fairness, Retry-After, 410, masking."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from push_stage import (
    ID_NO,
    PHONE,
    Reply,
    fan_out_all,
    make_due,
    make_endpoint,
    make_event,
    push,
    sink,
    statuses,
    subject,
)
from standardwebhooks.webhooks import Webhook

from exchange.client import Answer
from exchange.delivery import Engine, claims
from exchange.delivery.lanes import Lane, Result
from exchange.delivery.settle import settle
from exchange.models import Delivery, DeliveryAttempt, Endpoint

pytestmark = pytest.mark.django_db


def open_circuit_is_over() -> None:
    Endpoint.objects.filter(circuit_until__isnull=False).update(circuit_until="2020-01-01T00:00:00Z")


def test_an_event_arrives_signed_and_is_written_down(reference: None) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        event = make_event()
        push()
    (got,) = receiver.got
    assert Webhook(endpoint.secret).verify(got.body, got.headers)["type"] == "registration.recorded"
    assert got.data["event_id"] == str(event.uid)
    assert (got.data["event_type"], got.data["record_version"]) == ("REGISTERED", 1)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_code, delivery.lease) == ("DELIVERED", 1, 200, None)
    assert delivery.closed_at is not None
    assert DeliveryAttempt.objects.get().code == 200
    endpoint.refresh_from_db()
    assert endpoint.last_success_at is not None


def test_versions_of_an_institution_arrive_in_order_and_in_one_run(reference: None) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        for version in range(1, 8):
            for number in range(6):
                make_event(number, version, kind="registration.changed")
        push()
    for number in range(6):
        assert [v for s, v in receiver.versions if s == subject(number)] == list(range(1, 8))


def test_control_without_heads_only_the_order_breaks(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_DUE", claims._DUE.replace(claims.NO_OLDER, "true"))
    with sink() as receiver:
        # The first version is slow, so a sender that does not wait for it is seen.
        receiver.answer = lambda got: Reply(wait=0.3 if got.data["record_version"] == 1 else 0)
        make_endpoint(receiver.port)
        for version in range(1, 5):
            make_event(1, version, kind="registration.changed")
        push()
    assert len(receiver.got) == 4
    assert overlapped(receiver.got), "the order test would not notice a sender that does not wait"


def overlapped(got: list[Any]) -> bool:
    """Whether a later version was sent while the first was still unanswered."""
    return any(later.at - got[0].at < 0.3 for later in got[1:])


def test_the_order_test_sees_no_overlap_with_heads_only(reference: None) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(wait=0.3 if got.data["record_version"] == 1 else 0)
        make_endpoint(receiver.port)
        for version in range(1, 5):
            make_event(1, version, kind="registration.changed")
        push()
    assert len(receiver.got) == 4
    assert not overlapped(receiver.got)


def test_a_failed_head_holds_back_its_own_institution_only(reference: None) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(500 if got.data["uscc"] == subject(1) else 200)
        make_endpoint(receiver.port)
        for number in (1, 2, 3):
            for version in (1, 2):
                make_event(number, version)
        push()
        assert [v for s, v in receiver.versions if s == subject(1)] == [1]
        assert len([s for s, _ in receiver.versions if s != subject(1)]) == 4
        receiver.answer = lambda got: Reply()
        make_due()
        push()
    assert [v for s, v in receiver.versions if s == subject(1)] == [1, 1, 2]
    assert set(statuses()) == {"DELIVERED"}
    ids = [got.headers["webhook-id"] for got in receiver.got if got.data["uscc"] == subject(1)]
    assert ids[0] == ids[1] != ids[2]


def test_a_retry_is_the_same_bytes_with_a_new_timestamp(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(500)
        make_endpoint(receiver.port)
        make_event()
        push()
        real = time.time
        monkeypatch.setattr("exchange.delivery.lanes.time.time", lambda: real() + 100)
        make_due()
        push()
    first, second = receiver.got
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 99


def claim_one() -> claims.Claim:
    fan_out_all()
    endpoint = Endpoint.objects.get()
    (claim,) = claims.claim_due({endpoint.pk: 5})
    return claim


def result_of(claim: claims.Claim, code: int = 200) -> Result:
    lane: Any = object.__new__(Lane)
    return Result(claim, Answer(code, "" if code < 300 else "status", 5), lane)


def test_a_sender_that_lost_its_lease_cannot_settle(reference: None) -> None:
    make_endpoint(9)
    make_event()
    zombie = claim_one()
    make_due()  # its lease runs out
    successor = claim_one()
    assert zombie.lease != successor.lease
    outcome = settle([result_of(zombie)])
    assert (outcome.written, outcome.lost_leases) == (0, 1)
    assert statuses() == ["SENDING"]
    outcome = settle([result_of(successor)])
    assert (outcome.written, outcome.lost_leases) == (1, 0)
    assert statuses() == ["DELIVERED"]
    assert DeliveryAttempt.objects.count() == 2, "both tries took place and are kept"


def test_a_sender_that_lost_its_lease_cannot_hand_the_push_back(reference: None) -> None:
    """An unsent push of a frozen sender must not be freed under the hands of the one who sends it now."""
    make_endpoint(9)
    make_event()
    zombie = claim_one()
    make_due()  # its lease runs out
    successor = claim_one()
    lane: Any = object.__new__(Lane)
    settle([Result(zombie, None, lane)])
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.lease, delivery.attempts) == ("SENDING", successor.lease, 2)
    assert settle([result_of(successor)]).written == 1


def test_a_second_settlement_changes_nothing(reference: None) -> None:
    make_endpoint(9)
    make_event()
    claim = claim_one()
    settle([result_of(claim)])
    closed = Delivery.objects.get().closed_at
    assert settle([result_of(claim, 500)]).written == 0
    assert Delivery.objects.get().closed_at == closed


def test_a_claimed_push_is_not_claimed_again_before_its_lease_ends(reference: None) -> None:
    endpoint = make_endpoint(9, timeout_seconds=10)
    make_event()
    claim_one()
    assert claims.claim_due({endpoint.pk: 5}) == []
    delivery = Delivery.objects.get()
    # Longer than a try may take, short enough that a crash heals well within a minute.
    assert timedelta(seconds=11) < delivery.due_at - timezone.now() < timedelta(seconds=40)


def test_a_push_that_waited_too_long_in_the_process_is_handed_back_unsent(reference: None) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        make_event()
        claim = claim_one()
        claim.send_before = time.monotonic() - 1
        engine = Engine(processes=1)
        engine._refresh_views(time.monotonic())
        engine._submit([claim])
        engine._gather()
        engine._settle()
        assert receiver.got == []
        delivery = Delivery.objects.get(endpoint=endpoint)
        assert (delivery.status, delivery.attempts, delivery.lease) == ("PENDING", 0, None)
        assert DeliveryAttempt.objects.count() == 0


def test_a_hanging_endpoint_does_not_delay_another(reference: None) -> None:
    with sink() as hanging, sink() as lively:
        hanging.answer = lambda got: Reply(wait=1.5)
        make_endpoint(hanging.port, timeout_seconds=1, connections=2)
        make_endpoint(lively.port, department="320902-POLICE")
        for number in range(40):
            make_event(number)
        started = time.monotonic()
        push()
        latest = max(got.at for got in lively.got) - started
    assert len(lively.got) == 40
    assert latest < 1.0, f"the lively receiver waited {latest:.2f} s"
    assert len(hanging.got) <= 2 * 5, "the circuit did not hold the rest back"


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_holds_the_whole_endpoint(reference: None, code: int) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(code, {"Retry-After": "600"})
        endpoint = make_endpoint(receiver.port, connections=1)
        for number in range(100):  # more than a thread is given ahead, however slow the machine
            make_event(number)
        push()
        assert len(receiver.got) < 100
        endpoint.refresh_from_db()
        assert timedelta(seconds=540) < endpoint.circuit_until - timezone.now() <= timedelta(seconds=605)
        count = len(receiver.got)
        make_due()
        push()
        assert len(receiver.got) == count, "sent before the time the receiver had asked for"
        receiver.answer = lambda got: Reply()
        open_circuit_is_over()
        push()
    assert set(statuses()) == {"DELIVERED"}


def test_after_an_outage_one_probe_and_then_all_at_once(reference: None) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(500)
        endpoint = make_endpoint(receiver.port, connections=2)
        for number in range(150):
            make_event(number)
        push()
        endpoint.refresh_from_db()
        assert endpoint.circuit_until is not None
        assert endpoint.consecutive_failures >= 5
        before = len(receiver.got)
        assert before < 100, "the circuit opened too late"
        open_circuit_is_over()
        push()
        assert len(receiver.got) == before + 1, "more than one probe"
        receiver.answer = lambda got: Reply()
        open_circuit_is_over()
        push()  # nobody lets the backoff pass: recovery itself makes the waiting ones due
    assert set(statuses()) == {"DELIVERED"}
    endpoint.refresh_from_db()
    assert (endpoint.circuit_until, endpoint.consecutive_failures, endpoint.circuit_step) == (None, 0, 0)


def test_410_switches_the_endpoint_off_and_its_pushes_wait(cast: dict[str, Any]) -> None:
    from exchange.switches import resume_endpoint
    from yancheng_childcare.models import Event, Notification

    with sink() as receiver:
        receiver.answer = lambda got: Reply(410)
        endpoint = make_endpoint(receiver.port, connections=1)
        make_event(1)
        make_event(2)
        push()
        endpoint.refresh_from_db()
        assert endpoint.status == "DISABLED"
        assert "DELIVERED" not in statuses()
        assert Delivery.objects.open().count() == 2
        assert Event.objects.filter(action="endpoint.disabled").count() == 1
        assert Notification.objects.filter(title__contains="端点已停用").exists()
        receiver.answer = lambda got: Reply()
        resume_endpoint(endpoint=endpoint, actor=cast["admin"])
        push()
    assert set(statuses()) == {"DELIVERED"}


@pytest.mark.parametrize("code", [301, 302, 304, 307])
def test_redirects_are_failures(reference: None, code: int) -> None:
    with sink() as receiver:
        receiver.answer = lambda got: Reply(code, {"Location": "http://127.0.0.1:1/"}, b"")
        make_endpoint(receiver.port)
        make_event()
        push()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.last_code, delivery.closed_at) == ("RETRY", code, None)


def test_a_withdrawn_permission_stops_the_push(reference: None) -> None:
    from exchange.models import AllowedTarget

    with sink() as receiver:
        make_endpoint(receiver.port)
        AllowedTarget.objects.all().delete()
        make_event()
        push()
    assert receiver.got == []
    assert Delivery.objects.get().last_error == "target_refused"


def test_personal_data_is_clear_only_where_granted(reference: None) -> None:
    with sink() as health, sink() as police:
        make_endpoint(health.port)
        make_endpoint(police.port, department="320902-POLICE", grants=["legal_rep_id_no"])
        make_event()
        push()
    assert ID_NO not in health.got[0].body.decode()
    assert PHONE not in health.got[0].body.decode() + police.got[0].body.decode()
    assert health.got[0].data["legal_rep_id_no"].startswith("320****")
    assert police.got[0].data["legal_rep_id_no"] == ID_NO
    assert police.got[0].data["contact_phone"] == "138****1234"


def test_no_clear_personal_data_in_the_tables_and_logs(reference: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with sink() as police:
        police.answer = lambda got: Reply(500, body=got.body)  # a receiver that echoes what it got
        make_endpoint(police.port, department="320902-POLICE", grants=["legal_rep_id_no", "contact_phone"])
        make_event()
        push()
        assert ID_NO in police.got[0].body.decode(), "control: it did get the number"
    response = DeliveryAttempt.objects.get().response
    assert "uscc" in response, "control: the excerpt was kept"
    with connection.cursor() as cursor:
        stored = ""
        for table in (
            "exchange_outboxevent",
            "exchange_delivery",
            "exchange_deliveryattempt",
            "yancheng_childcare_event",
        ):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            stored += cursor.fetchone()[0] or ""
    for secret in (ID_NO, PHONE):
        assert secret not in response
        assert secret not in stored
        assert secret not in caplog.text


def test_cloudevents_structured(reference: None) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port, body_format="CLOUDEVENTS")
        make_event()
        push()
    (got,) = receiver.got
    body = json.loads(got.body)
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert (body["specversion"], body["id"], body["subject"]) == ("1.0", got.headers["webhook-id"], subject(1))
    assert body["type"] == "cn.yancheng.tuoyu.registration.recorded.v1"
    assert Webhook(endpoint.secret).verify(got.body, got.headers)


def test_a_paused_endpoint_gets_nothing_until_it_is_resumed(cast: dict[str, Any]) -> None:
    from exchange.switches import pause_endpoint, resume_endpoint

    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        pause_endpoint(endpoint=endpoint, actor=cast["admin"])
        make_event()
        push()
        assert receiver.got == []
        resume_endpoint(endpoint=endpoint, actor=cast["admin"])
        push()
    assert len(receiver.got) == 1


def test_without_a_database_the_task_ends_quietly_and_the_next_goes_on(
    reference: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exchange import tasks

    class Gone:
        def run(self, **kwargs: Any) -> None:
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("exchange.delivery.current_engine", Gone)
    monkeypatch.setattr(tasks.connection, "close", lambda: None)
    tasks.drain()
    monkeypatch.undo()
    with sink() as receiver:
        make_endpoint(receiver.port)
        make_event()
        tasks.drain()
    assert len(receiver.got) == 1


def test_answers_survive_a_failed_settlement(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away between the answer and the settlement: nothing is sent twice by this process."""
    with sink() as receiver:
        make_endpoint(receiver.port)
        make_event()
        engine = Engine(processes=1)

        def gone(results: Any) -> Any:
            raise OperationalError("gone")

        monkeypatch.setattr("exchange.delivery.engine.settle", gone)
        with pytest.raises(OperationalError):
            engine.run(seconds=3)
        assert statuses() == ["SENDING"]
        monkeypatch.undo()
        engine.run(seconds=3)
    assert statuses() == ["DELIVERED"]
    assert len(receiver.got) == 1


def test_the_doorbell_rings_once_for_many_commits(reference: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache

    from exchange import doorbell, tasks

    rung: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.drain, "apply_async", lambda **options: rung.append(options))
    cache.delete(doorbell.BELL_KEY)
    for _ in range(5):
        doorbell.ring()
    assert len(rung) == 1
    cache.delete(doorbell.BELL_KEY)  # what drain does first
    doorbell.ring()
    assert len(rung) == 2


def test_a_broker_that_is_down_does_not_hurt_the_business(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache
    from kombu.exceptions import OperationalError as BrokerGone

    from exchange import doorbell, tasks

    def down(**options: Any) -> None:
        raise BrokerGone("refused")

    monkeypatch.setattr(tasks.drain, "apply_async", down)
    cache.delete(doorbell.BELL_KEY)
    doorbell.ring()
    assert not cache.add(doorbell.BELL_KEY, 1, 2), "the mark runs out by itself; the beat looks every second"


def test_the_lease_token_is_new_for_every_claim(reference: None) -> None:
    make_endpoint(9)
    make_event()
    tokens = set()
    for _ in range(3):
        tokens.add(claim_one().lease)
        make_due()
    assert len(tokens) == 3
    assert all(isinstance(token, uuid.UUID) for token in tokens)
