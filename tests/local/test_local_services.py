"""Folders, locks, leases and the small decisions around them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest_local import bare_environment, left_behind

from local import paths, pytest_plugin, running, unresponsive
from local.failure import LocalFailure
from local.locks import Lock, is_held

USE_SERVICES = """
import sys
from local import services
leases = services.ensure(titles=("", ""), quiet=True)
import os, psycopg2
connection = psycopg2.connect(os.environ["DATABASE_URL"])
cursor = connection.cursor()
cursor.execute("SELECT pg_backend_pid(), current_user, current_setting('listen_addresses'), "
               "current_setting('data_checksums')")
print(*cursor.fetchone(), flush=True)
sys.stdin.readline()
"""


def command(folder: Path) -> subprocess.Popen[str]:
    """A command that uses the services until its standard input says so."""
    return subprocess.Popen(
        [sys.executable, "-c", USE_SERVICES],
        env=bare_environment(folder) | {"PYTHONPATH": str(paths.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_services_live_as_long_as_their_last_user(folder: Path) -> None:
    first, second = command(folder), command(folder)
    answers = [process.stdout.readline().split() for process in (first, second)]  # type: ignore[union-attr]  # PIPE
    assert all(answer[1:3] == ["portal", "on"] for answer in answers), answers  # listen_addresses is empty
    first.communicate("\n", timeout=20)
    assert is_held(folder / "postgres" / "keeper.lock")
    second.kill()
    second.communicate()
    assert running.wait_until(lambda: not left_behind(folder), 8)


def test_sockets_are_short_plain_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = Path("/tmp") / f"yc{os.getpid()}"
    for local, stays in ((short, True), (tmp_path / "盐 城", False), (tmp_path / ("x" * 90), False)):
        monkeypatch.setenv("PORTAL_LOCAL_DIR", str(local))
        found = paths.socket_folder()
        try:
            assert (found == local / "run") is stays
            assert len(os.fsencode(found / ".s.PGSQL.5432.lock")) <= 100
            assert stat.S_IMODE(found.stat().st_mode) == 0o700
            assert paths.socket_folder() == found
            assert paths.socket_folder("test") != found
        finally:
            paths.socket_folder("test").rmdir()
            found.rmdir()
            if stays:
                (local / "test").rmdir()
                local.rmdir()


def test_runtime_folder_of_the_session_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Path("/tmp") / f"run{os.getpid()}"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("PORTAL_LOCAL_DIR", str(tmp_path / "盐城"))
    found = paths.socket_folder()
    assert found.parent == runtime
    found.rmdir()
    runtime.rmdir()


def test_a_link_in_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(LocalFailure, match="拒绝使用"):
        paths.private_folder(tmp_path / "link")


def test_a_loosened_folder_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert stat.S_IMODE(paths.private_folder(tmp_path / "open").stat().st_mode) == 0o700


def test_lock_is_free_once_its_holder_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert not is_held(path)
    lock = Lock(path)
    assert lock.take(wait=0)
    assert is_held(path)
    assert not Lock(path).take(wait=0.1)
    lock.close()
    assert not is_held(path)


@dataclass
class Worker:
    name: str
    heartbeat: str | None
    age: float = 300.0

    def runs(self) -> bool:
        return True


CREW = [Worker("worker", "celery"), Worker("worker-push", "push"), Worker("web", None)]


@pytest.mark.parametrize(
    ("ages", "silent"),
    [
        ({"celery": 5, "push": 12}, []),
        ({"celery": 5, "push": 61}, ["worker-push"]),
        ({"celery": 5}, ["worker-push"]),
        ({"celery": 90, "push": 90}, ["worker", "worker-push"]),
        (None, []),
    ],
)
def test_unresponsive_workers_are_told_and_with_a_dead_timer_all_are(
    ages: dict[str, float] | None, silent: list[str]
) -> None:
    assert unresponsive.judge(CREW, ages) == silent


def test_a_fresh_worker_is_left_alone() -> None:
    assert unresponsive.judge([Worker("worker", "celery", age=30.0)], {"celery": 500}) == []


def test_database_that_cannot_answer_makes_nobody_unresponsive() -> None:
    assert unresponsive.HeartbeatCheck("postgres://portal@/portal?host=/nowhere").ages() is None


def test_runs_and_workers_get_redis_databases_of_their_own() -> None:
    url = "unix:///tmp/r.sock"
    numbers = [pytest_plugin.redis_number(base, url, gw) for base in ("0", "16") for gw in ("", "gw0", "gw1")]
    assert numbers == [0, 1, 2, 16, 17, 18]
    assert pytest_plugin.redis_number("", "redis://h:6379/3", "gw1") == 5
    assert pytest_plugin.redis_url(url, 7) == "unix:///tmp/r.sock?db=7"
    assert pytest_plugin.broker_url(url, 7) == "redis+socket:///tmp/r.sock?virtual_host=7"
    assert pytest_plugin.redis_url("redis://:pw@h:6379/3", 5) == "redis://:pw@h:6379/5"


def test_slots_are_handed_out_once(tmp_path: Path) -> None:
    taken = [pytest_plugin.take_slot(tmp_path) for _ in range(pytest_plugin.SLOTS)]
    assert [number for _, number in taken] == list(range(pytest_plugin.SLOTS))
    with pytest.raises(pytest.UsageError):
        pytest_plugin.take_slot(tmp_path)
    taken[3][0].close()
    assert pytest_plugin.take_slot(tmp_path)[1] == 3


def test_whole_suite_runs_in_parallel_and_a_chosen_test_does_not() -> None:
    assert pytest_plugin.arguments_with_workers([])[:4] == ["-n", "auto", "--maxprocesses", "2"]
    assert pytest_plugin.arguments_with_workers(["-x"])[-1] == "-x"
    assert pytest_plugin.arguments_with_workers([f"{__file__}::test_x"]) == [f"{__file__}::test_x"]
    assert pytest_plugin.arguments_with_workers(["-n0"]) == ["-n0"]
