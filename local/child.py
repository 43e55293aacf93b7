"""One process of the supervisor's table: start it, notice its end, start it again with growing pauses, stop it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import procfs
from .keeper import rotate
from .launch import launcher
from .paths import ROOT
from .progress import say

# Log files are emptied beyond this many bytes while running; the last one is kept beside it as `.1`.
LARGEST_LOG = 50_000_000
# A child that ran this many seconds is thought healthy: the next restart is immediate again.
HEALTHY_AFTER = 10.0
LONGEST_PAUSE = 30.0


class Child:
    """A child process in a process group of its own, with its log file."""

    def __init__(self, entry: dict[str, Any], log_folder: Path) -> None:
        """`entry` is `Process.as_dict()`."""
        self.name: str = entry["name"]
        self.title: str = entry["title"]
        self.argv: list[str] = entry["argv"]
        self.env: dict[str, str] = entry["env"]
        self.patience: float = entry["patience"]
        self.heartbeat: str | None = entry["heartbeat"]
        self.log = log_folder / f"{self.name}.log"
        self.quick_deaths = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._due = 0.0
        rotate(self.log)

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def age(self) -> float:
        """Seconds since its last start."""
        return time.monotonic() - self._began

    def runs(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    def look_after(self) -> bool:
        """Notice its end and start it when it is due; True if it was started just now."""
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process.returncode)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            # Children hold the file open for appending, so it is copied and emptied, not moved.
            shutil.copyfile(self.log, f"{self.log}.1")
            os.truncate(self.log, 0)
        if self._process is None and time.monotonic() >= self._due:
            self._start()
            return True
        return False

    def stop(self, patience: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """SIGTERM, then after `patience` seconds (or as soon as `hurry()`) SIGKILL to its whole group.

        Afterwards it counts as never started, so `look_after` may start it at once.
        """
        if self._process is None:
            return
        if patience:
            self.signal(signal.SIGTERM)
        until = time.monotonic() + patience
        while self.runs() and time.monotonic() < until and not hurry():
            time.sleep(0.05)
        self._kill_group()
        self._process.wait()
        self._process = None
        self._due = 0.0

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to the process itself, if it still runs."""
        if self.runs() and self._process is not None:
            self._process.send_signal(how)

    def log_tail(self, characters: int = 1500) -> str:
        """Return the end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-characters:].strip() if self.log.exists() else ""

    def _start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*launcher(signal.SIGTERM), *self.argv],
                cwd=ROOT,
                env=os.environ | self.env | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._began = time.monotonic()

    def _note_end(self, code: int) -> None:
        # What it forked must not linger beside its successor.
        self._kill_group()
        healthy = self.age >= HEALTHY_AFTER
        self.quick_deaths = 0 if healthy else self.quick_deaths + 1
        pause = 0.0 if self.quick_deaths < 2 else min(2.0 ** (self.quick_deaths - 2), LONGEST_PAUSE)
        say(f"“{self.title}”已退出（代码 {code}），{pause:.0f} 秒后重启；日志：{self.log}")
        self._process = None
        self._due = time.monotonic() + pause

    def _kill_group(self) -> None:
        """Kill what is left of its process group: forked workers outlive a master that was killed."""
        if self._process is not None:
            procfs.end(procfs.in_session(os.getsid(0), group=self._process.pid))
