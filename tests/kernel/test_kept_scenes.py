"""A scene brought back is the one lived through, and none is brought back where it would have come out different."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from registry.models import Institution
from tests import kept_rows
from tests import scenes as stage
from tests.database import _alone, _Copying, template_name
from tests.scenes import Scenes
from yancheng_childcare.models import SpecialDay, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def known() -> Iterator[dict[Any, Any]]:
    """The scenes of this test alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "_known", {})
        yield stage._known


@pytest.fixture
def made(institution: Callable[..., Institution], settings: Any, tmp_path: Any) -> Callable[[], Institution]:
    """Writes rows, changes one and removes one that were there, keeps a file and sends a letter."""
    settings.FILE_ROOT = tmp_path / "files"

    def build() -> Institution:
        place = institution()
        User.objects.filter(username="admin2").update(display_name="改过")
        SpecialDay.objects.filter(day="2031-05-05").delete()
        (tmp_path / "files" / "a").mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / "a" / "b").write_bytes(b"kept")
        mail.send_mail("题目", "内容", None, ["a@example.com"])
        transaction.on_commit(mail.outbox.clear)
        return place

    return build


def rows() -> dict[str, bytes]:
    return {table.name: content for table, content in kept_rows.keep().rows.items() if "session" not in table.name}


def test_a_scene_brought_back_is_the_one_lived_through(made: Any, scenes: Scenes, settings: Any) -> None:
    SpecialDay.objects.create(day="2031-05-05", is_workday=False, name="试验", source="试验")
    with transaction.atomic():
        place, scene = scenes._live_through(made)
        lived, waiting = rows(), len(connection.run_on_commit)
        transaction.set_rollback(True)
    mail.outbox.clear()
    (settings.FILE_ROOT / "a" / "b").unlink()
    assert rows() != lived and not Institution.objects.exists() and SpecialDay.objects.exists()

    again = scenes._bring_back(scene)
    assert rows() == lived and not SpecialDay.objects.exists()
    assert vars(again).keys() - {"_django_version"} == vars(place).keys() and again == place and again is not place
    assert again.name == place.name and again.region is not place.region
    assert (settings.FILE_ROOT / "a" / "b").read_bytes() == b"kept"
    assert [letter.subject for letter in mail.outbox] == ["题目"]
    assert len(connection.run_on_commit) == waiting
    connection.check_constraints()


def test_a_second_test_gets_it_back(made: Any, known: Any, cast: Any, monkeypatch: Any) -> None:
    class Other(Scenes):
        """Another test's, as far as the database knows: its transaction has written nothing."""

        def play(self, *given: Any) -> Any:
            self._alone, self._written = True, stage._written()
            return super().play(*given)

    calls: list[int] = []
    for _ in range(2):
        point = transaction.savepoint()
        Other(cast, monkeypatch).play("place", lambda: (calls.append(1), made())[1])
        assert Institution.objects.count() == 1
        transaction.savepoint_rollback(point)
    assert len(calls) == 1 and len(known) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        Other(cast, monkeypatch).play("place", lambda: calls.append(2))
    assert calls == [1, 2]


def test_a_scene_goes_with_the_one_it_stands_on(made: Any, known: Any, cast: Any, monkeypatch: Any) -> None:
    """Lived through again, the lower one has other keys: the upper one's rows would hang on nothing."""
    calls: list[str] = []

    def play() -> None:
        test = Scenes(cast, monkeypatch)
        for name, build in (
            ("place", made),
            ("more", lambda: User.objects.filter(username="admin").update(email="x@y.z")),
        ):
            test._alone, test._written = True, stage._written()
            test.play(name, lambda name=name, build=build: (calls.append(name), build())[1])

    for forget in (False, False, True):
        if forget:
            del known[next(key for key in known if key[0] == ("place",))]
        point = transaction.savepoint()
        play()
        transaction.savepoint_rollback(point)
    assert calls == ["place", "more", "place", "more"]


def test_a_worker_waits_for_the_one_that_migrates_as_long_as_it_takes() -> None:
    with _alone(connection) as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0", "0")


def test_what_was_written_before_hinders_it(
    made: Any, known: Any, cast: Any, scenes: Scenes, institution: Any, monkeypatch: Any
) -> None:
    institution()
    assert scenes.play("place", made) and not known
    assert Scenes(cast, monkeypatch).play("place", made) and not known


def test_what_was_patched_before_hinders_it(made: Any, known: Any, scenes: Scenes, monkeypatch: Any) -> None:
    monkeypatch.setattr(scenes, "_played", ())
    assert scenes.play("place", made) and not known


def test_another_setting_is_another_scene(made: Any, known: Any, scenes: Scenes, settings: Any) -> None:
    settings.PORTAL_URL = "https://elsewhere.example.com"
    assert scenes.play("place", made)
    ((_path, _hour, *changed),) = known
    assert changed == [("PORTAL_URL", "'https://elsewhere.example.com'")]


def test_who_is_signed_in_does_not(made: Any, known: Any, as_user: Any, scenes: Scenes) -> None:
    as_user("admin")
    assert scenes.play("place", made) and len(known) == 1


def test_a_template_of_other_triggers_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = template_name()
    assert template_name() == before
    registered = pgtrigger.registered()
    monkeypatch.setattr(pgtrigger, "registered", lambda: registered[1:])
    assert template_name() != before


def test_what_a_killed_run_left_goes_and_the_complete_one_stays() -> None:
    left = {"childcare_template_draft", "childcare_template_0"}

    def found(cursor: Any) -> set[str]:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'childcare_template_%'")
        return {name for (name,) in cursor.fetchall()}

    with _alone(connection) as cursor:
        for name in left:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        assert found(cursor) == {*left, template_name()}
        _Copying(connection.creation)._ensure(template_name(), cursor)
        assert found(cursor) == {template_name()}
