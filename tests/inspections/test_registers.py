"""一单两库: who enters, who approves, what the lists say, what ends, and who is told before a certificate ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inspections.models import EnforcementSubject, Matter, Officer, Tie
from inspections.registers import tell_ends
from registry.models import Institution
from tests.pages import page_of
from yancheng_childcare.accounts.duties import grant
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department, Event, Notification, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registers")]
BASE = "/desk/inspections/registers/"
NEW = {
    "code": "HEALTH-09",
    "name": "托育机构用药检查",
    "field": "HEALTH",
    "level": "COUNTY",
    "basis": "《托育机构管理规范》第二十条",
}
APPROVALS = "/desk/staff/approvals/"


def decide(client: Client, what: str, row: Any, to: str) -> Any:
    url = f"{APPROVALS}{what}/{row.pk}/"
    seen = re.search(r'name="seen" value="(\w+)"', client.get(url).content.decode())
    assert seen
    return client.post(url, {"to": to, "seen": seen.group(1)}, follow=True)


@pytest.fixture
def colleague(cast: dict[str, Any]) -> User:
    """A third inspector of the health bureau, without a certificate yet."""
    person = User.objects.create(username="inspector_third", display_name="卫新证")
    duty = grant(
        user=person, role=Role.INSPECTOR, department=Department.objects.get(code="320902-HEALTH"),
        certificate_no="苏卫监09020777", valid_from="2026-01-01", actor=cast["admin"],
    )  # fmt: skip
    duty.approved_by = cast["admin2"]
    duty.save()
    return person


def certificate(colleague: User, **changed: Any) -> dict[str, Any]:
    subject = EnforcementSubject.objects.get(department="320902-HEALTH")
    day = timezone.localdate()
    return {
        "subject": subject.pk, "user": colleague.pk, "certificate_no": "苏卫监09020777", "valid_from": day,
        "valid_to": day + timedelta(days=400), **changed,
    }  # fmt: skip


def test_a_matter_is_entered_by_legal_and_counts_when_an_administrator_approved_it(
    as_user: Callable[[str], Client],
) -> None:
    legal = as_user("legal_city")
    assert legal.post(f"{BASE}matters/new/", NEW | {"published_on": "2026-01-01"}).url == f"{BASE}matters/"
    row = Matter.objects.get(code="HEALTH-09")
    assert (
        row.approved_by is None
        and "托育机构用药检查 HEALTH-09" in page_of(legal.get(f"{BASE}matters/?state=waiting")).text
    )
    assert "检查事项" in as_user("admin").get(APPROVALS).content.decode()
    assert decide(as_user("admin"), "matter", row, "approve").status_code == 200
    row.refresh_from_db()
    assert row.approved_by is not None and row.usable_on(timezone.localdate())
    assert "托育机构用药检查" in page_of(legal.get(f"{BASE}matters/?state=force")).text


def test_a_refused_body_is_ended_not_lost_and_may_be_entered_again(as_user: Callable[[str], Client]) -> None:
    legal, asked = as_user("legal_city"), {
        "department": "320902-FIRE", "announced_on": "2026-01-01", "announcement": "消防公告", "principal": "", "commission": "",
    }  # fmt: skip
    legal.post(f"{BASE}subjects/new/", asked)
    row = EnforcementSubject.objects.get(department="320902-FIRE")
    assert row.field == "FIRE", "the field is that of the department"
    decide(as_user("admin"), "enforcementsubject", row, "refuse")
    row.refresh_from_db()
    assert (row.ended_on, row.approved_by) == (timezone.localdate(), None)
    assert legal.post(f"{BASE}subjects/new/", asked).status_code == 302
    row.refresh_from_db()
    assert row.ended_on is None and EnforcementSubject.objects.filter(department="320902-FIRE").count() == 1
    answer = legal.post(f"{BASE}subjects/new/", asked)
    assert answer.status_code == 422 and "已经登记为检查主体" in answer.content.decode()


def test_a_commission_is_in_writing(as_user: Callable[[str], Client]) -> None:
    asked = {
        "department": "320902-FIRE",
        "announced_on": "2026-01-01",
        "announcement": "公告",
        "principal": "320902-HEALTH",
    }
    answer = as_user("legal_city").post(f"{BASE}subjects/new/", asked | {"commission": ""})
    assert answer.status_code == 422 and "委托书文号" in answer.content.decode()


def test_a_head_enters_officers_of_the_own_body_alone(as_user: Callable[[str], Client], colleague: User) -> None:
    page = f"{BASE}officers/new/"
    other = EnforcementSubject.objects.get(department="320902-MARKET")
    assert as_user("head_tinghu").post(page, certificate(colleague, subject=other.pk)).status_code == 422
    assert as_user("head_market").post(page, certificate(colleague, subject=other.pk)).status_code == 422
    assert not Officer.objects.filter(user=colleague).exists()
    assert as_user("head_tinghu").post(page, certificate(colleague)).status_code == 302
    row = Officer.objects.get(user=colleague)
    today = timezone.localdate()
    assert not Officer.objects.certified(today).filter(pk=row.pk).exists()
    decide(as_user("admin"), "officer", row, "approve")
    assert Officer.objects.certified(today).filter(pk=row.pk).exists()
    assert "卫新证" not in as_user("head_market").get(f"{BASE}officers/").content.decode()


def test_a_certificate_that_ended_is_renewed_under_its_number(
    as_user: Callable[[str], Client], colleague: User
) -> None:
    day, head = timezone.localdate(), as_user("head_tinghu")
    head.post(f"{BASE}officers/new/", certificate(colleague))
    row = Officer.objects.get(user=colleague)
    decide(as_user("admin"), "officer", row, "approve")
    again = certificate(colleague, valid_to=day + timedelta(days=900))
    assert head.post(f"{BASE}officers/new/", again).status_code == 422, "it holds for longer than sixty days"
    Officer.objects.filter(pk=row.pk).update(valid_from=day - timedelta(days=9), valid_to=day - timedelta(days=1))
    assert "证件已到期" in page_of(head.get(f"{BASE}officers/?state=expired")).text
    assert head.post(f"{BASE}officers/new/", again).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == day + timedelta(days=900) and row.approved_by is None


@pytest.mark.parametrize(
    ("who", "which", "model"),
    [
        ("legal_city", "subjects", EnforcementSubject),
        ("admin", "matters", Matter),
        ("head_tinghu", "officers", Officer),
    ],
)
def test_ending_needs_a_reason_and_is_kept(as_user: Callable[[str], Client], who: str, which: str, model: Any) -> None:
    rows = model.objects.filter(subject__department="320902-HEALTH") if which == "officers" else model.objects.all()
    row, client = rows.filter(ended_on=None).first(), as_user(who)
    url = f"{BASE}{which}/{row.pk}/end/"
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "工作调整，不再承担"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_on == timezone.localdate()
    assert Event.objects.get(action=f"{row.ACT}.ended").data["reason"] == "工作调整，不再承担"
    assert client.post(url, {"reason": "再次停用一次"}).status_code == 422


def test_a_tie_is_declared_by_the_officer_and_seen_by_the_own_head(
    as_user: Callable[[str], Client], cast: dict[str, Any], place: Institution
) -> None:
    officer, asked = (
        as_user("inspector_tinghu1"),
        {"user": cast["inspector_tinghu1"].pk, "uscc": place.uscc, "kind": "CHILD"},
    )
    assert officer.post(f"{BASE}ties/new/", asked | {"user": cast["inspector_tinghu2"].pk}).status_code == 422
    assert officer.post(f"{BASE}ties/new/", asked).status_code == 302
    assert place.name in page_of(as_user("head_tinghu").get(f"{BASE}ties/")).text
    for who in ("head_market", "inspector_tinghu2"):
        assert place.name not in page_of(as_user(who).get(f"{BASE}ties/")).text, who
    assert not Officer.objects.without_tie(place.uscc).filter(user=cast["inspector_tinghu1"]).exists()
    assert "已经登记" in officer.post(f"{BASE}ties/new/", asked).content.decode()
    tie = Tie.objects.get()
    assert officer.post(f"{BASE}ties/{tie.pk}/end/", {"reason": "孩子已经离园"}).status_code == 403
    assert as_user("head_tinghu").post(f"{BASE}ties/{tie.pk}/end/", {"reason": "孩子已经离园"}).status_code == 302
    assert Officer.objects.without_tie(place.uscc).filter(user=cast["inspector_tinghu1"]).exists()


def test_the_head_is_told_once_before_a_certificate_ends(cast: dict[str, Any]) -> None:
    day = timezone.localdate()
    row = cast["inspector_tinghu1"].certificates.get()
    told = Notification.objects.filter(title="执法证即将到期")
    before = tell_ends(day), told.count()
    assert before == (0, 0)
    Officer.objects.filter(pk=row.pk).update(valid_to=day + timedelta(days=61))
    assert tell_ends(day) == 0
    assert (tell_ends(day + timedelta(days=1)), tell_ends(day + timedelta(days=2))) == (1, 0)
    assert [note.user for note in told] == [cast["head_tinghu"]]
    Officer.objects.filter(pk=row.pk).update(valid_to=day + timedelta(days=50))
    assert tell_ends(day) == 1, "another last day is another message"


def test_empty_lists_lead_on(as_user: Callable[[str], Client]) -> None:
    seen = page_of(as_user("legal_city").get(f"{BASE}matters/", {"q": "没有这样的"}))
    assert "没有符合条件的登记" in seen.text and seen.links["清除全部条件"] == f"{BASE}matters/"
    assert "还没有登记" in page_of(as_user("auditor_city").get(f"{BASE}ties/")).text
