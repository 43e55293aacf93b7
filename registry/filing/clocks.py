"""The clocks of a filing: which start, stand still and stop with which step (domain.md §2.4). Days are data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from yancheng_childcare.choices import ClockKind
from yancheng_childcare.deadlines import (
    new_deadline,
    pause_deadlines,
    resume_deadline,
    start_deadlines,
    stop_deadlines,
)
from yancheng_childcare.models import Deadline

from ..models import Filing
from ..rules.filing.regimes import REGIMES, RegimeSpec

RECEIPT, NONCONFORM, SUPPLEMENT = "DL-RECEIPT", "DL-NONCONF", "DL-SUPPLEMENT"
RECTIFY, CHANGE_REVIEW, CHANGE = "DL-RECTIFY", "DL-CHANGE-REVIEW", "DL-CHANGE"
CLOSURE = "DL-CLOSURE"
# What one review is measured by; the end of the service goes beside them, whatever the review does.
REVIEW = (RECEIPT, NONCONFORM, SUPPLEMENT, RECTIFY, CHANGE_REVIEW)
_RULE = "国卫办人口发〔2019〕25号"
_OWN = "平台约定"


def regime_named(code: str) -> RegimeSpec:
    """The rules of a regime, whether in force or not: a case keeps the one it was opened under."""
    return next(regime for regime in REGIMES if regime.code == code)


def clock(
    filing: Filing, code: str, label: str, source: str, days: int, today: date, kind: str = "WORKDAYS"
) -> Deadline:
    """One clock of the case, not started yet."""
    return new_deadline(
        subject=filing.subject,
        code=code,
        label=label,
        source=source,
        region=filing.institution.region,
        days=days,
        today=today,
        kind=kind,
    )


def start_review(filing: Filing, received_on: date) -> None:
    """Materials are complete in our hands: 5 working days to the receipt, 15 to say what does not conform."""
    regime = regime_named(filing.regime)
    if filing.last_number:  # before the first submission no clock of a review can run
        stop(filing, received_on)
    start_deadlines(
        clock(filing, RECEIPT, "出具备案回执", _RULE, regime.answer_workdays, received_on),
        clock(filing, NONCONFORM, "告知不符合", _RULE, regime.nonconform_workdays, received_on),
    )


def start_supplement(filing: Filing, today: date) -> date:
    """The institution's turn: the review clocks stand still; returns the last day for the correction."""
    pause(filing, "等待机构补正", today)
    days = regime_named(filing.regime).supplement_workdays
    supplement = clock(filing, SUPPLEMENT, "机构补正材料", _OWN, days, today)
    start_deadlines(supplement)
    return supplement.due_on


def start_rectification(filing: Filing, today: date) -> date:
    """责令改正: returns the last day."""
    stop(filing, today)
    rectify = clock(filing, RECTIFY, "机构整改", _OWN, settings.RECTIFICATION_DAYS, today, ClockKind.DAYS)
    start_deadlines(rectify)
    return rectify.due_on


def start_verification(filing: Filing, today: date) -> date:
    """After a rectification the fifteen days begin anew ([A]: from the day it came in); returns the last day."""
    stop(filing, today)
    days = regime_named(filing.regime).nonconform_workdays
    verification = clock(filing, NONCONFORM, "复核整改情况", _OWN, days, today)
    start_deadlines(verification)
    return verification.due_on


def start_change_review(filing: Filing, received_on: date) -> None:
    """A change is in our hands."""
    stop(filing, received_on)
    start_deadlines(clock(filing, CHANGE_REVIEW, "审查变更备案", _OWN, settings.CHANGE_REVIEW_WORKDAYS, received_on))


def start_closure(filing: Filing, stops_on: date, today: date) -> None:
    """The end of the service was asked for: days to look at it and cancel the filing, from the day it stops ([A])."""
    stop(filing, today, CLOSURE)
    day = max(stops_on, today)
    start_deadlines(clock(filing, CLOSURE, "核对并注销备案", _OWN, settings.CLOSURE_DECISION_WORKDAYS, day))


def stop(filing: Filing, today: date, *only: str) -> None:
    """Close clocks of the case: all of the review, or those named."""
    stop_deadlines(filing.subject, *(only or REVIEW), today=today)


def running(filing: Filing) -> Any:
    """The open clocks of the review."""
    return Deadline.objects.running().of(filing.subject).filter(code__in=REVIEW)


def pause(filing: Filing, reason: str, today: date) -> int:
    """Let the running clocks stand still; those that already do are left alone. Returns how many."""
    return pause_deadlines(filing.subject, *REVIEW, reason=reason, today=today)


def resume(filing: Filing, today: date) -> int:
    """Let the standing clocks go on; the days between are added. Returns how many."""
    clocks = [clock for clock in running(filing) if clock.paused_on is not None]
    for clock in clocks:
        resume_deadline(clock, today=today)
    return len(clocks)
