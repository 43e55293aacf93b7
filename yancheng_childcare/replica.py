"""Reads of visitors may go to a replica (`READ_REPLICA_URL`); without it, or when it fails, the primary answers.

Only routes that `permissions` marks `replica` use it, only for safe methods without session or key. One request reads
from one server. When the replica fails in the middle, the request is done again on the primary (operations.md 3).
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpResponse

from .replica_watch import REPLICA, watch

# SQLSTATE: the statement was too slow, which it will be on the primary as well.
QUERY_CANCELED = "57014"
# SQLSTATE: replay on the replica and the query were in each other's way. No fault of the server.
CONFLICTS = {"40001", "40P01"}


@dataclass(slots=True)
class _Read:
    """The reads of one request. `alias` is settled by the first of them."""

    allowed: bool = False
    alias: str = ""


_read: ContextVar[_Read | None] = ContextVar("public_read", default=None)


def answer_visitor(work: Callable[[], HttpResponse], *, allowed: bool = False) -> HttpResponse:
    """The answer of `work`, whose reads may use the replica once `allow_replica` was called (or `allowed` is given).

    If the replica fails, `work` is done a second time on the primary: it must be a safe request.
    """
    read = _Read(allowed)
    token = _read.set(read)
    try:
        response = work()
        error = getattr(response, "database_error", None)
        if error is None or read.alias != REPLICA or not _may_help(error):
            return response
        connections[REPLICA].close()
        read.alias = DEFAULT_DB_ALIAS
        return work()
    finally:
        _read.reset(token)


def _may_help(error: BaseException) -> bool:
    """Whether the primary may do better; a replica that broke is left alone for a while."""
    code = getattr(error.__cause__, "pgcode", None)
    if not connections[REPLICA].errors_occurred or code == QUERY_CANCELED:
        return False
    if code not in CONFLICTS:
        watch.leave_alone(error)
    return True


def allow_replica() -> None:
    """The route was found and its reads are the same for everybody: this visitor's reads may use the replica."""
    read = _read.get()
    if read is not None:
        read.allowed = True


def read_alias() -> str:
    """The database this request reads from."""
    read = _read.get()
    if read is None or not read.allowed:
        return DEFAULT_DB_ALIAS
    if not read.alias:
        read.alias = REPLICA if watch.usable() else DEFAULT_DB_ALIAS
    return read.alias


def public_connection() -> Any:
    """The connection for SQL of our own that answers visitors; elsewhere the primary's."""
    return connections[read_alias()]


def public_cursor() -> Any:
    """A cursor on `public_connection`, to be used in a `with`."""
    return public_connection().cursor()


class PublicReadRouter:
    """Sends the ORM's reads where `read_alias` says, everything else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        alias = read_alias()
        return alias if alias == REPLICA else None

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS
