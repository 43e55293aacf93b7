"""A tiny portal in a folder of its own, with a blank and Chinese in its path, and a hunt for what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import paths, running
from local.portal import port_is_free

TINY = Path(__file__).with_name("tiny_portal.py")
OURS = (
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "YANCHENG_TEST_REDIS",
    "PORTAL_URL",
    "PYTEST_XDIST_WORKER",
)


@pytest.fixture(autouse=True)
def _quick_tests() -> None:
    """These tests need no Django: replace the project-wide fixture."""


def bare_environment(folder: Path) -> dict[str, str]:
    """The environment of somebody who set nothing, with `.local` moved to `folder`."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("DEMO_")}
    return kept | {"PORTAL_LOCAL_DIR": str(folder)}


def left_behind(folder: Path) -> list[int]:
    """Processes started under `folder`, found by their environment (inherited by all) or their working folder."""
    found = set(running.working_in(folder.resolve() / "postgres" / "data", "postgres"))
    for process in psutil.process_iter(["environ", "cmdline"]):
        if (process.info["environ"] or {}).get("PORTAL_LOCAL_DIR") == str(folder) and process.info["cmdline"]:
            found.add(process.pid)
    return sorted(found)


def free_port() -> int:
    """A port with its two successors free; the worker's process id spreads parallel runs."""
    start = 20000 + os.getpid() * 7 % 20000
    return next(port for port in range(start, 60000) if all(port_is_free(port + step) for step in range(3)))


class Tiny:
    """A started tiny portal."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, str(TINY), str(self.port), *arguments],
            env=bare_environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_ready(self) -> str:
        """Block until the first line on stdout; return it."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def finish(self, how: signal.Signals | None = None) -> tuple[int, str, str]:
        """Send a signal, wait for the end; return exit code, stdout and stderr."""
        if how is not None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The `.local` of the test; afterwards nothing may run from it."""
    place = tmp_path / "盐城 托育"
    place.mkdir()
    yield place
    remaining = left_behind(place)
    running.end(remaining)
    remove_sockets(place, monkeypatch)
    assert remaining == []


def remove_sockets(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short folder for the sockets of an awkward path lies outside it; take it away too."""
    monkeypatch.setenv("PORTAL_LOCAL_DIR", str(place))
    shutil.rmtree(paths.socket_folder())
