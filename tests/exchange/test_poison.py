"""A push the receiver will never take blocks only its own institution, and ends only by a person."""

from __future__ import annotations

from typing import Any

import pytest
from push_stage import Reply, make_due, make_endpoint, make_event, push, sink, statuses, subject

from exchange.models import Delivery
from exchange.replay import redeliver, skip
from yancheng_childcare.models import Event, Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
POISON = 7


def refuse_poison(got: Any) -> Reply:
    return Reply(422 if got.data["uscc"] == subject(POISON) and got.data["record_version"] == 1 else 200)


def run_into_the_wall(endpoint_port: int, answers: Any, receiver: Any, tries: int = 3) -> None:
    receiver.answer = answers
    for number in range(40):
        make_event(number)
    make_event(POISON, 2)
    push()
    for _ in range(tries - 1):
        make_due()
        push()


def test_one_poison_among_forty_streams(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        run_into_the_wall(receiver.port, refuse_poison, receiver)
        assert sorted(set(statuses(endpoint))) == ["DEAD", "DELIVERED", "PENDING"]
        assert statuses(endpoint).count("DELIVERED") == 39
        parked = Delivery.objects.get(status="DEAD")
        assert (parked.subject, parked.attempts, parked.closed_at) == (subject(POISON), 3, None)
        make_due()
        push()
        assert [v for s, v in receiver.versions if s == subject(POISON)] == [1, 1, 1], "a parked push was sent"
    assert Event.objects.filter(action="push.parked").count() == 1
    assert Notification.objects.filter(title__contains="人工处理").exists()


def test_control_two_refusals_or_different_ones_do_not_park(cast: dict[str, Any]) -> None:
    codes = iter([400, 404, 400, 400])
    with sink() as receiver:
        make_endpoint(receiver.port)
        receiver.answer = lambda got: Reply(next(codes))
        make_event()
        for _ in range(4):
            push()
            make_due()
    assert statuses() == ["RETRY"]
    assert Delivery.objects.get().same_refusals == 2


@pytest.mark.parametrize("code", [401, 403, 408, 429, 500])
def test_what_concerns_the_endpoint_is_tried_for_ever(reference: None, code: int) -> None:
    from exchange.models import Endpoint

    with sink() as receiver:
        make_endpoint(receiver.port)
        receiver.answer = lambda got: Reply(code)
        make_event()
        for _ in range(8):
            push()
            make_due()
            Endpoint.objects.update(circuit_until=None)
    assert statuses() == ["RETRY"]
    assert len(receiver.got) == 8


def test_a_named_official_skips_it_with_a_reason(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        run_into_the_wall(receiver.port, refuse_poison, receiver)
        parked = Delivery.objects.get(status="DEAD")
        for actor, reason, code in ((None, "已线下告知", "EXC-104"), (cast["admin"], "  ", "EXC-103")):
            with pytest.raises(Rejected) as refused:
                skip(delivery=parked, actor=actor, reason=reason)
            assert refused.value.code == code
        skip(delivery=parked, actor=cast["admin"], reason="对方已线下登记，无需再推")
        push()
        assert [v for s, v in receiver.versions if s == subject(POISON)] == [1, 1, 1, 2]
    parked.refresh_from_db()
    assert (parked.status, parked.decided_by) == ("SKIPPED", cast["admin"])
    act = Event.objects.get(action="delivery.skipped")
    assert (act.actor, act.data["reason"]) == (cast["admin"], "对方已线下登记，无需再推")
    with pytest.raises(Rejected) as refused:
        skip(delivery=parked, actor=cast["admin"], reason="再来一次看看")
    assert (refused.value.status, refused.value.code) == (409, "EXC-102")


def test_once_the_receiver_is_mended_it_can_be_sent_again(cast: dict[str, Any]) -> None:
    with sink() as receiver:
        make_endpoint(receiver.port)
        run_into_the_wall(receiver.port, refuse_poison, receiver)
        receiver.answer = lambda got: Reply()
        redeliver(delivery=Delivery.objects.get(status="DEAD"), actor=cast["admin"])
        push()
        assert [v for s, v in receiver.versions if s == subject(POISON)] == [1, 1, 1, 1, 2]
    assert set(statuses()) == {"DELIVERED"}
