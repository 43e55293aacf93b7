"""Where pushes go is set by two persons: the old address goes on until another approves (security.md L8)."""

from __future__ import annotations

import re

import pytest
from push_stage import ID_NO, make_endpoint, make_event, push, sink

from exchange.models import AllowedTarget, Endpoint
from yancheng_childcare.models import Duty, Event, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast):
    """A second integrator of 亭湖卫健."""
    user = User.objects.create_user("integrator_health2", display_name="卫健对接人乙")
    Duty.objects.create(
        user=user, role="INTEGRATOR", region_id="320902", department_id="320902-HEALTH", valid_from="2024-01-01",
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    cast[user.username] = user
    return user


def allow(*ports, department="320902-HEALTH"):
    for port in ports:
        AllowedTarget.objects.create(
            department_id=department, host="127.0.0.1", cidr="127.0.0.1/32", port=port, plain_http=True, reason="试验"
        )


def url(receiver):
    return f"http://127.0.0.1:{receiver.port}/webhooks"


def approve(browser, endpoint):
    path = f"/exchange/endpoints/{endpoint.pk}/approve/"
    html = browser.get(path).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', html)
    return browser.post(path, {"seen": seen[1] if seen else "", "to": "approve"}, follow=True)


def edit(browser, endpoint, **change):
    form = {
        "name": endpoint.name, "url": endpoint.url, "body_format": "STANDARD", "timeout_seconds": 2, "connections": 4,
        "quiet_days_alarm": 7, "wanted": [], **change,
    }  # fmt: skip
    return browser.post(f"/exchange/endpoints/{endpoint.pk}/edit/", form)


@pytest.mark.parametrize("face", ["page", "api"])
@pytest.mark.parametrize("second", ["integrator_health2", "admin"])
def test_pushes_go_to_the_old_address_until_another_person_approves(as_user, api, cast, colleague, face, second):
    with sink() as old, sink() as new:
        endpoint = make_endpoint(old.port)
        allow(new.port)
        if face == "page":
            assert edit(as_user("integrator_health"), endpoint, url=url(new)).status_code == 302
        else:
            answer = api("integrator_health").patch(
                f"/api/v1/endpoints/{endpoint.pk}/", {"url": url(new)}, content_type="application/json"
            )
            assert answer.json()["url"] == url(old)
            assert answer.json()["waiting"]["url"] == url(new)
            # the page's form below replaces the subscriptions, the call does not
        from exchange.models import Subscription

        Subscription.objects.get_or_create(endpoint=endpoint, region_id="320902", event_type="registration.recorded")
        make_event(1)
        push()
        assert (len(old.got), len(new.got)) == (1, 0)
        assert approve(as_user("integrator_health"), endpoint).status_code == 403
        assert approve(as_user("integrator_police"), endpoint).status_code == 404
        make_event(2)
        push()
        assert (len(old.got), len(new.got)) == (2, 0)
        assert approve(as_user(second), endpoint).status_code == 200
        make_event(3)
        push()
        assert (len(old.got), len(new.got)) == (2, 1)
    actions = list(Event.objects.filter(action__startswith="endpoint_change").values_list("action", "actor__username"))
    assert sorted(actions) == [("endpoint_change.approved", second), ("endpoint_change.granted", "integrator_health")]


def test_a_new_endpoint_gets_its_pushes_when_it_is_approved(as_user, api, colleague, cast):
    with sink() as receiver:
        allow(receiver.port)
        body = {
            "name": "新前置机", "url": url(receiver),
            "subscriptions": [{"region": "320902", "event_type": "registration.recorded"}],
        }  # fmt: skip
        answer = api("integrator_health").post("/api/v1/endpoints/", body, content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (201, "WAITING")
        endpoint = Endpoint.objects.get()
        make_event(1)
        push()
        assert receiver.got == []
        page = as_user("integrator_health").post(f"/exchange/endpoints/{endpoint.pk}/switch/", {"to": "resume"})
        assert page.status_code == 409  # going on is no way round the approval
        as_user("integrator_health").post(f"/exchange/endpoints/{endpoint.pk}/ping/")
        assert receiver.got == []
        assert approve(as_user("integrator_health2"), endpoint).status_code == 200
        push()
        assert len(receiver.got) == 1


def test_an_address_changed_after_it_was_shown_is_not_approved(as_user, colleague, cast):
    endpoint = make_endpoint(9)
    allow(10, 11)
    mine, other = as_user("integrator_health"), as_user("integrator_health2")
    edit(mine, endpoint, url="http://127.0.0.1:10/webhooks")
    path = f"/exchange/endpoints/{endpoint.pk}/approve/"
    seen = re.search(r'name="seen" value="(\w+)"', other.get(path).content.decode())[1]
    edit(mine, endpoint, url="http://127.0.0.1:11/webhooks")
    assert other.post(path, {"seen": seen, "to": "approve"}).status_code == 409
    endpoint.refresh_from_db()
    assert endpoint.url == "http://127.0.0.1:9/webhooks"


def test_whoever_edits_something_else_does_not_become_the_one_who_asked(as_user, colleague, cast):
    endpoint = make_endpoint(9)
    allow(10)
    edit(as_user("integrator_health"), endpoint, url="http://127.0.0.1:10/webhooks")
    edit(as_user("integrator_health2"), endpoint, url="http://127.0.0.1:10/webhooks", name="改名")
    assert endpoint.changes.waiting().get().granted_by == cast["integrator_health"]
    assert approve(as_user("integrator_health"), endpoint).status_code == 403


def test_what_is_asked_can_be_withdrawn(as_user, cast):
    endpoint = make_endpoint(9)
    allow(10)
    browser = as_user("integrator_health")
    edit(browser, endpoint, url="http://127.0.0.1:10/webhooks")
    browser.post(f"/exchange/endpoints/{endpoint.pk}/approve/", {"to": "withdraw"})
    assert not endpoint.changes.waiting().exists()
    assert Event.objects.filter(action="endpoint_change.withdrawn").count() == 1


def test_clear_fields_take_two_administrators(as_user, cast):
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port, department="320902-POLICE")
        from exchange.models import Subscription

        edit(as_user("admin"), endpoint, grants=["legal_rep_id_no"])
        Subscription.objects.get_or_create(endpoint=endpoint, region_id="320902", event_type="registration.recorded")
        make_event(1)
        push()
        assert ID_NO.encode() not in receiver.got[0].body
        assert approve(as_user("integrator_police"), endpoint).status_code == 403
        assert approve(as_user("admin"), endpoint).status_code == 403
        assert approve(as_user("admin2"), endpoint).status_code == 200
        make_event(2)
        push()
        assert ID_NO.encode() in receiver.got[1].body


def test_an_address_that_left_the_allow_list_is_not_approved(as_user, colleague, cast):
    endpoint = make_endpoint(9)
    allow(10)
    edit(as_user("integrator_health"), endpoint, url="http://127.0.0.1:10/webhooks")
    AllowedTarget.objects.filter(port=10).delete()
    assert approve(as_user("integrator_health2"), endpoint).status_code == 422
    endpoint.refresh_from_db()
    assert endpoint.url == "http://127.0.0.1:9/webhooks"
