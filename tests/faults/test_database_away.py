"""The database is away: the 503 that says when to come back, for everybody and on every address (operations.md 4)."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch
from structlog.testing import capture_logs

from tests.security.test_matrix import address_of, all_routes
from yancheng_childcare.requests import known_user

ANONYMOUS, SESSION, KEY = "anonymous", "session", "key"
# A session nobody can look up while the database is away, and a key likewise.
CALLERS = {
    ANONYMOUS: lambda: Client(raise_request_exception=False),
    SESSION: lambda: _with_cookie(),
    KEY: lambda: Client(raise_request_exception=False, headers={"Authorization": "Bearer yc_unknown.unknown"}),
}
# One address of every kind that cannot be answered without the database. "who" never matters.
ALWAYS_503 = [
    ("GET", "/institutions/"),
    ("GET", "/institutions/?q=a"),
    ("GET", "/institutions/913209000000000001/"),
    ("GET", "/open-data/"),
    ("GET", "/api/v1/institutions/"),
    ("GET", "/api/v1/institutions/913209000000000001/"),
]
# With a cookie the question "who is this?" already needs the database, on any page and in any method.
SESSION_503 = [
    ("GET", "/"),
    ("GET", "/about/"),
    ("GET", "/desk/"),
    ("GET", "/desk/registrations/"),
    ("GET", "/accounts/login/"),
    ("POST", "/desk/registrations/new/"),
    ("GET", "/api/v1/registrations/"),
    ("POST", "/api/v1/registrations/"),
    ("GET", "/no-such-page/"),
]
# Objects that need not exist: nobody can look them up.
UNKNOWN = "00000000-0000-0000-0000-000000000001"
KEYS = (UNKNOWN, 1, "913209000000000001", "YC-BC-2026-000001", "YC-TB-2026-000001", "x" * 43)


def _with_cookie() -> Client:
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    return client


@contextmanager
def database_away() -> Iterator[None]:
    """Django's connection points to a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        kept = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(HOST="127.0.0.1", PORT=str(unused.getsockname()[1]))
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(kept)


def assert_says_try_again(answer: Any, path: str) -> None:
    """503, when to come back, in the face the caller uses, kept by nobody."""
    assert answer.status_code == 503, (path, answer.status_code)
    assert answer.headers["Retry-After"] == "60"
    assert "no-store" in answer.headers["Cache-Control"]
    if path.startswith("/api/"):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["code"] == "GEN-503"
    else:
        assert "系统正在维护" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", CALLERS)
def test_everybody_gets_the_503_page_and_it_is_logged_once(who: str) -> None:
    kinds = ALWAYS_503 + (SESSION_503 if who == SESSION else [])
    with database_away():
        for method, path in kinds:
            with capture_logs() as lines:
                answer = CALLERS[who]().generic(method, path, content_type="application/json")
            assert_says_try_again(answer, path)
            logged = [line for line in lines if line.get("log_level") in {"error", "critical"}]
            # A line each for web access is not what is counted: one trace of one outage.
            assert [line["event"] for line in logged if line["event"] != "request_finished"] == [
                "database_unavailable"
            ], (method, path, logged)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", CALLERS)
def test_no_address_at_all_is_a_server_error(who: str) -> None:
    """Every route of the portal, with invented parameters: 503 where the database is needed, never 500."""
    asked, away, client = 0, 0, CALLERS[who]()
    cookies = client.cookies.output()
    with database_away():
        for name, parameters in all_routes():
            if name == "readyz":
                continue
            path = _address(name, parameters)
            for method in ("GET", "POST") if who == SESSION else ("GET",):
                client.cookies.load(cookies)
                answer = client.generic(method, path, content_type="application/json")
                asked += 1
                if answer.status_code == 503:
                    away += 1
                    assert_says_try_again(answer, path)
                assert answer.status_code < 500 or answer.status_code == 503, (method, path)
    assert asked > 120, asked
    assert away > (150 if who == SESSION else 10), away


def _address(name: str, parameters: set[str]) -> str:
    for key in KEYS:
        with suppress(NoReverseMatch):
            return address_of(name, parameters, key)
    raise AssertionError(f"no key of KEYS fits the route {name}")


@pytest.mark.django_db(transaction=True)
def test_the_probes_say_so_and_the_process_lives() -> None:
    with database_away():
        probe = Client(raise_request_exception=False)
        assert probe.get("/healthz").status_code == 200
        ready = probe.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["database"] is False


@pytest.mark.django_db(transaction=True)
def test_a_person_is_looked_for_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further question would wait for the connection again: five seconds each when packets are dropped."""
    tried = []
    connect = psycopg2.connect

    def counting(*args: Any, **kwargs: Any) -> Any:
        tried.append(1)
        return connect(*args, **kwargs)

    with database_away():
        monkeypatch.setattr(psycopg2, "connect", counting)
        assert _with_cookie().get("/desk/").status_code == 503
    assert len(tried) == 1


@contextmanager
def backend_ended_before(at: int) -> Iterator[list[int]]:
    """A second connection ends the backend just before the query number `at`; yields the number of queries so far."""
    seen = [0]

    def end_backend(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if seen[0] == at:
            parameters = {k: v for k, v in connection.get_connection_params().items() if k != "cursor_factory"}
            other = psycopg2.connect(**parameters)
            other.autocommit = True
            other.cursor().execute("SELECT pg_terminate_backend(%s, 2000)", [connection.connection.info.backend_pid])
            other.close()
        seen[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end_backend):
        yield seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [0, 1])
def test_a_visitors_page_meets_a_dead_connection_and_is_read_again(reference: None, at: int) -> None:
    """Their connection is not asked first whether it lives: nobody must notice when it does not."""
    assert Client().get("/institutions/").status_code == 200
    with backend_ended_before(at) as seen:
        answer = Client().get("/institutions/")
    connection.close()
    assert answer.status_code == 200 and seen[0] > at + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/desk/", "/institutions/", "/api/v1/registrations/", "/desk/registrations/"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_server_that_ends_in_the_middle_of_a_request(as_user: Any, path: str, at: int) -> None:
    """The backend is ended by a second connection just before the query number `at` of the request."""
    client = as_user("registrar_tinghu")
    client.raise_request_exception = False
    with backend_ended_before(at) as seen:
        answer = client.get(path)
    connection.close()
    if seen[0] > at:
        assert_says_try_again(answer, path)
    else:
        assert answer.status_code == 200
    assert client.get(path).status_code == 200


def test_what_stands_above_knows_who_without_asking(rf: Any, settings: Any) -> None:
    """Nothing above `UnavailableMiddleware` asks the database: a person nobody has loaded stays unknown."""
    from yancheng_childcare.requests import UserMiddleware

    above = settings.MIDDLEWARE[: settings.MIDDLEWARE.index("yancheng_childcare.middleware.UnavailableMiddleware")]
    assert not [name for name in above if name.startswith(("allauth", "pghistory", "django.contrib"))]
    request = rf.get("/")
    request.session = {}
    UserMiddleware(lambda request: None).process_request(request)  # type: ignore[arg-type, return-value]
    assert known_user(request) is None
