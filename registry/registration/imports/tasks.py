"""Background work of long import files: the dry run and the taking."""

from __future__ import annotations

import structlog
from celery import shared_task

from yancheng_childcare.models import User
from yancheng_childcare.problems import Problem, Rejected

from ...models import ImportJob
from .jobs import State, check_import, give_back, take_import

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
