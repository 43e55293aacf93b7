"""Administrators enter hosts and keys on pages of their own; another person approves both."""

from __future__ import annotations

import re
import socket

import pytest

from exchange.clients import digest
from exchange.desks import add_cards
from exchange.models import AllowedTarget, ApiClient
from tests.presence import prove_presence
from yancheng_childcare.models import Event, Notification

pytestmark = pytest.mark.django_db
HOSTS, KEYS = "/desk/staff/hosts/", "/desk/staff/keys/new/"
ROW = {
    "department": "320902-HEALTH", "host": "Gate.example.gov.cn", "port": 443, "cidr": "10.32.8.0/24", "reason": "来函 7 号",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_lookups(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("10.99.0.1", 443))])


def approve(browser, what, row):
    url = f"/desk/staff/approvals/{what}/{row.pk}/"
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(url).content.decode())[1]
    return browser.post(url, {"to": "approve", "seen": seen}, follow=True)


def test_a_host_is_proposed_approved_by_another_and_ended(as_user):
    page = as_user("admin").post(f"{HOSTS}new/", ROW, follow=True).content.decode()
    row = AllowedTarget.objects.get()
    assert (row.host, row.department_id, row.reason) == ("gate.example.gov.cn", "320902-HEALTH", "来函 7 号")
    assert "须由另一名管理员批准" in page and "不在网段" in page and "待批准" in page
    assert not AllowedTarget.objects.in_force().exists()
    assert "须由另一人批准" in approve(as_user("admin"), "allowedtarget", row).content.decode()
    approve(as_user("admin2"), "allowedtarget", row)
    assert AllowedTarget.objects.in_force().get() == row
    ending = as_user("admin").get(f"{HOSTS}{row.pk}/end/").content.decode()
    assert "即刻生效" in ending and AllowedTarget.objects.exists(), "looking ends nothing"
    as_user("admin").post(f"{HOSTS}{row.pk}/end/")
    assert not AllowedTarget.objects.exists()
    acts = Event.objects.filter(action__startswith="allowed_target").order_by("id")
    assert [act.action for act in acts] == [f"allowed_target.{act}" for act in ("added", "approved", "removed")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"host": "https://x"}, "只填主机名"), ({"cidr": "0.0.0.0/0"}, "网段太大"), ({"reason": ""}, "请填写依据"),
        ({"reason": "经办 320902198506010015"}, "身份证号码"), ({"department": "nowhere"}, "选"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_host_stands_at_its_field(as_user, change, words):
    page = as_user("admin").post(f"{HOSTS}new/", {**ROW, **change})
    assert page.status_code == 422 and words in page.content.decode()
    assert not AllowedTarget.objects.exists()


def test_the_list_is_narrowed_and_says_what_to_do_when_empty(as_user, cast):
    browser = as_user("admin")
    assert "部门来函说明接收系统" in browser.get(HOSTS).content.decode()
    for host, approved in (("a.example", cast["admin2"]), ("b.example", None)):
        AllowedTarget.objects.create(
            department_id="320902-HEALTH", host=host, port=443, cidr="10.0.0.0/24", reason="试验",
            granted_by=cast["admin"], approved_by=approved,
        )  # fmt: skip
    asked = [
        ("state", "force", "a"),
        ("state", "waiting", "b"),
        ("q", "b.ex", "b"),
        ("q", "卫生", "ab"),
        ("state", "x", "ab"),
    ]
    for name, value, expected in asked:
        rows = browser.get(HOSTS, {name: value}).context["rows"]
        assert {row["host"].host[0] for row in rows} == set(expected), value
    empty = browser.get(f"{HOSTS}?q=zzz").content.decode()
    assert "没有符合条件的目标" in empty and "主机或部门：zzz" in empty


def test_a_key_for_an_integrator_waits_for_another_person(as_user, cast):
    user = cast["integrator_health"]
    duty = user.duties.get(role="INTEGRATOR")
    browser = prove_presence(as_user("admin"), cast["admin"])
    assert "为对接人新建密钥" in browser.get("/exchange/keys/").content.decode()
    page = browser.post(KEYS, {"duty": duty.pk, "name": "前置机"}, follow=True).content.decode()
    key = re.search(r"yck_[\w-]{43}", page)[0]
    row = ApiClient.objects.get()
    assert (row.key_hash, row.user, row.department_id) == (digest(key), user, duty.department_id)
    assert "前置机" in page and key not in browser.get("/exchange/keys/").content.decode()
    assert Notification.objects.filter(user=user, title="为您生成了接口密钥").exists()
    assert not ApiClient.objects.in_force().exists()
    approve(as_user("admin2"), "apiclient", row)
    assert ApiClient.objects.in_force().get() == row
    browser.post(f"/exchange/keys/{row.pk}/end/")
    assert not ApiClient.objects.in_force().exists()


def test_nobody_but_an_integrator_gets_a_key_there(as_user, cast):
    duty = cast["reviewer_tinghu"].duties.get()
    browser = prove_presence(as_user("admin"), cast["admin"])
    assert browser.post(KEYS, {"duty": duty.pk, "name": "前置机"}).status_code == 422
    assert not ApiClient.objects.exists()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_desk_offers_hosts_only_where_the_administration_is(settings, monkeypatch, enabled):
    found = []
    settings.ADMIN_ENABLED = enabled
    monkeypatch.setattr("exchange.desks.add_card", found.append)
    add_cards()
    assert ("exchange:hosts" in {card.route for card in found}) is enabled
