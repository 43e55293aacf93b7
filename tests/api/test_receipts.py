"""receipts/: received is not handled."""

from __future__ import annotations

import pytest
from django.utils import timezone

from exchange.fan_out import fan_out
from exchange.models import Delivery, OutboxEvent, Receipt
from tests.security.scene import grant

from .conftest import budget


@pytest.fixture
def event(endpoint, institution):
    """An event pushed to 亭湖公安."""
    endpoint("320902-POLICE")
    made = institution()
    fan_out()
    Delivery.objects.update(status="DELIVERED", closed_at=timezone.now())
    return OutboxEvent.objects.get(subject=made.uscc)


def body(event, **more):
    return {
        "event_id": str(event.uid),
        "handled": True,
        "remark": "已指导",
        "handled_at": "2026-11-01T09:00:00+08:00",
        **more,
    }


@pytest.mark.django_db
def test_a_receipt_is_kept_and_the_push_counts_as_handled(call, event):
    caller = call("integrator_police")
    with budget(10):
        answer = caller.post("receipts/", body(event))
    assert answer.status_code == 201
    assert answer.data["handled_at"] == "2026-11-01T09:00:00+08:00"
    assert answer.data["department"]["code"] == "320902-POLICE"
    assert Delivery.objects.get().status == "ACKED"


@pytest.mark.django_db
def test_the_same_receipt_again_changes_nothing(call, event):
    caller = call("police_tinghu")
    first, again = caller.post("receipts/", body(event)), caller.post("receipts/", body(event))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert caller.post("receipts/", body(event, remark="复查完成")).status_code == 201
    assert Receipt.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"event_id": "00000000-0000-4000-8000-000000000000"}, 404, "EXC-201"),
        ({"event_id": "x"}, 422, "GEN-422"),
        ({"event_id": 5}, 422, "GEN-422"),
        ({"event_id": None}, 422, "GEN-422"),
        ({"handled": "true"}, 422, "GEN-422"),
        ({"handled": 1}, 422, "GEN-422"),
        ({"handled_at": "yesterday"}, 422, "GEN-422"),
        ({"handled_at": "2999-01-01T00:00:00+08:00"}, 422, "EXC-203"),
        ({"handled_at": "0001-01-01T00:00:00+14:00"}, 422, "GEN-422"),
        ({"handled_at": "9999-12-31T23:59:59-14:00"}, 422, "GEN-422"),
        ({"remark": "x" * 501}, 422, "GEN-422"),
        ({"remark": "\u0000"}, 400, "GEN-400"),
        ({"department": "320902-HEALTH"}, 403, "EXC-314"),
        ({"extra": 1}, 422, "GEN-UNKNOWN"),
    ],
)
def test_refused(call, event, change, status, code):
    answer = call("integrator_police").post("receipts/", body(event, **change))
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Receipt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("reviewer_dongtai", 404), ("registrar_tinghu", 403), ("admin", 403)])
def test_only_departments_it_concerns(call, event, who, status):
    assert call(who).post("receipts/", body(event)).status_code == status


@pytest.mark.django_db
def test_a_department_that_neither_law_nor_an_endpoint_tells_answers_for_nothing(call, cast, event):
    grant(cast["integrator_health"], "INTEGRATOR", region="320902", department="320902-EDU")
    cast["integrator_health"].duties.filter(department="320902-HEALTH").update(valid_to="2026-01-31")
    assert call("integrator_health").post("receipts/", body(event)).status_code == 404
    assert call("police_tinghu").post("receipts/", body(event)).status_code == 201
