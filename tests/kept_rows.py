"""Rows of the test database kept in memory and put back: COPY is far faster than living through it again."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its quoted name, the columns that can be written, and its primary key as a text expression."""

    name: str
    columns: str
    key: str


@dataclass(slots=True)
class Kept:
    """Rows by table in COPY's binary form, and the keys of rows that must go before they come."""

    rows: dict[Table, bytes] = field(default_factory=dict)
    gone: dict[Table, list[str]] = field(default_factory=dict)


def tables(cursor: Any) -> list[Table]:
    """The portal's tables; generated columns and the record of migrations are PostgreSQL's and Django's own affair."""
    cursor.execute(
        "SELECT quote_ident(c.relname), string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum), 'ROW(' || (SELECT"
        " string_agg(quote_ident(k.attname), ',' ORDER BY k.attnum) FROM pg_index i JOIN pg_attribute k"
        " ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary)"
        " || ')::text'"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
        " AND a.attgenerated = '' AND c.relname <> 'django_migrations' GROUP BY c.oid, c.relname ORDER BY 1"
    )
    return [Table(*row) for row in cursor.fetchall()]


def keep(*, since: int = 0) -> Kept:
    """A copy of every row, or of those written by transactions from number `since` on."""
    kept = Kept()
    with connection.cursor() as cursor:
        for table in tables(cursor):
            target = io.BytesIO()
            written = f"SELECT {table.columns} FROM {table.name} WHERE xmin::text::bigint >= {since}"
            cursor.copy_expert(f"COPY ({written}) TO STDOUT (FORMAT binary)", target)
            if cursor.rowcount > 0:
                kept.rows[table] = target.getvalue()
    return kept


def keys(*, since: int = 0) -> dict[Table, set[str]]:
    """Primary keys of every row, or of those written by transactions from number `since` on."""
    with connection.cursor() as cursor:
        found = tables(cursor)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT {place}, {table.key} FROM {table.name} WHERE xmin::text::bigint >= {since}"
                for place, table in enumerate(found)
            )
        )
        sets: dict[Table, set[str]] = {table: set() for table in found}
        for place, key in cursor.fetchall():
            sets[found[place]].add(key)
        return sets


def replaced(before: dict[Table, set[str]], *, since: int) -> dict[Table, list[str]]:
    """Keys of the rows of `before` that were deleted, or written again by transactions from number `since` on."""
    now, written = keys(), keys(since=since)
    gone = {table: (known - now[table]) | (known & written[table]) for table, known in before.items()}
    return {table: sorted(found) for table, found in gone.items() if found}


def put_back(kept: Kept) -> None:
    """Write the rows as they were. Triggers and foreign keys sleep meanwhile: all of it was lived through once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, keys in kept.gone.items():
            cursor.execute(f"DELETE FROM {table.name} WHERE {table.key} = ANY (%s)", [keys])
        for table, content in kept.rows.items():
            cursor.copy_expert(f"COPY {table.name} ({table.columns}) FROM STDIN (FORMAT binary)", io.BytesIO(content))
        cursor.execute("SET LOCAL session_replication_role = origin")


def replace_all(kept: Kept) -> None:
    """Make these rows the whole content of the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        found = tables(cursor)
        cursor.execute(" UNION ALL ".join(f"SELECT '{t.name}' WHERE EXISTS (SELECT FROM {t.name})" for t in found))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")
        put_back(kept)
    ContentType.objects.clear_cache()


def return_after_transactional_tests(kept: Kept) -> None:
    """After a test that committed, the database holds these rows again instead of nothing.

    Django would empty 130 tables, announce a migration (content types and permissions anew) and leave the rest to us.
    """

    def restore(self: TransactionTestCase) -> None:
        replace_all(kept)

    TransactionTestCase._fixture_teardown = restore  # type: ignore[method-assign]
