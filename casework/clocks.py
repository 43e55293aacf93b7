"""The clocks of cases: moved by steps, started by services, rung rung by rung, each rung once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from yancheng_childcare.deadlines import (
    new_deadline,
    pause_deadlines,
    resume_deadline,
    start_deadlines,
    stop_deadlines,
    today_here,
)
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import remaining_workdays

from .kinds import type_of
from .models import Case
from .telling import say
from .types import CaseStep, Clock, Rung, System

ALL = "*"
RUNG = "case.clock_rung"
_FAR = timedelta(days=30)  # no rung lies farther before a last day


def move(case: Case, step: CaseStep) -> list[Deadline]:
    """Stop, pause, resume and start what the step names. Returns what was started."""
    today = today_here()
    if step.stops or step.result:  # what is closed has no term
        stop_deadlines(case.subject, *(() if step.result or ALL in step.stops else step.stops), today=today)
    if step.pauses:
        codes = _running(case, step.pauses).values_list("code", flat=True)
        pause_deadlines(case.subject, *codes, reason=step.label, today=today)
    if step.resumes:
        for clock in _running(case, step.resumes).filter(paused_on__isnull=False):
            resume_deadline(clock, today=today)
    return start(case, [clock for clock in step.starts if not clock.on_service], today)


def start(case: Case, clocks: list[Clock], today: date) -> list[Deadline]:
    """Start clocks that begin on that day (which is not counted), and return them."""
    started = [
        new_deadline(
            subject=case.subject, code=clock.code, label=clock.label, source=clock.basis, region=case.region,
            days=clock.days(case) if callable(clock.days) else clock.days, today=today, kind=clock.kind,
        )
        for clock in clocks
    ]  # fmt: skip
    start_deadlines(*started)
    vars(case).pop("clock", None)
    return started


def _running(case: Case, codes: tuple[str, ...]) -> Any:
    clocks = Deadline.objects.running().of(case.subject)
    return clocks if ALL in codes else clocks.filter(code__in=codes)


def ring(*, today: date | None = None) -> Tally:
    """Take every rung that is due, in order, each once; also those of days on which nobody rang. How many, and what failed."""
    day = today or today_here()
    running = Deadline.objects.running().filter(
        subject__startswith="casework.case:", paused_on__isnull=True, due_on__lte=day + _FAR
    )
    return each(
        "clocks of cases", running.order_by("due_on", "pk").values_list("pk", flat=True), partial(_ring, day=day)
    )


def _ring(pk: int, *, day: date) -> int:
    clock = Deadline.objects.running().filter(pk=pk, paused_on__isnull=True)
    no = next((row.subject.partition(":")[2] for row in clock), "")
    rows = Case.objects.select_for_update(of=("self",)).select_related("region", "authority", "assignee", "opened_by")
    case, taken = rows.filter(no=no).first(), 0
    # Looked at again under the lock: a step may have stopped it meanwhile.
    deadline = clock.all().first()
    if case is None or deadline is None:
        return 0
    for rung in _due(case, deadline, day):
        log_event(
            RUNG, subject=case.subject, summary=f"{deadline.label}：{_words(rung.days)}",
            region_prefix=case.region.prefix, data={"clock": deadline.pk, "rung": rung.days},
        )  # fmt: skip
        for tell in rung.tells:
            say(case, tell)
        taken += 1
        if rung.step and case.status in type_of(case).workflow.steps[rung.step].sources:
            case = type_of(case).workflow.run(case, rung.step, System(), asked=None, answers={})
            if not clock.all().exists():  # stopped by this step: what is higher up its ladder is no longer due
                break
    return taken


def _due(case: Case, deadline: Deadline, day: date) -> Iterator[Rung]:
    """The rungs reached and not taken yet, the earliest first."""
    left = remaining_workdays(deadline.due_on, day)
    taken = set(
        Event.objects.filter(action=RUNG, subject=case.subject, data__clock=deadline.pk).values_list(
            "data__rung", flat=True
        )
    )
    for rung in sorted(_clock(case, deadline.code), key=lambda rung: rung.days):
        if left <= -rung.days and rung.days not in taken:
            yield rung


def _clock(case: Case, code: str) -> tuple[Rung, ...]:
    kind = type_of(case)
    steps = (kind.opening, *kind.workflow.steps.values())
    return next((clock.rungs for step in steps for clock in step.starts if clock.code == code), ())


def _words(days: int) -> str:
    if days == 0:
        return "到期日"
    return f"到期前 {-days} 个工作日" if days < 0 else f"逾期 {days} 个工作日"
