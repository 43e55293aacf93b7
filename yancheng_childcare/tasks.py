"""Background work of the kernel."""

from __future__ import annotations

from datetime import date, timedelta

from celery import shared_task
from django.db.models.functions import Now

from .deadlines import today_here
from .limits import purge_counts
from .models import Heartbeat
from .notifications import mail_unsent
from .unmasking import tell_looks_of


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
def recompute_deadlines(cause: str) -> None:
    """After an edit of the calendar."""
    from .deadlines import recompute_open_deadlines

    recompute_open_deadlines(cause=cause)
