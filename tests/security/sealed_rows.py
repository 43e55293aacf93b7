"""Rows for every append-only table, made from the columns alone, and the ways a superuser may falsify them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction

from yancheng_childcare.append_only import AppendOnlyTable, is_append_only, sealed_tables

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
# SQL that gives another value of the same type, by PostgreSQL's name of the type; `{c}` is the column.
_OTHER = {
    "text": "CASE WHEN coalesce({c}, '') = '' THEN '9' ELSE chr(97 + ascii({c}) %% 25) || substr({c}, 2) END",
    "varchar": "CASE WHEN coalesce({c}, '') = '' THEN '9' ELSE chr(97 + ascii({c}) %% 25) || substr({c}, 2) END",
    "bool": "NOT coalesce({c}, false)",
    "int2": "coalesce({c}, 0) + 1",
    "int4": "coalesce({c}, 0) + 1",
    "int8": "coalesce({c}, 0) + 1",
    "float8": "coalesce({c}, 0) + 0.001",
    "numeric": "coalesce({c}, 0) + 1",
    "date": "coalesce({c}, '2026-01-01') + 1",
    "timestamptz": "coalesce({c}, '2026-01-01') + interval '1 microsecond'",
    "time": "coalesce({c}, '10:00') + interval '1 second'",
    "jsonb": "jsonb_build_object('falsified', {c})",
    "uuid": "gen_random_uuid()",
    "bytea": "coalesce({c}, ''::bytea) || '\\x00'::bytea",
    "inet": "coalesce({c}, '10.0.0.1') + 1",
}


@contextmanager
def superuser() -> Iterator[Any]:
    """A cursor for which no trigger and no foreign key counts, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def fill(count: int, rng: random.Random) -> None:
    """`count` rows in every sealed table, with gaps between their numbers."""
    with superuser() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if is_append_only(model) and model._meta.db_table in sealed_tables():
                rows = [model(**_values(model, rng)) for _ in range(count)]
                model._base_manager.bulk_create(rows)
                key = model._meta.pk.column  # type: ignore[union-attr]
                gaps = [row.pk for row in rows[1:-1] if rng.random() < 0.15]
                cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{key}" = ANY(%s)', [gaps])


def _values(model: type[models.Model], rng: random.Random) -> dict[str, Any]:
    """Values for the columns; what is written later, if ever, is left empty."""
    moving = sealed_tables()[model._meta.db_table].moving
    return {
        field.attname: _value(field, rng)
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not (field.null and (field.column in moving or rng.random() < 0.3))
    }


def _value(field: Any, rng: random.Random) -> Any:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=rng.randrange(10**13))
    if isinstance(field, ArrayField):
        return [_value(field.base_field, rng) for _ in range(rng.randrange(3))]
    makers: list[tuple[type[models.Field[Any, Any]], Callable[[], Any]]] = [
        (models.BooleanField, lambda: rng.random() < 0.5),
        (models.JSONField, lambda: {"文": rng.randrange(10**6), "a\tb": ["甲\n乙", None, 1.5]}),
        (models.UUIDField, lambda: uuid.UUID(int=rng.getrandbits(128))),
        (models.DateTimeField, lambda: moment),
        (models.DateField, lambda: date(2026, 1, 1) + timedelta(days=rng.randrange(3000))),
        (models.TimeField, lambda: moment.time()),
        (models.DecimalField, lambda: Decimal(rng.randrange(10**4)).scaleb(-field.decimal_places)),
        (models.FloatField, rng.random),
        (models.SmallIntegerField, lambda: rng.randrange(30000)),
        (models.IntegerField, lambda: rng.randrange(2 * 10**9)),
        (models.BinaryField, lambda: rng.randbytes(20)),
        (models.GenericIPAddressField, lambda: "10.0.0.2"),
    ]
    for kind, make in makers:
        if isinstance(field, kind):
            return make()
    length = min(field.max_length or 40, 40)
    return "".join(rng.choice(_LETTERS + "托育\t\\'") for _ in range(length))


def ids(cursor: Any, table: AppendOnlyTable) -> list[int]:
    """The numbers in a table."""
    cursor.execute(f'SELECT "{table.key}" FROM "{table.name}" ORDER BY 1')
    return [number for (number,) in cursor.fetchall()]


def change_one(cursor: Any, table: AppendOnlyTable, rng: random.Random, number: int) -> str:
    """Another value in a random sealed column of one row; returns the column."""
    cursor.execute(
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
        [table.name],
    )
    sealed = [(name, kind) for name, kind in cursor.fetchall() if f'"{name}"' in table.columns]
    for name, kind in rng.sample(sealed, len(sealed)):
        other = _OTHER.get(kind, "array_append({c}, NULL)" if kind.startswith("_") else "")
        assert other, f"no other value for {kind}"
        try:
            with transaction.atomic():
                quoted = f'"{name}"'
                cursor.execute(
                    f'UPDATE "{table.name}" SET {quoted} = {other.format(c=quoted)} WHERE "{table.key}" = %s', [number]
                )
                return str(name)
        except DatabaseError:
            continue  # a unique value: another column then
    raise AssertionError(f"nothing could be changed in {table.name}")


def copy_as(cursor: Any, table: AppendOnlyTable, source: int, number: int) -> None:
    """The row `source` once more, under another number; columns that must be unique get another value."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table.name],
    )
    columns = [name for (name,) in cursor.fetchall()]
    cursor.execute(
        "SELECT DISTINCT a.attname, t.typname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = ANY(i.indkey) JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE i.indrelid = %s::regclass AND i.indisunique AND NOT i.indisprimary",
        [table.name],
    )
    unique = dict(cursor.fetchall())
    values = [
        "%(number)s"
        if name == table.key
        else _OTHER[unique[name]].format(c=f'"{name}"').replace("+ 1", "+ 1000000" if unique[name] != "int2" else "+ 1")
        if name in unique
        else f'"{name}"'
        for name in columns
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f'INSERT INTO "{table.name}" ({names}) OVERRIDING SYSTEM VALUE'
        f' SELECT {", ".join(values)} FROM "{table.name}" WHERE "{table.key}" = %(source)s',
        {"number": number, "source": source},
    )
