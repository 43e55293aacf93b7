"""`remake_migrations`: one `0001_initial` an app, whole models in it. Only until the first release: it forgets the past.

Django's own first migrations add foreign keys, indexes and constraints one by one; see `whole_models` for what that costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.core.management.base import BaseCommand, no_translations
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

from ...whole_models import CreateModels

NAME = "0001_initial"


class Command(BaseCommand):
    help = "把各应用的迁移重做为一个 0001_initial（仅限首次发布以前）"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("apps", nargs="+", metavar="APP")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        ours = [apps.get_app_config(label) for label in options["apps"]]
        leaves = dict(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())
        for config in ours:
            found = migration_of(config, leaves | {other.label: NAME for other in ours})
            folder = Path(config.path) / "migrations"
            for old in folder.glob("[0-9]*.py"):
                old.unlink()
            (folder / f"{NAME}.py").write_text(
                MigrationWriter(found, include_header=False).as_string(), encoding="utf-8"
            )
            self.stdout.write(f"{config.label}: {len(found.operations)}")


def migration_of(config: AppConfig, leaves: dict[str, str]) -> Any:
    """The one migration of an app. `leaves`: the last migration of every app. Raises ValueError on a circle of keys."""
    models = [model for model in config.get_models() if model._meta.managed and not model._meta.proxy]
    states = {state.name_lower: state for state in map(ModelState.from_model, models)}
    found: Any = type("Migration", (migrations.Migration,), {"initial": True})(NAME, config.label)
    functions = getattr(config, "database_functions", ())
    found.operations = [migrations.RunSQL(create, drop) for create, drop in functions]
    created: list[Any] = []
    done: set[str] = set()
    elsewhere: set[str] = set()
    while len(done) < len(states):
        ready = [name for name, state in states.items() if name not in done and own_keys(state) <= done | {name}]
        if not ready:
            raise ValueError(f"{config.label}: {sorted(set(states) - done)}")
        for name in ready:
            state = states[name]
            elsewhere |= {label for label, _ in keys(state) if label != config.label}
            created.append(
                migrations.CreateModel(
                    state.name, list(state.fields.items()), state.options, state.bases, state.managers
                )
            )
            done.add(name)
    found.operations.append(CreateModels(created))
    found.dependencies = sorted((label, leaves[label]) for label in elsewhere)
    return found


def keys(state: ModelState) -> set[tuple[str, str]]:
    """(app, model) of everything this model points to."""
    targets = [getattr(field.remote_field, "model", None) for field in state.fields.values() if field.remote_field]
    named = [target if isinstance(target, str) else target._meta.label for target in targets if target]
    return {(label, model.lower()) for label, _, model in (name.partition(".") for name in named)}


def own_keys(state: ModelState) -> set[str]:
    """Models of the same app that must be there first."""
    return {model for label, model in keys(state) if label == state.app_label}
