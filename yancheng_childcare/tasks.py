"""Background work of the kernel."""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from celery import shared_task
from django.db.models.functions import Now

from .deadlines import today_here
from .limits import purge_counts
from .models import Heartbeat
from .notifications import mail_unsent
from .seals.sealing import ChainBroken, seal_new_rows
from .unmasking import tell_looks_of

logger = structlog.get_logger("portal.seals")


def beat(name: str) -> None:
    """Leave a sign of life by the database's clock."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": Now()})


@shared_task
def beat_general() -> None:
    """The general queue's worker is alive and hears its broker."""
    beat("celery")


@shared_task
def mail_notifications() -> None:
    """Mail what is unread and unsent."""
    while mail_unsent() == 200:
        pass


@shared_task
def purge_limit_counts() -> None:
    """Windows that are over need no row any more."""
    purge_counts()


@shared_task
def tell_looks(day: str | None = None) -> int:
    """Tell the auditors who looked at how many full numbers yesterday, or on `day` (ISO); returns how many persons."""
    return tell_looks_of(date.fromisoformat(day) if day else today_here() - timedelta(days=1))


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
