"""Nothing personal leaves by a public address: every personal field holds a canary, every public answer is searched.

Fields are found by looking at the models, so a new encrypted field is covered the day it is added. Public by law and
not a canary: the name of the legal representative and of the principal (domain.md §1.2, §13).
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from casework.models import Case
from registry.demo.sample_filing import ANSWERS, PEOPLE
from registry.models import (
    Credential,
    Filing,
    ImportJob,
    ImportRow,
    Institution,
    Person,
    PublicChange,
    PublicEntry,
    PublicReport,
    PublicSubscription,
)
from registry.register import blocks, sources
from registry.register.entry import columns, refresh_entry
from registry.registration.services import end_registration
from registry.rules.filing.sections import CLASS_FIELDS, SECTIONS
from yancheng_childcare.crypto import EncryptedTextField, blind_index
from yancheng_childcare.models import Region, StoredFile, User
from yancheng_childcare.permissions import ROUTES

from .filed import file_it

pytestmark = pytest.mark.django_db
STATES = ("FILED", "NONCONFORMING", "CANCELLED")
# Public routes that are no pages.
# Draws: no batch stands here; what they show, tests/inspections/test_draw_pages.py looks at.
ELSEWHERE = {"healthz", "readyz", "view_mode", "draws:one", "draws:file"}


def encrypted_fields() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted field of every app."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


class Canaries:
    """Numbers nobody has: eleven or eighteen characters whose middle is as unlike anything else as the whole."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def digits(self, source: str, length: int = 11) -> str:
        """A number with a middle of its own."""
        middle = f"{7_310_946_517 + len(self.known) * 86_028_121:010d}"
        value = ("1" + middle + "2468013579")[:length]
        self.known[value] = source
        return value

    def word(self, source: str) -> str:
        """A text that a person or an address may have, of rare characters."""
        value = f"龘{chr(0x9F98 - 3 * len(self.known))}{chr(0x9750 - 5 * len(self.known))}靐"
        self.known[value] = source
        return value

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """Every canary as it might be written: plain, escaped, encoded, without its ends."""
        for value, source in self.known.items():
            texts = {value}
            if value.isascii() and len(value) >= 11:
                texts.add(value[3:-3] if len(value) > 12 else value[2:-1])
            for text in texts:
                found = {text.encode(), quote(text).encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode()}
                found.add(text.encode("gb18030"))
                found.add("".join(f"&#{ord(char)};" for char in text).encode())
                found.add("".join(f"&#x{ord(char):x};" for char in text).encode())
                # Base64 in each of its three phases, without the characters that depend on the neighbours.
                for pad in range(3):
                    whole = base64.b64encode(b"\0" * pad + text.encode())
                    found.add(whole[(0, 2, 3)[pad] : len(whole) - 4])
                for form in found:
                    if len(form) >= 6:
                        yield source, form

    def search(self, content: bytes) -> set[str]:
        """Which canaries stand in these bytes; archives are opened."""
        parts = [content, content.lower()]
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        return {source for source, form in self.forms() for part in parts if form in part}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def scene(canaries, cast, institution, settings, tmp_path) -> dict[str, Institution]:
    """An institution in each state, a home nursery and an ended one, every personal field of theirs a canary."""
    settings.FILE_ROOT = tmp_path
    made: dict[str, Institution] = {}
    for serial, state in enumerate(STATES):
        saved = institution(uscc="91320902MA1TYC011T") if state == "FILED" else institution()
        contact = {
            "contact_name": canaries.word(f"contact_name {state}"),
            "contact_phone": canaries.digits(f"contact_phone {state}"),
            "contact_email": f"{canaries.digits(f'contact_email {state}')}@example.org",
        }
        contact["contact_phone"] = "138" + canaries.digits(f"section phone {state}")[1:9]
        canaries.known[contact["contact_phone"]] = f"section phone {state}"
        file_it(saved, cast, state, serial=serial, basics=contact)
        made[state] = saved
    door = "赤鱬路8317号5幢2单元604室"
    home = institution(
        nature="HOME", name="盐城市亭湖区金丝雀家庭托育点", registered_address=f"盐城市亭湖区新城街道新民社区{door}"
    )
    Institution.objects.filter(pk=home.pk).update(filed_on=date(2026, 1, 5), national_filing_no="BA-77")
    canaries.known |= {"8317号": "door", "5幢2单元": "door", "604室": "door"}
    made["HOME"] = home
    ended = institution()
    made["ENDED"] = ended
    _fill_people(canaries)
    _fill_the_rest(canaries, cast, made)
    end_registration(
        ended, step="revoke", reason=f"{canaries.word('end reason')}伪造材料", terminated_on=date(2026, 1, 6),
        actor=cast["registrar_tinghu"],
    )  # fmt: skip
    for saved in made.values():
        refresh_entry(saved.pk)
    return made


