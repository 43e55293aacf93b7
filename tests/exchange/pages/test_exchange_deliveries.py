"""The delivery log: both sides, filters, counters, export, replay of a range."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.models import Delivery
from tests.pages import markup_of
from yancheng_childcare.models import Event


def rows_in(page: str) -> int:
    return page.count('<th scope="row"><a href="/exchange/deliveries/msg_')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "count"),
    [
        ("registrar_tinghu", 4),
        ("integrator_health", 2),
        ("police_tinghu", 2),
        ("health_city", 4),
        ("registrar_civil", 0),
    ],
)
def test_each_side_sees_its_own(as_user, exchange, who, count):
    assert rows_in(markup_of(as_user(who).get("/exchange/deliveries/"))) == count


@pytest.mark.django_db
def test_filters(as_user, exchange):
    browser, one = as_user("registrar_tinghu"), exchange.institutions[0]
    for query, count in (
        (f"uscc={one.uscc.lower()}", 2), ("status=PENDING", 4), ("status=OPEN", 4), ("status=ACKED", 0),
        ("until=2020-01-01", 0), ("since=2020-01-01", 4), ("since=0001-01-01&until=9999-12-31", 4), ("since=x", 4),
        ("before=1", 0), ("before=99999999999999999999999", 4), ("endpoint=1", 4), ("status=zz", 4),
    ):  # fmt: skip
        answer = browser.get(f"/exchange/deliveries/?{query}")
        assert answer.status_code == 200
        assert rows_in(markup_of(answer)) == count, query
    mine = markup_of(as_user("integrator_health").get(f"/exchange/deliveries/?endpoint={exchange.health.pk}"))
    assert rows_in(mine) == 2


@pytest.mark.django_db
def test_pages(as_user, exchange, monkeypatch):
    monkeypatch.setattr("exchange.pages.deliveries.PAGE", 3)
    browser = as_user("registrar_tinghu")
    page = markup_of(browser.get("/exchange/deliveries/?status=OPEN"))
    assert rows_in(page) == 3
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "status=OPEN" in following
    assert rows_in(markup_of(browser.get(f"/exchange/deliveries/{following}"))) == 1


@pytest.mark.django_db
def test_export(as_user, exchange):
    Delivery.objects.filter(endpoint=exchange.health).update(
        status="SKIPPED", decision_reason="=1+1", closed_at=timezone.now()
    )
    answer = as_user("integrator_health").get("/exchange/deliveries/export/?status=SKIPPED")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "'=1+1" in lines[1]
    assert "attachment" in answer["Content-Disposition"]
    assert Event.objects.filter(action="deliveries.exported").count() == 1
    assert as_user("registrar_tinghu").get("/exchange/deliveries/export/").status_code == 403


@pytest.mark.django_db
def test_a_range_again(as_user, exchange):
    Delivery.objects.update(status="DELIVERED", closed_at=timezone.now())
    now = timezone.localtime()
    times = {"since": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}
    browser = as_user("integrator_health")
    assert "选择" in markup_of(browser.get("/exchange/redeliver-range/"))
    answer = browser.post("/exchange/redeliver-range/", {"endpoint": exchange.health.pk, **times})
    assert answer.status_code == 302
    assert Delivery.objects.filter(status="PENDING").count() == 2
    reversed_times = {"since": times["until"], "until": times["since"]}
    wrong = browser.post("/exchange/redeliver-range/", {"endpoint": exchange.health.pk, **reversed_times})
    assert "结束时间早于开始时间" in markup_of(wrong)
    other = browser.post("/exchange/redeliver-range/", {"endpoint": exchange.police.pk, **times})
    assert "请从列表中选择端点" in markup_of(other)


@pytest.mark.django_db
def test_budget(as_user, exchange, budget):
    browser = as_user("registrar_tinghu")
    browser.get("/exchange/deliveries/")
    with budget(4):
        browser.get("/exchange/deliveries/")
