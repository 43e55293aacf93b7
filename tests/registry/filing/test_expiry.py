"""The nightly run: papers that end, corrections that lapse, clocks that run out; each told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from filing_cases import day, fresh

from exchange.models import OutboxEvent
from registry.filing.casefile import CaseFile
from registry.filing.expiry import due_step, run_night
from registry.filing.services import take_step
from registry.models import Credential, Institution, Material, Post
from registry.people.facts import staff_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Notification

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("left", "step"),
    [(61, None), (60, 60), (45, 60), (30, 30), (16, 30), (15, 15), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)
def test_the_steps_of_a_reminder(left, step):
    assert due_step(left, (60, 30, 15, 7, 1)) == step


def test_a_material_is_announced_at_each_step_and_once(filing_in, operator):
    case = filing_in("FILED")
    today = today_here()
    until = today + timedelta(days=200)
    Material.objects.filter(filing=case, code="M05_FIRE").update(valid_to=until)
    Material.objects.filter(filing=case).exclude(code="M05_FIRE").update(valid_to=None)
    Credential.objects.update(valid_to=None)
    told = []
    for left in range(70, -3, -1):
        night = run_night(until - timedelta(days=left))
        told += [(left, words) for words in night.words.get(case.institution.uscc, []) if "消防" in words]
    assert [left for left, _ in told] == [60, 30, 15, 7, 1, -1]
    assert Material.objects.get(filing=case, code="M05_FIRE", replaced_at=None).status == "EXPIRED"
    event = OutboxEvent.objects.get(type="filing.expired")
    assert "消防" in event.data["reasons"][0]
    assert Notification.objects.filter(user=operator, body__contains="消防").count() == 6


def test_a_missed_night_is_made_up_for(filing_in):
    case = filing_in("FILED")
    until = today_here() + timedelta(days=200)
    Material.objects.filter(filing=case, code="M07_FOOD").update(valid_to=until)
    first = run_night(until - timedelta(days=20))  # nothing ran at 60 and 30
    assert any("食品经营许可证" in words and "20 天" in words for words in first.words[case.institution.uscc])
    assert not run_night(until - timedelta(days=20)).words


def test_an_expired_health_certificate_takes_a_carer_off_the_ratio_the_same_day(filing_in):
    case = filing_in("FILED")
    last = today_here() + timedelta(days=50)
    carer = Post.objects.current().filter(institution=case.institution, role="CARER").first()
    Credential.objects.filter(person=carer.person, kind="HEALTH").update(valid_to=last)

    def on_duty(on):
        return {s.post.pk for s in staff_of(case.institution, on) if s.may_work(on)}

    assert carer.pk in on_duty(last) and carer.pk not in on_duty(last + timedelta(days=1))
    finding = {f.id: f for f in CaseFile(fresh(case), last + timedelta(days=1)).findings}["R-RAT-01"]
    assert finding.value != {f.id: f for f in CaseFile(fresh(case), last).findings}["R-RAT-01"].value
    night = run_night(last + timedelta(days=1))
    assert any(carer.person.name in w and "不计入在岗" in w for w in night.words[case.institution.uscc])


def test_a_correction_that_does_not_come_lapses_and_loses_nothing(filing_in):
    case = filing_in("SUPPLEMENT")
    due = Deadline.objects.running().get(subject=case.subject, code="DL-SUPPLEMENT").due_on
    typed = {row.name: row.data for row in case.sections.all()}
    assert run_night(due).lapsed == 0
    assert run_night(due + timedelta(days=1)).lapsed == 1
    back = fresh(case)
    assert back.status == "DRAFT" and {row.name: row.data for row in back.sections.all()} == typed
    assert back.materials.current().count() == 7


def test_a_registration_ended_past_the_services_is_followed(filing_in, own):
    case = filing_in("FILED")
    Institution.objects.filter(pk=own.pk).update(
        status="REVOKED", terminated_on=today_here(), termination_reason="吊销"
    )
    assert run_night().followed == 1
    assert fresh(case).status == "CANCELLED"


def test_a_changed_registration_starts_the_promise_to_file_the_change(filing_in, own, cast):
    from registry.registration.services import change_institution

    filing_in("FILED")
    saved = Institution.objects.select_related("registry_org").get(pk=own.pk)
    change_institution(saved, changes={"legal_rep_name": "李新任"}, actor=cast["registrar_tinghu"])
    night = run_night()
    assert any("法定代表人" in words for words in night.words[own.uscc])
    assert Deadline.objects.running().filter(subject=own.subject, code="DL-CHANGE").exists()
    assert not run_night().words


def test_reviewers_are_reminded_and_the_city_hears_of_what_is_late(ready, operator, cast):
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-11-02"))
    first, city = cast["reviewer_tinghu"], cast["health_city"]

    def titles(user):
        return list(Notification.objects.filter(user=user, body__contains=case.no).values_list("title", flat=True))

    for date in ("2026-11-05", "2026-11-05", "2026-11-06", "2026-11-09"):
        run_night(day(date))
    assert titles(first).count("备案办理即将到期") == 3 and not titles(city)
    assert run_night(day("2026-11-10")).overdue == 1
    assert "备案办理超期" in titles(first) and "备案办理超期" in titles(city)


def test_each_running_clock_of_a_case_is_told_of_once(ready, operator, cast):
    """Two clocks run from the day materials are complete; that the first is late hides nothing of the second."""
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-11-02"))

    def told():
        mine = Notification.objects.filter(user=cast["reviewer_tinghu"], body__contains=case.no)
        return [words for words in mine.order_by("pk").values_list("body", flat=True) if "到期" in words]

    overdue = [run_night(day("2026-11-10") + timedelta(days=n)).overdue for n in (0, 0, 9, 10, 13, 14, 14)]
    first, second = ([w for w in told() if label in w] for label in ("“出具备案回执”", "“告知不符合”"))
    assert len(first) == 1 and "已超期" in first[0]
    assert [words.rpartition("，")[2] for words in second[:3]] == [
        "剩 2 个工作日。",
        "剩 1 个工作日。",
        "剩 0 个工作日。",
    ]
    assert len(second) == 4 and "已超期" in second[3]
    assert overdue == [1, 0, 0, 0, 0, 1, 0]


def test_a_year_without_confirmation(filing_in, operator):
    case = filing_in("FILED")
    later = today_here() + timedelta(days=366)
    assert any("满一年" in words for words in run_night(later).words[case.institution.uscc])
    take_step(case, "confirm_year", actor=operator, today=later)
    assert not any("满一年" in w for ws in run_night(later + timedelta(days=1)).words.values() for w in ws)


def test_a_rectification_that_does_not_come_is_told_to_both_sides_once(filing_in, cast):
    filing = filing_in("NONCONFORMING")
    due = filing.notices.latest("pk").due_on
    who = {"operator_xiaotaiyang": "整改期限已过", "chief_tinghu": "机构逾期没有整改"}

    def told() -> list[int]:
        return [Notification.objects.filter(user=cast[name], title=title).count() for name, title in who.items()]

    run_night(due)
    assert told() == [0, 0], "the last day is in time"
    for days in (1, 1, 2):
        run_night(due + timedelta(days=days))
    assert told() == [1, 1]
