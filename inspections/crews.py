"""The officers of a visit, as the pure rules of `powers` see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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
    tied = set(Tie.objects.filter(uscc=uscc, ended_on__isnull=True).values_list("user_id", flat=True))
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
