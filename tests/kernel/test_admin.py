"""后台管理: rights by duty, two persons for a duty, read-only reference data, a calendar edit moves open clocks."""

from __future__ import annotations

import re
from datetime import date

import pytest

from registry.rules.identity import make_id_number
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Deadline, Duty, Event, Notification, Region, SpecialDay

pytestmark = pytest.mark.django_db
DUTIES = "/admin/yancheng_childcare/duty/"


@pytest.fixture
def second(as_user):
    """The other administrator."""
    return as_user("admin2")


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


def page_of(client, *rows, path=DUTIES):
    """The page that shows what would be approved, with the form it sends back."""
    chosen = {"action": "approve", "_selected_action": [row.pk for row in rows]}
    answer = client.post(path, chosen)
    html = answer.content.decode()
    return html, {**chosen, "confirmed": "yes", **dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))}


def approve(client, *rows, path=DUTIES):
    return client.post(path, page_of(client, *rows, path=path)[1], follow=True)


def granted(cast):
    return Duty.objects.get(user=cast["grid_tinghu"], role=Role.POLICE)


def test_a_duty_takes_effect_only_when_a_second_administrator_approves(as_user, cast, second):
    assert grant(as_user("admin"), cast).status_code == 302
    duty = granted(cast)
    assert (duty.granted_by, duty.approved_by) == (cast["admin"], None)
    assert not Duty.objects.in_force().filter(pk=duty.pk).exists()
    answer = approve(as_user("admin"), duty)
    assert answer.status_code == 403 and "由您提出，须由另一人批准" in answer.content.decode()
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
    assert not Duty.objects.in_force().filter(pk=duty.pk).exists()


def test_what_was_changed_after_it_was_shown_is_not_approved(as_user, cast, second):
    """security.md H4b: shown as 审计, edited to 负责人, approved as what it had become."""
    admin = as_user("admin")
    grant(admin, cast, role=Role.AUDITOR, region="", department="320900-AUDIT")
    duty = Duty.objects.get(user=cast["grid_tinghu"], role=Role.AUDITOR)
    html, form = page_of(second, duty)
    assert "审计管理员" in html and "grid_tinghu" in html
    change = {
        "role": Role.CHIEF, "region": "320902", "department": "320902-HEALTH", "uscc": "", "certificate_no": "",
        "valid_from": "2026-01-01", "valid_to": "",
    }  # fmt: skip
    assert admin.post(f"{DUTIES}{duty.pk}/change/", change).status_code == 302
    answer = second.post(DUTIES, form)
    assert answer.status_code == 409
    assert "在您打开页面后被改过，请重新核对" in answer.content.decode()
    duty.refresh_from_db()
    assert (duty.role, duty.approved_by) == (Role.CHIEF, None)
    assert approve(second, duty).status_code == 200
    duty.refresh_from_db()
    assert duty.approved_by == cast["admin2"]


def test_several_are_approved_together_or_not_at_all(as_user, cast, second):
    grant(as_user("admin"), cast)
    grant(second, cast, role=Role.LEGAL, department="320900-LEGAL", region="320900")
    rows = list(Duty.objects.filter(approved_by=None))
    assert len(rows) == 2
    assert approve(second, *rows).status_code == 403
    assert Duty.objects.filter(approved_by=None).count() == 2


def test_a_duty_stays_with_its_person(as_user, cast, second):
    grant(as_user("admin"), cast)
    duty = granted(cast)
    data = {
        "user": cast["leader_city"].pk, "role": duty.role, "region": "320902", "department": "320902-POLICE", "uscc": "",
        "certificate_no": "", "valid_from": "2026-01-01", "valid_to": "",
    }  # fmt: skip
    assert as_user("admin").post(f"{DUTIES}{duty.pk}/change/", data).status_code == 302
    duty.refresh_from_db()
    assert duty.user == cast["grid_tinghu"]


