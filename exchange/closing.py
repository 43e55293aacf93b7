"""The end of an endpoint: nothing more is pushed to it, what was open ends with the reason, and all stays readable."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from yancheng_childcare.notifications import notify, settle
from yancheng_childcare.records import log_event

from .alarms import people_of
from .choices import DeliveryStatus, EndpointStatus
from .models import Delivery, Endpoint, EndpointChange


def close_endpoint(endpoint: Endpoint, change: EndpointChange, actor: Any) -> None:
    """Close a locked endpoint as `change`, approved by `actor`, asks. Runs in the approval's transaction.

    A push that is being sent at this moment is left to its try; what it leaves open `end_leftovers` ends.
    """
    wanted = sorted(endpoint.subscriptions.values_list("region_id", "event_type"))
    endpoint.subscriptions.all().delete()
    endpoint.status, endpoint.circuit_until = EndpointStatus.CLOSED, None
    endpoint.save(update_fields=["status", "circuit_until"])
    ended = _end_open(endpoint, change)
    log_event(
        "endpoint.closed",
        subject=f"exchange.endpoint:{endpoint.pk}",
        summary=f"永久关闭“{endpoint.name}”，{ended} 条未送达的推送不再发出",
        actor=actor,
        region_prefix=change.act_region(),
        data={"reason": change.closing_reason, "subscriptions": wanted, "ended": ended},
    )
    people, page = people_of(endpoint), reverse("exchange:endpoint", args=[endpoint.pk])
    settle(people, page)
    words = f"“{endpoint}”已永久关闭，不再推送；{ended} 条未送达的推送已结束。理由：{change.closing_reason}。"
    notify([p for p in people if p.pk != actor.pk], title=f"端点已关闭：{endpoint.name}", body=words, url=page)


def end_leftovers() -> int:
    """End what closed endpoints still have open: a try that was under way, an event fanned out meanwhile. How many."""
    ended = 0
    left = Endpoint.objects.filter(status=EndpointStatus.CLOSED, deliveries__closed_at__isnull=True).distinct()
    for endpoint in left:
        with transaction.atomic():
            change = endpoint.changes.exclude(closing_reason="").filter(approved_by__isnull=False).latest("pk")
            ended += _end_open(endpoint, change)
    return ended


def _end_open(endpoint: Endpoint, change: EndpointChange) -> int:
    open_rows = Delivery.objects.open().filter(endpoint=endpoint)
    free = open_rows.filter(~Q(status=DeliveryStatus.SENDING) | Q(due_at__lte=Now()))
    parked = free.filter(status=DeliveryStatus.DEAD).values_list("webhook_id", flat=True)
    settle(people_of(endpoint), *(reverse("exchange:delivery", args=[key]) for key in parked))
    return free.update(
        status=DeliveryStatus.SKIPPED,
        closed_at=Now(),
        lease=None,
        decided_by=change.approved_by,
        decision_reason=f"端点已关闭：{change.closing_reason}"[:300],
    )
