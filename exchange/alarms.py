"""Who is told when the push is in trouble (product.md D7): 15 minutes (our choice [A]), 24 hours, 72 hours; parked pushes; silence.

An alarm is one act in the log and one message per person. The log also remembers what was raised, so that a sweep every
five minutes says each thing once.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Event, User
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.pieces import each, take_turns
from yancheng_childcare.records import log_event

from .choices import OPEN_STATUSES, DeliveryStatus, EndpointStatus
from .models import Delivery, Endpoint

ENDPOINT_SUBJECT = "exchange.endpoint:{}"


def steps() -> tuple[tuple[str, timedelta, str], ...]:
    """(name, age of the oldest undelivered push, what to do), mildest first."""
    return (
        ("late", timedelta(minutes=settings.PUSH_ALARM_MINUTES), "请查看推送记录，必要时联系接收单位。"),
        ("day", timedelta(hours=24), "已超过一天，请联系接收单位的系统负责人并记录处理情况。"),
        ("three-days", timedelta(hours=72), "已超过三天，请电话联系接收单位，按线下方式先行告知，推送不会丢弃。"),
    )


def push_parked(*, delivery_id: int) -> None:
    """One push was refused three times the same way: its institution's stream waits for a person."""
    delivery = Delivery.objects.select_related("endpoint__department__region", "event__region").get(pk=delivery_id)
    log_event(
        "push.parked",
        subject=ENDPOINT_SUBJECT.format(delivery.endpoint_id),
        summary=f"{delivery.endpoint.name} 连续三次以相同的状态码拒收 {delivery.subject} 的推送，转人工处理",
        region_prefix=delivery.event.region.prefix,
        data={"delivery": delivery.pk, "webhook_id": delivery.webhook_id},
        succeeded=False,
    )
    notify(
        people_of(delivery.endpoint),
        title=f"推送需人工处理：{delivery.subject}",
        body=(
            f"“{delivery.endpoint}”连续三次以相同的状态码拒收该机构的推送。"
            "该机构后面的推送会排队等待，其他机构不受影响。请更正后重发，或写明理由决定不再推送。"
        ),
        url=_link("exchange:delivery", delivery.webhook_id),
    )


def endpoint_gone(*, endpoint_id: uuid.UUID) -> None:
    """The receiver answered 410: the endpoint is off, its pushes wait."""
    endpoint = Endpoint.objects.select_related("department__region").get(pk=endpoint_id)
    log_event(
        "endpoint.disabled",
        subject=ENDPOINT_SUBJECT.format(endpoint.pk),
        summary=f"{endpoint.name} 返回 410，端点已停用，待推送的事件继续保留",
        region_prefix=endpoint.department.region.prefix,
        succeeded=False,
    )
    notify(
        people_of(endpoint),
        title=f"端点已停用：{endpoint.name}",
        body=f"“{endpoint}”返回 410（不再接收）。端点已停用，待推送的事件全部保留；与接收单位确认地址后，在端点页点“恢复推送”即继续推送。",
        url=_link("exchange:endpoint", endpoint.pk),
    )


def raise_push_alarms() -> int:
    """Look at every endpoint once: overdue pushes and silence. Returns how many alarms were raised."""
    return _raise_overdue() + _raise_silence()


def _raise_overdue() -> int:
    now = timezone.now()
    mildest = steps()[0][1]
    oldest = (
        Endpoint.objects.filter(deliveries__status__in=OPEN_STATUSES, deliveries__closed_at__isnull=True)
        .annotate(oldest=Min("deliveries__created_at", filter=Q(deliveries__closed_at__isnull=True)))
        .filter(oldest__lt=now - mildest)
        .select_related("department__region")
    )

    def look(endpoint: Any) -> int:
        age = now - endpoint.oldest
        reached = [step for step in steps() if age >= step[1]]
        name, _, advice = reached[-1]
        hours = int(age.total_seconds() // 3600)
        shown = f"{hours} 小时" if hours else f"{int(age.total_seconds() // 60)} 分钟"
        # Once per step and backlog: a backlog that was worked off and grew again is new.
        return _raise(
            endpoint,
            f"push.alarm.{name}",
            since=endpoint.oldest,
            title=f"推送未送达已 {shown}：{endpoint.name}",
            body=f"“{endpoint}”最早一条未送达的推送已等待 {shown}。{advice}",
        )

    return each("alarms.overdue", oldest, look).done


def _raise_silence() -> int:
    """N days without events: perhaps nothing happened, perhaps a subscription is wrong; both sides should look."""
    now = timezone.now()
    active = Endpoint.objects.filter(status=EndpointStatus.ACTIVE, quiet_days_alarm__gt=0).select_related(
        "department__region"
    )

    def look(endpoint: Any) -> int:
        since = endpoint.latest or endpoint.created_at
        days = (now - since).days
        if days < endpoint.quiet_days_alarm:
            return 0
        return _raise(
            endpoint,
            "push.alarm.quiet",
            since=since,
            title=f"已 {days} 天无事件：{endpoint.name}",
            body=f"“{endpoint}”已 {days} 天没有新的推送。如属正常可忽略；否则请核对订阅的辖区和事件，并发送测试。",
        )

    return each("alarms.silence", active.annotate(latest=_latest_delivery()), look).done


def _latest_delivery() -> Any:
    from django.db.models import OuterRef, Subquery

    newest = Delivery.objects.filter(endpoint=OuterRef("pk")).order_by("-id").values("created_at")[:1]
    return Subquery(newest)


def _raise(endpoint: Endpoint, action: str, *, since: Any, title: str, body: str) -> int:
    """Keep and tell an alarm unless it was since then; returns how many were raised."""
    subject = ENDPOINT_SUBJECT.format(endpoint.pk)
    take_turns(subject)
    if Event.objects.filter(subject=subject, action=action, at__gte=since).exists():
        return 0
    log_event(
        action,
        subject=subject,
        summary=title,
        region_prefix=endpoint.department.region.prefix,
        succeeded=False,
    )
    notify(people_of(endpoint), title=title, body=body, url=_link("exchange:endpoint", endpoint.pk))
    return 1


def people_of(endpoint: Endpoint) -> list[User]:
    """Both sides: those who run the receiving system, and the portal's administrators."""
    return [
        *holders(Role.INTEGRATOR, department=endpoint.department_id),
        *holders(Role.ADMIN, region_prefix=endpoint.department.region.prefix),
    ]


def _link(name: str, key: object) -> str:
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""


def parked() -> int:
    """How many pushes wait for a person."""
    return Delivery.objects.filter(status=DeliveryStatus.DEAD, closed_at__isnull=True).count()