def test_an_edit_into_a_duty_the_person_has_is_refused_in_words(as_user, cast, second):
    """Found by the machine of one person: it was a server error."""
    grant(as_user("admin"), cast)
    grant(as_user("admin"), cast, role=Role.LEGAL)
    duty = Duty.objects.get(user=cast["grid_tinghu"], role=Role.LEGAL)
    data = {
        "role": Role.POLICE, "region": "320902", "department": "320902-POLICE", "uscc": "", "certificate_no": "",
        "valid_from": "2026-01-01", "valid_to": "",
    }  # fmt: skip
    answer = as_user("admin").post(f"{DUTIES}{duty.pk}/change/", data)
    assert "该用户已有相同的职责" in answer.content.decode()


def test_the_last_two_administrators_cannot_be_reduced(as_user, cast, second):
    """An edit waits for approval: with one administrator left nobody could approve any more."""
    duty = Duty.objects.get(user=cast["admin2"], role=Role.ADMIN)
    data = {
        "role": Role.ADMIN, "region": "", "department": "320900-PLATFORM", "uscc": "", "certificate_no": "",
        "valid_from": "2024-01-01", "valid_to": "2024-02-01",
    }  # fmt: skip
    answer = as_user("admin").post(f"{DUTIES}{duty.pk}/change/", data)
    assert "至少要有两名在用的管理员" in answer.content.decode()
    duty.refresh_from_db()
    assert duty.approved_by is not None
    user = f"/admin/yancheng_childcare/user/{cast['admin2'].pk}/change/"
    assert as_user("admin").post(user, {"display_name": "平台管理员乙"}).status_code == 409
    cast["admin2"].refresh_from_db()
    assert cast["admin2"].is_active


def test_an_impossible_duty_is_refused_in_chinese(as_user, cast):
    html = grant(as_user("admin"), cast, region="", department="").content.decode()
    assert "请选择职责的辖区" in html
    assert not Duty.objects.filter(user=cast["grid_tinghu"], role=Role.POLICE).exists()


@pytest.mark.parametrize("who", ["health_city", "auditor_city", "registrar_tinghu", "operator_xiaotaiyang"])
def test_without_the_duty_there_is_no_administration(as_user, cast, who):
    assert as_user(who).get("/admin/").status_code == 403
    assert as_user(who).get(DUTIES).status_code == 403


@pytest.mark.parametrize("model", ["user", "duty", "accountrequest", "region", "department", "specialday", "event"])
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


def test_registrations_are_shown_without_personal_fields(as_user, institution):
    found = institution()
    client = as_user("admin")
    assert found.name in client.get("/admin/registry/institution/").content.decode()
    html = client.get(f"/admin/registry/institution/{found.pk}/change/").content.decode()
    assert found.legal_rep_id_no not in html
    assert found.contact_phone not in html
    assert client.post(f"/admin/registry/institution/{found.pk}/change/", {"name": "x"}).status_code == 403


def test_an_identity_number_in_a_text_of_the_administration_is_refused(as_user, cast):
    """security.md M3: the doors of the portal refused them, the administration took them."""
    number = make_id_number("320902", date(1985, 1, 1), 23)
    answer = grant(as_user("admin"), cast, certificate_no=number)
    assert answer.status_code == 200 and "身份证号" in answer.content.decode()
    user = cast["grid_tinghu"]
    as_user("admin").post(f"/admin/yancheng_childcare/user/{user.pk}/change/", {"display_name": f"张三{number}"})
    user.refresh_from_db()
    assert number not in user.display_name
    assert not Duty.objects.filter(user=user, role=Role.POLICE).exists()


def test_a_subject_of_single_sign_on_may_look_like_a_number_because_it_is_not_kept(as_user, cast):
    number = make_id_number("320902", date(1985, 1, 1), 23)
    form = {"user": cast["grid_tinghu"].pk, "subject": number}
    assert as_user("admin").post("/admin/yancheng_childcare/linkedidentity/add/", form).status_code == 302
