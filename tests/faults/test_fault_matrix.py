"""What is away × who asks: every cell of the table below was written by hand, and is asked over HTTP of a real server.

PostgreSQL, its streaming replica, Redis and gunicorn are real; a `Gate` before each takes it away. What happens in the
middle of a request is in test_database_away, the clock in test_clock, workers in test_redis_away.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from .stage import Answer, Stage

pytestmark = pytest.mark.django_db

TABLE = """
what is away             page search sign-in officer write read post public healthz readyz
nothing                  200  200    200     200     302   200  201  200    200     200
database                 200  200    503     503     503   503  503  200    200     503
database, replica        503  503    503     503     503   503  503  503    200     503
database restarted       200  200    200     200     302   200  201  200    200     200
replica                  200  200    200     200     302   200  201  200    200     200
replica lagging          200  200    200     200     302   200  201  200    200     200
replica black hole       200  200    200     200     302   200  201  200    200     200
redis                    200  200    200     200     302   200  201  200    200     503
redis black hole         200  200    200     200     302   200  201  200    200     503
redis, replica           200  200    200     200     302   200  201  200    200     503
worker                   200  200    200     200     302   200  201  200    200     503
everything               503  503    503     503     503   503  503  503    200     503
"""
# What the probe says of each part; what is not named is well.
PROBE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "database": {"database": False, "worker_push": False, "worker_celery": False, "clock_difference_seconds": None},
    "database restarted": {},
    "replica": {"replica": False},
    "replica lagging": {"replica": "lagging"},
    "replica black hole": {"replica": False},
    "redis": {"redis": False},
    "redis black hole": {"redis": False},
    "worker": {"worker_push": False, "worker_celery": False},
}
PROBE["database, replica"] = PROBE["database"] | PROBE["replica"]
PROBE["redis, replica"] = PROBE["redis"] | PROBE["replica"]
PROBE["everything"] = PROBE["database, replica"] | PROBE["redis"]
COLUMNS, *ROWS = [line.split("  ") for line in TABLE.strip().splitlines()]
COLUMNS = " ".join(COLUMNS).split()[3:]
EXPECTED = {parts[0].strip(): [int(code) for code in "".join(f"{p} " for p in parts[1:]).split()] for parts in ROWS}
# Seconds; a black hole may hold the first who meet it until the watch has noticed.
SOON, BLACK_HOLE = 3.0, 8.0


def take_away(stage: Stage, row: str) -> None:
    """Make the first cell of a row true."""
    gates = stage.gates
    if row == "replica lagging":
        stage.sql("replica", "SELECT pg_wal_replay_pause()")
        stage.beat()
        stage.until(lambda: stage.ask("GET", "/readyz").data["replica"] == "lagging")
        return
    if row == "worker":
        stage.beat("2 minutes")
    for part in row.split(", ") if row != "everything" else ("database", "replica", "redis"):
        match part.split():
            case ["database"]:
                gates["primary"].shut()
            case ["database", "restarted"]:
                gates["primary"].slam()
            case [name, "black", "hole"]:
                gates[name].freeze()
            case [name] if name in gates:
                gates[name].shut()


@pytest.fixture
def askers(stage: Stage, registration: Callable[..., dict[str, Any]]) -> dict[str, Callable[[], Answer]]:
    """One question of every kind of caller."""

    def form() -> bytes:
        typed = {name: value or "" for name, value in registration().items()}
        return urlencode({**typed, "registry_org_id": "320902-MARKET", "certificate_id": ""}).encode()

    def written(path: str, who: str, body: bytes, kind: str) -> Callable[[], Answer]:
        return lambda: stage.ask("POST", path, who=who, body=body, kind=kind)

    return {
        "page": lambda: stage.ask("GET", "/"),
        "search": lambda: stage.ask("GET", "/institutions/?q=tuoyu"),
        "sign-in": lambda: stage.ask("GET", "/accounts/login/"),
        "officer": lambda: stage.ask("GET", "/desk/registrations/", who="session"),
        "write": written("/desk/registrations/new/", "session", form(), "application/x-www-form-urlencoded"),
        "read": lambda: stage.ask("GET", "/api/v1/registrations/", who="key"),
        "post": written("/api/v1/registrations/", "key", json.dumps(registration()).encode(), "application/json"),
        "public": lambda: stage.ask("GET", "/api/v1/institutions/?q=a&count=1"),
        "healthz": lambda: stage.ask("GET", "/healthz"),
        "readyz": lambda: stage.ask("GET", "/readyz"),
    }


@pytest.mark.parametrize("row", EXPECTED)
def test_whatever_is_away_everybody_gets_the_right_answer(
    stage: Stage, askers: dict[str, Callable[[], Answer]], row: str
) -> None:
    stage.forget_caches()
    take_away(stage, row)
    limit = BLACK_HOLE if "black hole" in row else SOON
    wrong = []
    for column, expected in zip(COLUMNS, EXPECTED[row], strict=True):
        answer = askers[column]()
        wrong += [(column, complaint) for complaint in complaints(column, expected, answer, limit)]
    probe = askers["readyz"]().data
    told = {name: value for name, value in probe.items() if value is not True and name != "status"}
    if told["clock_difference_seconds"] is not None:
        assert abs(told.pop("clock_difference_seconds")) < 5
    assert (wrong, told) == ([], PROBE[row])


def complaints(column: str, expected: int, answer: Answer, limit: float) -> list[str]:
    """What is wrong with one cell: status, time, the words and headers of a refusal."""
    found = []
    if answer.status != expected:
        found.append(f"{answer.status} instead of {expected}: {answer.text[:200]}")
    if answer.seconds > (2.5 if column in {"healthz", "readyz"} else limit):
        found.append(f"took {answer.seconds:.1f} s")
    if expected == 503 and column != "readyz":
        if answer.headers.get("Retry-After") != "60":
            found.append("no Retry-After")
        if "no-store" not in answer.headers.get("Cache-Control", ""):
            found.append("may be cached")
        problem = column in {"read", "post", "public"}
        if problem and not (
            answer.headers["Content-Type"] == "application/problem+json" and answer.data["code"] == "GEN-503"
        ):
            found.append("no RFC 9457")
        if not problem and "系统正在维护" not in answer.text:
            found.append("not the page")
        if "Content-Security-Policy" not in answer.headers:
            found.append("without the headers every answer has")
    return found


def test_the_table_is_whole() -> None:
    assert COLUMNS[0] == "page" and len(COLUMNS) == 10
    assert all(len(cells) == len(COLUMNS) for cells in EXPECTED.values())
    assert set(PROBE) == set(EXPECTED)
