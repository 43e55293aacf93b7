"""接口密钥: a department's integrators make, replace and end their keys themselves, and approve each other's (M11)."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from exchange.clients import issue_key
from exchange.models import ApiClient
from tests.pages import markup_of
from tests.presence import prove_presence
from yancheng_childcare.models import Department, Duty, Event, Notification, User

pytestmark = pytest.mark.django_db
KEYS = "/exchange/keys/"


def integrator(cast, username, department="320902-HEALTH"):
    user = User.objects.create_user(username, display_name=f"对接人{username}")
    Duty.objects.create(
        user=user, role="INTEGRATOR", region_id="320902", department_id=department, valid_from="2024-01-01",
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    cast[username] = user
    return user


@pytest.fixture
def colleague(cast):
    """A second integrator of 亭湖卫健."""
    return integrator(cast, "integrator_health2")


@pytest.fixture
def present(as_user, cast):
    """A browser whose person has just proved to be there."""
    return lambda username: prove_presence(as_user(username), cast[username])


def asks(key):
    return Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/endpoints/").status_code


def key_on(page):
    found = re.findall(r"yck_[\w-]{43}", markup_of(page))
    return found[0] if found else ""


def make(browser, name="前置机回执程序"):
    answer = browser.post(f"{KEYS}new/", {"name": name})
    assert (answer.status_code, answer.url) == (302, KEYS)
    return key_on(browser.get(KEYS))


def approve(browser, pk):
    path = f"{KEYS}{pk}/approve/"
    seen = re.search(r'name="seen" value="(\w+)"', markup_of(browser.get(path)))
    return browser.post(path, {"seen": seen[1] if seen else "", "to": "approve"}, follow=True)


@pytest.mark.parametrize("second", ["integrator_health2", "admin"])
def test_an_integrator_makes_a_key_and_another_person_lets_it_work(as_user, present, cast, colleague, second):
    browser = present("integrator_health")
    key = make(browser)
    made = ApiClient.objects.get()
    assert (made.user, made.department_id, made.granted_by) == (
        cast["integrator_health"], "320902-HEALTH", cast["integrator_health"],
    )  # fmt: skip
    assert key not in str(dict(browser.session)) and key not in markup_of(browser.get(KEYS))
    assert made.key_hash != key and asks(key) == 401
    assert "待批准" in markup_of(browser.get(KEYS))
    assert "须由本部门另一名对接人或平台管理员批准" in markup_of(approve(browser, made.pk))
    assert asks(key) == 401
    assert "现在可以使用" in markup_of(approve(as_user(second), made.pk))
    assert asks(key) == 200
    assert "可以使用" in markup_of(browser.get(KEYS))
    assert set(Event.objects.filter(action__startswith="api_client").values_list("action", flat=True)) == {
        "api_client.issued", "api_client.approved",
    }  # fmt: skip


def test_the_other_integrators_and_the_administrators_are_told_of_every_act(as_user, present, cast, colleague):
    browser = present("integrator_health")
    make(browser)
    made = ApiClient.objects.get()

    def titles(who):
        return list(Notification.objects.filter(user=cast[who], read_at=None).values_list("title", flat=True))

    for who in ("integrator_health2", "admin", "admin2"):
        assert titles(who) == ["新的接口密钥"], who
    assert not Notification.objects.filter(user=cast["integrator_police"]).exists()
    approve(as_user("integrator_health2"), made.pk)
    # Whoever was asked to approve has nothing left to do.
    assert titles("admin") == ["接口密钥已批准"] and titles("integrator_health2") == []
    browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"})
    browser.post(f"{KEYS}{made.pk}/end/")
    for who in ("integrator_health2", "admin2"):
        assert {"接口密钥已轮换", "接口密钥已作废"} <= set(titles(who)), who
    kept = Event.objects.filter(subject=f"user:{cast['integrator_health'].pk}", action__startswith="api_client")
    assert {e.action for e in kept} == {
        "api_client.issued", "api_client.approved", "api_client.rotated", "api_client.revoked",
    }  # fmt: skip
    assert {e.region_prefix for e in kept if e.action != "api_client.approved"} == {made.department.region.prefix}


def test_a_page_says_who_what_when_and_never_the_key(as_user, cast, colleague):
    made, key = issue_key(user=cast["integrator_health"], name="前置机", actor=cast["admin"])
    ApiClient.objects.update(last_used_on=timezone.localdate(), last_network="10.32.8.0/24")
    page = markup_of(as_user("integrator_health2").get(KEYS))
    for words in ("前置机", cast["integrator_health"].display_name, cast["admin"].display_name, "10.32.8.0/24",
                  f"{timezone.localtime(made.expires_at):%Y-%m-%d}", f"{key[:8]}…"):  # fmt: skip
        assert words in page, words
    assert key not in page and made.key_hash not in page


def test_keys_are_found_by_name_user_and_state(as_user, cast, colleague):
    for name, person in (("前置机", cast["integrator_health"]), ("报表", colleague)):
        issue_key(user=person, name=name, actor=person, department=Department.objects.get(code="320902-HEALTH"))
    ApiClient.objects.filter(name="报表").update(approved_by=cast["admin"])
    browser = as_user("integrator_health")
    asked = {
        "q=前置": "前",
        f"q={colleague.display_name}": "报",
        "state=force": "报",
        "state=waiting": "前",
        "state=x": "前报",
    }
    for query, found in asked.items():
        assert {row["key"].name[0] for row in browser.get(f"{KEYS}?{quote(query, '=&')}").context["rows"]} == set(
            found
        ), query
    assert "没有符合条件、可以使用的密钥" in browser.get(KEYS, {"q": "没有的"}).content.decode()


def test_keys_of_other_departments_do_not_exist(as_user, present, cast):
    made, _ = issue_key(user=cast["integrator_police"], name="公安的密钥", actor=cast["admin"])
    assert "公安的密钥" not in markup_of(as_user("integrator_health").get(KEYS))
    assert "公安的密钥" in markup_of(as_user("integrator_police").get(KEYS))
    assert "公安的密钥" in markup_of(as_user("admin").get(KEYS))
    for act in ("approve", "rotate", "end"):
        assert present("integrator_health").post(f"{KEYS}{made.pk}/{act}/").status_code == 404
    made.refresh_from_db()
    assert made.revoked_at is None


@pytest.mark.parametrize("path", ["new/", "{}/rotate/"])
def test_a_session_alone_gets_no_key(as_user, cast, path):
    user = cast["integrator_health"]
    user.set_password("a-password-of-mine-9")
    user.save(update_fields=["password"])
    made, _ = issue_key(user=user, name="前置机", actor=None)
    before = list(ApiClient.objects.values_list("pk", "key_hash"))
    answer = as_user("integrator_health").post(KEYS + path.format(made.pk), {"name": "x", "keep": "1"})
    assert answer.status_code == 302 and answer.url.startswith("/accounts/reauthenticate/")
    assert list(ApiClient.objects.values_list("pk", "key_hash")) == before


def test_a_new_key_takes_the_place_of_the_old_which_works_on_for_a_day(present, cast, settings):
    made, old = issue_key(user=cast["integrator_health"], name="前置机", actor=None)
    ends = made.expires_at
    browser = present("integrator_health")
    settings.API_KEY_OVERLAP_HOURS = 24
    assert "再用 24 小时" in markup_of(browser.get(f"{KEYS}{made.pk}/rotate/"))
    assert browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"}).url == KEYS
    page = browser.get(KEYS)
    new = key_on(page)
    made.refresh_from_db()
    both = f"{timezone.localtime(made.previous_until):%m-%d %H:%M}"
    assert new and new != old and "停用" in markup_of(page)
    page = markup_of(browser.get(KEYS))
    assert f"旧密钥用到 {both}" in page and f"{timezone.localtime(ends):%Y-%m-%d}" in page and new not in page
    # One person alone may not make it last longer than it was approved for.
    assert made.expires_at == ends
    assert (asks(old), asks(new)) == (200, 200)
    # A second time would end the key that is still in use.
    assert "旧密钥还在使用期内" in markup_of(browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"}))
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert (asks(old), asks(new)) == (200, 200)
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert (asks(old), asks(new)) == (401, 200)


def test_a_leaked_key_ends_at_once(present, cast):
    made, old = issue_key(user=cast["integrator_health"], name="前置机", actor=None)
    browser = present("integrator_health")
    browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "0"})
    page = browser.get(KEYS)
    assert "旧密钥已经停用" in markup_of(page)
    assert (asks(old), asks(key_on(page))) == (401, 200)


def test_an_ended_key_takes_its_former_one_along(as_user, present, cast, colleague):
    made, old = issue_key(user=cast["integrator_health"], name="前置机", actor=None)
    browser = present("integrator_health")
    browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"})
    new = key_on(browser.get(KEYS))
    other = as_user("integrator_health2")
    assert "不能恢复" in markup_of(other.get(f"{KEYS}{made.pk}/end/"))
    assert (asks(old), asks(new)) == (200, 200)
    page = markup_of(other.post(f"{KEYS}{made.pk}/end/", follow=True))
    assert "已作废" in page
    assert (asks(old), asks(new)) == (401, 401)


def test_nobody_gets_the_key_of_another(present, cast, colleague):
    """Whoever holds a key acts as its user, also in duties the other does not have."""
    made, key = issue_key(user=cast["integrator_health"], name="前置机", actor=None)
    browser = present("integrator_health2")
    assert browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"}).status_code == 403
    assert key_on(browser.get(KEYS)) == ""
    made.refresh_from_db()
    assert made.rotated_at is None and asks(key) == 200


def test_a_key_that_waits_is_not_replaced(present, cast):
    browser = present("integrator_health")
    make(browser)
    made = ApiClient.objects.get()
    answer = browser.post(f"{KEYS}{made.pk}/rotate/", {"keep": "1"})
    assert answer.status_code == 409 and "EXC-109" in markup_of(answer)


@pytest.mark.parametrize("how", ["ended", "moved", "stopped"])
def test_the_key_of_somebody_who_left_does_not_work(as_user, cast, colleague, how):
    """Not 403 as for a person without duties: it is no key any more."""
    user = cast["integrator_health"]
    _, key = issue_key(user=user, name="前置机", actor=None)
    ApiClient.objects.update(approved_by=cast["admin"])
    assert asks(key) == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    if how == "stopped":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        Duty.objects.filter(user=user).update(valid_to=yesterday)
    if how == "moved":
        Duty.objects.create(
            user=user, role="INTEGRATOR", region_id="320902", department_id="320902-POLICE", valid_from="2024-01-01",
            granted_by=cast["admin"], approved_by=cast["admin2"],
        )  # fmt: skip
    assert asks(key) == 401
    page = markup_of(as_user("integrator_health2").get(KEYS))
    assert "在本部门没有有效职责" in page


def test_who_serves_two_departments_says_for_which(present, cast):
    cast["two"] = integrator(cast, "two", "320902-POLICE")
    Duty.objects.create(
        user=cast["two"], role="INTEGRATOR", region_id="320902", department_id="320902-HEALTH", valid_from="2024-01-01",
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    browser = present("two")
    assert 'name="department"' in markup_of(browser.get(f"{KEYS}new/"))
    assert browser.post(f"{KEYS}new/", {"name": "x", "department": "320981-HEALTH"}).status_code == 422
    browser.post(f"{KEYS}new/", {"name": "x", "department": "320902-POLICE"})
    assert ApiClient.objects.get().department_id == "320902-POLICE"


def test_the_overview_leads_to_the_keys(as_user, exchange):
    assert f'href="{KEYS}"' in markup_of(as_user("integrator_health").get("/exchange/"))
    assert f'href="{KEYS}"' not in markup_of(as_user("health_city").get("/exchange/"))
    assert as_user("health_city").get(KEYS).status_code == 403
