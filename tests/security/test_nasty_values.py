"""Nasty values in every parameter of every API call and list page: a clear answer below 500, in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from django.test import Client
from django.urls import reverse

from registry.registration.fields import ENTERED

from .nasty import ALL_NASTY, NASTY

pytestmark = pytest.mark.django_db

LISTS = {
    "api:registrations": (
        "registrar_tinghu",
        ["uscc", "name", "region", "nature", "status", "updated_since", "after", "before", "limit", "count"],
    ),
    "api:events": ("health_city", ["after", "types", "limit"]),
    "api:deliveries": ("health_city", ["uscc", "status", "endpoint", "after", "before", "limit", "count"]),
    "api:endpoints": ("health_city", ["status", "after", "limit"]),
    "api:filings": ("health_city", ["uscc", "status", "kind", "region", "cursor", "limit"]),
    "api:regions": ("health_city", ["level", "parent"]),
}
PAGES = {
    "public:search": ("", ["q"]),
    "registry:list": (
        "registrar_tinghu",
        ["q", "region", "town", "nature", "status", "delivery", "warnings", "before"],
    ),
    "registry:unfiled": ("reviewer_tinghu", ["q", "region", "town", "before", "days"]),
    "registry:police": ("police_tinghu", ["q", "state", "before"]),
    "registry:ledgers": ("health_city", ["region", "at"]),
    "registry:ledger-differences": ("health_city", ["region", "kind", "before"]),
    "registry:irregular": ("registrar_tinghu", ["q", "before"]),
    "registry:imports": ("registrar_tinghu", ["before"]),
    "exchange:deliveries": ("health_city", ["uscc", "status", "endpoint", "since", "until", "before"]),
    "exchange:overview": ("health_city", ["q"]),
    "registry:standards": ("", ["q", "dimension"]),
    "checklist:list": ("", ["q", "severity", "field", "force"]),
    "inspections:subjects": ("legal_city", ["q", "state", "field", "before"]),
    "inspections:matters": ("legal_city", ["q", "state", "field", "before"]),
    "inspections:officers": ("head_tinghu", ["q", "state", "before"]),
    "inspections:ties": ("head_tinghu", ["q", "state", "before"]),
    "inspections:supervision": ("supervisor_justice", ["show", "q", "body", "page"]),
    "filing:queue": ("reviewer_tinghu", ["q", "status", "town", "light", "page"]),
    "filing:board": ("health_city", ["kind", "region", "before"]),
    "people:list": ("reviewer_tinghu", ["uscc", "page"]),
    "messages": ("reviewer_tinghu", ["before"]),
}
TITLES = [*LISTS, *PAGES]
# No number, day, code or choice: a parameter of the API that takes one of these says so, and says which one it was.
MEANS_NOTHING = {
    "1e400", "NaN", "Infinity", "undefined", "\u202e", "a\x00b", "😀" * 50, "%' OR 1=1 --", "' UNION SELECT 1 --",
    "${7*7}", "2026-02-30", "0000-00-00", "2026-11-23T25:61:61", "=cmd|' /C calc'!A0", "../../etc/passwd",
}  # fmt: skip
TAKES_ANY_TEXT = {
    ("api:registrations", "uscc"), ("api:registrations", "name"), ("api:deliveries", "uscc"), ("api:filings", "uscc"),
    ("api:filings", "region"), ("api:regions", "level"), ("api:regions", "parent"),
}  # fmt: skip
RAW = ("<script>alert(1)", "<img src=x onerror")  # of the nasty values, as no page may repeat them
assert set(ALL_NASTY) >= MEANS_NOTHING


@pytest.mark.parametrize("name", TITLES)
def test_every_query_parameter(name, as_user, institution, elsewhere):
    institution()
    elsewhere()
    person, parameters = {**LISTS, **PAGES}[name]
    client = as_user(person)
    address = reverse(name)
    for parameter in parameters:
        for value in NASTY:
            began = time.process_time()
            response = client.get(address, {parameter: value})
            here = (name, parameter, value[:40], response.status_code)
            assert response.status_code in {200, 400, 414, 422}, here
            assert time.process_time() - began < 10, here  # seconds of work, far beyond what a shared machine adds
            text = response.content.decode()
            if name.startswith("api:"):
                answer = json.loads(text)
                assert response.status_code == 200 or (answer["code"] and answer["detail"]), here
                if value in MEANS_NOTHING and (name, parameter) not in TAKES_ANY_TEXT:
                    assert response.status_code == (400 if "\x00" in value else 422), here
                    assert answer["errors"][0]["pointer"] in {f"/{parameter}", ""}, here
            else:
                assert "<h1" in text and not any(raw in text for raw in RAW), here


@pytest.mark.parametrize("field", [*ENTERED, "unknown"])
def test_every_field_of_a_registration(field, as_user, registration):
    client = as_user("registrar_tinghu")
    values = [*NASTY, 0, -1, 1.5, 10**30, True, None, [], {}, [[]], {"a": {"b": 1}}, "\ud800"]
    for value in values:
        body = json.dumps({**registration(), field: value})
        response = client.post(reverse("api:registrations"), body, content_type="application/json")
        assert response.status_code in {201, 400, 403, 409, 413, 422}, (field, repr(value)[:40], response.status_code)
        if response.status_code != 201:
            problem = response.json()
            assert response["Content-Type"].startswith("application/problem+json")
            assert problem["code"]
            assert problem["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"{" * 100_000, b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b'{"uscc":"\xff"}',
        b'{"uscc":"\\u0000"}', b'{"uscc":"\\ud800"}', b'{"uscc":1e999}', b'{"uscc":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}",
        b'{"a":"' + b"x" * 2_000_000 + b'"}',
    ],
    ids=range(17),
)  # fmt: skip
def test_broken_bodies(body, as_user):
    response = as_user("registrar_tinghu").post(reverse("api:registrations"), body, content_type="application/json")
    expected = {b"": (422, "REG-001"), b'{"uscc":"\\u0000"}': (400, "GEN-400")}.get(body, (400, "GEN-JSON"))
    if len(body) > 1_000_000:
        expected = (413, "GEN-413")
    assert (response.status_code, response.json()["code"]) == expected


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_wrong_content_types(content_type, as_user):
    client = as_user("registrar_tinghu")
    response = client.generic("POST", reverse("api:registrations"), b"{}", content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (415, "GEN-415")


def test_json_is_read_whatever_character_set_is_claimed(as_user):
    client, address = as_user("registrar_tinghu"), reverse("api:registrations")
    response = client.generic("POST", address, b"{}", content_type="application/json; charset=x")
    assert (response.status_code, response.json()["code"]) == (422, "REG-001")


@pytest.mark.parametrize("name", ["api:registration", "registry:detail", "public:institution"])
def test_every_key_in_the_address(name, as_user):
    from urllib.parse import quote

    client = as_user("registrar_tinghu")
    template = reverse(name, kwargs={"uscc": "91320902MA1TYC011T"})
    for value in NASTY:
        if not value or "/" in value:
            continue
        response = client.get(template.replace("91320902MA1TYC011T", quote(value[:500])))
        assert response.status_code in {301, 400, 404, 414}, (value[:40], response.status_code)
        if response.status_code == 404:
            text = response.content.decode()
            assert "GEN-404" in text or "没有找到" in text
            assert not any(raw in text for raw in RAW)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer yck_" + "a" * 5000, "Basic Zm9vOmJhcg==", "Bearer \x80", "bearer yck_é"],
)
def test_broken_keys_are_401(header):
    response = Client(headers={"Authorization": header}).get(reverse("api:registrations"))
    assert response.status_code == 401
    assert response.json()["code"] == "GEN-401"
