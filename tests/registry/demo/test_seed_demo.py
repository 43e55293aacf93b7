"""`seed_demo`: through the real services, once, and only where demo data belongs."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from exchange.models import AllowedTarget, Delivery, DeliveryAttempt, Endpoint, OutboxEvent, Receipt, Subscription
from registry.demo import receivers
from registry.models import Institution
from yancheng_childcare.models import Deadline, Department, Duty, Event, Notification, User

pytestmark = pytest.mark.django_db
NUMBER = 90  # as the fixture `seed` makes them
TABLES = (
    Institution, OutboxEvent, Delivery, DeliveryAttempt, Receipt, Endpoint, Subscription, AllowedTarget, Deadline, Duty,
    Event, Notification, User,
)  # fmt: skip


def picture() -> dict[str, object]:
    found: dict[str, object] = {model.__name__: model.objects.count() for model in TABLES}
    found["passwords"] = sorted(User.objects.filter(is_active=True).values_list("username", "password"))
    found["versions"] = sorted(Institution.objects.values_list("uscc", "record_version", "updated_at"))
    found["history"] = Institution.events.rel.related_model.objects.count()  # type: ignore[attr-defined]
    return found


def test_a_second_run_changes_nothing(seed):
    assert f"新增 {NUMBER} 家" in seed()
    before = picture()
    assert f"已有 {NUMBER} 家，新增 0 家" in seed()
    assert picture() == before


def test_a_larger_number_adds_to_what_is_there(seed):
    seed(institutions=30)
    events = OutboxEvent.objects.count()
    assert "已有 30 家，新增 15 家" in seed(institutions=45)
    assert Institution.objects.count() == 45
    assert OutboxEvent.objects.count() > events


def test_endpoints_follow_port_and_secret_of_the_environment(seed, monkeypatch):
    monkeypatch.setenv("DEMO_RECEIVER_HEALTH_PORT", "9101")
    monkeypatch.setenv("DEMO_HEALTH_SECRET", "whsec_" + "QUFB" * 10)
    seed(institutions=2)
    health = Endpoint.objects.filter(department__kind="HEALTH")
    assert {endpoint.url for endpoint in health} == {"http://127.0.0.1:9101/webhooks"}
    assert {str(endpoint.secret) for endpoint in health} == {"whsec_" + "QUFB" * 10}
    police = Endpoint.objects.get(department="320902-POLICE")
    assert set(police.grants) == {"legal_rep_id_no", "contact_phone"}
    assert {s.region_id for s in police.subscriptions.all()} == {"320902"}
    assert {s.event_type for s in police.subscriptions.all()} == set(receivers.EVENTS)
    assert police.subscriptions.count() == len(receivers.EVENTS)

    monkeypatch.setenv("DEMO_RECEIVER_HEALTH_PORT", "9201")
    monkeypatch.setenv("DEMO_HEALTH_SECRET", "whsec_" + "QkJC" * 10)
    assert "更新 2 个端点" in seed(receivers=True)
    assert {endpoint.url for endpoint in health.all()} == {"http://127.0.0.1:9201/webhooks"}
    assert {str(endpoint.secret) for endpoint in health.all()} == {"whsec_" + "QkJC" * 10}
    targets = AllowedTarget.objects.filter(department__kind="HEALTH")
    assert list(targets.values_list("host", "cidr", "port", "plain_http").distinct()) == [
        ("127.0.0.1", "127.0.0.1/32", 9201, True)
    ]
    assert "无变化" in seed(receivers=True)


def test_refreshing_receivers_makes_none(seed):
    assert "无变化" in seed(receivers=True)
    assert not Endpoint.objects.exists()


def test_refused_without_a_password(seed, settings):
    settings.LOCAL, settings.DEMO_PASSWORD = False, ""
    User.objects.update_or_create(username="admin2", defaults={"display_name": "改过"})
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        seed()
    # Whether the cast of the tests stands already or not: nothing of it was refreshed.
    assert User.objects.filter(display_name="改过").exists()


def test_refused_beside_real_institutions_unless_forced(seed, institution):
    real = institution()
    with pytest.raises(CommandError, match="已有 1 家非演示机构"):
        seed(institutions=5)
    assert Institution.objects.count() == 1
    seed(institutions=5, force=True)
    assert Institution.objects.count() == 6
    assert Department.objects.filter(pk=real.registry_org_id).exists()


@pytest.mark.parametrize("number", [-1, 0, 1, 2_000_001])
def test_refused_for_a_number_out_of_range(seed, number):
    with pytest.raises(CommandError, match="--institutions"):
        seed(institutions=number)
