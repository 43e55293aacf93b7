"""What a named official may do with a push: send it again, send a range again, decide that it is not pushed any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from yancheng_childcare.notifications import settle
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .alarms import people_of
from .choices import DeliveryStatus
from .doorbell import ring
from .models import Delivery, Endpoint
from .rights import refuse_closed

SUBJECT = "exchange.delivery:{}"


def redeliver(*, delivery: Delivery, actor: Any) -> Delivery:
    """Make one push due now, whatever its state; same `webhook-id`, so a receiver that has it already ignores it.

    Raises Rejected 409 while a try is under way (EXC-101) and for a closed endpoint (EXC-106).
    """
    with transaction.atomic():
        locked = _locked(delivery)
        refuse_closed(locked.endpoint)
        before = locked.status
        Delivery.objects.filter(pk=locked.pk).update(**_due_again())
        log_event(
            "delivery.redelivered",
            subject=SUBJECT.format(locked.pk),
            summary=f"重发 {locked.subject} 的推送给“{locked.endpoint.name}”",
            actor=actor,
            region_prefix=locked.event.region.prefix,
            data={"webhook_id": locked.webhook_id, "from": before},
        )
        _settled(locked)
        transaction.on_commit(ring)
    locked.refresh_from_db()
    return locked


def redeliver_range(*, endpoint: Endpoint, since: datetime, until: datetime, actor: Any) -> int:
    """Make every push of an endpoint that was created in [since, until] due now; returns how many.

    Tries under way are left alone. Raises Rejected: EXC-105 when the range is reversed,
    409 (EXC-106) for a closed endpoint.
    """
    if until < since:
        raise Rejected(Problem(codes.RANGE_REVERSED, "until", "结束时间早于开始时间，请对调后再提交。"))
    refuse_closed(endpoint)
    with transaction.atomic():
        chosen = Delivery.objects.filter(endpoint=endpoint, created_at__gte=since, created_at__lte=until)
        count = chosen.filter(~Q(status=DeliveryStatus.SENDING) | Q(due_at__lte=Now())).update(**_due_again())
        log_event(
            "delivery.range_redelivered",
            subject=f"exchange.endpoint:{endpoint.pk}",
            summary=f"重发“{endpoint.name}”一段时间内的 {count} 条推送",
            actor=actor,
            region_prefix=endpoint.department.region.prefix,
            data={"since": since.isoformat(), "until": until.isoformat(), "count": count},
        )
        transaction.on_commit(ring)
    return count


def skip(*, delivery: Delivery, actor: Any, reason: str) -> Delivery:
    """A named official decides that this push ends without delivery; the reason is kept for good.

    The next push of the same institution may then go. Raises Rejected: 409 while a try is under way (EXC-101) or when it
    has ended already (EXC-102), 422 without a reason (EXC-103) or without a person (EXC-104).
    """
    reason = reason.strip()
    if not getattr(actor, "pk", None):
        raise Rejected(Problem(codes.ACTOR_MISSING, "", "这项决定必须由具体的责任人作出，请登录后办理。"))
    if len(reason) < 4:
        raise Rejected(Problem(codes.REASON_MISSING, "reason", "请写明不再推送的理由（至少 4 个字），它会永久保留。"))
    with transaction.atomic():
        locked = _locked(delivery)
        if locked.closed_at is not None:
            raise Rejected(Problem(codes.DELIVERY_CLOSED, "", "这条推送已经结束，无需再作决定。"), status=409)
        Delivery.objects.filter(pk=locked.pk).update(
            status=DeliveryStatus.SKIPPED,
            closed_at=Now(),
            lease=None,
            decided_by=actor,
            decision_reason=reason[:300],
        )
        log_event(
            "delivery.skipped",
            subject=SUBJECT.format(locked.pk),
            summary=f"决定不再向“{locked.endpoint.name}”推送 {locked.subject} 的一条事件",
            actor=actor,
            region_prefix=locked.event.region.prefix,
            data={"webhook_id": locked.webhook_id, "reason": reason[:300]},
        )
        _settled(locked)
        transaction.on_commit(ring)
    locked.refresh_from_db()
    return locked


def _settled(delivery: Delivery) -> None:
    """Somebody decided: who was told that the push waits has nothing left to do about it."""
    settle(people_of(delivery.endpoint), reverse("exchange:delivery", args=[delivery.webhook_id]))


def _due_again() -> dict[str, Any]:
    return {
        "status": DeliveryStatus.PENDING,
        "due_at": Now(),
        "closed_at": None,
        "lease": None,
        "same_refusals": 0,
        "decided_by": None,
        "decision_reason": "",
    }


def _locked(delivery: Delivery) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint", "event__region")
    locked: Any = rows.annotate(database_now=Now(), lease_ends=F("due_at")).get(pk=delivery.pk)
    if locked.status == DeliveryStatus.SENDING and locked.lease_ends > locked.database_now:
        raise Rejected(Problem(codes.DELIVERY_IN_FLIGHT, "", "这条推送正在发送，请稍候刷新再操作。"), status=409)
    return locked  # type: ignore[no-any-return]  # annotated row
