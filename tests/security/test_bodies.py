"""Bodies that are too large are refused by what they announce: nothing is read, kept in memory or written to a disk."""

from __future__ import annotations

import importlib
import inspect
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.security.real_server import HOST, Server, real_server
from yancheng_childcare.bodies import too_large
from yancheng_childcare.checks import routes
from yancheng_childcare.permissions import ROUTES

MB = 1024 * 1024
PART = b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
FORM = "multipart/form-data; boundary=x"


def refusal(path: str, length: int | str, **meta: str) -> tuple[int, str] | None:
    request = RequestFactory().post(path, b"", FORM, **meta)
    request.META["CONTENT_LENGTH"] = str(length)
    found = too_large(request)
    return None if found is None else (found.status, found.code)


@pytest.mark.parametrize(
    "path",
    ["/reports/unfiled/", "/view-mode/", "/accounts/login/", "/api/v1/registrations/", "/no-such-page/", "/desk/"],
)
def test_a_megabyte_is_enough_where_no_file_is_taken(path: str) -> None:
    assert refusal(path, MB) is None
    assert refusal(path, MB + 1) == (413, "GEN-413")


def test_an_upload_route_takes_one_file_of_the_largest_size() -> None:
    for path in (reverse("registry:imports"), reverse("people:import"), reverse("api:registration-import")):
        assert refusal(path, 21 * MB) is None
        assert refusal(path, 21 * MB + 1) == (413, "FILE-002")


def test_a_body_without_a_length_is_refused_everywhere() -> None:
    for path in ("/reports/unfiled/", reverse("registry:imports")):
        assert refusal(path, "", HTTP_TRANSFER_ENCODING="chunked") == (411, "GEN-411")
        assert refusal(path, 10, HTTP_TRANSFER_ENCODING="chunked") == (411, "GEN-411")


@pytest.mark.parametrize("length", ["-1", "1e3", "１０", "10 MB", "9" * 30])
def test_a_length_that_is_none_is_taken_for_too_large(length: str) -> None:
    assert refusal("/reports/unfiled/", length) == (413, "GEN-413")


def test_every_view_that_reads_files_is_declared_and_no_other() -> None:
    """The declaration stands on the rule; a view that takes files without it would refuse its own uploads."""
    declared, reading = set(), set()
    for name, _, callback in routes():
        module = inspect.unwrap(getattr(callback, "view_class", getattr(callback, "cls", callback))).__module__
        if name not in ROUTES or not module.startswith(("registry", "exchange", "yancheng_childcare")):
            continue
        if ROUTES[name].takes_files:
            declared.add(module)
        if "request.FILES" in Path(importlib.import_module(module).__file__ or "").read_text():
            reading.add(module)
    assert declared == reading and len(declared) >= 6


def test_the_refusal_speaks_chinese_on_pages_and_rfc_9457_in_the_api() -> None:
    page = Client().post("/reports/unfiled/", b"x" * (MB + 1), content_type=FORM)
    assert page.status_code == 413 and "没有保存" in page.content.decode() and "GEN-413" in page.content.decode()
    call = Client().post("/api/v1/registrations/", b"x" * (MB + 1), content_type="application/json")
    assert call.status_code == 413 and call["Content-Type"] == "application/problem+json"
    assert call.json()["code"] == "GEN-413" and "1 MB" in call.json()["detail"]


# --- over a real connection
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    temporary = tmp_path_factory.mktemp("bodies") / "tmp"
    temporary.mkdir()
    with real_server(temporary) as running:
        send(running.port, "/about/", 0)  # the first page of a worker loads half the portal
        yield running
        # The folder the workers share their counters in (web_worker.share_metrics) goes with the server.
        assert [name for name in os.listdir(temporary) if not name.startswith("portal-metrics-")] == []
    assert os.listdir(temporary) == []


def send(port: int, path: str, size: int, *, chunked: bool = False) -> bytes:
    """Send a body as a stubborn client does, to its end or until the connection breaks; the answer."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    block = b"x" * 65_536
    piece = b"10000\r\n" + block + b"\r\n" if chunked else block
    with socket.create_connection((HOST, port), 30) as connection:
        connection.settimeout(60)
        # With a cookie as any page gives it out, so that Django would look for its token in the form.
        head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM}\r\nConnection: close\r\n{length}\r\n"
        connection.sendall(f"{head}Cookie: csrftoken={'a' * 32}\r\n\r\n".encode())
        try:
            for n in range(size // len(block)):
                connection.sendall(piece if n else piece.replace(b"x" * len(PART), PART, 1))
        except (BrokenPipeError, ConnectionResetError):
            size = 0  # refused: the answer is there already
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


@pytest.mark.parametrize("path", ["/reports/unfiled/", "/view-mode/", "/desk/people/import/", "/api/v1/registrations/"])
def test_300_megabytes_are_refused_unread(server: Server, path: str) -> None:
    """security.md M8: they were read whole and 293 MB written to the disk."""
    server.forget_peak()
    memory, written = server.memory(), server.written()
    head, _, body = send(server.port, path, 300 * MB).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    if path.startswith("/api/"):
        assert b'"code":"GEN-413"' in body
    else:
        assert "没有保存" in body.decode()
    assert server.peak() - memory < 100 * MB
    assert server.written() - written < MB


def test_300_megabytes_in_chunks_are_refused_unread(server: Server) -> None:
    server.forget_peak()
    memory, written = server.memory(), server.written()
    head, _, body = send(server.port, "/desk/people/import/", 300 * MB, chunked=True).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 411 ") and "没有保存" in body.decode()
    assert server.peak() - memory < 100 * MB
    assert server.written() - written < MB


def test_the_worker_goes_on_serving(server: Server) -> None:
    assert send(server.port, "/about/", 0).startswith(b"HTTP/1.1 ")
    worker: Any = server.worker
    assert Path(f"/proc/{worker}").exists()
