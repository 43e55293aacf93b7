"""What the push is measured on: two departments with an endpoint each, receivers and real worker processes."""

from __future__ import annotations

import ctypes
import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from benchmarks.harness import ROOT

DEPARTMENTS = ("320902-HEALTH", "320902-POLICE")
REGION = "320902"
CONNECTIONS = 16
EVENT = "registration.recorded"


@dataclass(slots=True)
class Receiver:
    """A running measuring receiver."""

    port: int

    def call(self, method: str, path: str) -> Any:
        """One request to its control paths."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request(method, path)
            return json.loads(link.getresponse().read())
        finally:
            link.close()

    def reset(self, delay: float = 0.0, status: int = 200) -> None:
        """Forget everything; answer after `delay` seconds from now on."""
        self.call("POST", f"/reset?delay={delay}&status={status}")

    def stats(self, *, full: bool = False) -> Any:
        """Counts and monotonic times."""
        return self.call("GET", "/stats?full" if full else "/stats")


def _die_with_parent() -> None:
    """Ask the kernel to end the child when we are killed ourselves (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@contextmanager
def process(arguments: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A child of ours, ended in the end however we leave."""
    child = subprocess.Popen(
        arguments,
        env=environment,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=_die_with_parent,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(8)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(5)


@contextmanager
def receivers(environment: dict[str, str], count: int = 2) -> Iterator[list[Receiver]]:
    """Receivers on free ports of 127.0.0.1."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="push-bench-")))
        files = [folder / f"port-{number}" for number in range(count)]
        for file in files:
            stack.enter_context(process([sys.executable, "-m", "benchmarks.push.receiver", str(file)], environment))
        until = time.monotonic() + 15
        while not all(file.exists() for file in files):
            if time.monotonic() > until:
                raise RuntimeError("a receiver did not start")
            time.sleep(0.05)
        yield [Receiver(int(file.read_text())) for file in files]


@contextmanager
def worker(
    environment: dict[str, str], *, app: str = "yancheng_childcare", queue: str = "push", concurrency: int = 2,
    extra: tuple[str, ...] = (),
) -> Iterator[subprocess.Popen[bytes]]:  # fmt: skip
    """A real Celery worker with prefork processes on one queue."""
    arguments = [
        sys.executable, "-m", "celery", "-A", app, "worker", "-Q", queue, "-c", str(concurrency), "-P", "prefork",
        "--without-gossip", "--without-mingle", "-l", "ERROR", "-n", f"bench-{uuid.uuid4().hex[:8]}@%h", *extra,
    ]  # fmt: skip
    with process(arguments, environment) as child:
        yield child


def prepare(ports: list[int]) -> list[uuid.UUID]:
    """Two endpoints that want every registration of 亭湖区; the police get the full ID number."""
    from exchange.models import AllowedTarget, Endpoint, Subscription
    from exchange.signatures import new_secret

    endpoints = []
    for department, port in zip(DEPARTMENTS, ports, strict=True):
        AllowedTarget.objects.create(
            department_id=department,
            host="127.0.0.1",
            cidr="127.0.0.1/32",
            port=port,
            plain_http=True,
            reason="benchmark",
        )
        endpoint = Endpoint.objects.create(
            department_id=department,
            name="benchmark",
            url=f"http://127.0.0.1:{port}/webhooks",
            secret=new_secret(),
            connections=CONNECTIONS,
            grants=["legal_rep_id_no"] if department.endswith("POLICE") else [],
        )
        Subscription.objects.create(endpoint=endpoint, region_id=REGION, event_type=EVENT)
        endpoints.append(endpoint.pk)
    return endpoints


def event_data(number: int) -> dict[str, Any]:
    """A registration as it is pushed (domain.md §1.4), fictional."""
    return {
        "uscc": subject(number),
        "name": f"盐城市基准{number}号托育服务有限公司",
        "nature": "FORPROFIT",
        "registered_address": f"盐城市亭湖区基准路{number}号",
        "region_code": REGION,
        "town_code": "320902001",
        "legal_rep_name": "张试验",
        "legal_rep_id_no": "320*************17",
        "contact_phone": "138****1234",
        "business_scope": "3岁以下婴幼儿照护服务；托育服务",
        "established_on": "2026-11-20",
        "registry_org": {"code": "320902-MARKET", "name": "亭湖区市场监督管理局"},
        "status": "ACTIVE",
    }


def subject(number: int) -> str:
    """Eighteen characters that look like a credit code."""
    return f"9132B{number:013d}"


def write_events(count: int, *, first: int, per_stream: int = 1) -> None:
    """Put events in the outbox as `record()` would have, in one statement; `per_stream` versions of each institution."""
    from exchange.models import OutboxEvent
    from yancheng_childcare.crypto import encrypt

    sealed = encrypt(
        orjson.dumps({"legal_rep_id_no": "320902198506010017", "contact_phone": "13812341234"}).decode(),
        OutboxEvent._meta.get_field("sealed").purpose,  # type: ignore[union-attr]
    )
    now = timezone.now()
    rows = []
    for index in range(count):
        number, version = first + index // per_stream, 1 + index % per_stream
        rows.append(
            (
                str(uuid.uuid4()),
                EVENT,
                subject(number),
                version,
                REGION,
                now,
                orjson.dumps(event_data(number)).decode(),
                sealed,
            )
        )
    from psycopg2.extras import execute_values

    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "INSERT INTO exchange_outboxevent (uid, type, subject, version, region_id, occurred_at, data, sealed) VALUES %s",
            rows,
            page_size=1000,
        )


def ticking(condition: Any) -> Any:
    """The same condition, with the beat's task sent once a second while it is asked."""
    from exchange.tasks import drain

    last = time.monotonic()

    def asked() -> bool:
        nonlocal last
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            drain.apply_async(expires=5)
        return bool(condition())

    return asked


def wait_for(condition: Any, *, seconds: float, what: str, pause: float = 0.05) -> None:
    """Poll until the condition holds; raises TimeoutError with `what`."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(pause)
