"""What runs on this machine, read from /proc: proof that a process is ours before it is ever signalled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROC = Path("/proc")


def pids() -> Iterator[int]:
    """Yield every process id that can be seen."""
    if PROC.is_dir():
        yield from (int(entry) for entry in os.listdir(PROC) if entry.isdigit())


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process; empty when it is gone, a zombie or not readable."""
    try:
        return [part.decode(errors="replace") for part in (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[:-1]]
    except OSError:
        return []


def started_at(pid: int) -> str:
    """Return when a process began (clock ticks since boot), empty when it is gone. Pid and start name it for good."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def working_in(folder: Path, program: str) -> list[int]:
    """Return the processes whose working folder is `folder` and whose command line names `program`.

    PostgreSQL's processes all work in their data folder, so this proves that they serve exactly that folder.
    """
    found = []
    for pid in pids():
        try:
            here = os.readlink(PROC / str(pid) / "cwd")
        except OSError:
            continue
        if here == str(folder) and program in " ".join(command_line(pid)[:1]):
            found.append(pid)
    return found


def in_session(session: int, group: int | None = None) -> list[int]:
    """Return the living processes of a session without its leader; only one process group of it if `group` is given.

    Children and their children stay in a session unless they leave it on purpose, so this finds orphans too.
    """
    found = []
    for pid in pids():
        try:
            state, _, its_group, its_session = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        wanted = int(its_session) == session and (group is None or int(its_group) == group)
        if wanted and pid != session and state != "Z":
            found.append(pid)
    return found


def end(found: list[int], how: signal.Signals = signal.SIGKILL) -> None:
    """Signal processes that were proved to be ours; one that ended meanwhile is fine."""
    for pid in found:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Poll `condition` until it is true; False when `seconds` have passed."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(0.05)
    return True