def _fill_people(canaries: Canaries) -> None:
    for person in Person.objects.prefetch_related("posts"):
        number = canaries.digits(f"person id {person.pk}", 18)
        person.id_no, person.id_index = number, blind_index(number, "person")
        post = person.posts.all()[0]
        post.phone = canaries.digits(f"person phone {person.pk}")
        if post.role != "PRINCIPAL":
            person.name = post.written_name = canaries.word(f"person name {person.pk}")
        person.save()
        post.save()
        Credential.objects.filter(person=person).update(number=canaries.digits(f"paper {person.pk}"))


def _fill_the_rest(canaries: Canaries, cast: dict[str, Any], made: dict[str, Institution]) -> None:
    for saved in made.values():
        saved.legal_rep_id_no = canaries.digits(f"legal rep id {saved.pk}", 18)
        saved.contact_phone = canaries.digits(f"registered phone {saved.pk}")
        saved.save(update_fields=["legal_rep_id_no", "contact_phone"])
    for user in User.objects.all():
        user.display_name, user.email = canaries.word(f"user {user.pk}"), f"{canaries.digits(f'mail {user.pk}')}@x.cn"
        user.save()
    PublicSubscription.objects.create(
        email=f"{canaries.digits('subscription')}@x.cn", email_index="x", target="INSTITUTION",
        uscc=made["FILED"].uscc, token_hash="x", confirmed_at=timezone.now(),
    )  # fmt: skip
    case = Case.objects.create(
        no="R-1", type="REPORT", status="OPEN", subject_kind="INSTITUTION", subject_name=canaries.word("report subject"),
        uscc=made["FILED"].uscc, region_id="320902", authority_id="320902-HEALTH", governed_on=timezone.localdate(),
    )  # fmt: skip
    PublicReport.objects.create(
        case=case, kind="ERROR", block="fees", text=canaries.word("report text"), code_hash="x",
        contact=canaries.digits("report contact"),
    )  # fmt: skip
    stored = StoredFile.objects.create(
        fingerprint="0" * 64, size=1, kind="csv", content_type="text/csv", purpose="import",
        original_name=canaries.word("file name"), uploaded_by=cast["registrar_tinghu"],
    )  # fmt: skip
    job = ImportJob.objects.create(file=stored, department_id="320902-MARKET", created_by=cast["registrar_tinghu"])
    note = canaries.digits("import row")
    ImportRow.objects.create(job=job, line=2, blocked=True, problems=[{"field": "contact_phone", "message": note}])
    _every_other_encrypted_column(canaries)


