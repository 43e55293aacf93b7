"""The services of batch import: upload, check, take. Pages, API and tasks call these and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from casework.imports.codes import IMPORT_STATE
from casework.imports.reading import open_table
from exchange.doorbell import ring
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import SHEETS, discard, fingerprint_of, intake, keep
from yancheng_childcare.models import Department, StoredFile
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ...file_purposes import REGISTRATION_IMPORT
from ...models import ImportJob
from ...signals import table_taken
from .columns import REGISTRATION
from .lines import Batch
from .taking import Counts, Pass

#: Files of at most this many lines are worked on while the person waits.
AT_ONCE_LINES = 2_000
_PROGRESS_SECONDS = 3_600
State = ImportJob.State


def create_import(*, uploaded: Any, actor: Any, department: Department) -> ImportJob:
    """Take a file in and open a job for it, or return the unfinished job of the same file and authority.

    Of several uploads at once one wins (`import_one_open`), the others get its job (reliability.md T25).
    Raises Rejected with a file code when the upload is not a table that may be opened.
    """
    taken = intake(uploaded, purpose=REGISTRATION_IMPORT, allowed=SHEETS)
    same = ImportJob.objects.open().filter(department=department, fingerprint=fingerprint_of(taken.data))
    if job := same.first():
        return job
    file = keep(taken, uploaded_by=actor, region=department.region, department=department)
    try:
        return _open_job(file, department, actor)
    except IntegrityError:
        discard(file)
        if job := same.first():
            return job
        raise


def _open_job(file: StoredFile, department: Department, actor: Any) -> ImportJob:
    with transaction.atomic():
        job = ImportJob.objects.create(file=file, fingerprint=file.fingerprint, department=department, created_by=actor)
        log_event(
            "import.uploaded",
            subject=f"registry.importjob:{job.pk}",
            summary=f"上传批量导入文件（{department.short_name}）",
            actor=actor,
            region_prefix=department.region.prefix,
            data={"fingerprint": file.fingerprint, "size": file.size},
        )
    return job


def is_short(job: ImportJob) -> bool:
    """Whether the file is small enough to be worked on at once. A file that cannot be opened is: its error is quick."""
    try:
        with open_table(job.file, columns=REGISTRATION) as table:
            return table.lines <= AT_ONCE_LINES
    except Rejected:
        return True


def check_import(job_id: UUID | str, *, today: date | None = None) -> ImportJob:
    """Dry run: count what the file would do and list its problems. Repeatable; changes no registration.

    A file that cannot be read ends in FAILED with its problems in `problem`. Raises Rejected 409 while another process
    works on the job.
    """
    return _run(job_id, actor=None, take=False, today=today)


def take_import(job_id: UUID | str, *, actor: Any, today: date | None = None) -> ImportJob:
    """Put the good rows in: new and changed ones, all in one transaction with history, outbox, log and clocks.

    A second call finds the job done and does nothing. Raises Rejected 409 before the check is finished or while another
    process works on it.
    """
    return _run(job_id, actor=actor, take=True, today=today)


def progress_of(job: ImportJob) -> int:
    """Rows worked on so far by the pass that runs now (0 when unknown)."""
    return int(cache.get(_progress_key(job.pk)) or job.rows_seen)


def mark(job: ImportJob, state: str, *, expected: tuple[str, ...]) -> bool:
    """Move an idle job to a waiting state before it is handed to a worker; False when another was faster."""
    return bool(ImportJob.objects.filter(pk=job.pk, state__in=expected).update(state=state))


def give_back(job_id: UUID | str, state: str, problem: Problem) -> None:
    """After a worker failed for a reason that is not in the file: the job can be tried again."""
    ImportJob.objects.filter(pk=job_id, state__in=[State.CHECKING, State.TAKING]).update(
        state=state, problem=[problem.as_dict()]
    )


def _progress_key(job_id: UUID | str) -> str:
    return f"registry:import:{job_id}"


def _locked(job_id: UUID | str) -> ImportJob:
    try:
        rows = ImportJob.objects.select_for_update(nowait=True, of=("self",))
        return rows.select_related("file", "department__region", "created_by").get(pk=job_id)
    except OperationalError as error:
        if "could not obtain lock" not in str(error):
            raise
        raise Rejected(
            Problem(IMPORT_STATE, "", "这个文件正在处理中，请稍后刷新页面查看结果。"),
            status=409,
            title="正在处理",
        ) from error


def _run(job_id: UUID | str, *, actor: Any, take: bool, today: date | None) -> ImportJob:
    with transaction.atomic():
        job = _locked(job_id)
        if job.state == State.DONE:
            return job
        if take and job.state not in (State.CHECKED, State.TAKING):
            words = f"当前状态为“{job.get_state_display()}”，请等检查完成后再入库。"
            raise Rejected(Problem(IMPORT_STATE, "", words), status=409, title="还不能入库")
        try:
            with transaction.atomic():
                counts = _pass(job, actor=actor or job.created_by, take=take, today=today)
                if take:
                    table_taken.send(ImportJob, department=job.department_id, job=str(job.pk))
        except Rejected as error:
            job.state, job.problem = State.FAILED, [p.as_dict() for p in error.problems]
            job.finished_at = timezone.now()
            job.save()
            return job
        _keep(job, counts, take)
        if take and (counts.new or counts.changed):
            transaction.on_commit(ring)
        if take:
            log_event(
                "import.taken",
                subject=f"registry.importjob:{job.pk}",
                summary=f"批量导入入库：新增 {counts.new}，变更 {counts.changed}，无变化 {counts.same}，有误 {counts.bad}",
                actor=actor,
                region_prefix=job.department.region.prefix,
                data={
                    "fingerprint": job.file.fingerprint,
                    "new": counts.new,
                    "changed": counts.changed,
                    "bad": counts.bad,
                },
            )
    cache.delete(_progress_key(job.pk))
    return job


def _pass(job: ImportJob, *, actor: Any, take: bool, today: date | None) -> Counts:
    key = _progress_key(job.pk)
    batch = Batch(
        job=str(job.pk), department=job.department, actor=actor, now=timezone.now(), today=today or today_here()
    )
    with open_table(job.file, columns=REGISTRATION) as table:
        job.rows_total = table.lines
        run = Pass(batch, table, take=take, progress=lambda rows: cache.set(key, rows, _PROGRESS_SECONDS))
        return run.run()


def _keep(job: ImportJob, counts: Counts, take: bool) -> None:
    job.state = State.DONE if take else State.CHECKED
    job.problem = None
    job.rows_total = job.rows_seen = counts.total
    job.rows_new, job.rows_changed, job.rows_same = counts.new, counts.changed, counts.same
    job.rows_bad, job.rows_warned = counts.bad, counts.warned
    job.finished_at = timezone.now() if take else None
    job.save()


def row_limit() -> int:
    """Most rows one file may have."""
    return int(settings.IMPORT_MAX_ROWS)
