"""待批准: what waits, shown with its fingerprint, approved by another, refused or withdrawn."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from exchange.clients import issue_key
from exchange.models import AllowedTarget, ApiClient
from yancheng_childcare.accounts.duties import grant
from yancheng_childcare.accounts.requests import ask, holds_duties
from yancheng_childcare.accounts.single_sign_on import link_identity
from yancheng_childcare.choices import AccountRequestKind, Role
from yancheng_childcare.models import Department, Duty, Event, Notification, User
from yancheng_childcare.waiting import may_approve, waiting_for

pytestmark = pytest.mark.django_db
LIST = "/desk/staff/approvals/"


@pytest.fixture
def second(as_user):
    """The other administrator."""
    return as_user("admin2")


@pytest.fixture
def duty(cast):
    """Granted by `admin`, waiting."""
    police = Department.objects.get(code="320902-POLICE")
    return grant(
        user=cast["grid_tinghu"], role=Role.POLICE, department=police, valid_from="2026-01-01", actor=cast["admin"]
    )


def seen_on(client, what, row):
    return re.search(r'name="seen" value="(\w+)"', client.get(f"{LIST}{what}/{row.pk}/").content.decode()).group(1)


def press(client, what, row, to, seen=None):
    return client.post(f"{LIST}{what}/{row.pk}/", {"to": to, "seen": seen or seen_on(client, what, row)}, follow=True)


def test_everything_that_waits_is_listed_whatever_its_kind(cast, second, duty):
    person, admin = cast["police_tinghu"], cast["admin"]
    ask(user=person, kind=AccountRequestKind.SECOND_FACTOR, actor=admin, reason="换手机")
    link_identity(user=person, subject="js-0001", actor=admin)
    issue_key(user=cast["integrator_police"], name="公安接口", actor=admin)
    AllowedTarget.objects.create(
        department_id="320902-POLICE", host="gate.example.gov.cn", cidr="10.32.8.0/24", port=443, reason="专网",
        granted_by=admin,
    )  # fmt: skip
    html = second.get(LIST).content.decode()
    for words in (
        "由您核对批准（5 项）",
        "职责",
        "账号申请",
        "统一身份",
        "接口密钥",
        "允许推送的目标",
        "网格员小许（grid_tinghu）",
    ):
        assert words in html
    assert may_approve(User.objects.get(username="admin2")) == 5
    assert "5" in second.get("/desk/").content.decode()
    mine = second.get("/desk/").content.decode()
    assert "待批准" in mine


def test_what_waits_is_narrowed_by_kind_and_by_what_is_said(cast, second, duty):
    link = AccountRequestKind.LINK
    ask(kind=link, user=cast["police_tinghu"], actor=cast["admin"], reason="新任职责")
    for query, found in {
        "what=duty": {"duty"},
        f"q={link.label}": {"accountrequest"},
        "what=x": {"duty", "accountrequest"},
    }.items():
        assert {row["what"] for row in second.get(f"{LIST}?{quote(query, '=&')}").context["mine"]} == found, query
    empty = second.get(LIST, {"q": "没有的", "what": "duty"}).content.decode()
    assert "没有符合条件的申请" in empty and "种类：职责" in empty


def test_ones_own_are_apart_with_the_reason(as_user, cast, duty):
    html = as_user("admin").get(LIST).content.decode()
    assert "由您核对批准（0 项）" in html and "须由另一人批准（1 项）" in html and "由您提出，须由另一人批准" in html
    assert may_approve(User.objects.get(username="admin")) == 0
    answer = press(as_user("admin"), "duty", duty, "approve")
    duty.refresh_from_db()
    assert answer.status_code == 422 and duty.approved_by is None


def test_what_one_gains_another_approves(as_user, cast):
    legal = Department.objects.get(code="320900-LEGAL")
    own = grant(user=cast["admin2"], role=Role.LEGAL, department=legal, valid_from="2026-01-01", actor=cast["admin"])
    html = as_user("admin2").get(f"{LIST}duty/{own.pk}/").content.decode()
    assert "授予您本人的" in html and 'value="approve"' not in html
    assert press(as_user("admin2"), "duty", own, "approve").status_code == 422
    own.refresh_from_db()
    assert own.approved_by is None


def test_the_page_shows_all_that_is_approved_and_it_takes_effect(cast, second, duty):
    html = second.get(f"{LIST}duty/{duty.pk}/").content.decode()
    for words in (
        "网格员小许（grid_tinghu）",
        "公安机关经办人",
        "盐城市公安局亭湖分局（320902-POLICE）",
        "平台管理员（admin）",
    ):
        assert words in html
    press(second, "duty", duty, "approve")
    duty.refresh_from_db()
    assert duty.approved_by == cast["admin2"] and Duty.objects.in_force().filter(pk=duty.pk).exists()
    assert second.get(LIST).content.decode().count("/approvals/duty/") == 0
    assert "已经批准" in second.get(f"{LIST}duty/{duty.pk}/").content.decode()


def test_what_was_changed_after_it_was_shown_is_neither_approved_nor_refused(cast, second, duty):
    seen = seen_on(second, "duty", duty)
    Duty.objects.filter(pk=duty.pk).update(role=Role.CHIEF)
    for to in ("approve", "refuse"):
        answer = press(second, "duty", duty, to, seen)
        assert answer.status_code == 422 and "在您打开页面后被改过" in answer.content.decode()
    duty.refresh_from_db()
    assert duty.approved_by is None and duty.valid_to is None


def test_another_refuses_and_who_asked_is_told(cast, second, duty):
    assert "已不予批准" in press(second, "duty", duty, "refuse").content.decode()
    duty.refresh_from_db()
    assert duty.is_over() and duty.approved_by is None
    assert Event.objects.filter(action="duty.refused", actor=cast["admin2"]).count() == 1
    assert Notification.objects.filter(user=cast["admin"], title="您提出的申请没有获批").count() == 1
    assert not waiting_for(User.objects.get(username="admin2"))
    answer = press(second, "duty", duty, "approve")
    assert answer.status_code == 422 and "已经结束" in answer.content.decode()


def test_a_refused_duty_still_closes_the_way_of_one_person(cast, second):
    """Otherwise one administrator grants, withdraws, and opens the account alone by a link."""
    fresh = User.objects.create(username="fresh", display_name="新人")
    legal = Department.objects.get(code="320900-LEGAL")
    duty = grant(user=fresh, role=Role.LEGAL, department=legal, valid_from="2026-01-01", actor=cast["admin"])
    press(second, "duty", duty, "refuse")
    assert holds_duties(fresh)


def test_who_asked_withdraws(as_user, cast, duty):
    assert "已撤回" in press(as_user("admin"), "duty", duty, "refuse").content.decode()
    assert Event.objects.filter(action="duty.withdrawn", actor=cast["admin"]).count() == 1
    assert not Notification.objects.filter(user=cast["admin"], title="您提出的申请没有获批").exists()


def test_keys_and_hosts_are_refused_as_well(cast, second):
    key, _ = issue_key(user=cast["integrator_police"], name="公安接口", actor=cast["admin"])
    host = AllowedTarget.objects.create(
        department_id="320902-POLICE", host="gate.example.gov.cn", cidr="10.32.8.0/24", port=443, reason="专网",
        granted_by=cast["admin"],
    )  # fmt: skip
    press(second, "apiclient", key, "refuse")
    press(second, "allowedtarget", host, "refuse")
    assert ApiClient.objects.get(pk=key.pk).revoked_at is not None
    assert not AllowedTarget.objects.filter(pk=host.pk).exists()


def test_the_code_of_a_link_is_shown_once_to_who_approves(cast, second):
    request, _ = ask(user=cast["police_tinghu"], kind=AccountRequestKind.LINK, actor=cast["admin"], reason="忘记密码")
    html = press(second, "accountrequest", request, "approve").content.decode()
    assert "批准码只显示这一次" in re.sub(r"</?strong>", "", html)
    code = re.search(r"<code>(\w{10})</code>", html).group(1)
    assert code not in second.get(f"{LIST}accountrequest/{request.pk}/").content.decode()


def test_whom_a_refused_key_was_for_is_told_and_nobody_is_asked_any_more(cast, second):
    user = cast["integrator_police"]
    key, _ = issue_key(user=user, name="公安接口", actor=cast["admin"])
    asked = Notification.objects.filter(user=cast["admin2"], url=f"/exchange/keys/{key.pk}/approve/", read_at=None)
    assert asked.exists()
    press(second, "apiclient", key, "refuse")
    told = Notification.objects.get(user=user, title="为您提出的申请没有生效")
    assert str(key) in told.body and "不予批准" in told.body
    assert not asked.exists()


def test_unknown_kinds_and_rows_are_not_found(second):
    for path in ("duty/999999999/", "user/1/", "nothing/1/"):
        assert second.get(f"{LIST}{path}").status_code == 404


def test_what_one_person_asked_for_is_approved_on_one_page_all_or_none(as_user, cast, second, duty):
    legal = Department.objects.get(code="320900-LEGAL")
    other = grant(
        user=cast["leader_city"], role=Role.LEGAL, department=legal, valid_from="2026-01-01", actor=cast["admin"]
    )
    own = grant(user=cast["admin2"], role=Role.LEGAL, department=legal, valid_from="2026-01-01", actor=cast["admin"])
    there = f"{LIST}together/?what=duty&by={cast['admin'].pk}"
    assert there.replace("&", "&amp;") in second.get(LIST).content.decode()
    html = second.get(there).content.decode()
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))
    assert set(seen) == {f"seen-{duty.pk}", f"seen-{other.pk}"} and "张市长助理（leader_city）" in html
    answer = second.post(there, {**seen, f"seen-{own.pk}": "x"})
    assert answer.status_code == 422 and "授予您本人的" in answer.content.decode()
    assert not Duty.objects.filter(pk__in=[duty.pk, other.pk], approved_by__isnull=False).exists()
    assert "已批准 2 项" in second.post(there, seen, follow=True).content.decode()
    assert Duty.objects.filter(pk__in=[duty.pk, other.pk], approved_by=cast["admin2"]).count() == 2
    assert second.post(there, {}).status_code == 422
    assert second.get(f"{LIST}together/?what=accountrequest").status_code == 302


def test_the_list_costs_no_query_per_row(cast, second, django_assert_max_num_queries):
    for number in range(30):
        user = User.objects.create(username=f"many{number}", display_name=f"多{number}")
        Duty.objects.create(
            user=user, role=Role.LEGAL, region_id="320900", department_id="320900-LEGAL", valid_from="2026-01-01",
            granted_by=cast["admin"],
        )  # fmt: skip
    second.get(LIST)
    with django_assert_max_num_queries(16):
        assert second.get(LIST).content.decode().count("/approvals/duty/") == 30
