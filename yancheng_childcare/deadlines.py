"""Clocks of cases: start, pause, resume, stop, and recompute when the calendar changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .choices import ClockKind, Role
from .models import Deadline
from .notifications import holders, notify
from .problems import Problem, Rejected
from .records import log_event
from .workdays import add_workdays, is_provisional, workdays_between


def due_day(*, started_on: date, days: int, kind: str, paused_days: int = 0) -> tuple[date, bool]:
    """The due day and whether it rests on a provisional calendar; the starting day is not counted (domain.md §14.1)."""
    total = days + paused_days
    due = add_workdays(started_on, total) if kind == ClockKind.WORKDAYS else started_on + timedelta(days=total)
    return due, kind == ClockKind.WORKDAYS and is_provisional(due)


def new_deadline(
    *,
    subject: str,
    code: str,
    label: str,
    source: str,
    region: Any,
    days: int,
    today: date,
    kind: str = ClockKind.WORKDAYS,
) -> Deadline:
    """A clock that would start today, not saved yet."""
    due, provisional = due_day(started_on=today, days=days, kind=kind)
    return Deadline(
        subject=subject,
        code=code,
        label=label,
        source=source,
        region=region,
        kind=kind,
        started_on=today,
        days=days,
        due_on=due,
        provisional=provisional,
    )


def start_deadlines(*clocks: Deadline) -> None:
    """Start clocks made by `new_deadline` in one statement; one that already runs for its case goes on as it is."""
    Deadline.objects.bulk_create(clocks, ignore_conflicts=True)


def start_deadline(**clock: Any) -> Deadline:
    """Start one clock (arguments of `new_deadline`) and return the one that runs: a second start returns the first."""
    started = new_deadline(**clock)
    start_deadlines(started)
    return Deadline.objects.running().get(subject=started.subject, code=started.code)


def stop_deadlines(subject: str, *codes: str, today: date) -> int:
    """Close the open clocks of a case (all, or those named); returns how many."""
    running = Deadline.objects.running().of(subject)
    if codes:
        running = running.filter(code__in=codes)
    return running.update(closed_on=today)


def pause_deadlines(subject: str, *codes: str, reason: str, today: date) -> int:
    """Let the running clocks of a case (those named) stand still for a recorded reason; returns how many did run."""
    going = Deadline.objects.running().of(subject).filter(code__in=codes, paused_on__isnull=True)
    return going.update(paused_on=today, pause_reason=reason)


def resume_deadline(deadline: Deadline, *, today: date) -> None:
    """Let the clock go on; the paused days are added to the due day."""
    if deadline.paused_on is None:
        raise Rejected(Problem("GEN-409", "", "这一时限没有暂停。"), status=409)
    gone = (
        workdays_between(deadline.paused_on, today)
        if deadline.kind == ClockKind.WORKDAYS
        else (today - deadline.paused_on).days
    )
    deadline.paused_days += max(gone, 0)
    deadline.paused_on, deadline.pause_reason = None, ""
    deadline.due_on, deadline.provisional = due_day(
        started_on=deadline.started_on, days=deadline.days, kind=deadline.kind, paused_days=deadline.paused_days
    )
    deadline.save()


def recompute_open_deadlines(*, actor: Any = None, cause: str) -> int:
    """Recompute every open working-day clock after a change of the calendar; each change leaves a trace.

    Returns how many due days moved.
    """
    moved = 0
    with transaction.atomic():
        for deadline in Deadline.objects.running().filter(kind=ClockKind.WORKDAYS).select_for_update():
            due, provisional = due_day(
                started_on=deadline.started_on, days=deadline.days, kind=deadline.kind, paused_days=deadline.paused_days
            )
            if (due, provisional) == (deadline.due_on, deadline.provisional):
                continue
            before = deadline.due_on
            deadline.due_on, deadline.provisional = due, provisional
            deadline.save(update_fields=["due_on", "provisional"])
            log_event(
                "deadline.recomputed",
                subject=deadline.subject,
                summary=f"{deadline.label}：届满日由 {before} 调整为 {due}（{cause}）",
                actor=actor,
                region_prefix=deadline.region.prefix,
                data={"code": deadline.code, "before": str(before), "after": str(due)},
            )
            moved += before != due
        if moved:
            notify(
                holders(Role.HEALTH_CITY, Role.ADMIN),
                title="工作日历调整，办理时限已重新计算",
                body=f"{cause}，共有 {moved} 个未办结时限的届满日发生变化，可在操作记录中查看。",
            )
    return moved


def today_here() -> date:
    """Today in Yancheng (Asia/Shanghai)."""
    return timezone.localdate()
