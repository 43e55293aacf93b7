"""One endpoint: set up, look, change, rotate, test, pause."""

from __future__ import annotations

import re

import pytest

from exchange.client.answers import Answer
from exchange.models import Delivery, Endpoint
from tests.pages import markup_of

FORM = {
    "name": "新端点", "url": "http://127.0.0.1:9/in", "body_format": "STANDARD", "timeout_seconds": "10",
    "connections": "4", "quiet_days_alarm": "7", "sub": ["320902 registration.recorded"],
}  # fmt: skip


@pytest.mark.django_db
def test_the_secret_is_shown_once(as_user, exchange):
    browser = as_user("integrator_health")
    assert "320902 registration.recorded" in markup_of(browser.get("/exchange/endpoints/new/"))
    sent = browser.post("/exchange/endpoints/new/", FORM)
    made = Endpoint.objects.get(name="新端点")
    assert (sent.status_code, sent["Location"]) == (302, f"/exchange/endpoints/{made.pk}/")
    assert str(made.secret) not in str(dict(browser.session))
    answer = browser.get(sent["Location"])
    assert made.secret in markup_of(answer)
    assert "no-store" in answer["Cache-Control"]
    again = markup_of(browser.get(f"/exchange/endpoints/{made.pk}/"))
    assert made.secret not in again
    assert f"whsec_{str(made.secret)[6:9]}…" in again


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://example.org/x"}, "不在本部门的允许名单里"), ({"url": ""}, "请填写接收地址"),
        ({"name": "卫健前置机"}, "已有同名的端点"), ({"timeout_seconds": "99"}, "超时（秒）太大"),
        ({"sub": ["320981 registration.recorded"]}, "管辖范围"), ({"sub": ["x"]}, "没有“”这种事件"),
    ],
)  # fmt: skip
def test_problems_are_said_and_what_was_typed_stays(as_user, exchange, change, words):
    answer = as_user("integrator_health").post("/exchange/endpoints/new/", {**FORM, **change})
    page = markup_of(answer)
    assert answer.status_code == 422
    assert words in page
    assert "<title>错误：" in page
    assert Endpoint.objects.count() == 2


@pytest.mark.django_db
def test_an_integrator_cannot_grant(as_user, exchange):
    browser = as_user("integrator_health")
    assert 'name="grants"' not in markup_of(browser.get("/exchange/endpoints/new/"))
    browser.post("/exchange/endpoints/new/", {**FORM, "grants": ["legal_rep_id_no"]})
    assert Endpoint.objects.get(name="新端点").grants == []


@pytest.mark.django_db
def test_an_administrator_chooses_the_department_first(as_user, exchange):
    browser = as_user("admin")
    assert "先选择由哪个部门接收" in markup_of(browser.get("/exchange/endpoints/new/"))
    answer = browser.post("/exchange/endpoints/new/?department=320902-POLICE", {**FORM, "grants": ["contact_phone"]})
    assert answer.status_code == 302
    made = Endpoint.objects.get(name="新端点")
    assert (made.department_id, made.grants) == ("320902-POLICE", [])
    assert made.changes.waiting().get().grants == ["contact_phone"]


@pytest.mark.django_db
def test_changes(as_user, exchange):
    browser = as_user("integrator_health")
    address = f"/exchange/endpoints/{exchange.health.pk}/edit/"
    assert markup_of(browser.get(address)).count(" checked") >= 4
    answer = browser.post(address, {**FORM, "name": "改名"})
    assert answer.status_code == 302
    exchange.health.refresh_from_db()
    assert exchange.health.name == "改名"
    assert exchange.health.subscriptions.count() == 1


@pytest.mark.django_db
def test_a_new_endpoint_has_only_the_registrations_ticked(as_user, exchange):
    html = markup_of(as_user("integrator_health").get("/exchange/endpoints/new/"))
    ticked = re.findall(r'name="sub" value="(\S+) (\S+)" checked', html)
    assert ticked and {region for region, _ in ticked} == {"320902"}
    assert all(kind.startswith("registration.") for _, kind in ticked) and "filing.recorded" in html


