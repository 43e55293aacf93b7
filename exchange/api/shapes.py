"""How the API shows endpoints, events, deliveries and receipts. Plain functions; the serializers only describe them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from ..bodies import moment
from ..client.answers import FAILURE_LABELS
from ..models import Delivery, Endpoint, OutboxEvent, Receipt
from ..rights import owns


def when(value: Any) -> str | None:
    """ISO-8601 with +08:00, or None."""
    return moment(value) if value else None


def endpoint(row: Endpoint, reader: Any) -> dict[str, Any]:
    """One endpoint; needs department, subscriptions and waiting changes loaded. Secrets are never part of it."""
    now = timezone.now()
    mine = owns(reader, row)
    both = row.previous_secret_until if row.previous_secret_until and row.previous_secret_until > now else None
    return {
        "id": str(row.pk),
        "department": {"code": row.department_id, "name": row.department.name},
        "name": row.name,
        "url": row.url,
        "body_format": row.body_format,
        "grants": row.grants,
        "status": row.status,
        "waiting": waiting(row) if mine else None,
        "timeout_seconds": row.timeout_seconds,
        "connections": row.connections,
        "quiet_days_alarm": row.quiet_days_alarm,
        "subscriptions": [
            {"region": wanted.region_id, "event_type": wanted.event_type} for wanted in row.subscriptions.all()
        ],
        "both_signatures_until": when(both),
        "circuit_open": row.circuit_until is not None,
        "last_success_at": when(row.last_success_at),
        "last_failure_at": when(row.last_failure_at),
        "created_at": when(row.created_at),
        "actions": ["change", "rotate", "ping"] if mine else [],
        "links": {
            "self": reverse("api:endpoint", args=[row.pk]),
            "deliveries": f"{reverse('api:deliveries')}?endpoint={row.pk}",
        },
    }


def waiting(row: Endpoint) -> dict[str, Any] | None:
    """What is asked for and waits for another person's approval; approved on the page, by a person."""
    change = next(iter(row.changes.all()), None)
    if change is None:
        return None
    return {"url": change.url, "grants": change.grants, "asked_at": when(change.asked_at)}


def event(row: OutboxEvent) -> dict[str, Any]:
    """One event of the change feed; `data` holds personal fields masked, as it is stored."""
    return {
        "position": row.position,
        "id": str(row.uid),
        "type": row.type,
        "subject": row.subject,
        "version": row.version,
        "region_code": row.region_id,
        "timestamp": when(row.occurred_at),
        "data": row.data,
    }


def delivery(row: Delivery) -> dict[str, Any]:
    """One delivery as the list shows it; needs endpoint with department, and event."""
    return {
        "webhook_id": row.webhook_id,
        "event_id": str(row.event.uid),
        "type": row.event.type,
        "uscc": row.subject,
        "version": row.event.version,
        "endpoint": {
            "id": str(row.endpoint_id),
            "name": row.endpoint.name,
            "department": {"code": row.endpoint.department_id, "name": row.endpoint.department.name},
        },
        "status": row.status,
        "attempts": row.attempts,
        "last_code": row.last_code,
        "last_error": row.last_error,
        "last_error_label": str(FAILURE_LABELS.get(row.last_error, row.last_error)),
        "latency_ms": row.latency_ms,
        "next_try_at": when(row.due_at) if row.closed_at is None else None,
        "created_at": when(row.created_at),
        "attempted_at": when(row.attempted_at),
        "closed_at": when(row.closed_at),
        "decision_reason": row.decision_reason,
        "links": {"self": reverse("api:delivery", args=[row.webhook_id])},
    }


def attempt(row: Any) -> dict[str, Any]:
    """One try."""
    return {
        "at": when(row.at),
        "code": row.code,
        "error": row.error,
        "error_label": str(FAILURE_LABELS.get(row.error, row.error)),
        "latency_ms": row.latency_ms,
        "response": row.response,
    }


def receipt(row: Receipt) -> dict[str, Any]:
    """One receipt; needs event and department."""
    return {
        "id": row.pk,
        "event_id": str(row.event.uid),
        "uscc": row.subject,
        "department": {"code": row.department_id, "name": row.department.name},
        "handled": row.handled,
        "remark": row.remark,
        "handled_at": when(row.handled_at),
        "received_at": when(row.received_at),
    }
