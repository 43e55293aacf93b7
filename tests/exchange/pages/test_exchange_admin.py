"""The exchange in the administration: keys shown once, allow-lists checked, everything else only read."""

from __future__ import annotations

import re

import pytest

from exchange.clients import digest
from exchange.models import AllowedTarget, ApiClient
from yancheng_childcare.models import Event


@pytest.mark.django_db
def test_a_key_is_shown_once_and_can_be_revoked(as_user, cast):
    browser = as_user("admin")
    answer = browser.post(
        "/admin/exchange/apiclient/add/", {"user": cast["integrator_health"].pk, "name": "前置机"}, follow=True
    )
    key = re.search(r"yck_[\w-]{43}", answer.content.decode())
    assert key is not None
    made = ApiClient.objects.get()
    assert made.key_hash == digest(key[0])
    assert key[0] not in browser.get(f"/admin/exchange/apiclient/{made.pk}/change/").content.decode()
    browser.post(
        "/admin/exchange/apiclient/", {"action": "revoke", "_selected_action": [made.pk], "index": 0}, follow=True
    )
    made.refresh_from_db()
    assert made.revoked_at is not None
    assert set(Event.objects.filter(action__startswith="api_client").values_list("action", flat=True)) == {
        "api_client.issued",
        "api_client.revoked",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [({"host": "https://x"}, "只填主机名"), ({"cidr": "10.0.0"}, "网段写法不对"), ({"cidr": "0.0.0.0/0"}, "网段太大")],
)
def test_the_allow_list_is_checked(as_user, change, words):
    row = {
        "department": "320902-HEALTH",
        "host": "gate.example.gov.cn",
        "port": 443,
        "cidr": "10.32.8.0/24",
        "reason": "批文",
    }
    browser = as_user("admin")
    assert words in browser.post("/admin/exchange/allowedtarget/add/", {**row, **change}).content.decode()
    assert not AllowedTarget.objects.exists()
    browser.post("/admin/exchange/allowedtarget/add/", row)
    assert AllowedTarget.objects.count() == 1
    assert Event.objects.filter(action="allowed_target.added").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("model", ["endpoint", "outboxevent", "delivery", "receipt"])
def test_what_happened_is_only_read(as_user, exchange, model):
    from django.apps import apps

    browser = as_user("admin")
    assert browser.get(f"/admin/exchange/{model}/").status_code == 200
    assert browser.get(f"/admin/exchange/{model}/add/").status_code == 403
    row = apps.get_model("exchange", model).objects.first()
    if row is not None:
        page = browser.get(f"/admin/exchange/{model}/{row.pk}/change/")
        assert page.status_code == 200
        assert "whsec_" not in page.content.decode()
        assert browser.post(f"/admin/exchange/{model}/{row.pk}/delete/").status_code == 403
