"""后台管理: rights by duty, two persons for a duty, read-only reference data, a calendar edit moves open clocks."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Deadline, Duty, Event, Notification, Region, SpecialDay, User

pytestmark = pytest.mark.django_db
DUTIES = "/admin/yancheng_childcare/duty/"


@pytest.fixture
def second(cast):
    """Another administrator, without any flag on the user."""
    user = User.objects.create_user("admin2", password="x" * 12, display_name="第二管理员")
    Duty.objects.create(
        user=user,
        role=Role.ADMIN,
        valid_from=date(2024, 1, 1),
        granted_by=cast["admin"],
        approved_by=cast["auditor_city"],
    )
    client = Client()
    client.force_login(user, backend="yancheng_childcare.signin.PortalBackend")
    return client


def grant(client, cast, **fields):
    data = {
        "user": cast["grid_tinghu"].pk,
        "role": Role.POLICE,
        "region": "320902",
        "department": "320902-POLICE",
        "uscc": "",
        "certificate_no": "",
        "valid_from": "2026-01-01",
        "valid_to": "",
        **fields,
    }
    return client.post(f"{DUTIES}add/", data)


def approve(client, duty):
    return client.post(DUTIES, {"action": "approve", "_selected_action": [duty.pk]}, follow=True)


def granted(cast):
    return Duty.objects.get(user=cast["grid_tinghu"], role=Role.POLICE)


def test_a_duty_takes_effect_only_when_a_second_administrator_approves(as_user, cast, second):
    assert grant(as_user("admin"), cast).status_code == 302
    duty = granted(cast)
    assert (duty.granted_by, duty.approved_by) == (cast["admin"], None)
    assert not Duty.objects.in_force().filter(pk=duty.pk).exists()
    html = approve(as_user("admin"), duty).content.decode()
    assert "须由另一名管理员批准" in html
    assert granted(cast).approved_by is None
    approve(second, duty)
    assert granted(cast).approved_by.username == "admin2"
    assert Duty.objects.in_force().filter(pk=duty.pk).exists()
    assert set(Event.objects.filter(action__startswith="duty.").values_list("action", flat=True)) == {
        "duty.granted",
        "duty.approved",
    }


def test_nobody_approves_a_duty_of_their_own(as_user, cast, second):
    grant(second, cast, user=cast["admin"].pk, role=Role.REVIEWER, department="320902-HEALTH")
    duty = Duty.objects.get(user=cast["admin"], role=Role.REVIEWER)
    assert "授予您本人" in approve(as_user("admin"), duty).content.decode()
    duty.refresh_from_db()
    assert duty.approved_by is None


def test_an_edit_needs_approval_again(as_user, cast, second):
    grant(as_user("admin"), cast)
    duty = granted(cast)
    approve(second, duty)
    data = {
        "user": duty.user_id, "role": duty.role, "region": "320903", "department": "320903-POLICE", "uscc": "",
        "certificate_no": "", "valid_from": "2026-01-01", "valid_to": "",
    }  # fmt: skip
    assert second.post(f"{DUTIES}{duty.pk}/change/", data).status_code == 302
    duty.refresh_from_db()
    assert (duty.granted_by.username, duty.approved_by) == ("admin2", None)


def test_an_impossible_duty_is_refused_in_chinese(as_user, cast):
    html = grant(as_user("admin"), cast, region="", department="").content.decode()
    assert "请选择职责的辖区" in html
    assert not Duty.objects.filter(user=cast["grid_tinghu"], role=Role.POLICE).exists()


@pytest.mark.parametrize("who", ["health_city", "auditor_city", "registrar_tinghu", "operator_xiaotaiyang"])
def test_without_the_duty_there_is_no_administration(as_user, cast, who):
    User.objects.filter(username=who).update(is_staff=True, is_superuser=True)
    assert as_user(who).get("/admin/").status_code == 403
    assert as_user(who).get(DUTIES).status_code == 403


@pytest.mark.parametrize("model", ["user", "duty", "region", "department", "specialday", "event"])
def test_every_list_opens(as_user, cast, model):
    assert as_user("admin").get(f"/admin/yancheng_childcare/{model}/").status_code == 200


@pytest.mark.parametrize("model", ["region", "department", "event"])
def test_reference_data_and_acts_cannot_be_written(as_user, cast, model):
    client = as_user("admin")
    assert client.get(f"/admin/yancheng_childcare/{model}/add/").status_code == 403
    if model == "region":
        path = f"/admin/yancheng_childcare/region/{Region.objects.first().pk}/"
        assert client.post(f"{path}change/", {"name": "改名"}).status_code == 403
        assert client.post(f"{path}delete/", {"post": "yes"}).status_code == 403


def test_a_calendar_edit_moves_open_clocks_and_says_so(as_user, cast):
    clock = Deadline.objects.create(
        subject="x:1", code="DL-X", label="试验时限", source="试验", region_id="320902", started_on=date(2026, 11, 23),
        days=5, due_on=date(2026, 11, 30),
    )  # fmt: skip
    data = {"day": "2026-11-25", "is_workday": "", "name": "试验放假", "source": "试验文件", "provisional": ""}
    response = as_user("admin").post("/admin/yancheng_childcare/specialday/add/", data, follow=True)
    assert "重新计算" in response.content.decode()
    assert SpecialDay.objects.get().is_workday is False
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 12, 1)
    assert Event.objects.filter(action="calendar.changed").exists()
    assert Notification.objects.filter(user=cast["health_city"], title__contains="工作日历").exists()


def test_a_new_person_has_no_rights_and_no_flags(as_user, cast):
    data = {
        "username": "new_person", "display_name": "新同事", "email": "",
        "password1": "correct-horse-9", "password2": "correct-horse-9",
    }  # fmt: skip
    response = as_user("admin").post("/admin/yancheng_childcare/user/add/", data)
    assert response.status_code == 302, response.content.decode()[:3000]
    user = User.objects.get(username="new_person")
    assert (user.is_staff, user.is_superuser, user.active_duties) == (False, False, [])
    assert (
        "is_superuser" not in as_user("admin").get(f"/admin/yancheng_childcare/user/{user.pk}/change/").content.decode()
    )


def test_registrations_are_shown_without_personal_fields(as_user, institution):
    found = institution()
    client = as_user("admin")
    assert found.name in client.get("/admin/registry/institution/").content.decode()
    html = client.get(f"/admin/registry/institution/{found.pk}/change/").content.decode()
    assert found.legal_rep_id_no not in html
    assert found.contact_phone not in html
    assert client.post(f"/admin/registry/institution/{found.pk}/change/", {"name": "x"}).status_code == 403
