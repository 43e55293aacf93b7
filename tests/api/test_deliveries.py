"""deliveries/: both sides see theirs, filter, look into one, have it sent again."""

from __future__ import annotations

import pytest

from exchange.fan_out import fan_out
from exchange.models import Delivery, DeliveryAttempt

from .conftest import budget


@pytest.fixture
def pushed(endpoint, institution):
    """Two institutions told to 亭湖卫健 and 亭湖公安: four deliveries."""
    health, police = endpoint(), endpoint("320902-POLICE")
    made = [institution(), institution()]
    fan_out()
    return health, police, made


@pytest.mark.django_db
def test_each_side_sees_its_own(call, pushed, elsewhere):
    elsewhere()
    fan_out()
    counts = {
        name: call(name).get("deliveries/?count=1").data["count"]
        for name in (
            "integrator_health",
            "police_tinghu",
            "registrar_tinghu",
            "registrar_civil",
            "health_city",
            "admin",
        )
    }
    assert counts == {
        "integrator_health": 2, "police_tinghu": 2, "registrar_tinghu": 4, "registrar_civil": 0, "health_city": 4, "admin": 4,
    }  # fmt: skip


@pytest.mark.django_db
def test_filters(call, pushed):
    health, _, (one, _two) = pushed
    caller = call("registrar_tinghu")
    assert len(caller.get(f"deliveries/?uscc={one.uscc.lower()}").data["results"]) == 2
    assert len(caller.get(f"deliveries/?endpoint={health.pk}").data["results"]) == 2
    assert len(caller.get("deliveries/?status=PENDING").data["results"]) == 4
    assert len(caller.get("deliveries/?status=OPEN&created_since=2020-01-01T00:00:00Z").data["results"]) == 4
    assert caller.get("deliveries/?status=ACKED").data["results"] == []
    assert caller.get("deliveries/?created_until=2020-01-01T00:00:00Z").data["results"] == []
    for query in ("status=x", "endpoint=1", "created_since=gestern", "wrong=1", "cursor=zz"):
        assert caller.get(f"deliveries/?{query}").status_code == 422, query


@pytest.mark.django_db
def test_one_with_tries_receipts_and_what_it_waits_for(call, pushed, cast):
    from django.utils import timezone

    from exchange.receipts import accept_receipt
    from registry.registration.services import change_institution
    from yancheng_childcare.models import Department

    health, _, (one, _two) = pushed
    change_institution(one, changes={"purpose": "照护"}, actor=cast["registrar_tinghu"])
    fan_out()
    first, second = Delivery.objects.filter(endpoint=health, subject=one.uscc).order_by("pk")
    DeliveryAttempt.objects.create(
        delivery=first, at=timezone.now(), code=500, error="status", latency_ms=7, response="x"
    )
    accept_receipt(
        event_uid=first.event.uid, department=Department.objects.get(pk="320902-HEALTH"), handled=False, remark="收到",
        handled_at=timezone.now(), actor=cast["reviewer_tinghu"],
    )  # fmt: skip
    caller = call("registrar_tinghu")
    with budget(6):
        answer = caller.get(f"deliveries/{first.webhook_id}/")
    assert answer.status_code == 200
    assert answer.data["tries"][0]["error_label"] == "对方返回失败状态码"
    assert answer.data["receipts"][0]["remark"] == "收到"
    assert answer.data["data"]["legal_rep_id_no"].count("*") == 13
    assert answer.data["waits_for"] is None
    assert caller.get(f"deliveries/{second.webhook_id}/").data["waits_for"] == first.webhook_id


@pytest.mark.django_db
def test_redeliver(call, pushed):
    health, *_ = pushed
    row = Delivery.objects.filter(endpoint=health).first()
    Delivery.objects.filter(pk=row.pk).update(status="DEAD", same_refusals=3)
    for name in ("integrator_health", "registrar_tinghu", "admin"):
        answer = call(name).post(f"deliveries/{row.webhook_id}/redeliver/")
        assert (answer.status_code, answer.data["status"]) == (200, "PENDING"), name
    assert call("integrator_police").post(f"deliveries/{row.webhook_id}/redeliver/").status_code == 404
    assert call("reviewer_tinghu").post(f"deliveries/{row.webhook_id}/redeliver/").status_code == 403
    assert call("registrar_civil").post(f"deliveries/{row.webhook_id}/redeliver/").status_code == 404
    assert call("admin").post(f"deliveries/{row.webhook_id}/redeliver/", {"x": 1}).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["msg_none", "x" * 500, "%E4%B8%AD", "%00", "1"])
def test_what_is_not_there(call, pushed, key):
    assert call("admin").get(f"deliveries/{key}/").status_code in {400, 404}


@pytest.mark.django_db
def test_the_budget(call, pushed):
    caller = call("registrar_tinghu")
    with budget(2):
        assert len(caller.get("deliveries/?count=1").data["results"]) == 4
