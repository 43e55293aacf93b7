"""Reports of the public on “我的工作台”."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from casework.inbox import Item, Source, add_source
from casework.types import State
from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, add_card
from yancheng_childcare.models import Deadline

from ..choices import ReportStatus
from ..models import PublicReport
from ..querysets.public import REPORT_STAFF

ANSWER = State(
    "yellow",
    Role.REVIEWER.value,
    "核实并答复公众报错",
    then="答复后，反映问题的人凭查询码看到结果。",
    waits="反映问题的群众",
)


def items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The reports this person's body answers, and those this person answered. Queries: reports, clocks."""
    done = Q(answered_by=user, answered_at__gte=since)
    mine = PublicReport.objects.handled_by(user).filter(Q(status=ReportStatus.OPEN) | done)
    reports = list(mine.only("no", "institution_name", "status", "outcome", "answered_at"))
    clocks = Deadline.objects.running().filter(subject__in=[report.subject for report in reports])
    days = dict(clocks.values_list("subject", "due_on"))
    for report in reports:
        whose, url = report.institution_name or report.no, reverse("public:report", args=[report.no])
        if report.answered_at is None:
            yield Item(ANSWER, "公众报错", whose, url, days.get(report.subject), mine=True)
        else:
            decided = f"答复公众报错：{report.get_outcome_display()}"
            yield Item(ANSWER, decided, whose, url, ended_on=timezone.localdate(report.answered_at))


CARD = Card(
    "public:reports", "公众报错", "公众对公开信息的报错和名录外机构的反映，按时限答复。",
    query="?status=OPEN&who=mine", group="公众", order=45, doers=frozenset(REPORT_STAFF),
    viewing="公众对公开信息的报错和答复情况，只能查看。",
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(CARD)
    add_source(Source(frozenset(REPORT_STAFF), items))