def _every_other_encrypted_column(canaries: Canaries) -> None:
    """Whatever encrypted column has rows gets a canary beside what it held, past triggers and services."""
    for model, field in encrypted_fields():
        source = f"{model._meta.label}.{field.name}"
        for row in model._default_manager.all()[:50]:
            text = str(getattr(row, field.attname) or "")
            if text in canaries.known or any(known in text for known in canaries.known):
                continue
            number = canaries.digits(source)
            sealed = f'{{"basics": {{"contact_phone": "{number}"}}}}' if field.name == "sealed" else number
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                table, column, key = model._meta.db_table, field.column, model._meta.pk.column
                value = field.get_db_prep_save(sealed, connection)
                cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s', [value, row.pk])
                cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def public_addresses(made: dict[str, Institution]) -> Iterator[tuple[str, str]]:
    """(route, address) of every public route that tells of institutions, for each of them."""
    codes = [saved.uscc for saved in made.values()]
    receipts = [no for no in Filing.objects.values_list("receipt_no", flat=True) if no]
    area = str(Region.objects.get(code=made["FILED"].region_id).code)
    choices: list[dict[str, Any]] = [
        {},
        *({"uscc": code} for code in codes),
        *({"receipt_no": no} for no in receipts),
        *({"kind": kind} for kind in ("csv", "xlsx", "json")),
        *({"kind": kind, "year": timezone.localdate().year} for kind in ("csv", "xlsx", "json")),
        *({"code": code} for code in (area, "320900", str(made["FILED"].town_id))),
        {"token": "A" * 43},
        {"version": "v1"},
        {"uidb36": "1", "key": "a-b"},
        {"provider_id": "province"},
    ]
    for name, rule in ROUTES.items():
        if not rule.public or rule.local_only or name in ELSEWHERE:
            continue
        found = 0
        for arguments in choices:
            try:
                address = reverse(name, kwargs=arguments)
            except NoReverseMatch:
                continue
            found += 1
            yield name, address
        assert found, f"no arguments known for the public route {name}: add them to `choices`"
    search, api, compare = reverse("public:search"), reverse("api:institutions"), reverse("public:compare")
    filters = "status=FILED&status=NONCONFORMING&status=CANCELLED&count=1&limit=100"
    yield "api:institutions", f"{api}?{filters}"
    yield "public:search", f"{search}?{filters}"
    yield "public:search", f"{search}?ordering=distance&near=320902"
    yield "public:compare", f"{compare}?{'&'.join(f'uscc={code}' for code in codes[:4])}"
    yield "public:compare", f"{compare}?uscc={','.join(codes[:4])}"
    yield "public:compare", f"{compare}?{'&'.join(f'compare={code}' for code in codes[:4])}"
    for saved in made.values():
        for path in (search, api):
            yield "exact", f"{path}?q={quote(saved.name)}"
            yield "exact", f"{path}?q={saved.uscc}"


def leaks(canaries: Canaries, made: dict[str, Institution]) -> dict[str, set[str]]:
    """address → the canaries it shows, over every public address."""
    client = Client(raise_request_exception=False)
    found: dict[str, set[str]] = {}
    for _, address in public_addresses(made):
        answer = client.get(address)
        assert answer.status_code < 500, (address, answer.status_code)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        heads = "\n".join(f"{key}: {value}" for key, value in answer.headers.items()).encode()
        if seen := canaries.search(body + b"\n" + heads) | canaries.search(body):
            found[address] = seen
    return found


def test_no_canary_leaves_by_any_public_address(scene, canaries):
    assert len(canaries.known) > 60
    shown = Client().get(f"/institutions/{scene['FILED'].uscc}/").content.decode()
    assert scene["FILED"].name in shown
    assert set(PublicEntry.objects.values_list("status", flat=True)) >= {"FILED", "NONCONFORMING", "CANCELLED"}
    assert leaks(canaries, scene) == {}


def test_the_register_itself_holds_none(scene, canaries):
    """Also in the columns no page shows; those never filed are made when asked for."""
    for row in (*PublicEntry.objects.values(), *PublicChange.objects.values()):
        assert canaries.search(str(row).encode()) == set(), row["uscc"]
    for saved in scene.values():
        assert canaries.search(str(columns(sources.gather(saved.pk))).encode()) == set(), saved.uscc


