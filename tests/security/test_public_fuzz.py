"""Hostile questions to the public register: always an answer or a clear refusal with a code, soon, never a 500."""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import date
from urllib.parse import quote, quote_from_bytes, urlencode

import orjson
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.register.query import NAMES, Cursor, read_cursor
from registry.registration.services import record_filing

from .nasty import NASTY

pytestmark = pytest.mark.django_db
FINE = {200, 304, 400, 404, 414, 422}
SOON = 5.0  # seconds of work in this process, with room for the garbage of a whole run: only what runs away fails
API = "/api/v1/institutions/"
PAGES = ("/institutions/", "/institutions/map/", "/institutions/compare/", API)


@pytest.fixture
def listed(institution, cast):
    """One institution on the register."""
    saved = institution()
    record_filing(saved, filing_no="BA-1", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    return saved


def ask(path: str) -> int:
    """The status of one request; every refusal says in Chinese what is wrong, the API with a stable code."""
    began = time.process_time()
    answer = Client(raise_request_exception=False).get(path)
    took = time.process_time() - began
    assert answer.status_code in FINE, (path[:120], answer.status_code)
    assert took <= SOON, (path[:120], took)
    if answer.status_code in {400, 422}:
        text = answer.content.decode()
        assert re.search(r"[\u4e00-\u9fff]{4}", text), path[:120]
        if path.startswith(API):
            body = json.loads(text)
            assert answer["Content-Type"].startswith("application/problem+json")
            assert re.fullmatch(r"[A-Z]{3}-\d{3}", body["code"]), body
            assert all(error["code"] and error["message"] for error in body["errors"]), body
    return answer.status_code


def odd(value: float, key: str, *rest: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([value, key, *rest])).decode().rstrip("=")


def raw(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


WORDS = [
    *NASTY, "%", "_", "%%%", "__", "\\", "托_", "托%", "中" * 3400, "托" * 100, "托 " * 49, "ｔｉｎｇｈｕ", "亭\u200b湖",
    "\u202e湖亭", "e\u0301", "a" + "\u0300" * 90, "\u0c15\u0c4d", "👩‍👩‍👧", "\ufdfa" * 5, "\U000e0001", "' AND pg_sleep(9) --",
    "E'\\\\x27'", "$$", "{a,b}", "NULL", "[[:alpha:]]{9}", "(?R)", "\\E", "°", "ǅ", "ﬃ" * 30, "㍿" * 25, "\u3000", "\x85",
]  # fmt: skip
BYTES = [
    b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x88\x80\x80\x80",
    b"\xff\xfe", b"\x80", b"\xe6\x89", b"a\x00b", b"\xf4\x90\x80\x80", b"\x00" * 50, b"\xef\xbf\xbe",
]  # fmt: skip
CURSORS = [
    "0", "2", "-1", "NaN", "a", "=", "====", "é", "W10", "A" * 199, "A" * 201, raw("[]"), raw("{}"), raw("null"), raw("1"),
    raw("[1,2,3]"), raw('[1,"a",0]'), raw('[1,"a",0,0,0]'), raw('["NaN","3a",0,0]'), raw('["inf","3a",0,0]'),
    raw('["-Infinity","3a",1,0]'), raw('["1e400","3a",0,1]'), raw('[1e308,"3a",0,0]'), raw('[-1e308,"3a",1,1]'),
    raw('[true,"3a",0,0]'), raw('[null,"3a",0,0]'), raw('[1,"%",0,0]'), raw('[1,"\\u0000",0,0]'), raw('[1,"' + "z" * 80 + '",1,0]'),
    raw('[1,"中",0,0]'), raw('[1,["a"],0,0]'), raw('[[1],"a",0,0]'), raw('["1_0","a",0,0]'), raw("[" * 90), odd(9e99, "", 1, 1),
    odd(-0.0, "0", 0, 0), odd(0, "3|", "x", []), odd(1e7, "3a", 0, 0), odd(2, "3a", 2, 2), odd(10**15, "9", 0, 1), Cursor(1, "3a").text() + "AAAA",
]  # fmt: skip
NUMBERS = ["-1", "9" * 30, "1e3", "NaN", "Infinity", "0x10", "１２", "1.5", "+1", "٣", "1_000", " 1", "²"]


@pytest.mark.parametrize("path", PAGES)
def test_words(path, listed):
    seen = {ask(f"{path}?{urlencode({'q': word}, errors='replace')}") for word in WORDS}
    seen |= {ask(f"{path}?q={quote_from_bytes(value)}") for value in BYTES}
    assert 200 in seen
    if path in {API, "/institutions/"}:
        assert 400 in seen


@pytest.mark.parametrize("path", PAGES)
def test_every_parameter_with_every_kind_of_value(path, listed):
    values = ["\x00", "😀", "%' OR 1=1 --", "中" * 2000, "-1", "NaN", "\u202e", ",,,,", "a," * 400, "%ED%A0%80"]
    for name in sorted(NAMES | {"uscc", "view", "compare", "year", "unknown", "q[]", "", "\x00"}):
        for value in values[:: 1 if name in {"near", "region", "page"} else 3]:
            status = ask(f"{path}?{urlencode({name: value})}")
            if path in {API, "/institutions/"}:
                assert status == expected(path, name, value), (path, name, value[:20])
        ask(f"{path}?{quote(name)}={quote_from_bytes(BYTES[0])}")


# Parameters that take any text; of the page also what chooses its view. Everything else says what it takes.
ANY_TEXT = {API: {"q", "format"}, "/institutions/": {"q", "format", "view", "compare"}}
# A list of choices may be empty, and so may a box of the page's form.
MAY_BE_EMPTY = {
    API: {"meals", "nature", "service", "status"},
    "/institutions/": {"meals", "nature", "service", "status", "fee_from", "fee_to"},
}


def expected(path: str, name: str, value: str) -> int:
    """By hand: what the register answers to a value no parameter of it can mean."""
    if len(value) >= 2000:
        return 414
    if "\x00" in name + value:
        return 400
    if path != API and name not in NAMES | ANY_TEXT[path]:
        return 200  # a page ignores what messengers append and whatever else it does not know (field.md, 24)
    if name in ANY_TEXT[path]:
        return 400 if name == "q" and len(value) > 100 else 200
    return 200 if value.strip(",") == "" and name in MAY_BE_EMPTY[path] else 400


@pytest.mark.parametrize("ordering", ["relevance", "grade", "fee", "distance"])
def test_forged_cursors(ordering, listed):
    """None of ours is a clear 400; one that only points elsewhere is an empty or other page."""
    more = "&near=320902" if ordering == "distance" else ""
    for words in ("", "&q=托育"):
        for cursor in CURSORS:
            ask(f"{API}?ordering={ordering}{more}{words}&page={quote(cursor)}")
    for cursor in CURSORS:
        ask(f"/institutions/?ordering={ordering}{more}&page={quote(cursor)}")
    assert ask(f"{API}?page=NaN") == 400


def test_a_cursor_of_no_number_is_refused():
    for text in ('["NaN","3a",0,0]', '["inf","3a",0,0]', '["-Infinity","3a",1,0]', '["1e400","3a",0,1]'):
        assert read_cursor(raw(text)) is None, text
    assert read_cursor(Cursor(1.5, "3abc|91", True, False).text()) == Cursor(1.5, "3abc|91", True, False)


def test_numbers_and_places(listed):
    for number in NUMBERS:
        for name in ("months", "fee_from", "fee_to", "limit"):
            assert ask(f"{API}?{urlencode({name: number})}") == 400, (name, number)
    places = ["91,181", "1e1,2", "NaN,NaN", "33.3,120.1,1", ",", "33.3", "３３,１２０", "320902\x00", "9" * 50]
    for near, status in [*((place, 400) for place in places), ("0,0", 200), ("-90,180", 200), ("320902", 200)]:
        assert ask(f"{API}?{urlencode({'near': near, 'ordering': 'distance'})}") == status, near
    assert ask(f"{API}?fee_from=900000&fee_to=1") == 400  # upside down: said, never an empty list without a word


def test_a_thousand_parameters(listed):
    for path in PAGES:
        for name in ("q", "status", "nature", "page", "uscc", "unknown"):
            ask(f"{path}?{'&'.join([f'{name}=FILED'] * 1000)}")
        ask(f"{path}?{'&'.join(f'p{n}={n}' for n in range(1200))}")


def test_keys_in_the_address(listed):
    """Feeds, receipts, pages of one institution, files and snapshots by impossible keys."""
    values = [
        "x",
        "%00",
        "%ED%A0%80",
        "%C0%AF",
        "..%2F..%2Fetc",
        "9" * 18,
        "A" * 18,
        quote("９" * 18),
        quote("😀"),
        "%25",
        "'",
        "0" * 12,
        "320900",
        "A" * 4000,
    ]
    for value in values:
        for shape in (
            "/institutions/{}/", "/api/v1/institutions/{}/", "/feeds/institutions/{}.atom", "/feeds/areas/{}.atom",
            "/verify/{}/", "/institutions/{}/report/", "/open-data/{}/institutions.csv", "/open-data/institutions.{}",
            "/open-data/dictionary.{}", "/subscriptions/{}/confirm/", "/subscriptions/{}/leave/",
        ):  # fmt: skip
            status = Client(raise_request_exception=False).get(shape.format(value)).status_code
            assert status in {*FINE, 301}, (shape, value[:40], status)
    for year in ("0", "1", "99999", "9" * 30, "2024"):
        assert ask(f"/open-data/{year}/institutions.json") in {200, 404}


def test_marks_of_the_reader_are_harmless(listed):
    """If-None-Match and the like are text from outside too."""
    client = Client(raise_request_exception=False)
    for value in ("*", '"', "W/", '"' + "a" * 5000 + '"', "é", '"\\"', ",,,", 'W/"x", "y"', "\x01"):
        for path in (f"/institutions/{listed.uscc}/", API, "/institutions/"):
            status = client.get(path, headers={"If-None-Match": value, "Accept": "*/*;q=x"}).status_code
            assert status in {200, 304, 400}, (path, value[:20], status)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    words=st.text(max_size=40),
    extra=st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(max_size=12), max_size=2),
)
def test_any_text(words, extra, listed):
    path = f"{API}?{urlencode({'q': words, **extra}, errors='surrogatepass')}"
    status = ask(path)
    if not extra or set(extra) == {"q"}:
        assert status == (400 if re.search(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", extra.get("q", words)) else 200)
    if status == 200:
        found = [row["uscc"] for row in Client().get(path).json()["results"]]
        assert found in ([], [listed.uscc])
        assert extra or words.strip() or found  # no question at all finds everybody
