"""人员与职责: the list and its filters, a new person, duties granted and ended, acts on an account."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from registry.rules.identity import make_id_number
from yancheng_childcare.choices import AccountRequestKind, Role
from yancheng_childcare.models import AccountRequest, Duty, Event, LinkedIdentity, Notification, User
from yancheng_childcare.pages.staff import card

pytestmark = pytest.mark.django_db
LIST = "/desk/staff/"


@pytest.fixture
def admin(as_user):
    return as_user("admin")


def person_page(person):
    return f"{LIST}people/{person.pk}/"


def grant(client, person, role, **fields):
    data = {"valid_from": "2026-01-01", **fields}
    return client.post(f"{person_page(person)}grant/?role={role}", data)


def names(answer):
    return re.findall(r'class="code"\s*>(\w+)</small>', answer.content.decode())


def test_the_list_says_who_may_do_what(admin, cast):
    html = admin.get(LIST, {"q": "inspector_tinghu1"}).content.decode()
    for words in ("吴执法", "持证执法人员", "亭湖区卫生健康委员会", "苏卫监09020101", "2024-01-01", "长期", "有效"):
        assert words in html


def test_role_area_and_state_are_asked_of_one_duty(admin, cast):
    granter, approver = cast["admin"], cast["admin2"]
    Duty.objects.create(
        user=cast["reviewer_dongtai"], role=Role.GRID, region_id="320902", valid_from="2024-01-01",
        granted_by=granter, approved_by=approver,
    )  # fmt: skip
    here = {"role": Role.REVIEWER, "area": "320902"}
    assert names(admin.get(LIST, here)) == ["reviewer_tinghu", "reviewer_tinghu2"]
    assert names(admin.get(LIST, {"state": "over"})) == ["inspector_expired"]
    assert names(admin.get(LIST, {"state": "off"})) == ["demo_approver", "demo_granter"]
    assert "inspector_expired" not in names(admin.get(LIST, {"role": Role.INSPECTOR, "state": "force"}))
    grant(admin, cast["grid_tinghu"], Role.POLICE, department="320902-POLICE")
    assert names(admin.get(LIST, {"state": "waiting"})) == ["grid_tinghu"]


def test_nothing_found_says_what_to_do_and_odd_values_never_fail(admin):
    assert "没有符合条件的人员" in admin.get(LIST, {"q": "查无此人"}).content.decode()
    for odd in ({"role": "BOSS"}, {"area": "'"}, {"page": "999999"}, {"page": "x"}):
        assert admin.get(LIST, odd).status_code == 200


def test_a_page_of_the_list_costs_the_same_for_three_and_for_thirty(admin, cast, django_assert_max_num_queries):
    for number in range(40):
        user = User.objects.create(username=f"z_many{number:02}", display_name=f"多{number}")
        Duty.objects.create(
            user=user, role=Role.LEGAL, region_id="320900", department_id="320900-LEGAL", valid_from="2026-01-01",
            granted_by=cast["admin"], approved_by=cast["admin2"],
        )  # fmt: skip
    admin.get(LIST)
    with django_assert_max_num_queries(8):
        assert len(names(admin.get(LIST, {"q": "z_many"}))) == 25


def test_a_new_person_has_no_duty_and_the_link_is_shown_once(admin, cast):
    answer = admin.post(f"{LIST}new/", {"display_name": "新人", "username": "new_person", "email": ""})
    made = User.objects.get(username="new_person")
    assert answer.url == person_page(made)
    admin.get(person_page(cast["police_tinghu"]))  # a page that shows secrets as well leaves this one
    link = re.search(r"/accounts/link/([\w-]+)/", admin.get(answer.url).content.decode())
    assert link and not made.has_usable_password() and not made.duties.exists()
    assert link.group(1) not in admin.get(person_page(made)).content.decode()
    assert admin.get(f"/accounts/link/{link.group(1)}/").status_code == 200


def test_a_taken_user_name_and_an_identity_number_are_refused_at_their_fields(admin):
    answer = admin.post(
        f"{LIST}new/", {"display_name": make_id_number("320902", date(1985, 6, 1), 1), "username": "admin2"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422 and "已有这个用户名" in html and "这里有身份证号码" in html


def test_a_role_asks_only_for_what_it_needs(admin, cast):
    there = f"{person_page(cast['grid_tinghu'])}grant/"
    assert 'type="radio"' in admin.get(there).content.decode()
    assert admin.get(there, {"next": "1"}).status_code == 422  # went on without a choice
    wanted = r'name="(department|region|uscc|certificate_no)"'
    asked = {
        role: set(re.findall(wanted, admin.get(there, {"role": role}).content.decode()))
        for role in (Role.OPERATOR, Role.GRID, Role.INSPECTOR, Role.ADMIN, Role.REVIEWER)
    }  # fmt: skip
    assert asked == {
        Role.OPERATOR: {"uscc"}, Role.GRID: {"region"}, Role.INSPECTOR: {"department", "region", "certificate_no"},
        Role.ADMIN: {"department"}, Role.REVIEWER: {"department", "region"},
    }  # fmt: skip
    html = admin.get(there, {"role": Role.POLICE}).content.decode()
    assert "320902-POLICE" in html and "320902-HEALTH" not in html


def test_a_granted_duty_takes_its_area_from_the_department_and_waits(admin, cast):
    assert grant(admin, cast["grid_tinghu"], Role.POLICE, department="320902-POLICE").status_code == 302
    duty = Duty.objects.get(user=cast["grid_tinghu"], role=Role.POLICE)
    assert (duty.region_id, duty.granted_by, duty.approved_by) == ("320902", cast["admin"], None)
    assert not Duty.objects.in_force().filter(pk=duty.pk).exists()
    assert "待批准" in admin.get(person_page(cast["grid_tinghu"])).content.decode()
    again = grant(admin, cast["grid_tinghu"], Role.POLICE, department="320902-POLICE")
    assert again.status_code == 422 and "正在等待批准" in again.content.decode()


@pytest.mark.parametrize(
    ("role", "fields", "words"),
    [
        (Role.REVIEWER, {"department": "320902-HEALTH", "region": "320981"}, "辖区应在亭湖区卫生健康委员会的辖区"),
        (Role.REVIEWER, {"department": "320902-POLICE"}, "请从列表中选择部门"),
        (Role.INSPECTOR, {"department": "320902-HEALTH"}, "请填写执法证号"),
        (Role.OPERATOR, {"uscc": "91320902MA0ZZZZZZ1"}, "登记簿里没有这个统一社会信用代码"),
        (Role.LEGAL, {"department": "320900-LEGAL", "valid_to": "2026-01-02"}, "结束日期不能早于今天"),
        (Role.GRID, {}, "请选择辖区"),
    ],
)
def test_what_does_not_go_together_is_refused_in_chinese(admin, cast, role, fields, words):
    answer = grant(admin, cast["leader_city"], role, **fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Duty.objects.filter(user=cast["leader_city"], role=role).exists()


def test_an_operator_is_granted_for_an_institution_of_the_register(admin, cast, institution):
    place = institution()
    pasted = f"{place.uscc[:8]} {place.uscc[8:].lower()}"
    assert grant(admin, cast["grid_tinghu"], Role.OPERATOR, uscc=pasted).status_code == 302
    html = admin.get(person_page(cast["grid_tinghu"])).content.decode()
    assert place.name in html


def test_a_duty_ends_today_or_at_once_and_begins_anew_only_by_two(admin, cast):
    person, today = cast["police_tinghu"], timezone.localdate()
    duty = person.duties.get()
    there = f"{LIST}duties/{duty.pk}/end/"
    assert "即刻结束" in admin.get(there).content.decode()
    admin.post(there, {"when": "today"})
    duty.refresh_from_db()
    assert duty.valid_to == today and Duty.objects.in_force().filter(pk=duty.pk).exists()
    admin.post(there, {"when": "now"})
    duty.refresh_from_db()
    assert duty.valid_to == today - timedelta(days=1) and not Duty.objects.in_force().filter(pk=duty.pk).exists()
    assert Event.objects.filter(action="duty.ended", subject=f"user:{person.pk}").count() == 2
    assert Notification.objects.filter(user=person, title="您的职责已结束").count() == 2
    assert admin.post(there, {"when": "now"}).status_code == 422
    assert grant(admin, person, Role.POLICE, department="320902-POLICE").status_code == 302
    duty.refresh_from_db()
    assert (duty.approved_by, duty.valid_to) == (None, None)


def test_the_last_administrator_but_one_is_not_ended_and_not_switched_off(admin, cast):
    duty = cast["admin2"].duties.get()
    answer = admin.post(f"{LIST}duties/{duty.pk}/end/", {"when": "now"})
    assert answer.status_code == 422 and "至少要有两名在用的管理员" in answer.content.decode()
    off = admin.post(f"{person_page(cast['admin2'])}acts/off/")
    assert off.status_code == 422 and "至少要有两名在用的管理员" in off.content.decode()
    assert User.objects.get(username="admin2").is_active


def test_a_waiting_duty_is_withdrawn_and_not_ended(admin, cast):
    grant(admin, cast["grid_tinghu"], Role.POLICE, department="320902-POLICE")
    duty = Duty.objects.get(user=cast["grid_tinghu"], role=Role.POLICE)
    answer = admin.post(f"{LIST}duties/{duty.pk}/end/", {"when": "now"})
    assert answer.status_code == 422 and "撤回或不予批准" in answer.content.decode()


def test_link_second_factor_and_address_are_asked_for(admin, cast):
    person = cast["police_tinghu"]
    link = admin.post(f"{person_page(person)}acts/link/", {"reason": "忘记密码"}, follow=True)
    assert "还须另一名管理员批准" in link.content.decode() and "/accounts/link/" in link.content.decode()
    assert admin.post(f"{person_page(person)}acts/factor/", {"reason": "换手机"}).status_code == 302
    data = {"email": "shi@example.com", "reason": "换单位邮箱"}
    assert admin.post(f"{person_page(person)}acts/email/", data).status_code == 302
    asked = AccountRequest.objects.filter(user=person, needs_second=True, granted_by=cast["admin"])
    assert set(asked.values_list("kind", flat=True)) == set(AccountRequestKind.values)
    assert User.objects.get(pk=person.pk).email == ""
    html = admin.get(person_page(person)).content.decode()
    assert html.count("/approvals/accountrequest/") == 3
    assert admin.post(f"{person_page(person)}acts/factor/", {}).status_code == 422


def test_data_are_edited_and_an_account_is_switched_off(admin, cast):
    person = cast["police_tinghu"]
    admin.post(f"{person_page(person)}acts/edit/", {"display_name": "施公安甲", "email": "own@example.com"})
    person.refresh_from_db()
    assert (person.display_name, person.email) == ("施公安甲", "")  # an address takes two persons
    assert admin.post(f"{person_page(person)}acts/off/").status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    html = admin.get(person_page(person)).content.decode()
    assert "已停用" in html and "acts/off/" not in html


def test_an_outside_identity_is_entered_and_ended_but_never_ones_own(admin, cast):
    person = cast["police_tinghu"]
    assert admin.post(f"{person_page(person)}acts/identity/", {"subject": "js-0001"}).status_code == 302
    row = LinkedIdentity.objects.get(user=person)
    assert (row.granted_by, row.approved_by) == (cast["admin"], None)
    again = admin.post(f"{person_page(cast['grid_tinghu'])}acts/identity/", {"subject": "js-0001"})
    assert again.status_code == 422 and "已登记给一个用户" in again.content.decode()
    own = admin.post(f"{person_page(cast['admin'])}acts/identity/", {"subject": "js-0002"})
    assert own.status_code == 422 and "不能办理本人的统一身份" in own.content.decode()
    assert admin.post(f"{LIST}identities/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


def test_an_act_nobody_knows_is_not_found(admin, cast):
    assert admin.get(f"{person_page(cast['admin'])}acts/promote/").status_code == 404
    assert admin.get(f"{LIST}people/999999999/").status_code == 404


@pytest.mark.parametrize(("enabled", "offered"), [(True, ["staff:approvals", "staff:people"]), (False, [])])
def test_desks_offer_the_pages_only_where_the_administration_is(settings, monkeypatch, enabled, offered):
    """On the outer host there is no such address, and a desk that named it would fail."""
    found = []
    settings.ADMIN_ENABLED = enabled
    monkeypatch.setattr(card, "add_card", found.append)
    card.add_cards()
    assert [one.route for one in found] == offered
