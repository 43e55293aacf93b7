"""What the database itself says, read with plain SQL beside Django: the progress while running, the truth at the end."""

from __future__ import annotations

from typing import Any

import psycopg2

from .checker import Event

OPEN = """
SELECT (SELECT count(*) FROM exchange_outboxevent WHERE position IS NULL)
     + (SELECT count(*) FROM exchange_delivery WHERE closed_at IS NULL)
"""
WAITING = """
SELECT d.status, count(*), max(d.attempts), round(extract(epoch FROM max(d.due_at) - now()))
  FROM exchange_delivery d WHERE d.closed_at IS NULL GROUP BY 1 ORDER BY 1
"""


def query(url: str, sql: str) -> list[tuple[Any, ...]] | None:
    """All rows, or None when the database is away."""
    try:
        connection = psycopg2.connect(url, connect_timeout=2, options="-c statement_timeout=20000")
    except psycopg2.Error:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    except psycopg2.Error:
        return None
    finally:
        connection.close()


def number(url: str, sql: str) -> int | None:
    """The one number a query yields."""
    rows = query(url, sql)
    return int(rows[0][0]) if rows else None


def events(url: str) -> list[Event]:
    """Every committed event. Raises RuntimeError when the database is away."""
    return [Event(*row) for row in _must(url, "SELECT uid::text, type, subject, version FROM exchange_outboxevent")]


def versions(url: str) -> dict[str, int]:
    """The ledger: institution → version."""
    return dict(_must(url, "SELECT uscc, record_version FROM registry_institution"))


def statuses(url: str) -> dict[str, int]:
    """How many pushes stand in which status."""
    return dict(_must(url, "SELECT status, count(*) FROM exchange_delivery GROUP BY 1"))


def tries(url: str) -> int:
    """How many tries were settled and kept."""
    return int(_must(url, "SELECT count(*) FROM exchange_deliveryattempt")[0][0])


def _must(url: str, sql: str) -> list[tuple[Any, ...]]:
    rows = query(url, sql)
    if rows is None:
        raise RuntimeError("the database is away, so nothing can be judged")
    return rows
