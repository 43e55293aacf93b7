"""Which processes run on this machine and which of them are ours: proof before one is ever signalled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil


def working_in(folder: Path, program: str) -> list[int]:
    """Return the processes whose working folder is `folder` and whose command line begins with a path to `program`.

    PostgreSQL's processes all work in their data folder, so this proves that they serve exactly that folder.
    """
    found = psutil.process_iter(["cwd", "cmdline"])
    return [p.pid for p in found if p.info["cwd"] == str(folder) and program in "".join((p.info["cmdline"] or [])[:1])]


def in_session(session: int, group: int | None = None) -> list[int]:
    """Return the living processes of a session without its leader; only one process group of it if `group` is given.

    Children and their children stay in a session unless they leave it on purpose, so this finds orphans too.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            wanted = os.getsid(process.pid) == session and group in (None, os.getpgid(process.pid))
            if wanted and process.pid != session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def end(found: Iterable[int], how: signal.Signals = signal.SIGKILL) -> None:
    """Signal processes that were proved to be ours; one that ended meanwhile is fine."""
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Poll `condition` until it is true; False when `seconds` have passed."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(0.05)
    return True
