"""Scenes are lived through once and then written back: a filing in a state costs its rows, not its whole history again.

A scene is what one fixture made by the real services: the rows it wrote, the files it kept, the letters it sent and the
object it handed out. It is brought back only where it would have come out the same: nothing else was written, patched
or set since the test began, and it was made a moment ago. Everywhere else it is lived through as before.
"""

from __future__ import annotations

import copy
import io
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import UserSettingsHolder, settings
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from tests import kept_rows
from yancheng_childcare.places import places

# Whatever asks how long ago something was must not tell a scene brought back from one just lived through.
FRESH = timedelta(minutes=5)
# What the common fixtures set for every test; the folder is each test's own.
_USUAL = {"PASSWORD_HASHERS", "EMAIL_BACKEND", "WHITENOISE_AUTOREFRESH", "CALENDAR_REFRESH_SECONDS", "FILE_ROOT"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one fixture did. `made_at` is the test's time, `made` the real one in seconds; `before`: on which scene it stands."""

    made_at: datetime
    made: float
    kept: kept_rows.Kept
    files: dict[str, bytes]
    letters: list[Any]
    commits: list[Any]
    objects: bytes
    before: Scene | None

    def is_fresh(self) -> bool:
        """Whether it was made in the five minutes before now, by both clocks."""
        age = timedelta(seconds=_real_time() - self.made)
        return age < FRESH and timedelta(0) <= timezone.now() - self.made_at < FRESH


_known: dict[tuple[Any, ...], Scene] = {}


class Scenes:
    """The scenes of one test, each built on the one before. `cast`: objects that test and scene have in common."""

    def __init__(self, cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self._shared: list[Any] = list(cast.values())
        self._monkeypatch = monkeypatch
        self._played: tuple[str, ...] = ()
        self._last: Scene | None = None
        # Inside a longer transaction somebody else's rows are there; outside of one each statement is final.
        self._alone = connection.in_atomic_block and not connection.savepoint_ids and not _has_written()
        self._written = _written()

    def play(self, name: str, build: Callable[[], Any]) -> Any:
        """What `build` makes; `name` says what it depends on besides the scenes before."""
        patched = self._monkeypatch._setattr or self._monkeypatch._setitem
        self._alone = self._alone and not patched and _written() == self._written
        if not self._alone:
            return build()
        self._played = (*self._played, name)
        key = (self._played, timezone.localtime().strftime("%F %H"), *_settings())
        known = _known.get(key)
        # Its rows go with those it was built on: where these were lived through again, so is it.
        if known is not None and known.is_fresh() and known.before is self._last:
            result = self._bring_back(known)
        else:
            result, _known[key] = self._live_through(build)
        self._last = _known[key]
        self._written = _written()
        if hasattr(result, "__dict__"):
            self._shared.append(result)
        return result

    def _live_through(self, build: Callable[[], Any]) -> tuple[Any, Scene]:
        letters, commits = len(mail.outbox), len(connection.run_on_commit)
        as_shared = [self._pickled(vars(shared)) for shared in self._shared]
        with transaction.atomic():
            first = _own_number()
            before = kept_rows.keys()
            result = build()
        kept = kept_rows.keep(since=first)
        kept.gone = kept_rows.replaced(before, since=first)
        root = Path(settings.FILE_ROOT)
        now = [self._pickled(vars(shared)) for shared in self._shared]
        changed = {n: vars(self._shared[n]) for n, state in enumerate(now) if state != as_shared[n]}
        scene = Scene(
            made_at=timezone.now(),
            made=_real_time(),
            kept=kept,
            files={str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()},
            letters=copy.deepcopy(mail.outbox[letters:]),
            commits=connection.run_on_commit[commits:],
            objects=self._pickled((changed, result)),
            before=self._last,
        )
        return result, scene

    def _bring_back(self, scene: Scene) -> Any:
        kept_rows.put_back(scene.kept)
        for name, content in scene.files.items():
            path = Path(settings.FILE_ROOT) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        mail.outbox += copy.deepcopy(scene.letters)
        for _savepoints, function, robust in scene.commits:
            transaction.on_commit(function, robust=robust)
        places()  # whoever lived through it knows them
        changed, result = self._loaded(scene.objects)
        for place, state in changed.items():
            vars(self._shared[place]).clear()
            vars(self._shared[place]).update(state)
        return result

    def _pickled(self, content: Any) -> bytes:
        """The objects as bytes; those that test and scene share are named by their place."""
        places = {id(shared): place for place, shared in enumerate(self._shared)}
        target = io.BytesIO()
        pickler = pickle.Pickler(target)
        pickler.persistent_id = lambda value: places.get(id(value))  # type: ignore[method-assign]
        pickler.dump(content)
        return target.getvalue()

    def _loaded(self, content: bytes) -> Any:
        unpickler = pickle.Unpickler(io.BytesIO(content))
        unpickler.persistent_load = lambda place: self._shared[place]  # type: ignore[method-assign]
        return unpickler.load()


def _settings() -> list[tuple[str, str]]:
    """Every setting of this test that is not the usual one."""
    found: dict[str, str] = {}
    layer = settings._wrapped
    while isinstance(layer, UserSettingsHolder):
        found = {name: repr(value) for name, value in vars(layer).items() if name.isupper()} | found
        layer = layer.default_settings
    return sorted((name, value) for name, value in found.items() if name not in _USUAL)


def _real_time() -> float:
    hatch = time_machine.escape_hatch
    return hatch.time.time() if hatch.is_travelling() else time.time()


def _has_written() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return cursor.fetchone()[0]


def _written() -> int:
    """A number that grows with every row this transaction writes, but for what signing in does.

    A user is changed in no other way without a row of history.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
            " + pg_stat_get_xact_tuples_deleted(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND relname NOT IN ('django_session', 'yancheng_childcare_user')"
        )
        return cursor.fetchone()[0]


def _own_number() -> int:
    """The number of the innermost transaction: rows written in it from now on bear this or a higher one."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE scene AS SELECT 1")
        cursor.execute("SELECT xmin::text::bigint FROM scene")
        number = cursor.fetchone()[0]
        cursor.execute("DROP TABLE scene")
        return number
