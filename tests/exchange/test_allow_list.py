"""The allow-list: two persons, never a metadata or link-local address, and it says when a host lies elsewhere."""

from __future__ import annotations

import ipaddress
import re
import socket

import pytest

from exchange.client import Allowed, TargetRefused, parse, resolve
from exchange.delivery.views import allowed_targets
from exchange.models import AllowedTarget

TARGETS = "/admin/exchange/allowedtarget/"
ROW = {
    "department": "320902-HEALTH",
    "host": "gate.example.gov.cn",
    "port": 443,
    "cidr": "10.32.8.0/24",
    "reason": "批文",
}
FORBIDDEN = (
    "169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fe80::1",
    "224.0.0.1", "255.255.255.255", "0.0.0.0", "::", "ff02::1", "240.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
)  # fmt: skip


def add(browser, **change):
    return browser.post(f"{TARGETS}add/", {**ROW, **change}, follow=True).content.decode()


def approve(browser, row):
    chosen = {"action": "approve", "_selected_action": [row.pk]}
    html = browser.post(TARGETS, chosen).content.decode()
    form = {**chosen, "confirmed": "yes", **dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))}
    return browser.post(TARGETS, form)


@pytest.mark.django_db
def test_a_host_is_allowed_when_a_second_administrator_approved(as_user, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("10.32.8.5", 443))])
    html = add(as_user("admin"))
    assert "须由另一名管理员批准" in html and "不在网段" not in html
    row = AllowedTarget.objects.get()
    assert allowed_targets({"320902-HEALTH"}) == {}
    assert approve(as_user("admin"), row).status_code == 403
    assert allowed_targets({"320902-HEALTH"}) == {}
    assert approve(as_user("admin2"), row).status_code == 302
    assert len(allowed_targets({"320902-HEALTH"})["320902-HEALTH"]) == 1
    as_user("admin2").post(f"{TARGETS}{row.pk}/change/", {**ROW, "cidr": "10.33.8.0/24"})
    assert allowed_targets({"320902-HEALTH"}) == {}


@pytest.mark.django_db
def test_what_a_command_registered_counts_only_on_a_local_machine(cast, settings):
    AllowedTarget.objects.create(
        department_id="320902-HEALTH", host="a.example", port=443, cidr="10.0.0.0/24", reason="x"
    )
    assert allowed_targets({"320902-HEALTH"})
    settings.LOCAL = False
    assert not allowed_targets({"320902-HEALTH"})


@pytest.mark.django_db
@pytest.mark.parametrize("address", [a for a in FORBIDDEN if ":" not in a])
def test_forbidden_addresses_cannot_be_entered(as_user, address):
    html = add(as_user("admin"), host=address, cidr=f"{address}/32")
    assert "不能包含链路本地、云平台元数据" in html
    assert not AllowedTarget.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cidr",
    ["169.254.0.0/16", "168.63.0.0/16", "100.64.0.0/10", "192.0.0.0/8", "fd00:ec2::/32", "126.0.0.0/8", "224.0.0.0/8"],
)
def test_a_network_that_holds_a_forbidden_address_cannot_be_entered(as_user, cidr):
    html = add(as_user("admin"), cidr=cidr)
    forbidden = cidr != "126.0.0.0/8"
    assert ("不能包含链路本地" in html) is forbidden
    assert AllowedTarget.objects.exists() is not forbidden


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "local", "taken"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("gate.example.gov.cn", False, False)],
)
def test_loopback_only_on_a_local_machine(as_user, settings, host, local, taken):
    browser = as_user("admin")
    settings.LOCAL = local
    add(browser, host=host, cidr="127.0.0.1/32")
    assert AllowedTarget.objects.exists() is taken


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_addresses_are_never_connected_to(address):
    """Whatever stands in the allow-list, and whatever a name suddenly leads to."""
    found = ipaddress.ip_address(address)
    whole = Allowed("gate.example", 443, ipaddress.ip_network("0.0.0.0/0" if found.version == 4 else "::/0"), False)
    with pytest.raises(TargetRefused) as refused:
        resolve(parse("https://gate.example/"), [whole], lookup=lambda *a, **k: [(0, 0, 0, "", (address, 443))])
    assert refused.value.code == "EXC-007"


def test_loopback_is_connected_to_only_on_a_local_machine(settings):
    line = Allowed("gate.example", 443, ipaddress.ip_network("127.0.0.0/8"), False)

    def lookup(*a, **k):
        return [(0, 0, 0, "", ("127.0.0.1", 443))]

    assert resolve(parse("https://gate.example/"), [line], lookup=lookup) == "127.0.0.1"
    settings.LOCAL = False
    with pytest.raises(TargetRefused):
        resolve(parse("https://gate.example/"), [line], lookup=lookup)


@pytest.mark.django_db
def test_an_address_outside_its_network_is_refused(as_user):
    assert "地址 10.9.9.9 不在网段 10.32.8.0/24 内" in add(as_user("admin"), host="10.9.9.9")
    assert not AllowedTarget.objects.exists()


@pytest.mark.django_db
def test_a_name_that_leads_outside_its_network_is_said(as_user, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("203.0.113.9", 443))])
    assert "现在解析到 203.0.113.9，不在网段 10.32.8.0/24 内" in add(as_user("admin"))


@pytest.mark.django_db
def test_a_name_without_an_address_is_said(as_user, monkeypatch):
    def nothing(*a, **k):
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    assert "现在无法解析" in add(as_user("admin"))
