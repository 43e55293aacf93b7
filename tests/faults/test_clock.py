"""A clock that was wrong for a while stops no timer once it is right again (operations.md 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django_celery_beat.models import PeriodicTask, PeriodicTasks
from kombu.exceptions import OperationalError as BrokerAway
from structlog.testing import capture_logs

from yancheng_childcare.beat import PortalScheduler
from yancheng_childcare.celery import app

# The scheduler commits and closes connections itself.
pytestmark = pytest.mark.django_db(transaction=True)
EVERY_SECOND = "every second: deliver what is due"
NIGHTLY = "every hour from 01:10: papers that end, terms that run out; once a day"
AHEAD = timedelta(hours=26)


class Recording(PortalScheduler):
    """The real scheduler on the real table; only what it sends is kept instead of sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.passed = 0.0
        self.sent: list[str] = []
        self.broker_away = False
        super().__init__(*args, **kwargs)
        self._finalize.cancel()  # at the end of the interpreter there is no database to write to

    def steady(self) -> float:
        """time-machine would move the monotonic clock along; a real one does not jump."""
        return self.passed

    @property
    def producer(self) -> None:  # type: ignore[override]
        return None

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        if self.broker_away:
            raise BrokerAway("away")
        self.sent.append(entry.name)


@pytest.fixture
def clock() -> Iterator[Any]:
    """A wall clock that moves only when told; the monotonic one goes on by itself, as on a real machine."""
    with time_machine.travel("2026-11-30 10:00:00+08:00", tick=False) as traveller:
        yield traveller


def run(scheduler: Recording, clock: Any, seconds: float) -> list[str]:
    """Let wall time pass in steps of half a second; returns what rang."""
    scheduler.sent.clear()
    for _ in range(int(seconds * 2)):
        clock.shift(timedelta(seconds=0.5))
        scheduler.passed += 0.5
        for _ in range(30):
            if scheduler.tick() > 0:
                break
    return list(scheduler.sent)


def test_a_beat_that_started_while_the_clock_was_ahead(clock: Any) -> None:
    clock.shift(AHEAD)
    wrong = Recording(app=app)
    assert EVERY_SECOND in run(wrong, clock, 5)
    wrong.sync()
    assert PeriodicTask.objects.get(name=EVERY_SECOND).last_run_at > timezone.now() - timedelta(seconds=10)
    clock.shift(-AHEAD)
    # Restarted, as a service manager would.
    rang = run(Recording(app=app), clock, 5)
    assert rang.count(EVERY_SECOND) >= 3


def test_a_beat_that_runs_while_the_clock_is_put_right(clock: Any) -> None:
    scheduler = Recording(app=app)
    assert run(scheduler, clock, 5).count(EVERY_SECOND) >= 3
    clock.shift(AHEAD)
    assert run(scheduler, clock, 5).count(EVERY_SECOND) >= 3
    clock.shift(-AHEAD)
    with capture_logs() as lines:
        assert run(scheduler, clock, 5).count(EVERY_SECOND) >= 3
    assert [line["seconds"] for line in lines if line["event"] == "clock_jumped"] == [-int(AHEAD.total_seconds())]


def test_rows_from_the_future_in_the_table(clock: Any) -> None:
    """A restored backup, or another machine's beat whose clock is ahead."""
    scheduler = Recording(app=app)
    run(scheduler, clock, 2)
    scheduler.sync()
    PeriodicTask.objects.update(last_run_at=timezone.now() + AHEAD)
    PeriodicTasks.update_changed()
    assert run(scheduler, clock, 5).count(EVERY_SECOND) >= 3


def test_the_nightly_run_is_not_lost_to_a_broker_that_is_away_at_ten_past_one(clock: Any) -> None:
    clock.move_to("2026-12-01 01:09:50+08:00")
    scheduler = Recording(app=app)
    run(scheduler, clock, 2)
    scheduler.broker_away = True
    assert run(scheduler, clock, 15) == []
    scheduler.broker_away = False
    rang = run(scheduler, clock, 5)
    assert rang.count(NIGHTLY) == 1
    assert rang.count(EVERY_SECOND) <= 7, "what rings every second is not made up for"


def test_the_probe_tells_how_far_the_clocks_are_apart(client: Any) -> None:
    assert abs(client.get("/readyz").json()["clock_difference_seconds"]) < 2
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert 110 < client.get("/readyz").json()["clock_difference_seconds"] < 130
