"""What the departments answered: receipts on most older events, and an old failure in one log.

The pushes themselves are real: deliveries are made by the engine's own fan-out and sent once its workers run. Only the
few pushes of `old_failure` are written as already sent.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from exchange.choices import DeliveryStatus
from exchange.client.answers import Failure
from exchange.fan_out import fan_out
from exchange.models import Delivery, DeliveryAttempt, Endpoint, OutboxEvent, Receipt
from yancheng_childcare.models import Deadline, Department, Event, User
from yancheng_childcare.records import actor_label

from ..models import subject_of
from ..registration.clocks import POLICE_CLOCK
from . import words
from .city import service_account
from .plan import BUSY_REGION, SEED, Plan

# The desk of 公安 in 亭湖 keeps everything of these last days still to do.
FRESH_DAYS = 32


def make_deliveries(limit_seconds: float = 10.0) -> int:
    """Number the waiting events and make their deliveries, as a worker would; returns how many deliveries.

    Raises TimeoutError when another process keeps the lock for so long.
    """
    made, end = 0, time.monotonic() + limit_seconds
    while OutboxEvent.objects.waiting_for_fan_out().exists():
        events, deliveries = fan_out()
        made += deliveries
        if not events:
            if time.monotonic() > end:
                raise TimeoutError("推送队列正被其他进程占用，请稍后重新运行 seed_demo。")
            time.sleep(0.05)
    return made


def old_failure() -> None:
    """公安 of 亭湖 was being maintained four days ago: three of its pushes got through only at the third try."""
    endpoint = Endpoint.objects.get(department_id=f"{BUSY_REGION}-POLICE", name="公安演示接收端")
    if DeliveryAttempt.objects.filter(delivery__endpoint=endpoint).exists():
        return
    began = timezone.now() - timedelta(days=4)
    failures = ((0, 503, Failure.STATUS, 41, "系统维护中，请稍后再试（演示）"), (6, None, Failure.CONNECT, 3, ""))
    heads = Delivery.objects.heads().filter(endpoint=endpoint, status=DeliveryStatus.PENDING).order_by("id")[:3]
    tries = []
    for order, delivery in enumerate(heads):
        start, done = began + timedelta(minutes=order), began + timedelta(minutes=order, seconds=37)
        for after, code, error, took, response in failures:
            at = start + timedelta(seconds=after)
            tries.append(
                DeliveryAttempt(delivery=delivery, at=at, code=code, error=error, latency_ms=took, response=response)
            )
        tries.append(DeliveryAttempt(delivery=delivery, at=done, code=200, error="", latency_ms=12, response="ok"))
        handled = Receipt.objects.filter(
            event=delivery.event_id, department=endpoint.department_id, handled=True
        ).exists()
        delivery.status = DeliveryStatus.ACKED if handled else DeliveryStatus.DELIVERED
        delivery.attempts, delivery.last_code, delivery.latency_ms = 3, 200, 12
        delivery.created_at, delivery.attempted_at, delivery.closed_at = start, done, done
        delivery.save()
        endpoint.last_failure_at, endpoint.last_success_at = start + timedelta(seconds=6), done
    DeliveryAttempt.objects.bulk_create(tries)
    endpoint.save(update_fields=["last_failure_at", "last_success_at"])


class Answers:
    """Receipts of the departments for newly made institutions, with their acts, as `accept_receipt` writes them.

    Set-based: one by one they would be half of the time of a first start. A test holds the rows against the service.
    """

    def __init__(self, users: dict[str, User]):
        self._now = timezone.now()
        self._departments = {d.pk: d for d in Department.objects.filter(kind__in=["HEALTH", "POLICE"])}
        self._people = {
            "320900-HEALTH": users["health_city"],
            "320902-HEALTH": users["reviewer_tinghu"],
            "320900-POLICE": service_account("demo_police_city", "演示对接人·市公安局"),
            "320902-POLICE": users["police_tinghu"],
        }

    def give(self, plans: Iterable[Plan]) -> int:
        """One receipt per department that has acted; returns how many."""
        by_code = {plan.uscc: plan for plan in plans}
        events = OutboxEvent.objects.filter(subject__in=by_code).select_related("region").defer("data", "sealed")
        receipts: list[Receipt] = []
        for event in events.order_by("id"):
            rng = random.Random(f"{SEED}:{event.subject}:{event.version}")  # noqa: S311  # repeatable on purpose
            plan = by_code[event.subject]
            receipts += filter(None, (self._health(event, plan, rng), self._police(event, plan, rng)))
        with transaction.atomic():
            saved = Receipt.objects.bulk_create(receipts, batch_size=1000)
            Event.objects.bulk_create([_act(receipt) for receipt in saved], batch_size=1000)
            _stop_clocks(saved)
        return len(saved)

    def _health(self, event: OutboxEvent, plan: Plan, rng: random.Random) -> Receipt | None:
        """Health has handled what is filed; of the rest it has called about half."""
        if event.type != "registration.recorded":
            return (
                self._receipt("HEALTH", event, True, _noted(event), rng.randint(1, 5)) if rng.random() < 0.7 else None
            )
        if plan.filed_on:
            days = (plan.filed_on - event.occurred_at.date()).days
            return self._receipt("HEALTH", event, True, rng.choice(words.HEALTH_REMARKS_HANDLED), max(days, 1))
        if rng.random() < 0.5:
            return self._receipt("HEALTH", event, False, rng.choice(words.HEALTH_REMARKS_OPEN), 2)
        return None

    def _police(self, event: OutboxEvent, plan: Plan, rng: random.Random) -> Receipt | None:
        """Public security has advised most older institutions; in 亭湖 the fresh ones still wait."""
        age = (self._now - event.occurred_at).days
        if plan.data["region_code"] == BUSY_REGION and age <= FRESH_DAYS:
            return None
        if event.type != "registration.recorded":
            return (
                self._receipt("POLICE", event, True, _noted(event), rng.randint(1, 6)) if rng.random() < 0.7 else None
            )
        if rng.random() < (0.88 if age > 60 else 0.5):
            return self._receipt("POLICE", event, True, rng.choice(words.POLICE_REMARKS_HANDLED), rng.randint(3, 14))
        if rng.random() < 0.6:
            return self._receipt("POLICE", event, False, rng.choice(words.POLICE_REMARKS_OPEN), 2)
        return None

    def _receipt(self, kind: str, event: OutboxEvent, handled: bool, remark: str, after_days: int) -> Receipt:
        code = f"{BUSY_REGION if event.region_id == BUSY_REGION else '320900'}-{kind}"
        at = min(event.occurred_at + timedelta(days=after_days, hours=1), self._now)
        return Receipt(
            event=event,
            department=self._departments[code],
            subject=event.subject,
            handled=handled,
            remark=remark,
            handled_at=at,
            sent_by=self._people[code],
        )


def _noted(event: OutboxEvent) -> str:
    return words.REMARK_CHANGED if event.type == "registration.changed" else words.REMARK_ENDED


def _act(receipt: Receipt) -> Event:
    """The act that `accept_receipt` keeps."""
    return Event(
        action="receipt.accepted",
        actor=receipt.sent_by,
        actor_label=actor_label(receipt.sent_by),
        subject=subject_of(receipt.subject),
        region_prefix=receipt.event.region.prefix,
        summary=f"{receipt.department.short_name}回执：{'已处置' if receipt.handled else '已接收'}",
        data={"event": str(receipt.event.uid), "handled": receipt.handled, "receipt": receipt.pk},
    )


def _stop_clocks(receipts: Iterable[Receipt]) -> None:
    """A handled receipt of public security ends its clock on the day it was handled (registry.registration.receipts)."""
    done: dict[str, date] = {}
    for receipt in receipts:
        if receipt.handled and receipt.department.kind == "POLICE":
            subject, day = subject_of(receipt.subject), timezone.localdate(receipt.handled_at)
            done[subject] = min(day, done.get(subject, day))
    clocks = list(Deadline.objects.running().filter(code=POLICE_CLOCK, subject__in=done))
    for clock in clocks:
        clock.closed_on = done[clock.subject]
    Deadline.objects.bulk_update(clocks, ["closed_on"], batch_size=500)
