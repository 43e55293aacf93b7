"""Clocks of cases: working days, pauses, and a calendar edited by the administrator."""

from __future__ import annotations

from datetime import date

import pytest

from yancheng_childcare.choices import ClockKind
from yancheng_childcare.deadlines import pause_deadlines, resume_deadline, start_deadline, stop_deadlines
from yancheng_childcare.models import Deadline, Event, Notification, Region, SpecialDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def start(reference):
    region = Region.objects.get(code="320902")

    def begin(today: date, days: int = 5, kind: str = ClockKind.WORKDAYS, code: str = "DL-X") -> Deadline:
        return start_deadline(
            subject="test:1",
            code=code,
            label="试验时限",
            source="试验",
            region=region,
            days=days,
            kind=kind,
            today=today,
        )

    return begin


def test_runs_over_the_spring_festival(start):
    assert start(date(2026, 2, 12)).due_on == date(2026, 2, 26)


def test_natural_days_do_not_care(start):
    assert start(date(2026, 2, 12), kind=ClockKind.DAYS).due_on == date(2026, 2, 17)


def test_one_open_clock_per_case_and_code(start):
    assert start(date(2026, 3, 2)).pk == start(date(2026, 3, 9)).pk


def pause(clock, reason, today):
    assert pause_deadlines(clock.subject, clock.code, reason=reason, today=today) == 1
    clock.refresh_from_db()


def test_pausing_twice_adds_the_paused_working_days(start):
    clock = start(date(2026, 3, 2))  # Monday; due 9 March
    assert clock.due_on == date(2026, 3, 9)
    pause(clock, "补正", date(2026, 3, 3))
    resume_deadline(clock, today=date(2026, 3, 5))
    assert clock.due_on == date(2026, 3, 11)
    pause(clock, "现场核实", date(2026, 3, 6))
    resume_deadline(clock, today=date(2026, 3, 9))
    assert clock.due_on == date(2026, 3, 12)


@pytest.mark.parametrize("kind", [ClockKind.DAYS, ClockKind.WORKDAYS])
def test_a_pause_never_shortens_a_term(start, kind):
    """Not even when the machine's clock was set back meanwhile."""
    clock = start(date(2026, 3, 2), kind=kind)
    before = clock.due_on
    pause(clock, "补正", date(2026, 3, 5))
    resume_deadline(clock, today=date(2026, 3, 3))
    assert clock.due_on == before


def test_a_paused_clock_is_not_overdue_and_cannot_be_paused_again(start):
    clock = start(date(2026, 3, 2))
    pause(clock, "补正", date(2026, 3, 3))
    assert not Deadline.objects.overdue(date(2026, 5, 1)).exists()
    assert pause_deadlines(clock.subject, clock.code, reason="再停", today=date(2026, 3, 4)) == 0
    clock.refresh_from_db()
    assert (clock.paused_on, clock.pause_reason) == (date(2026, 3, 3), "补正")


def test_a_holiday_edited_by_the_administrator_recomputes_open_clocks_and_leaves_a_trace(start, cast):
    open_clock = start(date(2026, 12, 24), days=15)
    assert (open_clock.due_on, open_clock.provisional) == (date(2027, 1, 15), True)
    closed = start(date(2026, 12, 24), days=15, code="DL-CLOSED")
    stop_deadlines("test:1", "DL-CLOSED", today=date(2026, 12, 25))
    for day in (4, 5):
        SpecialDay.objects.create(day=date(2027, 1, day), is_workday=False, name="元旦", source="国办通知（试验）")
    open_clock.refresh_from_db()
    closed.refresh_from_db()
    assert open_clock.due_on == date(2027, 1, 19)
    assert closed.due_on == date(2027, 1, 15)
    trace = Event.objects.filter(action="deadline.recomputed", subject="test:1")
    assert [e.data["after"] for e in trace.order_by("id")] == ["2027-01-18", "2027-01-19"]
    assert Notification.objects.filter(user=cast["health_city"], title__contains="时限").exists()


def test_deleting_a_special_day_recomputes_too(start, cast):
    clock = start(date(2026, 12, 24), days=15)
    day = SpecialDay.objects.create(day=date(2027, 1, 4), is_workday=False, name="元旦", source="国办通知（试验）")
    clock.refresh_from_db()
    assert clock.due_on == date(2027, 1, 18)
    day.delete()
    clock.refresh_from_db()
    assert clock.due_on == date(2027, 1, 15)
