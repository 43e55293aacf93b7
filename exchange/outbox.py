"""`record`: the one function that writes the outbox, in the same transaction as the change and its audit event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from yancheng_childcare.records import log_event

from .bodies import masked
from .doorbell import ring
from .models import OutboxEvent

__all__ = ["record", "ring"]


def record(
    event_type: str,
    *,
    subject: str,
    version: int,
    region_id: str,
    occurred_at: datetime,
    data: dict[str, Any],
    personal: dict[str, str],
    actor: Any,
    audit_subject: str,
    region_prefix: str,
    summary: str,
    audit: dict[str, Any] | None = None,
) -> OutboxEvent:
    """Write the event to the outbox and the act to the log; wake the senders once committed.

    The caller holds the row lock of the institution, so versions of one institution commit in order.
    `data` holds no clear personal data: those fields come in `personal`, are stored encrypted and stand masked in the
    event's data; each endpoint later gets them in clear or masked by its grants. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() must run in the transaction of the change it tells of")
    event = OutboxEvent.objects.create(
        type=event_type,
        subject=subject,
        version=version,
        region_id=region_id,
        occurred_at=occurred_at,
        data={**data, **masked(personal)},
        sealed=orjson.dumps(personal).decode() if personal else None,
    )
    log_event(
        event_type,
        subject=audit_subject,
        summary=summary,
        actor=actor,
        region_prefix=region_prefix,
        data={**(audit or {}), "event": str(event.uid), "version": version},
    )
    transaction.on_commit(ring)
    return event
