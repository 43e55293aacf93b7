"""Background work of the kernel."""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from celery import shared_task
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from .deadlines import today_here
from .limits import purge_counts
from .models import Heartbeat
from .notifications import mail_unsent
from .pieces import each
from .seals.sealing import ChainBroken, seal_new_rows
from .unmasking import tell_looks_of

logger = structlog.get_logger("portal.seals")
queue_log = structlog.get_logger("portal.queue")


def beat(name: str) -> None:
    """Leave a sign of life by the database's clock."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": Now()})


def hand_over(task: object, *arguments: object) -> bool:
    """Give work to the general queue; False when the broker is away, so that the caller can say so."""
    try:
        task.apply_async(args=arguments, retry=False)  # type: ignore[attr-defined]  # a Celery task
    except (KombuError, RedisError, OSError):
        queue_log.warning("queue_unavailable")
        return False
    return True


def day_is_done(name: str) -> bool:
    """Whether this work left its sign of life today."""
    row = Heartbeat.objects.filter(name=name).first()
    return row is not None and timezone.localdate(row.at) == today_here()


@shared_task
def beat_general() -> None:
    """The general queue's worker is alive and hears its broker."""
    beat("celery")


@shared_task
def mail_notifications() -> None:
    """Mail what is unread and unsent."""
    mail_unsent()


@shared_task
def purge_limit_counts() -> None:
    """Windows that are over need no row any more."""
    purge_counts()


@shared_task
def tell_looks(day: str | None = None) -> int:
    """Tell the auditors who looked at how many full numbers yesterday, or on `day` (ISO); returns how many persons.

    Days that were missed in the last month are made up for.
    """
    if day:
        return tell_looks_of(date.fromisoformat(day))
    days = [today_here() - timedelta(days=back) for back in range(30, 0, -1)]
    return each("looks", days, tell_looks_of).done


@shared_task
def seal_events() -> None:
    """Seal what was added to the append-only tables. A broken chain is not gone on with: somebody must look first."""
    try:
        run = seal_new_rows()
    except ChainBroken as error:
        logger.critical("seal_chain_broken", reason=str(error), remedy="manage.py verify_events")
        return
    if run.waiting:
        logger.info("seal_waits_for_writers", tables=run.waiting)


@shared_task
def recompute_deadlines(cause: str) -> None:
    """After an edit of the calendar."""
    from .deadlines import recompute_open_deadlines

    recompute_open_deadlines(cause=cause)
