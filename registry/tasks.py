"""Background work of the registry: long imports, reminders of registrations without a filing, the nightly run."""

from __future__ import annotations

from datetime import date

import structlog
from celery import shared_task

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files.marking import remove_orphans
from yancheng_childcare.pieces import each
from yancheng_childcare.tasks import beat, day_is_done

from .filing.expiry import run_night
from .registration.imports.keeping import delete_old_tables
from .registration.reminders import remind

NIGHT = "night"
logger = structlog.get_logger("registry")


@shared_task
def remind_unfiled(today: str | None = None) -> int:
    """Tell county reviewers and operators who is registered but not filed; each step once. Returns institutions told."""
    return remind(today=date.fromisoformat(today) if today else None)


@shared_task
def run_nightly(today: str | None = None) -> dict[str, int]:
    """Papers that end, corrections that lapse, clocks that run out; each told once.

    Import tables that have served are deleted. Rung every hour from 01:10: the first run that gets through whole does the
    day's work, so a night that was missed or broke is made up for within the hour. `today` (ISO) runs in any case.

    Returns the counts; nothing when the day was done before.
    """
    if today is None and day_is_done(NIGHT):
        return {}
    day = date.fromisoformat(today) if today else today_here()
    night = run_night(day)
    counts = {
        name: getattr(night, name) for name in ("reminded", "expired", "lapsed", "followed", "suspended", "overdue")
    }
    tallies = {
        "tables": delete_old_tables(today=day),
        "orphans": each("night.orphans", [""], lambda _: remove_orphans()),
    }
    failed = night.failed + sum(tally.failed for tally in tallies.values())
    if today is None and not failed:
        beat(NIGHT)
    return {**counts, **{name: tally.done for name, tally in tallies.items()}, "failed": failed}
