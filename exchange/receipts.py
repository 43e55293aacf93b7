"""Receipts: a department says what it did with an event. Received is not handled (product.md D6)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yancheng_childcare.models import Department
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .choices import DeliveryStatus
from .models import Delivery, OutboxEvent, Receipt

# A receiver's clock may run ahead of ours by as much as a signature's may (contract.md).
CLOCK_TOLERANCE = timedelta(minutes=5)
# Health and public security must be told of every registration of their area (方案 三(三)1), system or not.
TOLD_BY_LAW = frozenset({"HEALTH", "POLICE"})


def accept_receipt(
    *, event_uid: uuid.UUID | str, department: Department, handled: bool, remark: str, handled_at: datetime, actor: Any
) -> Receipt:
    """Keep a receipt; when `handled`, the department's delivered pushes of the event become ACKED.

    `event_uid` is `data.event_id` of the push. Raises Rejected: 404 EXC-201 for an event that is unknown or does not concern
    the department (both look the same), EXC-203 for a time in the future, EXC-204 for a remark over 500 characters.
    """
    event = _event_of(event_uid, department)
    if handled_at > timezone.now() + CLOCK_TOLERANCE:
        raise Rejected(Problem(codes.RECEIPT_IN_FUTURE, "handled_at", "处置时间晚于现在，请核对系统时钟后再报送。"))
    if len(remark) > 500:
        raise Rejected(Problem(codes.RECEIPT_TOO_LONG, "remark", f"说明最多 500 字，现在是 {len(remark)} 字。"))
    with transaction.atomic():
        # Locked first: a settle under way either sees this receipt afterwards or has finished before (settle.py).
        mine = Delivery.objects.filter(event=event, endpoint__department=department).select_for_update(of=("self",))
        delivered = [row.pk for row in mine.order_by("pk") if row.status == DeliveryStatus.DELIVERED]
        receipt = Receipt.objects.create(
            event=event,
            department=department,
            subject=event.subject,
            handled=handled,
            remark=remark,
            handled_at=handled_at,
            sent_by=actor,
        )
        if handled and delivered:
            Delivery.objects.filter(pk__in=delivered).update(status=DeliveryStatus.ACKED)
        log_event(
            "receipt.accepted",
            subject=f"registry.institution:{event.subject}",
            summary=f"{department.short_name}回执：{'已处置' if handled else '已接收'}",
            actor=actor,
            region_prefix=event.region.prefix,
            data={"event": str(event.uid), "handled": handled, "receipt": receipt.pk},
        )
    return receipt


def _event_of(event_uid: uuid.UUID | str, department: Department) -> OutboxEvent:
    told = Q(deliveries__endpoint__department=department)
    if department.kind in TOLD_BY_LAW:
        # A bureau without a receiving system reads the event on its desk and answers there.
        told |= Q(region__prefix__startswith=department.region.prefix)
    try:
        return OutboxEvent.objects.filter(told).select_related("region").distinct().get(uid=event_uid)
    except (OutboxEvent.DoesNotExist, ValidationError, ValueError):
        raise Rejected(
            Problem(
                codes.RECEIPT_UNKNOWN_EVENT,
                "event_id",
                "没有这个编号的事件，或它没有推送给本部门。请核对 data.event_id。",
            ),
            status=404,
        ) from None
