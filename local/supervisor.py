"""Runs a table of processes until told to stop. Runs as `python -m local.supervisor`.

The table comes as one JSON line on standard input, which is also the parent pipe: when it ends, the parent has died
(kill -9 included) and everything is stopped at once. SIGTERM stops in order; a second one does not wait.
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

from . import running
from .child import Child
from .logs import tail
from .paths import ROOT, write_whole
from .processes import Process
from .progress import say
from .unresponsive import HeartbeatCheck

# Exit code when the processes never came up.
GAVE_UP = 3


class Supervisor:
    """Starts, watches, restarts and stops the children."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """`spec`: processes, log_folder, ready_at (host, port, path), ready_line, database_url."""
        logs = Path(spec["log_folder"])
        self.children = [Child(Process(**entry), logs / f"{entry['name']}.log") for entry in spec["processes"]]
        self.ready_at: list[Any] | None = spec.get("ready_at")
        self.ready_line: str = spec["ready_line"]
        self.ready = False
        self.pid_file = logs.parent / "processes.json"
        self.heartbeats = HeartbeatCheck(spec.get("database_url"))
        self.stops = 0
        self.orphaned = False

    def run(self) -> int:
        """Run until told to stop; return the exit code."""
        for how in (signal.SIGTERM, signal.SIGINT):
            signal.signal(how, self._count_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        code = 0
        while not (self.stops or self.orphaned or code):
            if [child for child in self.children if child.look_after()]:
                write_whole(self.pid_file, json.dumps({child.name: child.pid for child in self.children}))
            code = self._judge_start()
            for name in self.heartbeats.unresponsive(self.children):
                child = next(child for child in self.children if child.name == name)
                say(f"“{child.title}”还在运行但已不响应，正在重启……")
                child.stop(patience=3)
            self._wait(0.25)
        if self.orphaned:
            running.end((child.pid for child in self.children if child.pid), signal.SIGTERM)
            running.wait_until(lambda: not any(child.runs() for child in self.children), 2)
        for child in reversed(self.children):
            child.stop(child.entry.patience, hurry=self._hurry)
            say(f"已停止 {child.title}")
        running.end(running.in_session(os.getpid()))
        self.pid_file.unlink(missing_ok=True)
        return code

    def _count_stop(self, *_: object) -> None:
        self.stops += 1

    def _wait(self, seconds: float) -> None:
        """Sleep, but wake up when the parent dies."""
        readable, _, _ = select.select([0], [], [], seconds)
        if readable and not os.read(0, 4096):
            self.orphaned = True

    def _hurry(self) -> bool:
        self._wait(0)
        return self.stops > 1 or self.orphaned

    def _judge_start(self) -> int:
        """Print the ready line once everything answers. GAVE_UP when a child keeps dying before that."""
        if self.ready:
            return 0
        for child in self.children:
            if child.hopeless:
                say(f"“{child.title}”反复退出，放弃启动。日志末尾（{child.log}）：\n{tail(child.log, 1500)}")
                return GAVE_UP
        if all(child.pid for child in self.children) and (self.ready_at is None or answers(*self.ready_at)):
            self.ready = True
            try:
                print(self.ready_line, flush=True)
            except OSError:
                say(self.ready_line)  # nobody reads our output any more; the portal itself is fine
        return 0


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


def spawn(spec: dict[str, Any], keep_open: list[int]) -> subprocess.Popen[bytes]:
    """Start a supervisor for `spec` in a session of its own; it inherits the locks in `keep_open`."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "local.supervisor"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        start_new_session=True,
        pass_fds=keep_open,
    )
    assert supervisor.stdin is not None  # noqa: S101 - asked for above
    supervisor.stdin.write(json.dumps(spec).encode() + b"\n")
    supervisor.stdin.flush()
    return supervisor


if __name__ == "__main__":
    # Unbuffered: nothing that comes after the table may be swallowed, or the end of the parent would be missed.
    sys.exit(Supervisor(json.loads(os.fdopen(0, "rb", buffering=0, closefd=False).readline())).run())
