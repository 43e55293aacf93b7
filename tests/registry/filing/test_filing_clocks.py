"""The clocks of a filing across 春节, 国庆, working Saturdays and into 2027; pausing twice; an edited holiday."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import timezone
from filing_cases import day, fresh

from registry.filing import clocks
from registry.filing.services import take_step
from yancheng_childcare.deadlines import recompute_open_deadlines
from yancheng_childcare.models import Deadline, Event, SpecialDay
from yancheng_childcare.workdays import received_on

pytestmark = pytest.mark.django_db


def due(filing, code):
    return Deadline.objects.running().get(subject=filing.subject, code=code)


# domain.md §14.3
@pytest.mark.parametrize(
    ("received", "answer", "nonconform"),
    [
        ("2026-02-12", "2026-02-26", "2026-03-11"),
        ("2026-09-18", "2026-09-24", None),
        ("2026-09-21", "2026-09-29", None),
        ("2026-09-30", "2026-10-13", None),
        ("2026-04-29", "2026-05-09", None),
        ("2026-11-23", "2026-11-30", "2026-12-14"),
    ],
)
def test_the_due_days_of_the_vectors(ready, operator, received, answer, nonconform):
    case = take_step(ready, "submit", actor=operator, received_on=day(received))
    assert due(case, clocks.RECEIPT).due_on == day(answer)
    if nonconform:
        assert due(case, clocks.NONCONFORM).due_on == day(nonconform)


def test_into_a_year_whose_calendar_is_not_out_yet(ready, operator):
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-12-24"))
    clock = due(case, clocks.NONCONFORM)
    assert clock.due_on == day("2027-01-15") and clock.provisional


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-11-23 17:29", "2026-11-23"), ("2026-11-23 17:30", "2026-11-24"), ("2026-11-27 18:00", "2026-11-28")],
)
def test_what_comes_after_the_office_closes_is_received_the_next_day(moment, expected):
    at = timezone.make_aware(datetime.fromisoformat(moment))
    assert received_on(at) == day(expected)


def test_pausing_twice_adds_only_the_days_that_stood_still(ready, operator, cast):
    reviewer = cast["reviewer_tinghu"]
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-11-23"))
    for since, until in (("2026-11-24", "2026-11-26"), ("2026-11-27", "2026-11-30")):
        case = take_step(case, "pause", actor=reviewer, cause="EXPERTISE", today=day(since))
        assert fresh(case).pause_reason.startswith("需要检验")
        case = take_step(case, "resume", actor=reviewer, today=day(until))
    # 5 working days from 23 November end on the 30th; 2 + 1 working days stood still
    assert due(case, clocks.RECEIPT).due_on == day("2026-12-03")
    assert due(case, clocks.RECEIPT).paused_days == 3


def test_a_correction_starts_the_review_anew_and_closes_its_own_clock(filing_in, operator):
    from filing_cases import answer_all

    case = filing_in("SUPPLEMENT")
    answer_all(case, operator)
    case = take_step(case, "resubmit", actor=operator, received_on=day("2026-11-30"))
    assert due(case, clocks.RECEIPT).due_on == day("2026-12-07")
    assert not Deadline.objects.running().filter(subject=case.subject, code=clocks.SUPPLEMENT).exists()


def test_a_holiday_edited_by_the_administrator_moves_open_cases_and_leaves_a_trace(ready, operator):
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-11-23"))
    SpecialDay.objects.create(day=date(2026, 11, 26), is_workday=False, name="试验放假", source="试验文件")
    recompute_open_deadlines(cause="试验放假")
    assert due(case, clocks.RECEIPT).due_on == day("2026-12-01")
    act = Event.objects.filter(action="deadline.recomputed", subject=case.subject, data__code=clocks.RECEIPT).first()
    assert (act.data["before"], act.data["after"]) == ("2026-11-30", "2026-12-01")
