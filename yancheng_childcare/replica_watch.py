"""Watches the read replica from a thread of each web process, so that no visitor waits to find out that it is gone.

Every second both servers are asked how far the write-ahead log has come. The replica is used while it answers and has
replayed what the primary had `REPLICA_MAX_LAG_SECONDS` ago. Its own clock is no measure: a replica that is cut off from
the primary has replayed all it received and calls itself up to date.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from collections import deque
from enum import StrEnum
from typing import Any

import psycopg2
import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.signals import connection_created

from .bounded import BoundedConnection

REPLICA = "replica"
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
POSITION = (
    "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_lsn() END, '0/0')::float8"
)

logger = structlog.get_logger("portal.replica")


class State(StrEnum):
    """UNKNOWN: not looked yet, so it is not used."""

    UNKNOWN = "unknown"
    GOOD = "good"
    LAGGING = "lagging"
    AWAY = "away"


class Watch:
    """What this process knows of the replica. Reading it costs nothing."""

    def __init__(self) -> None:
        self.state = State.UNKNOWN
        self.looked = threading.Event()
        self._rest_until = 0.0
        self._pid = 0
        self._lock = threading.Lock()

    def usable(self) -> bool:
        """Whether a visitor's read may go to the replica now. Starts the watching thread of this process."""
        self.start()
        return self.state is State.GOOD and time.monotonic() >= self._rest_until

    def start(self) -> None:
        """Begin to watch, once per process: threads do not survive a fork."""
        if self._pid == os.getpid() or REPLICA not in settings.DATABASES:
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self.state = State.UNKNOWN
                self.looked.clear()
                threading.Thread(target=self._run, name="replica-watch", daemon=True).start()

    def leave_alone(self, why: BaseException) -> None:
        """Do without the replica for `REPLICA_REST_SECONDS`: it failed while it was read."""
        resting = time.monotonic() < self._rest_until
        self._rest_until = time.monotonic() + settings.REPLICA_REST_SECONDS
        if not resting:
            logger.warning("replica_left_alone", kind=type(why).__name__, seconds=settings.REPLICA_REST_SECONDS)

    def _run(self) -> None:
        primary, replica = BoundedConnection(DEFAULT_DB_ALIAS), BoundedConnection(REPLICA)
        samples: deque[tuple[float, float]] = deque(maxlen=600)
        while True:
            try:
                samples.append((time.monotonic(), position_of(primary)))
            except (psycopg2.Error, OSError):
                # Without the primary there is nothing newer to compare with; visitors keep what the replica has.
                primary.close()
            state = self._look(replica, samples)
            if state is not self.state:
                logger.warning("replica_state", state=str(state), before=str(self.state))
            self.state = state
            self.looked.set()
            time.sleep(LOOK_SECONDS)

    def _look(self, replica: BoundedConnection, samples: deque[tuple[float, float]]) -> State:
        try:
            replayed = position_of(replica)
        except (psycopg2.Error, OSError) as error:
            self.leave_alone(error)
            cut_connections()
            return State.AWAY
        return judge(replayed, samples, time.monotonic(), settings.REPLICA_MAX_LAG_SECONDS)


def position_of(server: BoundedConnection) -> float:
    """How far its write-ahead log has come, in bytes."""
    return float(server.ask(POSITION, seconds=PATIENCE_SECONDS)[0][0])


def judge(replayed: float, samples: Any, now: float, max_lag: float) -> State:
    """Has the replica replayed what the primary had `max_lag` seconds ago? `samples`: (when, position), oldest first.

    Until the primary was watched for that long, only a replica that has everything counts as good.
    """
    if not samples:
        return State.UNKNOWN
    old = [position for at, position in samples if at <= now - max_lag]
    wanted = old[-1] if old else samples[-1][1]
    return State.GOOD if replayed >= wanted else State.LAGGING


# A duplicate of each open connection's socket: ours for as long as the connection lives, so its number cannot be given
# to something else between the look and the cut.
_sockets: dict[int, socket.socket] = {}


def _remember_socket(sender: Any, connection: Any, **kwargs: Any) -> None:
    if connection.alias != REPLICA:
        return
    line = socket.socket(fileno=os.dup(connection.connection.fileno()))
    _sockets[line.fileno()] = line
    weakref.finalize(connection.connection, _forget_socket, line.fileno())


def _forget_socket(number: int) -> None:
    _sockets.pop(number).close()


def cut_connections() -> None:
    """End every connection of this process to the replica, also those a thread is waiting on: its read fails at once."""
    for line in list(_sockets.values()):
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue  # the other side ended it before us


connection_created.connect(_remember_socket, dispatch_uid="replica_sockets")
watch = Watch()
