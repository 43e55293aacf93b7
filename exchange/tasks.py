"""Background work of the exchange. Nothing here is scheduled by count or countdown: the database says what is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import Error, connection
from django.utils import timezone

from yancheng_childcare.outages import database_is_away
from yancheng_childcare.tasks import beat

from .doorbell import BELL_KEY

logger = structlog.get_logger("exchange")

QUEUE = HEARTBEAT = "push"
HEARTBEAT_SECONDS = 10.0
IDEMPOTENCY_HOURS = 72


# The engine of a process works for one thread at a time: for a task, or for the sweep beside it.
_turn = threading.Lock()
_looked_at = time.monotonic()


@shared_task(ignore_result=True)
def drain() -> None:
    """Deliver what is due until nothing is. Safe to run any number of times at once, and to be killed at any instant."""
    # Before the first look at the table: who commits after this rings again.
    cache.delete(BELL_KEY)
    # Reaching this line took a broker; the sweep's way here did not, so only this way counts as a sign of life.
    beaten = time.monotonic()

    def sign_of_life() -> None:
        nonlocal beaten
        if time.monotonic() - beaten > HEARTBEAT_SECONDS:
            beaten = time.monotonic()
            beat(HEARTBEAT)

    deliver(on_turn=sign_of_life)


def deliver(on_turn: Callable[[], None] | None = None) -> None:
    """Deliver what is due until nothing is, in whichever thread asks; they take turns."""
    global _looked_at
    from .delivery import current_engine

    with _turn:
        try:
            current_engine().run(on_turn=on_turn)
        except Error as error:
            if not database_is_away(error):
                raise
            # The database is away: the next tick goes on; leases run out by themselves.
            logger.warning("push_without_database", error=type(error).__name__)
            connection.close()
        finally:
            _looked_at = time.monotonic()


def idle_seconds() -> float:
    """How long nothing has been delivered or looked for in this process; 0 while it is at it."""
    return 0.0 if _turn.locked() else time.monotonic() - _looked_at


@shared_task(ignore_result=True)
def beat_push() -> None:
    """The push queue's worker is alive and hears its broker."""
    beat(HEARTBEAT)


@shared_task(ignore_result=True)
def raise_alarms() -> None:
    """Tell people about overdue pushes and silent endpoints; end what closed endpoints have left; drop answers kept for repeated requests after 72 hours."""
    from .alarms import raise_push_alarms
    from .closing import end_leftovers

    end_leftovers()
    raise_push_alarms()
    purge_idempotency_records()


@shared_task(ignore_result=True)
def remind_of_ending_keys() -> None:
    """Tell people whose API key ends soon."""
    from .clients import remind_of_ending_keys as remind

    remind()


def purge_idempotency_records() -> int:
    """Delete answers kept for an `Idempotency-Key` longer than 72 hours (product.md D5); returns how many."""
    from .models import IdempotencyRecord

    limit = timezone.now() - timedelta(hours=IDEMPOTENCY_HOURS)
    return IdempotencyRecord.objects.filter(created_at__lt=limit).delete()[0]
