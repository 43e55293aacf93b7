"""Notices workers that run but take no tasks any more: after a broker restart Celery may stop without ending.

Each worker refreshes its row in `yancheng_childcare_heartbeat` every 10 seconds through its own queue (celery issues
8091, 8990, 9054). Age is measured by the database's clock.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

from .child import Child

# Seconds: how often we ask, how old a heartbeat may be, how long a fresh worker is left alone, and how long one may
# take to its first heartbeat (on a loaded machine the imports alone take most of a minute).
ASK_EVERY = 10.0
TOO_OLD = 60.0
GRACE = 60.0
STARTING = 180.0
QUERY = "SELECT name, extract(epoch FROM now() - at) FROM yancheng_childcare_heartbeat"


class HeartbeatCheck:
    """Asks the database directly, every ten seconds at most."""

    def __init__(self, database_url: str | None) -> None:
        """Without a `database_url` every worker is taken to respond."""
        self._url = database_url
        self._next = time.monotonic() + GRACE

    def unresponsive(self, children: Sequence[Child]) -> list[str]:
        """Return the names of children to restart."""
        if self._url is None or time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + ASK_EVERY
        return judge(children, self.ages())

    def ages(self) -> dict[str, float] | None:
        """Return seconds since each heartbeat; None when the database cannot say (down, table not there yet)."""
        import psycopg2

        try:
            with closing(psycopg2.connect(self._url, connect_timeout=3, options="-c statement_timeout=3000")) as line:
                cursor = line.cursor()
                cursor.execute(QUERY)
                return {name: float(age) for name, age in cursor.fetchall()}
        except psycopg2.Error:
            return None


def judge(children: Sequence[Child], ages: dict[str, float] | None) -> list[str]:
    """Return which children do not respond, given the age of each heartbeat. A missing row is as bad as an old one.

    The timer that rings for the heartbeats lives in one of the workers: when it hangs, all are old and it is restarted.
    """
    if ages is None:
        return []
    found = []
    for child in children:
        if child.heartbeat and child.runs() and child.age > GRACE:
            beat = ages.get(child.heartbeat)
            silent = beat is None or beat >= child.age  # no sign of life since it started
            if child.age > STARTING if silent else (beat or 0.0) > TOO_OLD:
                found.append(child.name)
    return found
