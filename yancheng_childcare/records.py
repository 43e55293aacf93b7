"""`log_event`: the one way to keep an act. What must leave the house goes through `exchange.outbox.record` instead."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import structlog

from .id_numbers import hide_id_numbers, hide_in
from .models import Event

logger = structlog.get_logger("portal.acts")


def request_id() -> str:
    """The id of the current request or task, as django-structlog bound it ("" outside of both)."""
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("task_id") or "")


def trace_id() -> str:
    """The id a caller may quote: of the request, or a new one that the log knows where none was bound (public reads)."""
    if known := request_id():
        return known
    made = uuid4().hex
    logger.info("untraced_problem", request_id=made)
    return made


def actor_label(actor: Any) -> str:
    """Name and roles of the actor as they were then."""
    if actor is None or not getattr(actor, "pk", None):
        return "系统"
    # No brackets in brackets: the role, then the place.
    duties = "；".join("，".join(filter(None, (duty.get_role_display(), duty.place))) for duty in actor.active_duties)
    return f"{actor.display_name}（{duties or '无职责'}）"[:120]


def log_event(
    action: str,
    *,
    subject: str,
    summary: str,
    actor: Any = None,
    region_prefix: str = "",
    data: dict[str, Any] | None = None,
    succeeded: bool = True,
) -> Event:
    """Keep one act for good. `data` must hold no clear personal data; `subject` is `app.model:key`.

    Acts can never be corrected, so an identity number that came this far in somebody's words is hidden here.
    """
    event = Event.objects.create(
        action=action,
        actor=actor if getattr(actor, "pk", None) else None,
        actor_label=actor_label(actor),
        subject=subject,
        region_prefix=region_prefix,
        summary=hide_id_numbers(summary)[:300],
        data=hide_in(data or {}),
        succeeded=succeeded,
        request_id=request_id(),
    )
    logger.info(action, subject=subject, succeeded=succeeded, event_id=event.pk)
    return event
