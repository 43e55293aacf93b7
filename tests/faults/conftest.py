"""One stage for all tests of this folder that need real servers: it takes a quarter of a minute to set up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "exchange"))

from push_stage import Sink, sink

from .stage import Stage


@pytest.fixture(scope="session")
def receiver() -> Iterator[Sink]:
    """A department's receiver that keeps what it got."""
    with sink() as running:
        yield running


@pytest.fixture(scope="session")
def running_stage(django_db_setup: None, django_db_blocker: Any, receiver: Sink) -> Iterator[Stage]:
    with django_db_blocker.unblock():
        stage = Stage(receiver_port=receiver.port)
        with stage:
            stage.start_web()
            yield stage


@pytest.fixture
def stage(running_stage: Stage) -> Iterator[Stage]:
    """Everything is there, and the replica is in use, before and after each test."""
    heal(running_stage)
    yield running_stage
    heal(running_stage)


def heal(stage: Stage) -> None:
    """Open every gate, let the replica go on, and wait until the portal says that all is well."""
    for gate in stage.gates.values():
        gate.restore()
    stage.sql("replica", "SELECT pg_wal_replay_resume() WHERE pg_is_wal_replay_paused()")
    stage.beat()
    stage.until(lambda: stage.is_well(), 20)
