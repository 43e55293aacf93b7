"""Tables are deleted when they have served; the same table twice is one import."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from import_tables import as_csv

from registry.models import ImportJob, Institution
from registry.people.imports import keep_import
from registry.registration.imports.jobs import create_import
from registry.registration.imports.keeping import delete_old_tables
from registry.registration.services import registry_department
from registry.tasks import run_nightly
from yancheng_childcare.files import fingerprint_of, is_intact
from yancheng_childcare.models import Event, StoredFile

PEOPLE = "姓名,身份证号,岗位,上岗日期\n甲,1,保育,2026-01-01\n".encode()


def aged(days: int) -> None:
    """Everything was uploaded, and finished, so many days ago."""
    then = timezone.now() - timedelta(days=days)
    StoredFile.objects.update(created_at=then)
    ImportJob.objects.update(created_at=then)
    ImportJob.objects.filter(finished_at__isnull=False).update(finished_at=then)


def contents(settings: Any) -> int:
    root = settings.FILE_ROOT
    return sum(1 for path in root.rglob("*") if path.is_file()) if root.exists() else 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take", [True, False])
def test_a_table_is_deleted_thirty_days_after_it_is_done(
    upload: Any, registration: Any, as_user: Any, settings: Any, take: bool
) -> None:
    """security.md M3: uploaded tables stayed for ever."""
    job = upload(as_csv([registration(), registration(name="")]), take=take)
    aged(settings.IMPORT_KEEP_DAYS)
    assert delete_old_tables().done == 0 and is_intact(job.file)
    aged(settings.IMPORT_KEEP_DAYS + 1)
    assert run_nightly()["tables"] == 1
    assert contents(settings) == 0
    job.refresh_from_db()
    assert job.file.deleted_at and not job.rows.exists()
    assert job.rows_bad == 1  # what was done stays
    assert Institution.objects.count() == (1 if take else 0)
    assert Event.objects.get(action="import.deleted").subject == f"registry.importjob:{job.pk}"
    client = as_user("registrar_tinghu")
    page = client.get(f"/desk/imports/{job.pk}/").content.decode()
    assert "原表格和逐行问题已删除" in page and "保留 30 天" in page
    assert "30 天" in client.get("/desk/imports/").content.decode()
    gone = client.get(f"/desk/imports/{job.pk}/errors/")
    assert gone.status_code == 410 and "FILE-027" in gone.content.decode()
    assert client.get(f"/files/{job.file_id}/").status_code == 404
    assert delete_old_tables().done == 0


@pytest.mark.django_db(transaction=True)
def test_a_table_of_people_is_deleted_too(cast: dict[str, Any], institution: Any, as_user: Any, settings: Any) -> None:
    place = institution(uscc="91320902MA1TYC011T")
    file = keep_import(SimpleUploadedFile("a.csv", PEOPLE), institution=place, actor=cast["operator_xiaotaiyang"])
    client = as_user("operator_xiaotaiyang")
    assert client.get(f"/desk/people/import/?file={file.pk}").status_code == 200
    assert "30 天后自动删除" in client.get("/desk/people/import/").content.decode()
    aged(settings.IMPORT_KEEP_DAYS + 1)
    assert delete_old_tables().done == 1
    assert contents(settings) == 0
    assert client.get(f"/desk/people/import/?file={file.pk}").status_code == 404
    assert Event.objects.filter(action="import.deleted", subject=f"file:{file.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_table_may_be_handed_in_again(upload: Any, registration: Any, settings: Any) -> None:
    rows = [registration()]
    first = upload(as_csv(rows))
    aged(settings.IMPORT_KEEP_DAYS + 1)
    delete_old_tables()
    again = upload(as_csv(rows))
    assert again.pk != first.pk and again.state == "CHECKED"


def at_once(count: int, work: Any) -> list[Any]:
    """What `work` returned in as many threads that start together."""
    barrier, found = threading.Barrier(count), []

    def run() -> None:
        try:
            barrier.wait()
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    return found


@pytest.mark.django_db(transaction=True)
def test_five_uploads_of_one_file_at_once_are_one_import(
    cast: dict[str, Any], registration: Any, settings: Any
) -> None:
    """security.md L6: five uploads at once made four jobs."""
    data, actor = as_csv([registration()]).read(), cast["registrar_tinghu"]
    department = registry_department(actor)
    jobs = at_once(
        5,
        lambda: create_import(uploaded=SimpleUploadedFile("a.csv", data), actor=actor, department=department).pk,
    )
    assert len(set(jobs)) == 1
    assert ImportJob.objects.count() == StoredFile.objects.count() == contents(settings) == 1


@pytest.mark.django_db(transaction=True)
def test_five_uploads_of_one_table_of_people_are_one_table(
    cast: dict[str, Any], institution: Any, settings: Any
) -> None:
    place, actor = institution(uscc="91320902MA1TYC011T"), cast["operator_xiaotaiyang"]
    files = at_once(5, lambda: keep_import(SimpleUploadedFile("a.csv", PEOPLE), institution=place, actor=actor).pk)
    assert len(set(files)) == 1
    assert StoredFile.objects.count() == contents(settings) == 1


@pytest.mark.django_db
def test_a_table_of_people_that_cannot_be_read_leaves_nothing_behind(
    cast: dict[str, Any], institution: Any, settings: Any
) -> None:
    """security.md M8: it was stored before it was read."""
    from yancheng_childcare.problems import Rejected

    place = institution(uscc="91320902MA1TYC011T")
    with pytest.raises(Rejected):
        keep_import(SimpleUploadedFile("a.csv", b"a,b\n1,2\n"), institution=place, actor=cast["operator_xiaotaiyang"])
    assert contents(settings) == 0 and not StoredFile.objects.exists()


@pytest.mark.django_db
def test_no_act_names_the_plain_hash_of_a_table(upload: Any, registration: Any) -> None:
    """With it a copy of the acts could be asked whether a guessed table is the uploaded one."""
    import hashlib

    file = as_csv([registration()])
    plain = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    job = upload(file, take=True)
    assert job.file.fingerprint != plain
    told = [str(event.data) for event in Event.objects.filter(action__startswith="import.")]
    assert told and not any(plain in text for text in told)
    file.seek(0)
    assert fingerprint_of(file.read()) == job.file.fingerprint