@pytest.mark.django_db
def test_an_endpoint_without_events_is_said(as_user, exchange):
    quiet = {name: value for name, value in FORM.items() if name != "sub"}
    answer = as_user("integrator_health").post("/exchange/endpoints/new/", quiet, follow=True)
    assert "没有订阅任何事件" in markup_of(answer)


@pytest.mark.django_db
def test_rotation(as_user, exchange):
    browser, old = as_user("integrator_health"), exchange.health.secret
    answer = browser.post(f"/exchange/endpoints/{exchange.health.pk}/rotate/", {"overlap": "24"}, follow=True)
    exchange.health.refresh_from_db()
    assert exchange.health.secret != old
    assert exchange.health.secret in markup_of(answer)
    assert "同时签名至" in markup_of(browser.get(f"/exchange/endpoints/{exchange.health.pk}/"))
    again = browser.post(f"/exchange/endpoints/{exchange.health.pk}/rotate/", {"overlap": "24"})
    assert (again.status_code, "上一次轮换" in markup_of(again)) == (422, True)


@pytest.mark.django_db
def test_ping(as_user, exchange):
    page = markup_of(as_user("integrator_health").post(f"/exchange/endpoints/{exchange.health.pk}/ping/"))
    assert "连接不上" in page
    assert re.search(r"msg_[0-9a-f]{32}", page)


@pytest.mark.django_db
def test_the_last_test_stays_on_the_page(as_user, exchange, monkeypatch):
    browser, base = as_user("integrator_health"), f"/exchange/endpoints/{exchange.health.pk}/"
    Delivery.objects.filter(endpoint=exchange.health).delete()
    page = markup_of(browser.get(base))
    assert "还没有产生过事件" in page and "还没有测试过" in page
    browser.post(f"{base}ping/")
    assert re.search(r"最近一次 <time[^>]*>[^<]*:\d\d:\d\d</time>：未收下", markup_of(browser.get(base)))
    monkeypatch.setattr("exchange.ping._send", lambda *given: Answer(204, "", 12))
    assert "对方已收下测试事件" in markup_of(browser.post(f"{base}ping/"))
    page = markup_of(browser.get(base))
    assert "：对方收下" in page and "可先发送连通测试" not in page and "还没有测试过" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["endpoints/new/", "endpoints/{}/rotate/"])
def test_a_page_that_showed_a_secret_loaded_again_posts_nothing(as_user, exchange, page):
    browser = as_user("integrator_health")
    form = {**FORM, "overlap": "24"}
    answer = browser.post(f"/exchange/{page.format(exchange.health.pk)}", form)
    assert answer.status_code == 302
    assert "whsec_" in markup_of(browser.get(answer.url))
    again = browser.get(answer.url)
    assert again.status_code == 200 and "同名" not in markup_of(again)


@pytest.mark.django_db
def test_pause_and_resume(as_user, exchange):
    browser, address = as_user("integrator_health"), f"/exchange/endpoints/{exchange.health.pk}/switch/"
    browser.post(address, {"to": "pause"})
    exchange.health.refresh_from_db()
    assert exchange.health.status == "PAUSED"
    assert browser.post(address, {"to": "pause"}).status_code == 409
    browser.post(address, {"to": "resume"})
    exchange.health.refresh_from_db()
    assert exchange.health.status == "ACTIVE"


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "look", "act"), [("reviewer_tinghu", 200, 403), ("integrator_police", 404, 404)])
def test_others(as_user, exchange, who, look, act):
    browser, base = as_user(who), f"/exchange/endpoints/{exchange.health.pk}/"
    page = browser.get(base)
    assert page.status_code == look
    assert "whsec_" not in markup_of(page)
    assert "token=abc" not in markup_of(page)
    for step in ("edit/", "rotate/", "switch/"):
        assert browser.post(f"{base}{step}", {"to": "pause", "overlap": "0"}).status_code == act
    assert browser.post(f"{base}ping/").status_code == act


@pytest.mark.django_db
def test_budget(as_user, exchange, budget):
    browser = as_user("integrator_health")
    browser.get("/exchange/")
    with budget(7):
        browser.get(f"/exchange/endpoints/{exchange.health.pk}/")
