"""Import tables hold the ID numbers of many in one place: they are deleted when they have served (security.md M3).

What was done stays: the job with its counts, the acts, the history of each institution.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.file_purposes import purpose_of
from yancheng_childcare.files import delete_content
from yancheng_childcare.files.codes import refuse
from yancheng_childcare.models import StoredFile
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.records import log_event

from ...file_purposes import TABLES
from ...models import ImportJob, Institution

DELETED = "import.deleted"


def delete_old_tables(*, today: date | None = None) -> Tally:
    """Delete tables IMPORT_KEEP_DAYS after they were taken, or after the upload when they never were."""
    day = (today or today_here()) - timedelta(days=settings.IMPORT_KEEP_DAYS)
    before = timezone.make_aware(datetime.combine(day, time.min))
    jobs = ImportJob.objects.annotate(ended_at=Coalesce("finished_at", "created_at"))
    old_jobs = jobs.filter(ended_at__lt=before, file__deleted_at__isnull=True).values_list("pk", flat=True)
    old_files = StoredFile.objects.filter(purpose__in=TABLES, created_at__lt=before, deleted_at__isnull=True)
    jobs_gone = each("tables", old_jobs, _delete_registrations)
    files_gone = each("tables", old_files, _delete_file)
    return Tally(jobs_gone.done + files_gone.done, jobs_gone.failed + files_gone.failed)


def _delete_registrations(key: UUID) -> int:
    with transaction.atomic():
        rows = ImportJob.objects.select_for_update(of=("self",), skip_locked=True)
        job = rows.select_related("file", "department__region").filter(pk=key).first()
        if job is None:  # being worked on at this moment: tomorrow
            return 0
        delete_content(job.file)
        job.rows.all().delete()
        job.fingerprint = ""
        if job.state != ImportJob.State.DONE:
            job.state, job.problem = ImportJob.State.FAILED, [p.as_dict() for p in refuse("FILE-027").problems]
        job.save(update_fields=["fingerprint", "state", "problem"])
        log_event(
            DELETED,
            subject=f"registry.importjob:{job.pk}",
            summary=f"导入表到期删除（{job.department.short_name}，保留 {settings.IMPORT_KEEP_DAYS} 天）",
            region_prefix=job.department.region.prefix,
        )
    return 1


def _delete_file(file: StoredFile) -> int:
    place = Institution.objects.select_related("region").filter(uscc=file.uscc).first()
    with transaction.atomic():
        delete_content(file)
        log_event(
            DELETED,
            subject=f"file:{file.pk}",
            summary=f"{purpose_of(file.purpose).label}到期删除（保留 {settings.IMPORT_KEEP_DAYS} 天）",
            region_prefix=place.region.prefix if place else "",
        )
    return 1