def test_no_canary_finds_anything(scene, canaries):
    """What nobody may see must not be found by either: no oracle for numbers and names."""
    names = {saved.uscc for saved in scene.values()}
    sample = [*list(canaries.known)[::5], "8317号", "赤鱬路"]
    for value in sample:
        body = json.loads(Client().get(f"/api/v1/institutions/?q={quote(value)}").content)
        assert body["results"] == [] and "unlisted" not in body, (value, canaries.known.get(value))
        page = Client().get(f"/institutions/?q={quote(value)}").content.decode()
        assert not [code for code in names if f"/institutions/{code}/" in page], value


def test_the_search_for_canaries_finds_a_planted_one(scene, canaries):
    """A canary in a card or in a block turns the tests above red, however it is written."""
    entry = PublicEntry.objects.get(uscc=scene["FILED"].uscc)
    value = next(iter(canaries.known))
    for column in ("card", "content"):
        kept = getattr(entry, column)
        if column == "card":
            planted = {**kept, "address": f"某地{value}"}
        else:
            block = blocks.Block(blocks.OFFICIAL, "试验", None, {"note": value}).as_json()
            planted = {**kept, "contact": block}
        PublicEntry.objects.filter(pk=entry.pk).update(**{column: planted})
        assert canaries.known[value] in {name for seen in leaks(canaries, scene).values() for name in seen}, column
        PublicEntry.objects.filter(pk=entry.pk).update(**{column: kept})
    number = next(value for value in canaries.known if len(value) == 18 and value.isascii())
    for written in (
        f"<b>{number[:3]}***{number[3:-3]}</b>", quote(number), base64.b64encode(f"xy{number}".encode()).decode(),
        json.dumps({"a": number}), "".join(f"&#{ord(char)};" for char in number),
    ):  # fmt: skip
        assert canaries.search(written.encode()), written
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{value}</t>")
    assert canaries.search(book.getvalue())


def test_the_tables_of_the_register_have_no_personal_column():
    for model in (PublicEntry, PublicChange):
        assert not [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        assert not {field.name for field in model._meta.concrete_fields} & {"contact_phone", "email", "legal_rep_id_no"}
    personal = {field.name for model, field in encrypted_fields() if model is Institution}
    assert personal <= set(sources.PERSONAL)


def test_sources_never_load_the_personal_columns(scene):
    from django.test.utils import CaptureQueriesContext

    found = sources.gather(scene["FILED"].pk)
    assert found.institution.get_deferred_fields() >= set(sources.PERSONAL)
    with CaptureQueriesContext(connection) as captured:
        columns(sources.gather(scene["FILED"].pk))
    for query in captured.captured_queries:
        assert not re.search(r'"(legal_rep_id_no|contact_phone)"', query["sql"]), query["sql"][:300]


def test_personal_answers_of_a_filing_are_all_covered():
    """The canaries hold every answer the section table marks as personal; a new one must be added here."""
    marked = {spec.name for section in SECTIONS for spec in section.fields if spec.personal}
    marked |= {spec.name for spec in CLASS_FIELDS if spec.personal}
    assert marked == {"contact_phone", "contact_email"}
    assert {"contact_name", "contact_phone"} <= set(ANSWERS["basics"])
    assert PEOPLE[0][1] == "PRINCIPAL"


def test_new_encrypted_fields_are_covered_by_themselves(scene, canaries):
    """Every encrypted column that has rows holds a canary: found by looking at the models, not by a list."""
    labels = {f"{model._meta.label}.{field.name}" for model, field in encrypted_fields()}
    assert {"registry.Person.id_no", "registry.PublicReport.contact", "registry.PublicSubscription.email"} <= labels
    checked = 0
    for model, field in encrypted_fields():
        for row in model._default_manager.all()[:50]:
            text = str(getattr(row, field.attname) or "")
            assert any(known in text for known in canaries.known), f"{model._meta.label}.{field.name}"
            checked += 1
    assert checked > 20
