"""Pausing and resuming an endpoint. Deliveries are made all the while; they wait."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .choices import DeliveryStatus, EndpointStatus
from .doorbell import ring
from .models import Delivery, Endpoint


def pause_endpoint(*, endpoint: Endpoint, actor: Any) -> Endpoint:
    """Send nothing to the endpoint until it is resumed. Raises Rejected 409 (EXC-106) unless it is active."""
    return _switch(endpoint, actor, {EndpointStatus.ACTIVE}, EndpointStatus.PAUSED, "endpoint.paused", "暂停推送")


def resume_endpoint(*, endpoint: Endpoint, actor: Any) -> Endpoint:
    """Go on sending, at once and with a closed circuit; also after the receiver's 410. Raises Rejected 409 (EXC-106)."""
    stopped = {EndpointStatus.PAUSED, EndpointStatus.DISABLED}
    return _switch(endpoint, actor, stopped, EndpointStatus.ACTIVE, "endpoint.resumed", "恢复推送")


def _switch(
    endpoint: Endpoint, actor: Any, sources: set[EndpointStatus], target: EndpointStatus, action: str, label: str
) -> Endpoint:
    with transaction.atomic():
        locked = (
            Endpoint.objects.select_for_update(of=("self",)).select_related("department__region").get(pk=endpoint.pk)
        )
        if locked.status not in sources:
            raise Rejected(
                Problem(
                    codes.ENDPOINT_STATE, "", f"端点当前为“{locked.get_status_display()}”，不能{label}。请刷新页面。"
                ),
                status=409,
            )
        locked.status = target
        fields = ["status"]
        if target == EndpointStatus.ACTIVE:
            locked.consecutive_failures, locked.circuit_step, locked.circuit_until = 0, 0, None
            fields += ["consecutive_failures", "circuit_step", "circuit_until"]
            waiting = Delivery.objects.filter(endpoint=locked, closed_at__isnull=True, status=DeliveryStatus.RETRY)
            waiting.update(due_at=Now())
            transaction.on_commit(ring)
        locked.save(update_fields=fields)
        log_event(
            action,
            subject=f"exchange.endpoint:{locked.pk}",
            summary=f"{label}“{locked.name}”",
            actor=actor,
            region_prefix=locked.department.region.prefix,
        )
    return locked
