"""An endpoint is closed for good by two persons: nothing more goes there, what was open ends with the reason (M11)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from push_stage import Reply, fan_out_all, make_due, make_endpoint, make_event, push, sink, statuses

from exchange.closing import end_leftovers
from exchange.delivery.settle import _disable
from exchange.endpoint_changes import propose_closing
from exchange.endpoint_settings import change_endpoint, create_endpoint
from exchange.models import Delivery, EndpointChange, Subscription
from exchange.ping import ping
from exchange.replay import redeliver, redeliver_range
from exchange.rotation import rotate_secret
from exchange.switches import pause_endpoint, resume_endpoint
from exchange.tasks import raise_alarms
from tests.pages import markup_of
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.models import Department, Duty, Event, Notification, User
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
REASON = "系统已迁移到新的前置机"


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


def ask(browser, endpoint, reason=REASON):
    return browser.post(f"/exchange/endpoints/{endpoint.pk}/close/", {"reason": reason}, follow=True)


def press(browser, endpoint):
    path = f"/exchange/endpoints/{endpoint.pk}/approve/"
    seen = re.search(r'name="seen" value="(\w+)"', markup_of(browser.get(path)))
    return browser.post(path, {"seen": seen[1] if seen else "", "to": "approve"}, follow=True)


def closed(cast, port=9, **fields):
    """An endpoint that one administrator closed at the wish of the other."""
    endpoint = make_endpoint(port, **fields)
    change = propose_closing(endpoint, reason=REASON, actor=cast["admin"])
    approve(change, seen=fingerprint(change), actor=cast["admin2"])
    endpoint.refresh_from_db()
    return endpoint


@pytest.mark.parametrize("second", ["integrator_health2", "admin"])
def test_pushes_go_on_until_another_person_approves_and_then_end(as_user, cast, colleague, second):
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        make_event(1)
        push()
        receiver.answer = lambda got: Reply(500)
        make_event(2)
        push()
        mine = as_user("integrator_health")
        before = markup_of(mine.get(f"/exchange/endpoints/{endpoint.pk}/close/"))
        assert "1 条，关闭时记为不再推送" in before and "关闭后不能恢复" in before
        page = markup_of(ask(mine, endpoint))
        assert "已提出关闭" in page and "待批准的关闭" in page and REASON in page
        assert press(mine, endpoint).status_code == 403
        assert statuses(endpoint) == ["DELIVERED", "RETRY"]
        assert "永久关闭" in Notification.objects.filter(user=colleague, title="推送端点待批准").get().body
        page = markup_of(press(as_user(second), endpoint))
        assert "端点已关闭" in page and REASON in page
        receiver.answer = lambda got: Reply()
        tried = len(receiver.got)
        make_event(3)
        make_due()
        push()
        assert len(receiver.got) == tried
    assert statuses(endpoint) == ["DELIVERED", "SKIPPED"]
    ended = Delivery.objects.get(status="SKIPPED")
    assert (ended.decision_reason, ended.decided_by) == (f"端点已关闭：{REASON}", cast[second])
    kept = Event.objects.get(action="endpoint.closed")
    assert kept.actor == cast[second] and kept.data["ended"] == 1 and kept.data["reason"] == REASON
    # What was pushed is still to be read, under the endpoint's name.
    log = markup_of(mine.get(f"/exchange/deliveries/?endpoint={endpoint.pk}"))
    assert log.count(endpoint.name) >= 2 and "（已关闭）" in log
    page = markup_of(mine.get(f"/exchange/deliveries/{ended.webhook_id}/"))
    assert REASON in page and ">重发<" not in page
    told = Notification.objects.filter(user=cast["integrator_health"], title=f"端点已关闭：{endpoint.name}")
    assert told.count() == 1


def test_a_reason_is_asked_for(as_user, cast):
    endpoint = make_endpoint(9)
    answer = as_user("integrator_health").post(f"/exchange/endpoints/{endpoint.pk}/close/", {"reason": " 不用 "})
    assert answer.status_code == 422 and "至少 4 个字" in markup_of(answer)
    assert not EndpointChange.objects.exists()


def test_a_wish_to_close_can_be_taken_back(as_user, cast):
    endpoint = make_endpoint(9)
    browser = as_user("integrator_health")
    ask(browser, endpoint)
    browser.post(f"/exchange/endpoints/{endpoint.pk}/approve/", {"to": "withdraw"})
    assert not endpoint.changes.waiting().exists()
    make_event(1)
    fan_out_all()
    assert statuses(endpoint) == ["PENDING"]


def test_a_wish_to_close_takes_the_place_of_another_address(cast):
    endpoint = make_endpoint(9)
    EndpointChange.objects.create(
        endpoint=endpoint, url="http://127.0.0.1:10/x", granted_by=cast["integrator_health"], grants=[]
    )
    propose_closing(endpoint, reason=REASON, actor=cast["integrator_health"])
    assert [change.closing_reason for change in endpoint.changes.waiting()] == [REASON]


def test_only_the_owners_close(as_user, cast):
    endpoint = make_endpoint(9)
    assert ask(as_user("integrator_police"), endpoint).status_code == 404
    assert ask(as_user("reviewer_tinghu"), endpoint).status_code == 403
    assert not EndpointChange.objects.exists()


def test_the_name_can_be_used_again_but_only_after_the_end(cast):
    endpoint = closed(cast)
    values = {"name": endpoint.name, "url": "http://127.0.0.1:9/webhooks"}
    department = Department.objects.select_related("region").get(code="320902-HEALTH")
    made, _ = create_endpoint(department=department, values=values, wanted=[], actor=cast["integrator_health"])
    assert made.name == endpoint.name
    with pytest.raises(Rejected) as refused:
        create_endpoint(department=department, values=values, wanted=[], actor=cast["integrator_health"])
    assert refused.value.code == "EXC-311"


def test_a_closed_endpoint_is_only_looked_at(as_user, api, cast):
    endpoint = make_endpoint(9)
    make_event(1)
    fan_out_all()
    change = propose_closing(endpoint, reason=REASON, actor=cast["admin"])
    approve(change, seen=fingerprint(change), actor=cast["admin2"])
    endpoint.refresh_from_db()
    by, delivery, now = cast["integrator_health"], Delivery.objects.get(), timezone.now()
    acts = (
        lambda: change_endpoint(endpoint, values={"name": "x"}, wanted=None, actor=by),
        lambda: rotate_secret(endpoint=endpoint, actor=by),
        lambda: ping(endpoint=endpoint, actor=by),
        lambda: pause_endpoint(endpoint=endpoint, actor=by),
        lambda: resume_endpoint(endpoint=endpoint, actor=by),
        lambda: redeliver(delivery=delivery, actor=by),
        lambda: redeliver_range(endpoint=endpoint, since=now - timedelta(days=1), until=now, actor=by),
        lambda: propose_closing(endpoint, reason=REASON, actor=by),
    )
    for act in acts:
        with pytest.raises(Rejected) as refused:
            act()
        assert (refused.value.code, refused.value.status) == ("EXC-106", 409)
    browser = as_user("integrator_health")
    for page in ("edit", "rotate", "switch", "close"):
        assert browser.get(f"/exchange/endpoints/{endpoint.pk}/{page}/").status_code == 409, page
    page = markup_of(browser.get(f"/exchange/endpoints/{endpoint.pk}/"))
    assert "已关闭" in page and "发送测试" not in page and "轮换密钥" not in page
    overview = markup_of(browser.get("/exchange/"))
    assert "已关闭的端点（1 个）" in overview
    assert str(endpoint.pk) not in markup_of(browser.get("/exchange/redeliver-range/"))
    answer = api("integrator_health").patch(
        f"/api/v1/endpoints/{endpoint.pk}/", {"name": "x"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "EXC-106")
    assert api("integrator_health").get(f"/api/v1/endpoints/{endpoint.pk}/").json()["status"] == "CLOSED"
    assert not Event.objects.filter(action="endpoint.pinged").exists()


def test_a_push_that_is_under_way_is_left_to_its_try_and_ends_afterwards(cast):
    endpoint = make_endpoint(9)
    make_event(1)
    fan_out_all()
    soon = timezone.now() + timedelta(minutes=1)
    Delivery.objects.update(status="SENDING", lease="00000000-0000-0000-0000-000000000001", due_at=soon)
    change = propose_closing(endpoint, reason=REASON, actor=cast["admin"])
    approve(change, seen=fingerprint(change), actor=cast["admin2"])
    assert statuses(endpoint) == ["SENDING"]
    assert end_leftovers() == 0
    Delivery.objects.update(status="RETRY", lease=None)
    raise_alarms()
    assert statuses(endpoint) == ["SKIPPED"]
    assert Delivery.objects.get().decided_by == cast["admin2"]


def test_the_answer_gone_to_the_last_try_does_not_open_it_again(cast):
    endpoint = closed(cast)
    with connection.cursor() as cursor:
        _disable(cursor, endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.status == "CLOSED"
    assert not Event.objects.filter(action="endpoint.disabled").exists()


def test_its_subscriptions_are_gone_and_kept_in_the_record(cast):
    endpoint = make_endpoint(9)
    wanted = sorted(endpoint.subscriptions.values_list("region_id", "event_type"))
    assert wanted
    change = propose_closing(endpoint, reason=REASON, actor=cast["admin"])
    approve(change, seen=fingerprint(change), actor=cast["admin2"])
    assert not Subscription.objects.filter(endpoint=endpoint).exists()
    assert [tuple(pair) for pair in Event.objects.get(action="endpoint.closed").data["subscriptions"]] == wanted
