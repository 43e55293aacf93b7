"""Who may open a file: the purpose says which roles, the case says where, and only a duty in force counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from casework.file_purposes import CASE_FILE, CASE_LETTER
from registry import file_purposes as kinds
from registry.models import Credential, Filing, Material, MaterialPage, Person, Post
from registry.people.imports import keep_import
from registry.registration.imports.jobs import create_import
from registry.registration.services import registry_department
from yancheng_childcare.choices import Role
from yancheng_childcare.file_purposes import purposes
from yancheng_childcare.files import keep_content
from yancheng_childcare.models import Department, StoredFile, User

pytestmark = pytest.mark.django_db
OWN = "91320902MA1TYC011T"
#: Written by hand: who opens a file of an institution of 亭湖区, run by operator_xiaotaiyang, registered by 亭湖市监.
HEALTH = {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "health_city"}
OPENS = {
    kinds.REGISTRATION_IMPORT: {"registrar_tinghu"},
    kinds.PERSON_IMPORT: {"operator_xiaotaiyang"},
    kinds.STAFF_IMPORT: {"admin", "admin2"},
    kinds.CERTIFICATE: HEALTH | {"registrar_tinghu", "operator_xiaotaiyang"},
    kinds.MATERIAL: HEALTH | {"operator_xiaotaiyang"},
    kinds.PERSON_PAPER: HEALTH | {"operator_xiaotaiyang"},
    kinds.LETTER: HEALTH | {"operator_xiaotaiyang"},
}


# Opened on the pages of their case alone (tests/inspections/test_clues.py), never by their own address.
THROUGH_A_CASE = {CASE_LETTER, CASE_FILE}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.FILE_ROOT = tmp_path / "files"


@pytest.fixture
def place(institution: Any) -> Any:
    return institution(uscc=OWN)


@pytest.fixture
def file_of(cast: dict[str, Any], place: Any, registration: Any) -> Any:
    """A file of each kind, in the case it belongs to, an hour and more after its upload."""

    def make(kind: str) -> StoredFile:
        operator, registrar = cast["operator_xiaotaiyang"], cast["registrar_tinghu"]
        if kind == kinds.REGISTRATION_IMPORT:
            table = SimpleUploadedFile("a.csv", "名称\n甲\n".encode())
            file = create_import(uploaded=table, actor=registrar, department=registry_department(registrar)).file
        elif kind == kinds.PERSON_IMPORT:
            text = "姓名,身份证号,岗位,上岗日期\n甲,1,保育,2026-01-01\n"
            file = keep_import(SimpleUploadedFile("a.csv", text.encode()), institution=place, actor=operator)
        elif kind == kinds.STAFF_IMPORT:
            about = {"uploaded_by": cast["admin"], "region": place.region.parent}
            file = keep_content(b"x", kind="csv", name="a.csv", purpose=kind, **about)
        else:
            about = {"uploaded_by": operator, "uscc": place.uscc, "region": place.region}
            file = keep_content(b"%PDF", kind="pdf", name="a.pdf", purpose=kind, **about)
            ATTACH[kind](file, place, operator)
        StoredFile.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(hours=2))
        return file

    return make


def _case(place: Any, status: str = "SUBMITTED") -> Filing:
    health = Department.objects.get(kind="HEALTH", region=place.region)
    return Filing.objects.create(no="YC-TB-2026-1", institution=place, status=status, authority=health)


def _certificate(file: StoredFile, place: Any, _actor: Any) -> None:
    place.certificate_file = file
    place.save(update_fields=["certificate_file"])


def _material(file: StoredFile, place: Any, _actor: Any) -> None:
    material = Material.objects.create(institution=place, filing=_case(place), code="M05_FIRE")
    MaterialPage.objects.create(material=material, file=file, position=1)


def _paper(file: StoredFile, place: Any, _actor: Any) -> None:
    person = Person.objects.create(name="甲", id_no="320902198501011234", id_index="x")
    Post.objects.create(
        person=person, institution=place, written_name="甲", role="CARER", started_on=timezone.localdate()
    )
    Credential.objects.create(
        person=person, institution=place, kind="HEALTH_CERT", file=file, issued_on=timezone.localdate()
    )


def _letter(file: StoredFile, place: Any, actor: Any) -> None:
    from registry.models import Notice

    Notice.objects.create(
        filing=_case(place), kind="CORRECTION", number="1", submission=1, document=file, issued_by=actor
    )


ATTACH = {
    kinds.CERTIFICATE: _certificate,
    kinds.MATERIAL: _material,
    kinds.PERSON_PAPER: _paper,
    kinds.LETTER: _letter,
}


def opens(user: Any, file: StoredFile, roles: Any = None) -> bool:
    fresh = User.objects.get(pk=user.pk)  # duties are read once per request
    return (
        StoredFile.objects.visible_to(fresh, fresh.roles if roles is None else frozenset(roles))
        .filter(pk=file.pk)
        .exists()
    )


def test_the_oracle_names_every_kind_of_file() -> None:
    assert set(OPENS) | THROUGH_A_CASE == {purpose.code for purpose in purposes()}


@pytest.mark.parametrize("kind", OPENS)
def test_a_file_opens_to_these_persons_and_nobody_else(cast: dict[str, Any], file_of: Any, kind: str) -> None:
    """security.md M3: tables full of ID numbers opened to health staff who may not even unmask one."""
    file = file_of(kind)
    assert {name for name, user in cast.items() if opens(user, file)} == OPENS[kind]


@pytest.mark.parametrize("kind", OPENS)
def test_an_upload_closes_with_the_duty(cast: dict[str, Any], file_of: Any, kind: str) -> None:
    """security.md M4: after the duty had ended one's own uploads still opened."""
    file = file_of(kind)
    name = {kinds.REGISTRATION_IMPORT: "registrar_tinghu", kinds.STAFF_IMPORT: "admin"}.get(
        kind, "operator_xiaotaiyang"
    )
    assert opens(cast[name], file)
    cast[name].duties.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert not opens(cast[name], file)


