"""The clock of the public's reports rings: one working day before its end, and once it has passed. Each once per report."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import by_day, in_words, remaining_workdays

from ..models import PublicReport
from .reporting import CLOCK, STAFF

TOLD = "public_report.reminded"
_FAR = timedelta(days=14)  # longer than any holiday


def remind_reports(*, today: date | None = None) -> Tally:
    """Tell the owner of what is due or late; of what is late the city hears too. How many reports, and what failed."""
    day = today or today_here()
    running = Deadline.objects.running().filter(code=CLOCK, due_on__lte=day + _FAR).order_by("pk")
    return each("reports", running.values_list("subject", flat=True), partial(_remind, day=day))


def _remind(subject: str, *, day: date) -> int:
    reports = PublicReport.objects.open().select_for_update(of=("self",)).select_related("owner__region")
    report = reports.defer("contact").filter(no=subject.partition(":")[2]).first()
    clock = Deadline.objects.running().of(subject).filter(code=CLOCK).first()
    if report is None or clock is None:
        return 0
    left = remaining_workdays(clock.due_on, day)
    step = "late" if left < 0 else "soon" if left <= 1 else ""
    if not step or Event.objects.filter(action=TOLD, subject=subject, data__step=step).exists():
        return 0
    _ring(report, clock.due_on, step)
    return 1


def _ring(report: PublicReport, due: date, step: str) -> None:
    late, prefix = step == "late", report.owner.region.prefix
    users = holders(*STAFF, department=report.owner_id)
    if late:
        users += holders(Role.HEALTH_CITY, region_prefix=prefix)
    title = "公众报错超期未答复" if late else "公众报错即将到期"
    words = f"{report.no} 由{report.owner.name}承办，" + (
        f"答复期限{in_words(due)}，已超期。" if late else f"请于{by_day(due)}答复。"
    )
    notify(users, title=title, body=words, url=reverse("public:report", args=[report.no]))
    log_event(TOLD, subject=report.subject, summary=words, region_prefix=prefix, data={"step": step})
