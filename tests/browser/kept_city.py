"""The demo city, lived through once and then copied: a browser test starts in a tenth of the time."""

from __future__ import annotations

import os

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

KEPT = "kept_city"
_kept_in: set[str] = set()


def bring_back() -> None:
    """Fill the emptied database with the demo city; the first call of a process lives through it and keeps a copy."""
    if connection.settings_dict["NAME"] in _kept_in:
        _copy(KEPT, "public")
        ContentType.objects.clear_cache()
    else:
        call_command("seed_demo", institutions=60, verbosity=0, stdout=open(os.devnull, "w"))
        _copy("public", KEPT)
        _kept_in.add(connection.settings_dict["NAME"])


@transaction.atomic
def _copy(source: str, target: str) -> None:
    """Every row of the portal's tables from one schema to the other; triggers and foreign keys sleep meanwhile."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT c.relname, string_agg(quote_ident(a.attname), ',' ORDER BY a.attnum) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
            " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'django_migrations' GROUP BY 1"
        )
        tables = cursor.fetchall()
        if target == KEPT:
            cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
            cursor.execute(f"CREATE SCHEMA {KEPT}")
        else:
            cursor.execute("TRUNCATE " + ", ".join(quote(table) for table, _ in tables))
        for table, columns in tables:
            if target == KEPT:
                cursor.execute(f"CREATE TABLE {KEPT}.{quote(table)} AS SELECT {columns} FROM {quote(table)}")
            else:
                cursor.execute(
                    f"INSERT INTO {quote(table)} ({columns}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {columns} FROM {source}.{quote(table)}"
                )
