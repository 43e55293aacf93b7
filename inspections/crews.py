"""The officers of a visit, as the pure rules of `powers` see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from casework.models import Case
from casework.reach import are_two_persons
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem

from . import codes
from .models import EnforcementSubject, Officer, Tie
from .powers import Certificate, crew_problems


def officers_for(subject: EnforcementSubject, day: date | None = None) -> list[Officer]:
    """Officers of the subject whose certificates hold on that day (today)."""
    return list(Officer.objects.certified(day or today_here()).filter(subject=subject).select_related("user"))


def problems_of_crew(pks: list[int], subject: EnforcementSubject, uscc: str, day: date) -> Iterator[Problem]:
    """Why these officers may not inspect this institution on that day (54号; 行政处罚法 第四十二条、第四十三条)."""
    rows = Officer.objects.filter(pk__in=pks).select_related("user", "subject").order_by("pk")
    tied = set(Tie.objects.standing().filter(uscc=uscc).values_list("user_id", flat=True))
    crew = [
        Certificate(
            row.user_id, row.user.display_name, row.subject_id, row.certificate_no, row.valid_from, row.valid_to,
            standing=_stands(row, day), tied=row.user_id in tied,
        )
        for row in rows
    ]  # fmt: skip
    for words in crew_problems(crew, subject=subject.pk, day=day):
        yield Problem(codes.CREW, "officers", words)


def _stands(row: Officer, day: date) -> bool:
    subject = row.subject
    approved = row.approved_by_id is not None and subject.approved_by_id is not None
    ended = any(end is not None and end <= day for end in (row.ended_on, subject.ended_on))
    return approved and not ended and subject.announced_on <= day and row.user.is_active


def not_ones_own(case: Case, actor: Any, data: dict[str, Any]) -> Iterator[Problem]:
    """Asked for by one, approved by another; who stands in for the one is the same person."""
    if not are_two_persons(case.opened_by, actor, since=timezone.localdate(case.opened_at)):
        yield Problem(codes.TWO, "", "您是提出人，或者正代理提出人，不能自己批准。请由另一名负责人批准。")


def not_of_the_crew(case: Case, actor: Any, data: dict[str, Any]) -> Iterator[Problem]:
    """Who goes does not approve it."""
    if case.body.has_in_crew(actor):
        yield Problem(codes.TWO, "", "您是这次检查的人员，不能自己批准。请由另一名负责人批准。")


def certified(case: Case, actor: Any, data: dict[str, Any]) -> Iterator[Problem]:
    """Who looks again holds a certificate of the body that day, and has no tie to the place."""
    mine = Officer.objects.certified(today_here()).filter(user=actor, subject__department=case.authority_id)
    if not mine.without_tie(case.uscc).exists():
        yield Problem(codes.CREW, "", "您没有本机关有效的执法证，或者应当回避，不能办理。")
