"""Looks at full personal numbers: each is kept before the number is shown, many in one hour are told (reliability.md T17)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from .choices import LOOK as READ
from .choices import LOOK_ALERT as ALERT
from .choices import Role
from .models import Event, User
from .notifications import holders, notify
from .pieces import take_turns
from .records import log_event
from .workdays import SHANGHAI

LOOKS_TOLD = "personal.looks_told"
HOUR = timedelta(hours=1)


def keep_look(*, actor: Any, subject: str, summary: str, region_prefix: str, data: dict[str, Any]) -> None:
    """Keep that this person looks at a full number; call it before the number is shown.

    Past `REVEALS_PER_HOUR` looks in the last hour the auditors are told, once an hour per person, and that is kept too.
    """
    log_event(READ, subject=subject, summary=summary, actor=actor, region_prefix=region_prefix, data=data)
    _tell_when_many(actor)


@transaction.atomic
def _tell_when_many(actor: Any) -> None:
    since = timezone.now() - HOUR
    recent = Event.objects.filter(actor=actor.pk, at__gt=since)
    # Only as far as it matters: whoever reads thousands must not be counted to the end each time.
    looks = recent.filter(action=READ)[: settings.REVEALS_PER_HOUR + 1].count()
    if looks <= settings.REVEALS_PER_HOUR or recent.filter(action=ALERT).exists():
        return
    words = f"{actor.display_name}在一小时内查看完整号码超过 {settings.REVEALS_PER_HOUR} 次"
    log_event(ALERT, subject=f"user:{actor.pk}", summary=words, actor=actor, data={"limit": settings.REVEALS_PER_HOUR})
    body = f"{words}。请逐条核对查看事由；不属于工作需要的，请联系平台管理员停用该账号。"
    notify(holders(Role.AUDITOR), title="集中查看个人信息", body=body, url=audit_address(who=actor.username))


def audit_address(day: date | None = None, **filters: str) -> str:
    """The auditors' page with these filters, on one day (today)."""
    shown = (day or timezone.localdate()).isoformat()
    return f"{reverse('registry:audit')}?{urlencode({**filters, 'since': shown, 'until': shown})}"


@transaction.atomic
def tell_looks_of(day: date) -> int:
    """Tell the auditors, once, who looked at how many full numbers on this day; returns how many persons did."""
    begin, subject = datetime.combine(day, time.min, SHANGHAI), f"looks:{day}"
    take_turns(subject)
    if Event.objects.filter(action=LOOKS_TOLD, subject=subject).exists():
        return 0
    rows = list(
        Event.objects.filter(action=READ, at__gte=begin, at__lt=begin + timedelta(days=1), actor__isnull=False)
        .order_by()
        .values("actor")
        .annotate(number=Count("pk"))
        .order_by("-number", "actor")
    )
    if rows:
        names = User.objects.in_bulk([row["actor"] for row in rows])
        lines = "；".join(f"{names[row['actor']].display_name} {row['number']} 次" for row in rows)
        title, body = f"{day:%Y-%m-%d} 查看个人信息", f"查看完整号码的人员和次数：{lines}。"
        notify(holders(Role.AUDITOR), title=title, body=body, url=audit_address(day))
        log_event(LOOKS_TOLD, subject=subject, summary=f"{day} 有 {len(rows)} 人查看完整号码，已通知审计人员")
    return len(rows)
