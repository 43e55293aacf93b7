"""The health of many endpoints in four queries (product.md D7): for the overview of both sides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from . import alarms
from .choices import DeliveryStatus, EndpointStatus
from .models import Delivery, DeliveryAttempt, Endpoint


@dataclass(frozen=True, slots=True)
class Health:
    """`ratio_*` are shares of tries that were answered 2xx, None without tries; `alarm` says what is wrong, "" if nothing."""

    endpoint_id: uuid.UUID
    last_success_at: datetime | None
    last_failure_at: datetime | None
    ratio_24h: float | None
    ratio_7d: float | None
    undelivered: int
    parked: int
    retrying: int
    oldest_undelivered_at: datetime | None
    last_event_at: datetime | None
    days_without_events: int
    circuit_open: bool
    alarm: str


def endpoint_health(endpoints: Iterable[Endpoint]) -> dict[uuid.UUID, Health]:
    """The health of these endpoints, by id."""
    rows = list(endpoints)
    ids = [row.pk for row in rows]
    now = timezone.now()
    is_open = Q(closed_at__isnull=True)
    waiting = {
        row["endpoint"]: row
        for row in Delivery.objects.filter(is_open, endpoint__in=ids)
        .order_by()
        .values("endpoint")
        .annotate(
            open=Count("id"),
            oldest=Min("created_at"),
            parked=Count("id", filter=Q(status=DeliveryStatus.DEAD)),
            # Also one that is at this moment tried again.
            retrying=Count(
                "id", filter=Q(status=DeliveryStatus.RETRY) | Q(status=DeliveryStatus.SENDING, attempts__gt=1)
            ),
        )
    }
    newest = dict(
        Delivery.objects.filter(endpoint__in=ids).order_by().values_list("endpoint").annotate(at=Max("created_at"))
    )
    tries = {row["delivery__endpoint"]: row for row in _tries(ids, now)}
    return {
        row.pk: _health(row, now, waiting.get(row.pk, {}), newest.get(row.pk), tries.get(row.pk, {})) for row in rows
    }


def _tries(ids: list[uuid.UUID], now: datetime) -> Any:
    good, day = Q(code__gte=200, code__lt=300), Q(at__gte=now - timedelta(days=1))
    return (
        DeliveryAttempt.objects.filter(at__gte=now - timedelta(days=7), delivery__endpoint__in=ids)
        .order_by()
        .values("delivery__endpoint")
        .annotate(all_7d=Count("id"), good_7d=Count("id", filter=good), all_24h=Count("id", filter=day),
                  good_24h=Count("id", filter=day & good))
    )  # fmt: skip


def _health(row: Endpoint, now: datetime, waiting: Any, newest: datetime | None, tries: Any) -> Health:
    oldest = waiting.get("oldest")
    quiet = (now - (newest or row.created_at)).days
    return Health(
        endpoint_id=row.pk,
        last_success_at=row.last_success_at,
        last_failure_at=row.last_failure_at,
        ratio_24h=_share(tries, "24h"),
        ratio_7d=_share(tries, "7d"),
        undelivered=waiting.get("open", 0),
        parked=waiting.get("parked", 0),
        retrying=waiting.get("retrying", 0),
        oldest_undelivered_at=oldest,
        last_event_at=newest,
        days_without_events=quiet,
        circuit_open=row.circuit_until is not None,
        alarm=_alarm(row, now, oldest, waiting.get("parked", 0), quiet),
    )


def _share(tries: Any, window: str) -> float | None:
    total = tries.get(f"all_{window}", 0)
    return tries[f"good_{window}"] / total if total else None


def _alarm(row: Endpoint, now: datetime, oldest: datetime | None, parked: int, quiet: int) -> str:
    if row.status == EndpointStatus.DISABLED:
        return "gone"
    if row.status == EndpointStatus.CLOSED:
        return ""
    if oldest is not None:
        reached = [name for name, age, _ in alarms.steps() if now - oldest >= age]
        if reached:
            return reached[-1]
    if parked:
        return "parked"
    return "quiet" if row.quiet_days_alarm and quiet >= row.quiet_days_alarm else ""
