"""The portal behind its own web server: on a loopback port, for what only a real connection shows."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.paths import ROOT
from local.processes import web_command

HOST = "127.0.0.1"
START_SECONDS = 60.0


class Server:
    """The server's port and its only worker."""

    def __init__(self, port: int, master: int):
        self.port = port
        self.master = master

    @property
    def worker(self) -> int:
        """The pid of the worker."""
        (pid,) = children_of(self.master)
        return pid

    def memory(self) -> int:
        """Bytes the worker holds in memory now."""
        return status_of(self.worker, "VmRSS")

    def peak(self) -> int:
        """Bytes the worker held at most since `forget_peak`."""
        return status_of(self.worker, "VmHWM")

    def forget_peak(self) -> None:
        """Measure the peak from now on."""
        Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    def written(self) -> int:
        """Bytes the worker caused to be written to a disk so far."""
        lines = Path(f"/proc/{self.worker}/io").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


@contextmanager
def real_server(temporary: Path, *, workers: int = 1, **env: str) -> Iterator[Server]:
    """The portal on a free port, with `temporary` as the folder for its temporary files; stopped at the end."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    *command, application = web_command(port)
    log = (temporary.parent / "server.log").open("wb")
    process = subprocess.Popen(
        [*command, "--workers", str(workers), application],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "LOG_LEVEL": "WARNING", **env},
        stdout=log,
        stderr=log,
    )
    try:
        until = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < until, "the web server did not start"
            time.sleep(0.2)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), 5) as connection:
            connection.settimeout(30)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return connection.recv(12).endswith(b"200")
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    """The processes this one started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def status_of(pid: int, name: str) -> int:
    """A figure of /proc/PID/status in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
