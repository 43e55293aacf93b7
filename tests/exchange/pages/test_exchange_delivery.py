"""One delivery: content, tries, receipts, decisions."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from exchange.fan_out import fan_out
from exchange.models import Delivery, DeliveryAttempt
from tests.pages import markup_of
from yancheng_childcare.models import Event
from yancheng_childcare.workdays import SHANGHAI


def page_of(browser, row, query=""):
    return browser.get(f"/exchange/deliveries/{row.webhook_id}/{query}")


@pytest.mark.django_db
def test_what_was_sent_is_shown_masked(as_user, exchange):
    row, one = exchange.delivery("320902-POLICE"), exchange.institutions[0]
    for who in ("registrar_tinghu", "police_tinghu", "admin"):
        page = markup_of(page_of(as_user(who), row))
        assert row.webhook_id in page
        assert one.legal_rep_id_no not in page
        assert "签名不在页面上显示" in page
        assert "对方收到的“法定代表人证件号码”是明文" in page
    assert not Event.objects.filter(action="personal.read").exists()


@pytest.mark.django_db
def test_the_receiving_department_may_look_and_it_is_kept(as_user, exchange):
    row, one = exchange.delivery("320902-POLICE"), exchange.institutions[0]
    page = markup_of(page_of(as_user("police_tinghu"), row, "?clear=1"))
    assert one.legal_rep_id_no in page
    assert one.contact_phone not in page
    assert Event.objects.get(action="personal.read").data["fields"] == ["legal_rep_id_no"]
    for who in ("registrar_tinghu", "admin", "health_city"):
        assert one.legal_rep_id_no not in markup_of(page_of(as_user(who), row, "?clear=1"))
    assert Event.objects.filter(action="personal.read").count() == 1


@pytest.mark.django_db
def test_the_later_one_leads_to_the_one_it_waits_for(as_user, exchange, cast):
    from registry.registration.services import change_institution

    change_institution(exchange.institutions[0], changes={"purpose": "照护"}, actor=cast["registrar_tinghu"])
    fan_out()
    first = exchange.delivery("320902-HEALTH")
    later = Delivery.objects.filter(endpoint=exchange.health, subject=first.subject).order_by("-pk")[0]
    page = markup_of(page_of(as_user("registrar_tinghu"), later))
    assert "在等同一机构更早的一条" in page
    assert f'href="/exchange/deliveries/{first.webhook_id}/"' in page
    assert "在等同一机构更早的一条" not in markup_of(page_of(as_user("registrar_tinghu"), first))


@pytest.mark.django_db
def test_tries_and_answers_are_text(as_user, exchange):
    row = exchange.delivery("320902-HEALTH")
    DeliveryAttempt.objects.create(
        delivery=row, at=timezone.now(), code=500, error="status", latency_ms=12, response="<script>alert(1)</script>"
    )
    page = markup_of(page_of(as_user("integrator_health"), row))
    assert "对方答复 500（对方返回失败状态码）" in page
    assert "<script>alert(1)" not in page


@pytest.mark.django_db
def test_a_push_sent_again_says_that_the_tries_below_are_old(as_user, exchange):
    row, at = exchange.delivery("320902-HEALTH"), timezone.now()
    DeliveryAttempt.objects.create(delivery=row, at=at, code=200, error="", latency_ms=12, response="ok")
    Delivery.objects.filter(pk=row.pk).update(status="DELIVERED", closed_at=at, attempted_at=at, attempts=1)
    page = markup_of(page_of(as_user("integrator_health"), row))
    assert "已安排重发" not in page
    assert page.count(f"{timezone.localtime(at):%H:%M:%S}</time>") == 1  # retries are seconds apart
    as_user("integrator_health").post(f"/exchange/deliveries/{row.webhook_id}/redeliver/")
    page = markup_of(page_of(as_user("integrator_health"), row))
    assert "待推送" in page and "已安排重发" in page and "下面的推送经过是以前的" in page


@pytest.mark.django_db
def test_the_next_try_is_told_to_the_second(as_user, exchange):
    """Tries follow after five and thirty seconds: a time to the minute would seem past (public-journeys.md m8)."""
    row = exchange.delivery("320902-HEALTH")
    due = datetime(2026, 11, 30, 7, 49, 35, tzinfo=SHANGHAI)
    Delivery.objects.filter(pk=row.pk).update(status="RETRY", due_at=due)
    browser = as_user("integrator_health")
    assert "07:49:35" in markup_of(page_of(browser, row))
    assert "07:49:35" in markup_of(browser.get("/exchange/deliveries/"))


@pytest.mark.django_db
def test_resend(as_user, exchange):
    row = exchange.delivery("320902-HEALTH")
    Delivery.objects.filter(pk=row.pk).update(status="DEAD")
    assert "需人工处理" in markup_of(page_of(as_user("registrar_tinghu"), row))
    for who, status in (
        ("registrar_tinghu", 302),
        ("integrator_health", 302),
        ("integrator_police", 404),
        ("reviewer_tinghu", 403),
    ):
        assert as_user(who).post(f"/exchange/deliveries/{row.webhook_id}/redeliver/").status_code == status, who
    row.refresh_from_db()
    assert row.status == "PENDING"
    assert as_user("integrator_health").get(f"/exchange/deliveries/{row.webhook_id}/redeliver/").status_code == 200


@pytest.mark.django_db
def test_no_more_needs_a_reason_and_a_person(as_user, exchange, cast):
    row, browser = exchange.delivery("320902-HEALTH"), as_user("integrator_health")
    address = f"/exchange/deliveries/{row.webhook_id}/skip/"
    assert "永久留存" in markup_of(browser.get(address))
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "无"}).status_code == 422
    assert browser.post(address, {"reason": "已于 11 月 20 日线下送达"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("SKIPPED", cast["integrator_health"])
    page = markup_of(page_of(browser, row))
    assert "已于 11 月 20 日线下送达" in page
    assert "卫健对接人" in page
    assert browser.post(address, {"reason": "再来一次"}).status_code == 409
    assert as_user("registrar_tinghu").post(address, {"reason": "登记机关"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["msg_none", "99999999999999999999999", "0", "9223372036854775807"])
def test_what_is_not_there(as_user, exchange, key):
    assert as_user("admin").get(f"/exchange/deliveries/{key}/").status_code == 404


@pytest.mark.django_db
def test_the_row_number_leads_there_too(as_user, exchange):
    row = exchange.delivery("320902-HEALTH")
    assert as_user("admin").get(f"/exchange/deliveries/{row.pk}/").status_code == 200


@pytest.mark.django_db
def test_budget(as_user, exchange, budget):
    browser, row = as_user("integrator_health"), exchange.delivery("320902-HEALTH")
    browser.get("/exchange/")
    with budget(6):
        page_of(browser, row)
