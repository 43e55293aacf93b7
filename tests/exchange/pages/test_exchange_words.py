"""The exchange's pages say how it stands, what comes next, and one word for one thing (m6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.alarms import endpoint_gone
from exchange.client.answers import Answer
from exchange.models import Delivery, DeliveryAttempt, Endpoint
from tests.pages import Page, markup_of
from yancheng_childcare.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(exchange):
    """An endpoint to which nothing was ever pushed."""
    Delivery.objects.filter(endpoint=exchange.health).delete()
    return f"/exchange/endpoints/{exchange.health.pk}/"


@pytest.mark.parametrize(
    ("answer", "word", "words"),
    [
        (Answer(204, "", 12), "已接通，尚无推送", "连通测试对方已收下"),
        (Answer(401, "http_error", 12), "测试未收下", "原因见连通测试记录"),
    ],
)
def test_before_the_first_push_the_page_says_what_comes_next(as_user, fresh, monkeypatch, answer, word, words):
    browser = as_user("integrator_health")
    page = markup_of(browser.get(fresh))
    assert "尚无推送" in page and "一有新登记就自动推送" in page and "可先发送连通测试" in page
    monkeypatch.setattr("exchange.ping._send", lambda *given: answer)
    browser.post(f"{fresh}ping/")
    page = markup_of(browser.get(fresh))
    assert word in page and words in page and "可先发送连通测试" not in page


def test_every_connectivity_test_is_in_the_record(as_user, exchange, monkeypatch):
    browser, base = as_user("integrator_health"), f"/exchange/endpoints/{exchange.health.pk}/"
    assert "连通测试记录" not in markup_of(browser.get(base))
    for answer in (Answer(None, "timeout", 2000), Answer(204, "", 12)):
        monkeypatch.setattr("exchange.ping._send", lambda *given, answer=answer: answer)
        browser.post(f"{base}ping/")
    shown = markup_of(browser.get(base)).partition("连通测试记录")[2]
    good, bad = shown.index("对方答复 204"), shown.index("用时 2000 毫秒")
    assert good < bad and "收下" in shown and "未收下" in shown
    log = browser.get(f"/exchange/deliveries/?endpoint={exchange.health.pk}")
    assert Page(log.content.decode()).links["这个端点的连通测试记录"] == f"{base}#tests"
    # Who does not own the endpoint sees neither.
    assert "连通测试记录" not in markup_of(as_user("health_city").get(base))
    assert "连通测试记录" not in markup_of(
        as_user("health_city").get(log.request["PATH_INFO"] + "?" + log.request["QUERY_STRING"])
    )


@pytest.mark.parametrize(("status", "tries", "word"), [("SENDING", 2, "推送重试中"), ("PENDING", 0, "推送重试中")])
def test_an_endpoint_that_mostly_fails_is_not_called_well(as_user, exchange, status, tries, word):
    """One of three tries was good, one push is at this moment tried again or waits."""
    endpoint, now = exchange.health, timezone.now()
    rows = list(Delivery.objects.filter(endpoint=endpoint).order_by("pk"))
    for row in rows[1:]:
        Delivery.objects.filter(pk=row.pk).update(status="DELIVERED", closed_at=now)
    Delivery.objects.filter(pk=rows[0].pk).update(status=status, attempts=tries)
    for code in (204, 500, 500):
        DeliveryAttempt.objects.create(
            delivery=rows[-1], at=now - timedelta(hours=1), code=code, error="", latency_ms=9
        )
    page = markup_of(as_user("integrator_health").get(f"/exchange/endpoints/{endpoint.pk}/"))
    assert word in page and "近 24 小时成功率 33.3 %" in page
    overview = markup_of(as_user("integrator_health").get("/exchange/")).partition("</table>")[0]
    assert word in overview and "正常" not in overview


def test_a_few_failures_that_are_over_do_not_count_against_an_endpoint(as_user, exchange):
    endpoint, now = exchange.health, timezone.now()
    Delivery.objects.filter(endpoint=endpoint).update(status="DELIVERED", closed_at=now)
    row = Delivery.objects.filter(endpoint=endpoint).first()
    for code in (500, 500, 204):
        DeliveryAttempt.objects.create(delivery=row, at=now - timedelta(hours=1), code=code, error="", latency_ms=9)
    overview = markup_of(as_user("integrator_health").get("/exchange/")).partition("</table>")[0]
    assert "正常" in overview


def test_the_message_names_the_button(as_user, exchange):
    Endpoint.objects.filter(pk=exchange.health.pk).update(status="DISABLED")
    endpoint_gone(endpoint_id=exchange.health.pk)
    page = Page(as_user("integrator_health").get(f"/exchange/endpoints/{exchange.health.pk}/").content.decode())
    button = next(text for text, url in page.links.items() if url.endswith("/switch/"))
    body = Notification.objects.filter(user__username="integrator_health").latest("pk").body
    assert f"“{button}”" in body and button == "恢复推送"


def test_after_sending_again_the_page_follows_until_there_is_an_answer(as_user, exchange):
    """推送中 above an old 收下 is said to be old, and the page looks again by itself."""
    browser, row, now = as_user("integrator_health"), exchange.delivery("320902-HEALTH"), timezone.now()
    Delivery.objects.filter(pk=row.pk).update(status="DELIVERED", closed_at=now, attempts=1, attempted_at=now)
    DeliveryAttempt.objects.create(delivery=row, at=now, code=204, error="", latency_ms=9)
    base = f"/exchange/deliveries/{row.webhook_id}/"
    page = markup_of(browser.post(f"{base}redeliver/", follow=True))
    assert "已安排重发" in page and "推送经过（这次重发以前）" in page
    assert re.search(rf'hx-get="{base}"[^>]*hx-trigger="every', page)
    Delivery.objects.filter(pk=row.pk).update(status="DELIVERED", closed_at=now)
    page = markup_of(browser.get(base))
    assert "已安排重发" not in page and "hx-trigger" not in page and "这次重发以前" not in page


def test_a_try_settled_while_the_page_is_read_is_said_with_its_state(as_user, exchange, monkeypatch):
    from exchange.pages import delivery as pages

    row, now = exchange.delivery("320902-HEALTH"), timezone.now()
    Delivery.objects.filter(pk=row.pk).update(status="SENDING", attempts=1, attempted_at=now)
    read = pages.one

    def one_and_then_settle(request, webhook_id):
        found = read(request, webhook_id)
        Delivery.objects.filter(pk=row.pk).update(status="DELIVERED", closed_at=now)
        DeliveryAttempt.objects.create(delivery=row, at=now, code=204, error="", latency_ms=9)
        return found

    monkeypatch.setattr(pages, "one", one_and_then_settle)
    page = markup_of(as_user("integrator_health").get(f"/exchange/deliveries/{row.webhook_id}/"))
    assert "已送达" in page and "推送中" not in page and "已安排重发" not in page
