"""What the departments answered: receipts on most older events, an old failure in one log, messages to people.

The pushes themselves are real: deliveries are made by the engine's own fan-out and sent once its workers run. Only the
few pushes of `old_failure` are written as already sent.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from exchange.choices import DeliveryStatus
from exchange.client.answers import Failure
from exchange.fan_out import fan_out
from exchange.models import Delivery, DeliveryAttempt, Endpoint, OutboxEvent
from exchange.receipts import accept_receipt
from yancheng_childcare.deadlines import stop_deadlines
from yancheng_childcare.models import Department, Notification, User
from yancheng_childcare.notifications import notify

from ..models import Institution
from . import words
from .city import service_account
from .plan import BUSY_REGION, SEED, Plan

Progress = Callable[[str], None]
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
            tries.append(DeliveryAttempt(delivery=delivery, at=at, code=code, error=error, latency_ms=took, response=response))
        tries.append(DeliveryAttempt(delivery=delivery, at=done, code=200, error="", latency_ms=12, response="ok"))
        delivery.status, delivery.attempts, delivery.last_code, delivery.latency_ms = DeliveryStatus.DELIVERED, 3, 200, 12
        delivery.created_at, delivery.attempted_at, delivery.closed_at = start, done, done
        delivery.save()
        endpoint.last_failure_at, endpoint.last_success_at = start + timedelta(seconds=6), done
    DeliveryAttempt.objects.bulk_create(tries)
    endpoint.save(update_fields=["last_failure_at", "last_success_at"])


class Answers:
    """Receipts of the departments for newly made institutions."""

    def __init__(self, users: dict[str, User], progress: Progress):
        self._progress = progress
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
        events = list(OutboxEvent.objects.filter(subject__in=by_code).order_by("id"))
        given = 0
        with transaction.atomic():
            for number, event in enumerate(events, 1):
                plan = by_code[event.subject]
                rng = random.Random(f"{SEED}:{event.subject}:{event.version}")  # noqa: S311  # repeatable on purpose
                given += self._health(event, plan, rng) + self._police(event, plan, rng)
                if number % 100 == 0 or number == len(events):
                    self._progress(f"  部门回执 {number}/{len(events)}")
        return given

    def _health(self, event: OutboxEvent, plan: Plan, rng: random.Random) -> bool:
        """Health has handled what is filed; of the rest it has called about half."""
        if event.type != "registration.recorded":
            return rng.random() < 0.7 and self._accept("HEALTH", event, True, self._known(event), rng.randint(1, 5))
        if plan.filed_on:
            days = (plan.filed_on - event.occurred_at.date()).days
            return self._accept("HEALTH", event, True, rng.choice(words.HEALTH_REMARKS_HANDLED), max(days, 1))
        return rng.random() < 0.5 and self._accept("HEALTH", event, False, rng.choice(words.HEALTH_REMARKS_OPEN), 2)

    def _police(self, event: OutboxEvent, plan: Plan, rng: random.Random) -> bool:
        """Public security has advised most older institutions; in 亭湖 the fresh ones still wait."""
        age = (self._now - event.occurred_at).days
        if plan.data["region_code"] == BUSY_REGION and age <= FRESH_DAYS:
            return False
        if event.type != "registration.recorded":
            return rng.random() < 0.7 and self._accept("POLICE", event, True, self._known(event), rng.randint(1, 6))
        if rng.random() < (0.88 if age > 60 else 0.5):
            return self._accept("POLICE", event, True, rng.choice(words.POLICE_REMARKS_HANDLED), rng.randint(3, 14))
        return rng.random() < 0.6 and self._accept("POLICE", event, False, rng.choice(words.POLICE_REMARKS_OPEN), 2)

    def _known(self, event: OutboxEvent) -> str:
        return words.REMARK_CHANGED if event.type == "registration.changed" else words.REMARK_ENDED

    def _accept(self, kind: str, event: OutboxEvent, handled: bool, remark: str, after_days: int) -> bool:
        county = f"{BUSY_REGION if event.region_id == BUSY_REGION else '320900'}-{kind}"
        at: datetime = min(event.occurred_at + timedelta(days=after_days, hours=1), self._now)
        if handled and kind == "POLICE":
            # Before the receipt itself would stop the clock with today's date.
            stop_deadlines(f"registry.institution:{event.subject}", "DL-POLICE", today=timezone.localdate(at))
        accept_receipt(
            event_uid=event.uid,
            department=self._departments[county],
            handled=handled,
            remark=remark,
            handled_at=at,
            actor=self._people[county],
        )
        return True


def leave_messages(users: dict[str, User], today: date) -> int:
    """A few messages, so that the message page has content; none twice."""
    busy = Institution.objects.filter(region_id=BUSY_REGION)
    overdue, waiting = busy.to_be_governed(today).count(), busy.unfiled().count()
    found = (
        ("reviewer_tinghu", f"演示：{waiting} 家机构已登记未备案", f"其中 {overdue} 家登记已满 60 天，请联系机构尽快提交备案材料。"),
        ("chief_tinghu", "演示：已登记未备案清单已更新", f"亭湖区现有 {waiting} 家，其中 {overdue} 家登记已满 60 天。"),
        ("police_tinghu", "演示：有新登记机构待安全防范指导", "近一个月登记的机构已推送到本部门，指导后请报送处置回执。"),
        ("registrar_tinghu", "演示：登记信息已写入推送队列", "登记信息会自动推送卫健和公安部门，可在登记机关工作台查看送达情况。"),
        ("health_city", "演示：三本台账可以对照查看", "登记、卫健、公安三本台账的差异按县（市、区）列出，可逐家核对。"),
        ("operator_yangguang", "演示：请及时办理备案", "贵机构已完成登记。请准备备案材料，及时向盐都区卫生健康委员会备案。"),
        ("admin", "演示环境已就绪", "两个演示接收端已登记为推送端点，可在推送日志中查看每一次推送。"),
    )
    return sum(
        notify([users[name]], title=title, body=body, url="/desk/")
        for name, title, body in found
        if not Notification.objects.filter(user=users[name], title__startswith=title[:6]).exists()
    )
