"""The demo receivers do what a department's system must do."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from push_stage import ID_NO, make_due, make_endpoint, make_event, push, statuses

from exchange.receivers import Inbox, main, serve
from exchange.signatures import key_of, new_secret, sign


@pytest.fixture
def running() -> Iterator[tuple[str, int, Inbox]]:
    secret = new_secret()
    server = serve("health", 0, secret)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield secret, server.server_address[1], server.RequestHandlerClass.inbox
    server.shutdown()
    server.server_close()


def signed(
    secret: str, data: dict[str, Any], *, webhook_id: str = "msg_1", age: int = 0
) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"type": "registration.recorded", "data": data}).encode()
    stamp = int(time.time()) - age
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(stamp)}
    return headers | {"webhook-signature": sign([key_of(secret)], webhook_id, stamp, body)}, body


def page(port: int, path: str = "/") -> Any:
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)


@pytest.mark.django_db
def test_it_shows_what_the_portal_pushed_as_received(reference: None, running: tuple[str, int, Inbox]) -> None:
    secret, port, inbox = running
    make_endpoint(port, secret=secret)
    make_event()
    push()
    assert statuses() == ["DELIVERED"]
    with page(port) as answer:
        text, headers = answer.read().decode(), answer.headers
    assert "演示接收端：卫生健康部门" in text
    assert "试验1号托育" in text
    assert ID_NO not in text
    assert "320*" in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert page(port, "/inbox.css").status == 200


@pytest.mark.django_db
def test_a_wrong_secret_is_refused_and_the_push_waits(reference: None, running: tuple[str, int, Inbox]) -> None:
    _, port, inbox = running
    make_endpoint(port)
    make_event()
    push()
    assert (statuses(), inbox.refused, inbox.accepted) == (["RETRY"], 1, 0)


@pytest.mark.django_db
def test_a_redelivery_has_no_second_effect(cast: dict[str, Any], running: tuple[str, int, Inbox]) -> None:
    from exchange.models import Delivery
    from exchange.replay import redeliver

    secret, port, inbox = running
    make_endpoint(port, secret=secret)
    make_event()
    push()
    redeliver(delivery=Delivery.objects.get(), actor=cast["admin"])
    make_due()
    push()
    assert (inbox.accepted, inbox.repeated) == (1, 1)


def test_old_requests_old_versions_and_nonsense() -> None:
    secret = new_secret()
    inbox = Inbox("试验", secret)
    fresh = {"uscc": "A", "record_version": 2}
    assert inbox.take(*signed(secret, fresh, age=301))[0] == 401
    assert inbox.take(*signed(secret, fresh))[0] == 200
    assert inbox.take(*signed(secret, {"uscc": "A", "record_version": 1}, webhook_id="msg_2"))[1]["outdated"]
    assert inbox.take(*signed(secret, {"record_version": "x"}, webhook_id="msg_3"))[0] == 422
    assert (inbox.accepted, inbox.outdated, inbox.refused) == (1, 1, 1)


def test_markup_in_a_name_stays_text() -> None:
    secret = new_secret()
    inbox = Inbox("试验", secret)
    inbox.take(*signed(secret, {"uscc": "A", "record_version": 1, "name": "<script>alert(1)</script>"}))
    assert "<script>" not in inbox.page().decode()


def test_two_secrets_during_a_rotation() -> None:
    old, new = new_secret(), new_secret()
    inbox = Inbox("试验", f"{new} {old}")
    for number, secret in enumerate((old, new)):
        assert inbox.take(*signed(secret, {}, webhook_id=f"msg_{number}"))[0] == 200


def test_nothing_is_logged(running: tuple[str, int, Inbox], capfd: pytest.CaptureFixture[str]) -> None:
    secret, port, _ = running
    headers, body = signed(secret, {"legal_rep_id_no": ID_NO})
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/webhooks", body, headers), timeout=5).read()
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_without_a_secret_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DEMO_POLICE_SECRET", raising=False)
    assert main(["--name", "police", "--port", "0"]) == 2
    assert "DEMO_POLICE_SECRET" in capsys.readouterr().err
