"""A database that is away: how it is recognised, and the one answer to it (reliability.md T50)."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from .problems import Problem, Rejected

RETRY_SECONDS = 60
WORDS = "系统暂时繁忙，您提交的内容没有保存。请一分钟后再试。"


def database_is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database is gone, starting, stopping or too busy: worth trying again later.

    When a backend dies in the middle of a statement, psycopg2 sometimes has no SQLSTATE to go by and raises its bare
    DatabaseError ("server closed the connection unexpectedly"); no error of ours has exactly that class.
    """
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def unavailable() -> Rejected:
    """The refusal both faces show while the database is away."""
    return Rejected(Problem("GEN-503", "", WORDS), status=503, title="请求没有完成", retry_after=RETRY_SECONDS)


def mark_unavailable(response: Any, error: BaseException) -> None:
    """No cache keeps this answer; it carries its error for the one log line and for a read that may be done again."""
    response.headers["Cache-Control"] = "no-store"
    response.database_error = error
    # Django's own log of every 5xx, with its traceback, says the same a second time.
    response._has_been_logged = True
