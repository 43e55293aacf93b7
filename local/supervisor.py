"""Runs a table of processes until told to stop. Runs as `python -m local.supervisor`.

The table comes as one JSON line on standard input, and standard input is also the leash: when it ends, the parent has
died (kill -9 included) and everything is stopped at once. SIGTERM stops in order; a second one does not wait.
The supervisor leads a session of its own, so no process of the table can escape by losing its parent.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import procfs
from .child import Child
from .deafness import DeafnessCheck
from .progress import say

# Exit code when the processes never came up.
GAVE_UP = 3


class Supervisor:
    """Starts, watches, restarts and stops the children."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """`spec`: processes, log_folder, ready_at (host, port, path), ready_line, database_url."""
        self.children = [Child(entry, Path(spec["log_folder"])) for entry in spec["processes"]]
        self.ready_at: tuple[str, int, str] | None = tuple(spec["ready_at"]) if spec.get("ready_at") else None
        self.ready_line: str = spec["ready_line"]
        self.ready = False
        self.pid_file = Path(spec["log_folder"]).parent / "processes.json"
        self.deafness = DeafnessCheck(spec.get("database_url"))
        self.stops = 0
        self.leash_broken = False

    def run(self) -> int:
        """Run until told to stop; return the exit code."""
        for how in (signal.SIGTERM, signal.SIGINT):
            signal.signal(how, self._count_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        code = 0
        while not self.stops and not self.leash_broken:
            self._look_after_children()
            if self._hopeless():
                code = GAVE_UP
                break
            self._announce_when_ready()
            for name in self.deafness.deaf(self.children):
                self._restart_deaf(name)
            self._wait(0.25)
        if self.leash_broken:
            self._stop_at_once()
        else:
            self._stop_in_order()
        procfs.end(procfs.in_session(os.getpid()))
        self.pid_file.unlink(missing_ok=True)
        return code

    def _count_stop(self, *_: object) -> None:
        self.stops += 1

    def _wait(self, seconds: float) -> None:
        """Sleep, but wake up when the leash breaks."""
        readable, _, _ = select.select([0], [], [], seconds)
        if readable and not os.read(0, 4096):
            self.leash_broken = True

    def _look_after_children(self) -> None:
        started = [child for child in self.children if child.look_after()]
        if started:
            draft = self.pid_file.with_suffix(".new")
            draft.write_text(json.dumps({child.name: child.pid for child in self.children}))
            draft.replace(self.pid_file)

    def _hopeless(self) -> bool:
        """Before the first ready line a child that keeps dying is a fault a restart will not heal: say why and stop."""
        for child in self.children:
            if not self.ready and child.quick_deaths >= 5:
                say(f"“{child.title}”反复退出，放弃启动。日志末尾（{child.log}）：\n{child.log_tail()}")
                return True
        return False

    def _announce_when_ready(self) -> None:
        if self.ready or any(child.pid is None for child in self.children):
            return
        if self.ready_at is not None and not answers(*self.ready_at):
            return
        self.ready = True
        try:
            print(self.ready_line, flush=True)
        except OSError:
            # Nobody reads our output any more; the portal itself is fine.
            return

    def _restart_deaf(self, name: str) -> None:
        child = next(child for child in self.children if child.name == name)
        say(f"“{child.title}”还在运行但已不响应，正在重启……")
        child.stop(patience=3)

    def _stop_in_order(self) -> None:
        for child in reversed(self.children):
            patience = child.patience if self.stops < 2 else 0.5
            child.stop(patience, hurry=self._hurry)
            say(f"已停止 {child.title}")

    def _hurry(self) -> bool:
        self._wait(0)
        return self.stops > 1 or self.leash_broken

    def _stop_at_once(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
        procfs.wait_until(lambda: all(not child.runs() for child in self.children), 2)
        for child in self.children:
            child.stop(0)


def answers(host: str, port: int, path: str) -> bool:
    """True if GET `path` answers 200 within two seconds. No proxy settings are looked at."""
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", path)
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def spawn(spec: dict[str, Any], env: dict[str, str], keep_open: list[int], cwd: Path) -> subprocess.Popen[bytes]:
    """Start a supervisor for `spec` in a session of its own; it inherits the locks in `keep_open`."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "local.supervisor"],
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        start_new_session=True,
        pass_fds=keep_open,
    )
    assert supervisor.stdin is not None  # noqa: S101 - asked for two lines above
    supervisor.stdin.write(json.dumps(spec).encode() + b"\n")
    supervisor.stdin.flush()
    return supervisor


def read_line() -> bytes:
    """Read one line from standard input byte by byte, so that nothing of the leash is swallowed by a buffer."""
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(0, 1)
        if not more:
            break
        line += more
    return line


if __name__ == "__main__":
    sys.exit(Supervisor(json.loads(read_line())).run())
