"""The test database is migrated once and then copied: by each worker and by the next run, until a migration changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import pgtrigger
from django.apps import apps
from django.db import connections

_LOCK = 320900  # any number; advisory locks end with their session, however it dies
_PREFIX = "childcare_template_"
_DRAFT = _PREFIX + "draft"


def copy_instead_of_migrating() -> None:
    """Have Django make its test databases as copies of a migrated one."""
    for connection in connections.all():
        creation = connection.creation
        if not connection.settings_dict["TEST"]["MIRROR"]:
            creation.create_test_db = _Copying(creation)  # type: ignore[method-assign]


class _Copying:
    """Stands in for `create_test_db` of one connection."""

    def __init__(self, creation: Any) -> None:
        self.creation, self.migrate = creation, creation.create_test_db

    def __call__(self, **_options: Any) -> str:
        """Make the database anew and connect to it; a kept one may hold what a killed test left. Returns its name."""
        connection = self.creation.connection
        name = self.creation._get_test_db_name()
        template = template_name()
        with _alone(connection) as cursor:
            self._ensure(template, cursor)
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        return name

    def _ensure(self, template: str, cursor: Any) -> None:
        """Make the template under another name and rename it when complete; drop every other one."""
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [_PREFIX + "%"])
        found = {name for (name,) in cursor.fetchall()}
        for old in found - {template}:
            cursor.execute(f"DROP DATABASE {old} WITH (FORCE)")
        if template in found:
            return
        connection = self.creation.connection
        given = connection.settings_dict["NAME"]
        test = connection.settings_dict["TEST"]
        test["NAME"], wanted = _DRAFT, test["NAME"]
        try:
            self.migrate(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
        finally:
            test["NAME"], connection.settings_dict["NAME"] = wanted, given
        cursor.execute(f"ALTER DATABASE {_DRAFT} RENAME TO {template}")


@contextmanager
def _alone(connection: Any) -> Iterator[Any]:
    """A cursor of the server that no other run or worker has at the same time."""
    with connection._nodb_cursor() as cursor:
        # Another worker may be migrating: as long as that takes.
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield cursor


def template_name() -> str:
    """The prefix and a hash of all that decides what `migrate` makes: migrations, triggers, Django's version."""
    content = hashlib.sha256(django.__version__.encode())
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path).glob("migrations/*.py")):
            content.update(path.name.encode() + path.read_bytes())
    for model, trigger in pgtrigger.registered():
        content.update(trigger.compile(model).hash.encode())
    return f"{_PREFIX}{content.hexdigest()[:16]}"
