"""API keys: granted by one, approved by another, ending by themselves, their user told (security.md H4c, L7)."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from exchange.clients import issue_key, network_of, remind_of_ending_keys
from exchange.models import ApiClient
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.models import Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
KEYS = "/admin/exchange/apiclient/"


def asks(key, **extra):
    return Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/registrations/", **extra).status_code


def test_a_key_for_another_works_when_a_second_administrator_approved(as_user, cast):
    chief = cast["chief_tinghu"]
    page = as_user("admin").post(f"{KEYS}add/", {"user": chief.pk, "name": "前置机"}, follow=True)
    key = re.search(r"yck_[\w-]{43}", page.content.decode())[0]
    made = ApiClient.objects.get()
    assert (made.granted_by, made.approved_by) == (cast["admin"], None)
    assert asks(key) == 401
    chosen = {"action": "approve", "_selected_action": [made.pk]}
    for who, status in (("admin", 403), ("admin2", 302)):
        browser = as_user(who)
        html = browser.post(KEYS, chosen).content.decode()
        assert "chief_tinghu" in html
        form = {**chosen, "confirmed": "yes", **dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))}
        assert browser.post(KEYS, form).status_code == status
        assert asks(key) == (401 if who == "admin" else 200)
    titles = set(Notification.objects.filter(user=chief).values_list("title", flat=True))
    assert {"为您生成了接口密钥", "接口密钥已批准"} <= titles


def test_the_keys_own_user_does_not_approve_it(cast):
    made, _ = issue_key(user=cast["admin2"], name="x", actor=cast["admin"])
    with pytest.raises(Rejected) as refused:
        approve(made, seen=fingerprint(made), actor=cast["admin2"])
    assert refused.value.code == "APR-103"


@pytest.mark.parametrize(("local", "status"), [(True, 200), (False, 401)])
def test_the_command_works_at_once_only_on_a_local_machine(cast, settings, local, status):
    settings.LOCAL = local
    out, err = io.StringIO(), io.StringIO()
    call_command("api_key", "chief_tinghu", stdout=out, stderr=err)
    key = out.getvalue().strip()
    assert re.fullmatch(r"yck_[\w-]{43}", key)
    assert asks(key) == status
    assert ("批准后才能使用" in err.getvalue()) is not local
    made = ApiClient.objects.get()
    approve(made, seen=fingerprint(made), actor=cast["admin"])
    assert asks(key) == 200


def test_a_key_ends_after_a_year_and_its_user_is_reminded_before(cast):
    made, key = issue_key(user=cast["chief_tinghu"], name="x", actor=None)
    assert 364 <= (made.expires_at - timezone.now()).days <= 365
    Notification.objects.all().delete()
    for days, told in ((31, 0), (29, 1), (20, 0), (6, 1), (0, 1), (0, 0)):
        ApiClient.objects.update(expires_at=timezone.now() + timedelta(days=days, hours=5))
        assert remind_of_ending_keys() == told, days
    assert Notification.objects.filter(title="接口密钥快到期").count() == 3
    assert asks(key) == 200
    ApiClient.objects.update(created_at=timezone.now() - timedelta(days=366), expires_at=timezone.now())
    assert asks(key) == 401


def test_a_key_says_when_and_from_which_network_it_was_used(cast):
    made, key = issue_key(user=cast["chief_tinghu"], name="x", actor=None)
    assert asks(key, REMOTE_ADDR="10.32.8.77") == 200
    made.refresh_from_db()
    assert (made.last_used_on, made.last_network) == (timezone.localdate(), "10.32.8.0/24")


@pytest.mark.parametrize(("address", "network"), [("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""), ("unix:", "")])
def test_the_network_of_an_address(address, network):
    assert network_of(address) == network


def test_a_key_of_a_stopped_account_does_not_work(cast):
    chief = cast["chief_tinghu"]
    _, key = issue_key(user=chief, name="x", actor=None)
    chief.is_active = False
    chief.save(update_fields=["is_active"])
    assert asks(key) == 401
