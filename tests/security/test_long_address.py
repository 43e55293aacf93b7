"""An address too long for the web server is refused in our words, before any of our code sees a request."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from local.processes import web_command


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The portal's own web server in front of the smallest application there is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [*web_command(number)[:-1], "--workers", "1", "wsgiref.simple_server:demo_app"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize("path", ["/institutions/", "/api/v1/institutions/"])
@pytest.mark.parametrize("words", ["a" * 10_000, quote("中" * 3400)])
def test_ten_thousand_characters_get_a_clear_answer(port: int, path: str, words: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest("GET", f"{path}?q={words}")
    connection.endheaders()
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status == body["status"] == 414
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["code"] == body["errors"][0]["code"] == "GEN-414"
    assert "网址过长，请减少查询条件后重试" in body["detail"]


def test_what_the_portal_refuses_itself_still_reaches_it(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/institutions/?q=" + "a" * 8000)
    assert connection.getresponse().status == 200
