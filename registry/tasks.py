"""Background work of the registry: long imports, reminders of registrations without a filing, the nightly run."""

from __future__ import annotations

from datetime import date

import structlog
from celery import shared_task
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files.marking import remove_orphans
from yancheng_childcare.models import User
from yancheng_childcare.pieces import each
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.tasks import beat, day_is_done

from .filing.expiry import run_night
from .imports.jobs import State, check_import, give_back, take_import
from .imports.keeping import delete_old_tables
from .models import ImportJob
from .public.entry import refresh_all
from .public.report_clocks import remind_reports
from .reminders import remind

NIGHT = "night"
logger = structlog.get_logger("registry")
_FAILED = Problem("GEN-500", "", "后台处理中断，没有导入任何内容。请稍后再试一次；多次失败请联系平台管理员。")


@shared_task
def check_job(job_id: str) -> None:
    """Dry run of a long file; given twice it only counts again."""
    try:
        check_import(job_id)
    except Rejected:
        logger.info("import_busy", job=job_id)
    except Exception:
        give_back(job_id, State.FAILED, _FAILED)
        raise


@shared_task
def take_job(job_id: str, actor_id: int, only_good: bool = True) -> None:
    """Put the good rows of a long file in; given twice the second finds it done.

    A job that was not checked yet (API) is checked first; without `only_good` one bad row stops it there.
    """
    try:
        job = ImportJob.objects.get(pk=job_id)
        if job.state in (State.WAITING, State.CHECKING):
            job = check_import(job_id)
        if job.state in (State.CHECKED, State.TAKING) and (only_good or not job.rows_bad):
            take_import(job_id, actor=User.objects.get(pk=actor_id))
    except Rejected:
        logger.info("import_busy", job=job_id)
    except Exception:
        give_back(job_id, State.CHECKED, _FAILED)
        raise


@shared_task
def remind_unfiled(today: str | None = None) -> int:
    """Tell county reviewers and operators who is registered but not filed; each step once. Returns institutions told."""
    return remind(today=date.fromisoformat(today) if today else None)


@shared_task
def run_nightly(today: str | None = None) -> dict[str, int]:
    """Papers that end, corrections that lapse, clocks that run out; each told once; the public register follows.

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
        "refreshed": refresh_all(),
        "reports": remind_reports(today=day),
        "tables": delete_old_tables(today=day),
        "orphans": each("night.orphans", [""], lambda _: remove_orphans()),
    }
    failed = night.failed + sum(tally.failed for tally in tallies.values())
    if today is None and not failed:
        beat(NIGHT)
    return {**counts, **{name: tally.done for name, tally in tallies.items()}, "failed": failed}


def hand_over(task: object, *arguments: object) -> bool:
    """Give work to the general queue; False when the broker is away, so that the caller can say so."""
    try:
        task.apply_async(args=arguments, retry=False)  # type: ignore[attr-defined]  # a Celery task
    except (KombuError, RedisError, OSError):
        logger.warning("queue_unavailable")
        return False
    return True
