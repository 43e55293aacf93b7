"""The public guide, and the receiver it shows: run as a process against the real signer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from exchange.signatures import key_of, new_secret, sign

EXAMPLE = Path(__file__).parents[3] / "docs" / "receiver_example.py"
BODY = b'{"type":"registration.recorded","data":{"uscc":"91320902MA1TYC011T","record_version":1}}'


@pytest.mark.django_db
def test_it_is_public_and_complete(client):
    page = client.get("/exchange-guide/").content.decode()
    for words in (
        "webhook-signature",
        "g0hM9SsE+OTPJTGt",
        "5 秒、30 秒、2 分钟、10 分钟",
        "410",
        "hmac.compare_digest",
        "receipts",
    ):
        assert words in page, words


def test_the_example_stays_short():
    code = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(code) <= 28


@pytest.fixture
def receiver() -> Iterator[Any]:
    """The example as a process; gives (post, secret, output)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = new_secret()
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), str(port)],
        env={**os.environ, "WEBHOOK_SECRET": secret, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def post(body: bytes, headers: dict[str, str]) -> int:
        request = Request(f"http://127.0.0.1:{port}/", body, headers)
        for _ in range(100):
            try:
                with urlopen(request, timeout=5) as answer:
                    return int(answer.status)
            except HTTPError as refused:
                return refused.code
            except URLError:
                time.sleep(0.05)
        raise AssertionError("the receiver does not answer")

    try:
        yield post, secret, process
    finally:
        process.kill()
        process.wait()


def headers(
    secret: str, *, number: str = "msg_1", at: float | None = None, body: bytes = BODY, keys: Any = None
) -> dict[str, str]:
    stamp = int(time.time() if at is None else at)
    return {
        "webhook-id": number,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(keys or [key_of(secret)], number, stamp, body),
    }


def test_the_example_believes_our_signer_and_nobody_else(receiver):
    post, secret, process = receiver
    assert post(BODY, headers(secret)) == 204
    assert post(BODY, headers(secret)) == 204  # a repeat is taken, not handled again
    assert post(BODY, headers(secret, number="msg_2", keys=[key_of(new_secret()), key_of(secret)])) == 204
    assert post(BODY + b" ", headers(secret, number="msg_3")) == 401
    assert post(BODY, headers(new_secret(), number="msg_4")) == 401
    assert post(BODY, headers(secret, number="msg_5", at=time.time() - 301)) == 401
    assert post(BODY, {**headers(secret, number="msg_6"), "webhook-timestamp": "x"}) == 401
    assert post(BODY, {}) == 401
    process.kill()
    lines = process.stdout.read().splitlines()
    assert lines == ["registration.recorded 91320902MA1TYC011T 1"] * 2
