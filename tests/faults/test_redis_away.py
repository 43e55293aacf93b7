"""Redis is away: a write takes no longer, pushes go on, and everything is as before when it comes back (operations.md 8)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from push_stage import Sink

from local.processes import portal_processes

from .stage import Stage

pytestmark = pytest.mark.django_db
Register = Callable[[], dict[str, Any]]


@pytest.fixture
def push_worker(stage: Stage) -> Iterator[None]:
    """The worker that pushes, started as `manage.py portal` starts it, with one process."""
    command = next(entry.argv for entry in portal_processes(1, 2, 3, demo=False) if entry.name == "worker-push")
    command[command.index("--concurrency") + 1] = "1"
    stage.start("worker-push", command)
    yield
    stage.stop("worker-push")


@pytest.fixture
def write(stage: Stage, registration: Register) -> Callable[[], tuple[str, float]]:
    """Register an institution by API; returns its code and how long it took."""

    def post() -> tuple[str, float]:
        body = registration()
        answer = stage.ask("POST", "/api/v1/registrations/", who="key", body=json.dumps(body).encode())
        assert answer.status == 201, answer.text
        return body["uscc"], answer.seconds

    return post


@pytest.mark.parametrize("how", ["shut", "freeze"])
def test_a_write_does_not_wait_for_redis(stage: Stage, write: Callable[[], tuple[str, float]], how: str) -> None:
    write()
    getattr(stage.gates["redis"], how)()
    seconds = [write()[1] for _ in range(5)]
    print(how, [round(one, 2) for one in seconds])
    assert max(seconds[1:]) < 1.0, seconds
    assert seconds[0] < 2.0, seconds


def test_pushes_arrive_without_redis_and_after_it(
    stage: Stage, receiver: Sink, write: Callable[[], tuple[str, float]], request: pytest.FixtureRequest
) -> None:
    """No doorbell, no beat, no broker: only a worker and the database. Then the broker is there, is heard, goes again."""

    def arrives(within: float) -> None:
        uscc, _ = write()
        began = time.monotonic()
        stage.until(lambda: any(got.data["uscc"] == uscc for got in receiver.got), within)
        print("arrived after", round(time.monotonic() - began, 1))

    stage.gates["redis"].shut()
    request.getfixturevalue("push_worker")
    arrives(90)  # the worker's start included: it needs no broker to begin
    arrives(10)
    stage.gates["redis"].restore()
    stage.until(lambda: stage.ask("GET", "/readyz").data["redis"])
    stage.sql("primary", "UPDATE yancheng_childcare_heartbeat SET at = now() - interval '1 hour' WHERE name = 'push'")
    # It says so through its own queue once it hears the broker again.
    stage.until(lambda: stage.ask("GET", "/readyz").data["worker_push"], 30)
    arrives(10)
    stage.gates["redis"].shut()
    arrives(15)
