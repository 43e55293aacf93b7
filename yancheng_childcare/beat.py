"""The timers' scheduler: it goes on after a wrong clock, a lost broker, a lost database (operations.md 5).

django-celery-beat keeps when each timer last ran. A clock that was ahead for a while leaves times in the future, in the
table and in memory, and nothing would ring until they are reached: for a day after a clock that was a day ahead.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import structlog
from celery.schedules import crontab
from django.db import Error, connection
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

# The clock jumped when it moved this many seconds more, or less, than the time that passed.
JUMP_SECONDS = 5.0

logger = structlog.get_logger("portal.beat")


class PortalEntry(ModelEntry):  # type: ignore[misc]  # untyped
    """A timer as the table has it; one that last ran in the future ran now."""

    def __init__(self, model: Any, app: Any = None) -> None:
        if model.last_run_at is not None and model.last_run_at > timezone.now():
            logger.warning("timer_from_the_future", timer=model.name, last_run_at=model.last_run_at.isoformat())
            model.last_run_at = timezone.now()
        super().__init__(model, app=app)


class PortalScheduler(DatabaseScheduler):  # type: ignore[misc]  # untyped
    """django-celery-beat's scheduler with three faults answered."""

    Entry = PortalEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._clocks: tuple[float, float] | None = None
        self._unsent: dict[str, Any] = {}
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One round; returns the seconds until the next."""
        wall, steady = time.time(), self.steady()
        if self._clocks is not None:
            jump = (wall - self._clocks[0]) - (steady - self._clocks[1])
            if abs(jump) > JUMP_SECONDS:
                logger.error("clock_jumped", seconds=round(jump))
                self._start_over()
        self._clocks = wall, steady
        try:
            for entry in list(self._unsent.values()):
                self.apply_entry(entry, producer=self.producer)
            return float(super().tick(*args, **kwargs))
        except Error as error:
            # The table cannot be read; what is in memory is kept, and read anew once the database is back.
            logger.warning("timers_without_database", kind=type(error).__name__)
            connection.close()
            return float(self.max_interval)

    def steady(self) -> float:
        """Seconds by a clock nobody sets."""
        return time.monotonic()

    def _start_over(self) -> None:
        """Read every timer anew: the heap and the time of the last reading were made with the other clock."""
        self._last_full_sync = datetime.min  # noqa: DTZ901 - the library compares naive times

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send a timer's task. What rings once a day is tried again until the broker takes it; the rest rings soon anyway."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:  # noqa: BLE001 - whatever the broker raises; the other timers go on
            logger.warning("timer_not_sent", timer=entry.name, kind=type(error.__cause__ or error).__name__)
            if isinstance(entry.schedule, crontab):
                self._unsent[entry.name] = entry
        else:
            self._unsent.pop(entry.name, None)
