"""The clock of the public's reports rings: one working day before its end, and once it has passed. Each once per report."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import by_day, in_words, remaining_workdays

from ..models import PublicReport
from .reporting import CLOCK, STAFF

TOLD = "public_report.reminded"
_LOCK = 0x7265_706F  # "repo"
_FAR = timedelta(days=14)  # longer than any holiday


def remind_reports(*, today: date | None = None) -> int:
    """Tell the owner of what is due or late; of what is late the city hears too. Returns how many reports."""
    day = today or today_here()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        running = Deadline.objects.running().filter(code=CLOCK, due_on__lte=day + _FAR)
        ends = dict(running.values_list("subject", "due_on"))
        told = set(Event.objects.filter(action=TOLD, subject__in=ends).values_list("subject", "data__step"))
        rung = 0
        reports = PublicReport.objects.open().filter(no__in=[subject.partition(":")[2] for subject in ends])
        for report in reports.select_related("owner__region").defer("contact").order_by("pk"):
            due = ends[report.subject]
            left = remaining_workdays(due, day)
            step = "late" if left < 0 else "soon" if left <= 1 else ""
            if step and (report.subject, step) not in told:
                _ring(report, due, step)
                rung += 1
    return rung


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
