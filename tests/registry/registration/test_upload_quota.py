"""How much is kept: for one institution in all, for one member of staff within a day; refused before it is stored."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from registry.file_purposes import MATERIAL
from registry.people.imports import keep_import
from registry.registration.imports.jobs import create_import
from registry.registration.pages.uploads import keep_certificate
from registry.registration.services import registry_department
from yancheng_childcare.files import keep_document
from yancheng_childcare.files.quota import check_room
from yancheng_childcare.models import Duty, StoredFile
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
MB = 1024 * 1024
TABLE = "姓名,身份证号,岗位,上岗日期\n张三,320902199001011234,保育员,2026-01-05\n"


def picture() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (9, 9)).save(data, "PNG")
    return SimpleUploadedFile("证照.png", data.getvalue())


def table() -> SimpleUploadedFile:
    return SimpleUploadedFile("人员.csv", TABLE.encode())


@pytest.fixture
def place(cast: dict[str, Any], institution: Callable[..., Any]) -> Any:
    found = institution()
    Duty.objects.filter(user=cast["operator_xiaotaiyang"]).update(uscc=found.uscc)
    return found


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    settings.FILE_ROOT = tmp_path / "files"
    settings.FILE_ROOT.mkdir()
    return tmp_path / "files"


def ways(cast: dict[str, Any], place: Any) -> dict[str, tuple[str, Callable[[], object]]]:
    operator, registrar = cast["operator_xiaotaiyang"], cast["registrar_tinghu"]
    office = registry_department(registrar)
    own = {"actor": operator, "uscc": place.uscc, "region": place.region}
    return {
        "a document": ("FILE-029", lambda: keep_document(picture(), purpose=MATERIAL, **own)),
        "a table of people": ("FILE-029", lambda: keep_import(table(), institution=place, actor=operator)),
        "a table of registrations": (
            "FILE-030", lambda: create_import(uploaded=table(), actor=registrar, department=office)
        ),
        "a certificate": ("FILE-030", lambda: keep_certificate(picture(), actor=registrar, department=office)),
    }  # fmt: skip


@pytest.mark.parametrize("way", ["a document", "a table of people", "a table of registrations", "a certificate"])
def test_every_way_in_keeps_to_the_quota_and_leaves_nothing_behind(
    way: str, cast: dict[str, Any], place: Any, files: Path, settings: Any
) -> None:
    """security.md M8 and reliability.md T26."""
    code, upload = ways(cast, place)[way]
    settings.UPLOAD_QUOTA_MB = settings.UPLOAD_DAY_MB = 0
    with pytest.raises(Rejected) as refused:
        upload()
    (problem,) = refused.value.problems
    assert problem.code == code and "没有保存" in problem.message and "联系平台管理员" in problem.message
    assert not StoredFile.objects.exists() and not [path for path in files.rglob("*") if path.is_file()]
    settings.UPLOAD_QUOTA_MB = settings.UPLOAD_DAY_MB = 1
    upload()


def kept(cast: dict[str, Any], size: int, **fields: Any) -> StoredFile:
    given = {
        "kind": "pdf",
        "content_type": "application/pdf",
        "original_name": "x.pdf",
        "content": uuid4(),
        "fingerprint": uuid4().hex,
    }
    return StoredFile.objects.create(
        **given, size=size, **{"uploaded_by": cast["operator_xiaotaiyang"], "purpose": "x", **fields}
    )


def test_the_quota_is_the_institutions_own_to_the_byte(cast: dict[str, Any], settings: Any) -> None:
    settings.UPLOAD_QUOTA_MB = 10
    actor = cast["operator_xiaotaiyang"]
    kept(cast, 6 * MB, uscc="A")
    kept(cast, 9 * MB, uscc="B")
    check_room(size=4 * MB, uscc="A", actor=actor)
    with pytest.raises(Rejected, match="FILE-029"):
        check_room(size=4 * MB + 1, uscc="A", actor=actor)


def test_staff_get_their_room_back_after_a_day(cast: dict[str, Any], settings: Any) -> None:
    settings.UPLOAD_DAY_MB = 10
    actor = cast["registrar_tinghu"]
    file = kept(cast, 9 * MB, uploaded_by=actor)
    kept(cast, 9 * MB, uploaded_by=cast["registrar_civil"])
    with pytest.raises(Rejected, match="FILE-030"):
        check_room(size=2 * MB, uscc="", actor=actor)
    StoredFile.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(hours=25))
    check_room(size=2 * MB, uscc="", actor=actor)


def test_the_page_says_what_to_do(as_user: Any, place: Any, files: Path, settings: Any) -> None:
    settings.UPLOAD_QUOTA_MB = 0
    answer = as_user("operator_xiaotaiyang").post(reverse("people:import"), {"file": table()})
    assert answer.status_code == 422
    assert "FILE-029" in answer.content.decode() and "超过上限 0 MB" in answer.content.decode()
