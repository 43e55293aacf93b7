"""Which tables are append-only, and what the database refuses on them.

A table is append-only when its triggers protect both deletes and updates: models say so with `append_only()`, history
tables get it from pghistory. Everything else follows from those triggers: which rights the portal's role keeps
(`owner`), and what is sealed (`seals`). A second list would sooner or later differ from the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models

from .crypto import EncryptedTextField

CHAIN = "yancheng_childcare_seal"


class Moving(pgtrigger.Protect):
    """Refuses updates, but for the columns in `moves`: column name → the part of it that still is sealed (SQL).

    An empty text seals nothing of the column: it goes on changing after the row was written.
    """

    def __init__(self, *, moves: Mapping[str, str], **options: Any):
        super().__init__(operation=pgtrigger.Update, **options)
        self.moves = dict(moves)


def append_only(moving: Moving | None = None) -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta: no delete, no truncate, no update (or only what `moving` lets through)."""
    operation = pgtrigger.Delete if moving else pgtrigger.Update | pgtrigger.Delete
    return [
        pgtrigger.Protect(name="append_only", operation=operation),
        *([moving] if moving else []),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
        ),
    ]


def triggers_of(model: type[models.Model]) -> list[pgtrigger.Trigger]:
    """All triggers of a model, whoever declared them: pghistory's are in no Meta."""
    return [trigger for owner, trigger in pgtrigger.registered() if owner is model]


def first_history_of(model: type[models.Model]) -> str:
    """The name, as `pgtrigger.ignore` knows it, of the trigger that writes the history of a new row."""
    (trigger,) = [trigger for trigger in triggers_of(model) if trigger.name == "insert_insert"]
    return str(trigger.get_pgid(model))  # type: ignore[arg-type]  # declared for an instance, made for a class


@dataclass(frozen=True, slots=True)
class AppendOnlyTable:
    """One append-only table: `columns` are the SQL expressions that never change once the row is there."""

    name: str
    key: str
    columns: tuple[str, ...]
    encrypted: Mapping[str, str]  # column → purpose of the encrypted field
    moving: tuple[str, ...]  # columns the portal may still write


def protects(model: type[models.Model]) -> Iterator[pgtrigger.Protect]:
    """The protecting triggers of a model."""
    for trigger in triggers_of(model):
        if isinstance(trigger, pgtrigger.Protect):
            yield trigger


def keeps_rows(model: type[models.Model]) -> bool:
    """Whether no row may ever be deleted."""
    return any("DELETE" in str(trigger.operation) and trigger.condition is None for trigger in protects(model))


def is_append_only(model: type[models.Model]) -> bool:
    """Whether rows may neither be deleted nor updated (but for moving columns).

    A trigger that forbids one particular change (a found record stays found) does not make a table append-only.
    """
    return keeps_rows(model) and any(
        "UPDATE" in str(trigger.operation) and _forbids_most(trigger) for trigger in protects(model)
    )


def _forbids_most(trigger: pgtrigger.Protect) -> bool:
    return (
        trigger.condition is None or isinstance(trigger, Moving) or isinstance(trigger.condition, pgtrigger.AnyChange)
    )


@cache
def append_only_tables() -> Mapping[str, AppendOnlyTable]:
    """Every append-only table by name, in the order of names."""
    found = [_table(model) for model in apps.get_models(include_auto_created=True) if is_append_only(model)]
    return {table.name: table for table in sorted(found, key=lambda table: table.name)}


def sealed_tables() -> Mapping[str, AppendOnlyTable]:
    """Those that are sealed: all but the seals, whose chain is their seal."""
    return {name: table for name, table in append_only_tables().items() if name != CHAIN}


def tables_that_keep_rows() -> Sequence[str]:
    """Tables whose rows may change but never go."""
    kept = [m for m in apps.get_models(include_auto_created=True) if keeps_rows(m) and not is_append_only(m)]
    return sorted(model._meta.db_table for model in kept)


def _table(model: type[models.Model]) -> AppendOnlyTable:
    moves = {
        name: sql for trigger in protects(model) if isinstance(trigger, Moving) for name, sql in trigger.moves.items()
    }
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    columns = [moves.get(str(field.column), f'"{field.column}"') for field in fields]
    assert model._meta.pk is not None  # noqa: S101 - every table has one
    return AppendOnlyTable(
        name=model._meta.db_table,
        key=str(model._meta.pk.column),
        columns=tuple(column for column in columns if column),
        encrypted={f'"{f.column}"': f.purpose for f in fields if isinstance(f, EncryptedTextField)},
        moving=tuple(moves),
    )


@register(Tags.models)
def append_only_tables_can_be_sealed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A seal speaks of rows by their number, and of columns that never change: say where a model allows neither."""
    problems: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if not is_append_only(model):
            continue
        if not isinstance(model._meta.pk, models.AutoField) and model._meta.db_table != CHAIN:
            problems.append(Error("An append-only table needs a counted primary key.", obj=model, id="portal.E010"))
        for trigger in protects(model):
            if trigger.condition is not None and not isinstance(trigger, Moving) and _forbids_most(trigger):
                problems.append(
                    Error(
                        f"Trigger {trigger.name!r} lets some updates through without saying which columns move.",
                        hint="Declare them: triggers = append_only(Moving(…)).",
                        obj=model,
                        id="portal.E011",
                    )
                )
    return problems