def test_the_address_of_the_file_says_the_same(as_user: Any, cast: dict[str, Any], file_of: Any) -> None:
    table = file_of(kinds.REGISTRATION_IMPORT)
    address = f"/files/{table.pk}/"
    assert as_user("registrar_tinghu").get(address).status_code == 200
    for name in ("health_city", "reviewer_tinghu", "chief_tinghu"):
        assert as_user(name).get(address).status_code == 404, name
    cast["registrar_tinghu"].duties.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert as_user("registrar_tinghu").get(address).status_code == 404


def test_an_upload_no_case_refers_to_is_open_to_its_uploader_for_minutes(
    cast: dict[str, Any], place: Any, settings: Any
) -> None:
    uploader, colleague = cast["registrar_tinghu"], cast["reviewer_tinghu"]
    file = keep_content(
        b"%PDF", kind="pdf", name="a.pdf", purpose=kinds.CERTIFICATE, uploaded_by=uploader, region=place.region,
        department=registry_department(uploader),
    )  # fmt: skip
    assert opens(uploader, file)
    assert not opens(colleague, file)
    StoredFile.objects.update(created_at=timezone.now() - timedelta(minutes=settings.UPLOAD_MINUTES + 1))
    assert not opens(uploader, file)
    _certificate(file, place, None)
    assert opens(uploader, file) and opens(colleague, file)


def test_a_draft_is_open_to_the_institution_alone(cast: dict[str, Any], file_of: Any) -> None:
    file = file_of(kinds.MATERIAL)
    Filing.objects.update(status="SUBMITTED")
    assert opens(cast["reviewer_tinghu"], file)
    from django.db import connection

    with connection.cursor() as cursor:  # past the guard that lets no case go back to a draft
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE registry_filing SET status = 'DRAFT'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert not opens(cast["reviewer_tinghu"], file)
    assert opens(cast["operator_xiaotaiyang"], file)


def test_a_file_follows_its_institution_to_another_county(cast: dict[str, Any], file_of: Any, place: Any) -> None:
    file = file_of(kinds.CERTIFICATE)
    assert not opens(cast["reviewer_dongtai"], file)
    place.region_id, place.town_id = "320981", "320981100"
    place.save(update_fields=["region", "town"])
    assert opens(cast["reviewer_dongtai"], file)
    assert not opens(cast["reviewer_tinghu"], file)


def test_only_the_roles_that_opened_the_route_count(cast: dict[str, Any], file_of: Any) -> None:
    file = file_of(kinds.CERTIFICATE)
    reviewer = cast["reviewer_tinghu"]
    assert opens(reviewer, file, {Role.REVIEWER, Role.LEGAL})
    assert not opens(reviewer, file, {Role.LEGAL})
    assert not opens(reviewer, file, set())


def test_a_certificate_that_was_replaced_stays_open(cast: dict[str, Any], file_of: Any, place: Any) -> None:
    former, present = file_of(kinds.CERTIFICATE), file_of(kinds.CERTIFICATE)
    place.refresh_from_db()
    assert place.certificate_file_id == present.pk
    assert opens(cast["reviewer_tinghu"], former) and opens(cast["reviewer_tinghu"], present)


def test_the_minutes_of_the_uploader_end_when_a_case_refers_to_the_file(cast: dict[str, Any], place: Any) -> None:
    """Whose case it is decides from then on, be the upload seconds old."""
    uploader = cast["registrar_tinghu"]
    file = keep_content(
        b"%PDF", kind="pdf", name="a.pdf", purpose=kinds.CERTIFICATE, uploaded_by=uploader, region=place.region,
        department=registry_department(uploader),
    )  # fmt: skip
    place.certificate_file, place.registry_org_id = file, "320900-CIVIL"
    place.save(update_fields=["certificate_file", "registry_org"])
    assert not opens(uploader, file)
    assert opens(cast["registrar_civil"], file)
