"""An identity number is typed into every text field of every page, call and table: it lies nowhere in clear afterwards.

Every number is valid and used once, so whatever table, file, message or log line shows one names its door. Columns meant
for such numbers are encrypted; everywhere else the door refuses or hides it.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from registry.demo.sample_filing import picture
from registry.people.imports import LABELS as PEOPLE_LABELS
from registry.people.services import ENTERED as PEOPLE_ENTERED
from registry.registration.fields import ENTERED, LABELS
from registry.rules.identity import make_id_number
from yancheng_childcare.models import StoredFile
from yancheng_childcare.permissions import ROUTES

from .filed import file_it
from .matrix import address_of, all_routes, is_library, kind_of
from .positions import OWN
from .scene import build

pytestmark = pytest.mark.django_db
PERSONS = (
    "", "operator_xiaotaiyang", "reviewer_tinghu", "chief_tinghu", "registrar_tinghu", "police_tinghu",
    "inspector_tinghu1", "integrator_health", "legal_city", "admin",
)  # fmt: skip
# Library pages: they take no text that is kept but what an administrator types (asked by name below).
OURS = [(name, parameters) for name, parameters in all_routes() if name in ROUTES and not is_library(name)]


class Numbers:
    """Valid identity numbers, each used at one door."""

    def __init__(self) -> None:
        self.doors: dict[str, str] = {}

    def at(self, door: str) -> str:
        """A number nobody else uses."""
        day = date(1960, 1, 1) + timedelta(days=len(self.doors))
        number = make_id_number("320902", day, 101)
        self.doors[number] = door
        return number

    def in_clear(self, text: str) -> set[str]:
        """The doors whose numbers stand in this text, with or without separators."""
        folded = unicodedata.normalize("NFKC", text)
        plain = re.sub(r"(?<=\d)[ \-](?=\d)", "", folded)
        return {self.doors[found] for found in re.findall(r"(?=(\d{17}[\dXx]))", plain) if found in self.doors}


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def everything(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Callable[[], Iterator[tuple[str, str]]]:
    """(where, content) of every row, file, mail, cached value and log line this test has left."""
    settings.FILE_ROOT = tmp_path / "files"
    settings.OPEN_DATA_ROOT = tmp_path / "open-data"
    caplog.set_level(logging.DEBUG)

    def look() -> Iterator[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                for (row,) in cursor.fetchall():
                    yield f"table {table}", row
        for path in tmp_path.rglob("*"):
            if path.is_file():
                yield "file", path.read_bytes().decode("utf-8", "replace")
        for message in mail.outbox:
            yield "mail", f"{message.subject} {message.body} {message.to}"
        redis = cache._cache.get_client()
        for key in redis.keys("*"):
            yield "redis", f"{key!r} {redis.get(key)!r}" if redis.type(key) == b"string" else repr(key)
        yield "log", caplog.text

    return look


class Form(HTMLParser):
    """The fields of the forms that this page would post to itself or elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._posting = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._posting = given.get("method", "").lower() == "post"
            if self._posting:
                self.forms.append((given.get("action", ""), {}))
        elif self._posting and (name := given.get("name")):
            self._field(tag, name, given)
        elif tag == "option" and self._select and (given.get("value") or "selected" in given):
            self.forms[-1][1].setdefault(self._select, given.get("value", ""))

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        fields, kind = self.forms[-1][1], given.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind in {"text", "search", "email", "tel"}):
            fields[name] = "?"
        elif tag == "select":
            self._select = name
        elif tag == "input" and kind in {"hidden", "radio", "checkbox"}:
            fields.setdefault(name, given.get("value", "on"))
        elif tag == "button" and name:
            fields.setdefault(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._posting = False
        elif tag == "select":
            self._select = ""


def forms_of(page: str) -> list[tuple[str, dict[str, str]]]:
    """(action, fields) of every posting form; text fields hold "?"."""
    parser = Form()
    parser.feed(page)
    return parser.forms


def typed_in(fields: dict[str, str], door: str, numbers: Numbers) -> Iterator[dict[str, str]]:
    """The form filled in once per text field: the number there, a harmless text everywhere else."""
    texts = [name for name, value in fields.items() if value == "?"]
    for chosen in texts:
        filled = {name: ("试验用的说明文字，没有个人信息" if value == "?" else value) for name, value in fields.items()}
        number = numbers.at(f"{door} {chosen}")
        filled[chosen] = number if "id_no" in chosen else f"试验 {number} 说明"
        yield filled


def clear_at(look: Callable[[], Iterator[tuple[str, str]]], numbers: Numbers) -> set[tuple[str, str]]:
    """(door, where) of every number that lies in clear somewhere."""
    return {(door, where) for where, text in look() for door in numbers.in_clear(text)}


@pytest.mark.slow
def test_no_page_keeps_a_number_in_clear(
    cast: Any,
    registration: Any,
    institution: Any,
    elsewhere: Any,
    as_user: Any,
    everything: Any,
    numbers: Numbers,
) -> None:
    targets = build(cast, registration, institution, elsewhere)
    filed = file_it(institution(), cast, "READY")
    posted = 0
    for person in PERSONS:
        client = as_user(person)
        for name, parameters in OURS:
            kind = kind_of(name, parameters)
            keys = [targets[kind, OWN].key] if kind else [None]
            if kind == "filing":
                keys.append(filed.no)
            for key in keys:
                address = address_of(name, parameters, key)
                answer = client.get(address)
                if (
                    answer.status_code != 200
                    or answer.streaming
                    or "html" not in answer.headers.get("Content-Type", "")
                ):
                    continue
                for action, fields in forms_of(answer.content.decode()):
                    if "logout" in action:
                        continue
                    for body in typed_in(fields, f"{person} {name}", numbers):
                        assert client.post(action or address, body).status_code < 500, (name, body)
                        posted += 1
    assert posted > 150, posted
    assert clear_at(everything, numbers) == set()


def test_no_call_keeps_a_number_in_clear(
    cast: Any, institution: Any, registration: Any, api: Any, everything: Any, numbers: Numbers
) -> None:
    known = institution(uscc="91320902MA1TYC011T")
    filing = file_it(known, cast, "READY")
    registrar, operator, health = api("registrar_tinghu"), api("operator_xiaotaiyang"), api("integrator_health")

    def send(client: Client, address: str, body: Any, method: str = "post", **headers: str) -> Any:
        answer = getattr(client, method)(address, json.dumps(body), "application/json", headers=headers)
        assert answer.status_code < 500, answer.content
        return answer

    for field in ENTERED:
        number = numbers.at(f"api registrations {field}")
        body = {**registration(), field: number if field == "legal_rep_id_no" else f"托育 {number}"}
        status = send(registrar, "/api/v1/registrations/", body).status_code
        assert (status == 201) == (field == "legal_rep_id_no"), (field, status)
        number = numbers.at(f"api registration change {field}")
        version = {"If-Match": f'"{type(known).objects.get(pk=known.pk).record_version}"'}
        send(registrar, f"/api/v1/registrations/{known.uscc}/", {field: number}, "patch", **version)
    for path, body in {
        f"registrations/{known.uscc}/cancel/": {"reason": "停办 {}", "terminated_on": "2026-01-01"},
        "endpoints/": {"name": "前置机 {}", "url": "http://127.0.0.1:9/{}"},
        "receipts/": {"event_id": str(filing.pk), "handled": True, "remark": "见 {}", "handled_at": "2026-11-01"},
        f"filings/{filing.no}/withdraw/": {"reason": "撤回 {}"},
    }.items():
        client = (
            health if path[0] in "er" and "registrations" not in path else operator if "filing" in path else registrar
        )
        number = numbers.at(f"api {path}")
        send(client, f"/api/v1/{path}", json.loads(json.dumps(body).replace("{}", number)))
    for section in filing.sections.exclude(name="pledge"):
        for field, value in {**section.data, "extra_note": ""}.items():
            number = numbers.at(f"api section {section.name} {field}")
            row = filing.sections.get(pk=section.pk)
            answers = {field: [{"class_name": number}] if isinstance(value, list) else f"说明 {number}"}
            address = f"/api/v1/filings/{filing.no}/sections/{section.name}/"
            send(operator, address, {"answers": answers, "version": row.version}, "patch")
    for name in ("Idempotency-Key", "X-Request-ID", "User-Agent", "Referer"):
        send(registrar, "/api/v1/registrations/", registration(), **{name: numbers.at(f"header {name}")})
    registrar.get(f"/api/v1/registrations/?name={numbers.at('query name')}")
    registrar.get(f"/institutions/?q=%20{numbers.at('query q')}")
    assert clear_at(everything, numbers) == set()


def table_of(header: list[str], rows: list[list[str]], name: str) -> SimpleUploadedFile:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return SimpleUploadedFile(name, text.getvalue().encode(), "text/csv")


def test_no_table_keeps_a_number_in_clear(
    cast: Any, institution: Any, registration: Any, as_user: Any, everything: Any, numbers: Numbers
) -> None:
    own = institution(uscc="91320902MA1TYC011T")
    rows = []
    for field in ENTERED:
        number = numbers.at(f"registration table {field}")
        rows.append({**registration(), field: number if field == "legal_rep_id_no" else f"托育 {number}"})
    cells = [[str(row.get(name) or "") for name in ENTERED] + [numbers.at("a column nobody knows")] for row in rows]
    header = [*(LABELS[name] for name in ENTERED), numbers.at("a header")]
    client = as_user("registrar_tinghu")
    table = table_of(header, cells, f"{numbers.at('name of a table')}.csv")
    answer = client.post(reverse("registry:imports"), {"file": table})
    assert answer.status_code == 302
    assert client.post(f"{answer.url}take/").status_code == 302
    assert type(own).objects.count() == 2  # the one before, and the row whose number stands where it belongs
    words = {"education": "大专", "role": "保育人员", "full_time": "全职", "no_mental_illness": "是"}
    people = []
    for field in PEOPLE_ENTERED:
        row = {"name": "钱保育", "id_no": numbers.at(f"people table, right column, row {field}"), "phone": "13900001111",
               "experience_years": "3", "started_on": "2026-03-02", **words}  # fmt: skip
        if field != "id_no":
            row[field] = f"见 {numbers.at(f'people table {field}')}"
        people.append([row[name] for name in PEOPLE_ENTERED])
    operator = as_user("operator_xiaotaiyang")
    header = [PEOPLE_LABELS[name] for name in PEOPLE_ENTERED]
    answer = operator.post("/desk/people/import/", {"file": table_of(header, people, "人员.csv")})
    assert answer.status_code == 302
    assert operator.get(answer.url).status_code == 200
    taken = operator.post("/desk/people/import/", {"action": "take", "file": answer.url.partition("file=")[2]})
    assert taken.status_code == 302
    # A scan is often named by its holder's number.
    filing = file_it(own, cast, "READY")
    upload = SimpleUploadedFile(f"{numbers.at('name of a scan')}.png", picture(7).getvalue(), "image/png")
    handed = operator.post(
        f"/desk/filings/{filing.no}/materials/M02_PREMISES/", {"action": "upload", "files": [upload]}
    )
    assert handed.status_code == 302
    assert StoredFile.objects.filter(original_name__contains="_____________").exists()
    assert clear_at(everything, numbers) == set()


def test_the_search_itself_finds_what_lies_in_clear(everything: Any, numbers: Numbers, cast: Any) -> None:
    number = numbers.at("planted")
    cast["admin"].display_name = f"见{number}"
    cast["admin"].save()
    assert ("planted", "table yancheng_childcare_user") in clear_at(everything, numbers)
