"""The demo city, lived through once and then copied: a browser test starts in a fraction of the time."""

from __future__ import annotations

from io import StringIO

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

_kept = False


def bring_back() -> None:
    """Fill the emptied database with the demo city; the first call of a process lives through it and keeps a copy."""
    global _kept
    if _kept:
        _restore()
        ContentType.objects.clear_cache()
    else:
        call_command("seed_demo", institutions=60, verbosity=0, stdout=StringIO())
        _keep()
        _kept = True


def _tables() -> list[tuple[str, str]]:
    """Names of the portal's tables, each with the columns that can be written; quoted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(c.relname), string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
            " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'django_migrations' GROUP BY 1"
        )
        return cursor.fetchall()


@transaction.atomic
def _keep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept_city CASCADE")
        cursor.execute("CREATE SCHEMA kept_city")
        for table, columns in _tables():
            cursor.execute(f"CREATE TABLE kept_city.{table} AS SELECT {columns} FROM {table}")


@transaction.atomic
def _restore() -> None:
    tables = _tables()
    with connection.cursor() as cursor:
        # The rows were lived through once: triggers and foreign keys sleep while they come back.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE " + ", ".join(table for table, _ in tables))
        for table, columns in tables:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_city.{table}"
            )
