"""endpoints/: set up, change, rotate, ping; own department only, addresses from the allow-list only."""

from __future__ import annotations

import pytest

from exchange.models import AllowedTarget, Endpoint
from yancheng_childcare.models import Event

from .conftest import budget

BODY = {
    "name": "前置机",
    "url": "http://127.0.0.1:9/webhooks",
    "subscriptions": [{"region": "320902", "event_type": "registration.recorded"}],
}


@pytest.fixture
def allowed(cast):
    for code in ("320902-HEALTH", "320902-POLICE"):
        AllowedTarget.objects.create(
            department_id=code, host="127.0.0.1", cidr="127.0.0.1/32", port=9, plain_http=True, reason="试验"
        )


@pytest.mark.django_db
def test_an_integrator_sets_one_up_and_sees_the_secret_once(call, allowed):
    caller = call("integrator_health")
    with budget(15):
        answer = caller.post("endpoints/", BODY)
    assert answer.status_code == 201
    assert answer.data["secret"].startswith("whsec_")
    assert answer.data["department"]["code"] == "320902-HEALTH"
    made = Endpoint.objects.get()
    assert made.secret == answer.data["secret"]
    assert (answer.data["url"], answer.data["status"]) == ("", "WAITING")
    assert answer.data["waiting"]["url"] == BODY["url"]
    assert answer["Location"] == f"/api/v1/endpoints/{made.pk}/"
    again = caller.get(f"endpoints/{made.pk}/")
    assert "secret" not in again.data
    assert answer.data["secret"].encode() not in again.content
    act = Event.objects.filter(action="endpoint.created").get()
    assert answer.data["secret"] not in str(act.data)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:10/x", "EXC-004"), ("https://example.org/x", "EXC-004"), ("https://169.254.169.254/", "EXC-004"),
        ("ftp://127.0.0.1:9/", "EXC-002"), ("http://a@127.0.0.1:9/", "EXC-003"), ("http://127.1:9/", "EXC-001"),
        ("中文", "EXC-001"), ("javascript:alert(1)", "EXC-001"), ("http://127.0.0.1:9/#x", "EXC-003"),
    ],
)  # fmt: skip
def test_only_allowed_addresses(call, allowed, url, code):
    answer = call("integrator_health").post("endpoints/", {**BODY, "url": url})
    assert (answer.status_code, answer.data["code"]) == (422, code)
    assert answer.data["errors"][0]["pointer"] == "/url"
    assert not Endpoint.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"grants": ["legal_rep_id_no"]}, 403, "EXC-312"),
        ({"department": "320902-POLICE"}, 403, "EXC-314"),
        ({"subscriptions": [{"region": "320981", "event_type": "registration.recorded"}]}, 422, "EXC-313"),
        ({"subscriptions": [{"region": "999999", "event_type": "registration.recorded"}]}, 422, "EXC-313"),
        ({"subscriptions": [{"region": "320902", "event_type": "ping.test"}]}, 422, "GEN-422"),
        ({"subscriptions": [{"region": "320902"}]}, 422, "GEN-422"),
        ({"subscriptions": "all"}, 422, "GEN-422"),
        ({"secret": "whsec_x"}, 422, "GEN-UNKNOWN"),
        ({"status": "ACTIVE"}, 422, "GEN-UNKNOWN"),
        ({"name": ""}, 422, "GEN-422"),
        ({"name": 5}, 422, "GEN-422"),
        ({"timeout_seconds": 31}, 422, "GEN-422"),
        ({"timeout_seconds": "5"}, 422, "GEN-422"),
        ({"connections": 2**64 - 1}, 422, "GEN-422"),
        ({"body_format": {}}, 422, "GEN-422"),
        ({"grants": [1]}, 422, "GEN-422"),
    ],
)
def test_refused(call, allowed, change, status, code):
    answer = call("integrator_health").post("endpoints/", {**BODY, **change})
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Endpoint.objects.exists()


