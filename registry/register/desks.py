"""The public register's card and agenda on “我的工作台”."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from yancheng_childcare.desks import Card, Due, add_agenda, add_card
from yancheng_childcare.models import Deadline

from ..models import PublicReport
from ..querysets.public import REPORT_STAFF


def agenda(user: Any, today: date, until: date) -> Iterator[Due]:
    """Reports of the public that this person's body answers until that day."""
    if not user.roles & REPORT_STAFF:
        return
    reports = {r.subject: r for r in PublicReport.objects.handled_by(user).open().only("no", "institution_name")}
    for subject, day in Deadline.objects.running().filter(subject__in=reports).values_list("subject", "due_on"):
        report = reports[subject]
        if day <= until:
            yield Due(
                "答复公众报错", report.institution_name or report.no, reverse("public:report", args=[report.no]), day
            )


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "public:reports",
            "公众报错",
            "公众对公开信息的报错和名录外机构的反映，按时限答复。",
            count=lambda user, roles: PublicReport.objects.handled_by(user).open().count(),
            unit="件待答复",
            query="?status=OPEN&who=mine",
            icon="chat",
            order=45,
            doers=frozenset(REPORT_STAFF),
            viewing="公众对公开信息的报错和答复情况，只能查看。",
        )
    )
    add_agenda(agenda)
