"""Signs of life: asked by address, and figures that are those of the whole server."""

from __future__ import annotations

import http.client
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.security.real_server import HOST, real_server

BY_ADDRESS = {"Host": "10.0.0.5:8263"}


def test_a_probe_by_address_gets_its_answer() -> None:
    """operations.md 16: balancers ask by address, which is none of ALLOWED_HOSTS."""
    answer = Client(headers=BY_ADDRESS).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert answer["Cache-Control"] == "no-store" and answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_readiness_by_address_names_what_is_missing() -> None:
    answer = Client(headers=BY_ADDRESS).get("/readyz")
    assert answer.status_code == 503 and answer.json()["database"] is True and answer.json()["worker_push"] is False
    assert Client(headers=BY_ADDRESS).head("/readyz").status_code == 503


@pytest.mark.django_db
def test_readiness_tells_whether_uploads_find_room(settings: Any, tmp_path: Path) -> None:
    """operations.md 11: the disk of the uploads was full, and nobody was told."""
    settings.FILE_ROOT = tmp_path
    for floor, room in ((0, True), (101, False)):
        settings.FILE_FREE_PERCENT = floor
        assert Client().get("/readyz").json()["storage"] is room


@pytest.mark.parametrize(
    "path", ["/", "/healthz/", "/healthz/x", "/readyzz", "//healthz", "/metrics", "/api/v1/", "/static/x"]
)
def test_nothing_else_is_answered_for_a_foreign_host(path: str) -> None:
    assert Client(headers={"Host": "evil.example"}).get(path).status_code == 400


def test_only_reading_is_a_probe() -> None:
    assert Client(headers=BY_ADDRESS).post("/healthz").status_code == 400


def test_a_probe_is_not_sent_to_https(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert Client(headers=BY_ADDRESS).get("/healthz").status_code == 200
    assert Client().get("/about/").status_code == 301


def test_metrics_are_those_of_all_workers(tmp_path: Path) -> None:
    """operations.md 2: eight scrapes of two workers showed 11 12 14 15 16 17 13 14."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with real_server(temporary, workers=2) as server:
        first = _requests(server.port)
        seen = [_requests(server.port) for _ in range(12)]
        assert seen == [first + n for n in range(1, 13)]
    assert os.listdir(temporary) == [], "the folder of the figures ends with the server"


def _requests(port: int) -> int:
    """How many requests the server says it has had, this one included. Each has a connection of its own."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found = re.search(r"^django_http_requests_before_middlewares_total ([\d.]+)$", text, re.MULTILINE)
    assert found, text[:500]
    return int(float(found[1]))
