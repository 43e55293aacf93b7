"""/exchange/: who sees which endpoints, in which state, and what to do."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.utils import timezone

from exchange.models import Delivery, Endpoint


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("integrator_health", {"卫健前置机"}), ("reviewer_tinghu", {"卫健前置机"}), ("police_tinghu", {"公安前置机"}),
        ("health_city", {"卫健前置机", "公安前置机"}), ("admin", {"卫健前置机", "公安前置机"}), ("reviewer_dongtai", set()),
    ],
)  # fmt: skip
def test_scope(as_user, exchange, who, seen):
    page = as_user(who).get("/exchange/").content.decode()
    assert {name for name in ("卫健前置机", "公安前置机") if name in page} == seen


@pytest.mark.django_db
def test_the_troubled_come_first_with_advice(as_user, exchange):
    Delivery.objects.filter(endpoint=exchange.police).update(status="DEAD")
    page = as_user("admin").get("/exchange/").content.decode()
    assert page.index("公安前置机") < page.index("卫健前置机")
    assert "写明理由不再推送" in page
    assert "需人工处理" in page


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "word"), [({"status": "PAUSED"}, "已暂停"), ({"status": "DISABLED"}, "对方已停用")])
def test_states(as_user, exchange, change, word):
    Endpoint.objects.filter(pk=exchange.health.pk).update(**change)
    assert word in as_user("integrator_health").get("/exchange/").content.decode()


@pytest.mark.django_db
def test_an_endpoint_whose_pushes_fail_is_not_called_normal(as_user, exchange):
    rows = Delivery.objects.filter(endpoint=exchange.health)
    rows.update(status="DELIVERED", closed_at=timezone.now())
    assert ">正常<" in as_user("integrator_health").get("/exchange/").content.decode()
    one = rows.first()
    rows.filter(pk=one.pk).update(status="RETRY", closed_at=None, due_at=timezone.now())
    for address in ("/exchange/", f"/exchange/endpoints/{exchange.health.pk}/"):
        page = as_user("integrator_health").get(address).content.decode()
        assert "有推送没有成功，平台在自动重试" in page


@pytest.mark.django_db
def test_an_endpoint_without_events_is_seen_in_the_list(as_user, exchange):
    Delivery.objects.filter(endpoint=exchange.health).delete()
    exchange.health.subscriptions.all().delete()
    page = as_user("integrator_health").get("/exchange/").content.decode()
    assert "没有勾选任何事件，不会收到推送" in page and "尚无推送" not in page


@pytest.mark.django_db
def test_budget(as_user, exchange, budget):
    browser = as_user("admin")
    browser.get("/exchange/")
    with budget(4):
        assert browser.get("/exchange/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["q=公安前置", "q=盐城市公安局亭湖", "q=亭湖公安"])
def test_an_endpoint_is_found_by_its_name_and_its_department(as_user, exchange, query):
    browser = as_user("admin")
    assert [row["endpoint"] for row in browser.get(f"/exchange/?{quote(query, '=&')}").context["rows"]] == [
        exchange.police
    ]
    assert "没有符合条件的端点" in browser.get("/exchange/", {"q": "没有的"}).content.decode()


@pytest.mark.django_db
def test_the_api_narrows_endpoints_by_state_and_refuses_what_it_does_not_know(as_user, exchange):
    Endpoint.objects.filter(pk=exchange.police.pk).update(status="PAUSED")
    caller = as_user("admin")
    found = caller.get("/api/v1/endpoints/?status=PAUSED").json()["results"]
    assert [row["id"] for row in found] == [str(exchange.police.pk)]
    wrong = caller.get("/api/v1/endpoints/?status=OFF")
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["pointer"] == "/status"
    assert caller.get("/api/v1/endpoints/?limit=5").json()["code"] == "GEN-UNKNOWN"


@pytest.mark.django_db
def test_nothing_yet(as_user):
    assert "还没有接收端点" in as_user("integrator_health").get("/exchange/").content.decode()