@pytest.mark.django_db
def test_an_administrator_grants_for_any_department(call, allowed):
    answer = call("admin").post("endpoints/", {**BODY, "department": "320902-POLICE", "grants": ["legal_rep_id_no"]})
    assert answer.status_code == 201
    assert answer.data["grants"] == []
    assert answer.data["waiting"]["grants"] == ["legal_rep_id_no"]
    assert call("admin").post("endpoints/", BODY).data["code"] == "EXC-314"


@pytest.mark.django_db
def test_names_are_taken_once_per_department(call, allowed):
    caller = call("integrator_health")
    caller.post("endpoints/", BODY)
    answer = caller.post("endpoints/", BODY)
    assert (answer.status_code, answer.data["code"]) == (409, "EXC-311")


@pytest.mark.django_db
def test_changes(call, endpoint):
    made, caller = endpoint(), call("integrator_health")
    answer = caller.patch(f"endpoints/{made.pk}/", {"name": "新前置机", "subscriptions": []})
    assert answer.status_code == 200
    assert (answer.data["name"], answer.data["subscriptions"]) == ("新前置机", [])
    assert caller.patch(f"endpoints/{made.pk}/", {}).status_code == 422
    assert caller.patch(f"endpoints/{made.pk}/", {"department": "320902-POLICE"}).data["code"] == "GEN-UNKNOWN"
    assert caller.patch(f"endpoints/{made.pk}/", {"url": "https://example.org/"}).data["code"] == "EXC-004"


@pytest.mark.django_db
def test_grants_once_given_may_be_kept_or_given_back_by_the_department(call, endpoint):
    made, caller = endpoint("320902-POLICE", grants=["legal_rep_id_no"]), call("integrator_police")
    assert caller.patch(f"endpoints/{made.pk}/", {"grants": ["legal_rep_id_no"]}).status_code == 200
    assert caller.patch(f"endpoints/{made.pk}/", {"grants": []}).data["grants"] == []
    assert caller.patch(f"endpoints/{made.pk}/", {"grants": ["legal_rep_id_no"]}).status_code == 403


@pytest.mark.django_db
def test_rotation_shows_the_new_secret_and_signs_with_both(call, endpoint):
    made, caller = endpoint(), call("integrator_health")
    old = made.secret
    answer = caller.post(f"endpoints/{made.pk}/rotate/")
    assert answer.status_code == 200
    made.refresh_from_db()
    assert (made.secret, made.previous_secret) == (answer.data["secret"], old)
    assert answer.data["both_signatures_until"].endswith("+08:00")
    assert caller.post(f"endpoints/{made.pk}/rotate/").data["code"] == "EXC-108"
    assert caller.post(f"endpoints/{made.pk}/rotate/", {"overlap_hours": 0}).data["both_signatures_until"] is None
    assert caller.post(f"endpoints/{made.pk}/rotate/", {"overlap_hours": 721}).status_code == 422


@pytest.mark.django_db
def test_ping_says_what_came_back(call, endpoint):
    made = endpoint()
    answer = call("integrator_health").post(f"endpoints/{made.pk}/ping/")
    assert answer.status_code == 200
    assert answer.data["ok"] is False
    assert answer.data["error"] == "connect"
    assert answer.data["message"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "read", "write"),
    [("integrator_police", 404, 404), ("reviewer_tinghu", 200, 403), ("registrar_tinghu", 403, 403)],
)
def test_others(call, endpoint, who, read, write):
    made, caller = endpoint(), call(who)
    assert caller.get(f"endpoints/{made.pk}/").status_code == read
    for step in ("rotate", "ping"):
        assert caller.post(f"endpoints/{made.pk}/{step}/").status_code == write
    assert caller.patch(f"endpoints/{made.pk}/", {"name": "x"}).status_code == write


@pytest.mark.django_db
def test_the_list_is_the_own_department_and_within_budget(call, endpoint):
    mine = endpoint()
    endpoint("320902-POLICE")
    caller = call("integrator_health")
    with budget(3):
        rows = caller.get("endpoints/").data["results"]
    assert [row["id"] for row in rows] == [str(mine.pk)]
    with budget(3):
        caller.get(f"endpoints/{mine.pk}/")
