"""A question to a database server that is answered within a given time or given up.

libpq waits for an answer for ever: neither `connect_timeout` nor `statement_timeout` ends a read from a server that froze
or lies behind a link that drops packets. What must stay quick then (probes, the watch over the replica) asks here.
"""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg2
from django.db import connections
from psycopg2 import extensions

# What the parameters of Django's connection hold that an asynchronous one does not take.
_BLOCKING_ONLY = ("cursor_factory", "connect_timeout")


class BoundedConnection:
    """A connection of its own to the server of `alias`, kept between questions. Not for several threads at once."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._connection: Any = None

    def ask(self, sql: str, *, seconds: float, params: Any = None) -> list[tuple[Any, ...]]:
        """The rows. Raises TimeoutError when they are not here in time, psycopg2.Error when the server refuses.

        After an error the connection is gone, and the next question makes a new one.
        """
        until = time.monotonic() + seconds
        try:
            if self._connection is None:
                wanted = connections[self._alias].get_connection_params()
                wanted = {name: value for name, value in wanted.items() if name not in _BLOCKING_ONLY}
                self._connection = psycopg2.connect(**wanted, async_=1)
                self._wait(until)
            cursor = self._connection.cursor()
            cursor.execute(sql, params)
            self._wait(until)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        except (psycopg2.Error, OSError):
            self.close()
            raise
        return rows

    def close(self) -> None:
        """Drop the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wait(self, until: float) -> None:
        while (state := self._connection.poll()) != extensions.POLL_OK:
            waiting = select.poll()
            waiting.register(
                self._connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
            )
            left = until - time.monotonic()
            if left <= 0 or not waiting.poll(left * 1000):
                raise TimeoutError(f"{self._alias} did not answer in time")
