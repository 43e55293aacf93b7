"""A process that is looked after: start it, notice its end, start it again with growing pauses, stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from . import running
from .launch import launcher
from .logs import trim
from .paths import ROOT
from .processes import Process
from .progress import say

# A child that ran this many seconds is thought healthy: the next restart is immediate again.
HEALTHY_AFTER = 10.0
# One that never did and ended so often is given up.
HOPELESS = 5
LONGEST_PAUSE = 30.0


class Child:
    """A child process in a process group of its own, with its log file."""

    def __init__(self, entry: Process, log: Path, command: Callable[[], list[str]] | None = None) -> None:
        """Nothing is started yet. `command` gives the whole command line instead of `entry.argv` under the launcher."""
        self.entry, self.name, self.title, self.heartbeat = entry, entry.name, entry.title, entry.heartbeat
        self.log = log
        # Deaths in a row soon after a start, and whether it ever ran well: a fault from the start heals by no restart.
        self.quick_deaths, self.ran_well = 0, False
        self._command = command or (lambda: [*launcher(signal.SIGTERM), *entry.argv])
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._due = 0.0

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def age(self) -> float:
        """Seconds since its last start."""
        return time.monotonic() - self._began

    @property
    def hopeless(self) -> bool:
        """Whether it keeps dying and never ran well."""
        return self.quick_deaths >= HOPELESS and not self.ran_well

    def runs(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    def look_after(self) -> bool:
        """Notice its end and start it when it is due; True if it was started just now."""
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process.returncode)
        trim(self.log)
        if self._process is not None or time.monotonic() < self._due:
            return False
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                cwd=ROOT,
                env=os.environ | self.entry.env | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._began = time.monotonic()
        return True

    def stop(self, patience: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """SIGTERM, then after `patience` seconds (or as soon as `hurry()`) SIGKILL to its whole group.

        Afterwards it counts as never started, so `look_after` may start it at once.
        """
        if self._process is None:
            return
        if patience:
            self._process.send_signal(self.entry.stop_signal)
            running.wait_until(lambda: not self.runs() or hurry(), patience)
        self._forget(pause=0.0)

    def _note_end(self, code: int) -> None:
        healthy = self.age >= HEALTHY_AFTER
        self.quick_deaths, self.ran_well = 0 if healthy else self.quick_deaths + 1, self.ran_well or healthy
        pause = 0.0 if self.quick_deaths < 2 else min(2.0 ** (self.quick_deaths - 2), LONGEST_PAUSE)
        say(f"“{self.title}”已退出（代码 {code}），{pause:.0f} 秒后重启；日志：{self.log}")
        self._forget(pause)

    def _forget(self, pause: float) -> None:
        """Kill what is left of its process group: what it forked must not linger beside its successor."""
        if self._process is not None:
            running.end(running.in_session(os.getsid(0), group=self._process.pid))
            self._process.wait()
        self._process = None
        self._due = time.monotonic() + pause
