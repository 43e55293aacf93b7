"""A programmable receiver and a few rows: what the tests of the push share."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from django.utils import timezone

from exchange.delivery import Engine
from exchange.fan_out import fan_out
from exchange.models import AllowedTarget, Delivery, Endpoint, OutboxEvent, Subscription
from exchange.signatures import new_secret
from yancheng_childcare.crypto import encrypt

ID_NO, PHONE = "320902198506010017", "13812341234"
ALL_TYPES = ("registration.recorded", "registration.changed")


@dataclass
class Got:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def data(self) -> dict[str, Any]:
        return orjson.loads(self.body)["data"]


@dataclass
class Reply:
    """What to answer: status, headers, body, seconds to wait first."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    wait: float = 0.0


class Sink:
    """A receiver whose answers a test decides: `answer(got)` is asked for each request."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], Reply] = lambda got: Reply()
        self.port = 0

    @property
    def versions(self) -> list[tuple[str, int]]:
        return [(got.data["uscc"], got.data["record_version"]) for got in self.got]


@contextmanager
def sink() -> Iterator[Sink]:
    """A running receiver on a free port."""
    state = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got({name.lower(): value for name, value in self.headers.items()}, body, time.monotonic())
            state.got.append(got)
            reply = state.answer(got)
            time.sleep(reply.wait)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()
            except OSError:
                self.close_connection = True  # the sender had already given up

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def make_endpoint(port: int, *, department: str = "320902-HEALTH", region: str = "320902", **fields: Any) -> Endpoint:
    """An endpoint at 127.0.0.1 with its allow-list line, subscribed to registrations of a region."""
    AllowedTarget.objects.get_or_create(
        department_id=department, host="127.0.0.1", cidr="127.0.0.1/32", port=port,
        defaults={"plain_http": True, "reason": "test"},
    )  # fmt: skip
    endpoint = Endpoint.objects.create(
        **{
            "department_id": department,
            "name": uuid.uuid4().hex[:12],
            "url": f"http://127.0.0.1:{port}/webhooks",
            "secret": new_secret(),
            "timeout_seconds": 2,
            "connections": 4,
            **fields,
        }
    )
    for event_type in ALL_TYPES:
        Subscription.objects.create(endpoint=endpoint, region_id=region, event_type=event_type)
    return endpoint


def subject(number: int) -> str:
    """Eighteen characters like a credit code."""
    return f"9132T{number:013d}"


def make_event(
    number: int = 1, version: int = 1, *, region: str = "320902", kind: str = "registration.recorded"
) -> OutboxEvent:
    """An outbox row as `record()` writes it."""
    from exchange.bodies import masked, sealed_purpose

    personal = {"legal_rep_id_no": ID_NO, "contact_phone": PHONE}
    data = {
        "uscc": subject(number),
        "name": f"试验{number}号托育",
        "registry_org": {"code": "320902-MARKET", "name": "登记"},
    }
    assert encrypt(ID_NO, sealed_purpose()) != ID_NO
    return OutboxEvent.objects.create(
        type=kind, subject=subject(number), version=version, region_id=region, occurred_at=timezone.now(),
        data={**data, **masked(personal)}, sealed=orjson.dumps(personal).decode(),
    )  # fmt: skip


def make_due(**filters: Any) -> int:
    """Let backoff and leases pass: inside a test's transaction the database's clock stands still."""
    return Delivery.objects.filter(closed_at__isnull=True, **filters).update(due_at="2020-01-01T00:00:00Z")


def push(engine: Engine | None = None) -> Engine:
    """Fan out and deliver until nothing is due."""
    engine = engine or Engine(processes=1)
    engine.run(seconds=8)
    return engine


def statuses(endpoint: Endpoint | None = None) -> list[str]:
    """Status of every delivery, oldest first."""
    rows = Delivery.objects.order_by("id")
    return list((rows.filter(endpoint=endpoint) if endpoint else rows).values_list("status", flat=True))


def fan_out_all() -> None:
    """Number everything that waits."""
    while fan_out()[0]:
        continue
