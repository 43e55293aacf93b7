"""Background work of the exchange. Nothing here is scheduled by count or countdown: the database says what is due."""

from __future__ import annotations

import time
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

HEARTBEAT = "push"
HEARTBEAT_SECONDS = 10.0
IDEMPOTENCY_HOURS = 72


@shared_task(ignore_result=True)
def drain() -> None:
    """Deliver what is due until nothing is. Safe to run any number of times at once, and to be killed at any instant."""
    from .delivery import current_engine

    # Before the first look at the table: who commits after this rings again.
    cache.delete(BELL_KEY)
    beaten = time.monotonic()

    def sign_of_life() -> None:
        nonlocal beaten
        if time.monotonic() - beaten > HEARTBEAT_SECONDS:
            beaten = time.monotonic()
            beat(HEARTBEAT)

    try:
        current_engine().run(on_turn=sign_of_life)
    except Error as error:
        if not database_is_away(error):
            raise
        # The database is away: the next tick goes on; leases run out by themselves.
        logger.warning("push_without_database", error=type(error).__name__)
        connection.close()


@shared_task(ignore_result=True)
def beat_push() -> None:
    """The push queue's worker is alive and hears its broker."""
    beat(HEARTBEAT)


@shared_task(ignore_result=True)
def raise_alarms() -> None:
    """Tell people about overdue pushes and silent endpoints; drop answers kept for repeated requests after 72 hours."""
    from .alarms import raise_push_alarms

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
