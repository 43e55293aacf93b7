"""Everything a crash run needs, started and stopped as the portal does it: the same services, table and supervisor.

Nothing outlives the run: writers die with this process, the supervisor's standard input is our end of a pipe, and PostgreSQL and
Redis are kept only while somebody holds their lock. kill -9 of the harness is no exception.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from local import running, services
from local.failure import LocalFailure
from local.launch import launcher
from local.paths import ROOT, local_folder, log_folder, private_folder
from local.portal import HOST, port_is_free
from local.processes import PYTHON, Process, portal_processes
from local.progress import say
from local.supervisor import answers

from . import durable

RECEIVERS = ("health", "police")
# The receiving endpoints' timeout in seconds: short, so that a hanging receiver is met often.
TIMEOUT = 2
READY_SECONDS = 240.0
FIRST_PORT = 18200


class Stack:
    """One private set of servers, workers, receivers and writers in `.local/chaos-<pid>/`."""

    def __init__(self, *, seed: int, naive: bool):
        """Nothing is started yet."""
        self.variant = f"chaos-{os.getpid()}"
        self.folder = private_folder(local_folder(self.variant))
        self.seed = seed
        self.naive = naive
        self.stage: dict[str, Any] = {}
        self.leases: list[services.Lease] = []
        self.writers: list[subprocess.Popen[bytes]] = []
        self._supervisor: subprocess.Popen[bytes] | None = None
        free = (port for port in range(FIRST_PORT, 65000) if port_is_free(port))
        self.port = next(free)
        self._ports = {name: next(free) for name in RECEIVERS}

    @property
    def database_url(self) -> str:
        """Of this run's own PostgreSQL."""
        return os.environ["DATABASE_URL"]

    @property
    def processes_file(self) -> Path:
        """The supervisor's list of names and pids."""
        return self.folder / "processes.json"

    def start(self) -> None:
        """Services, stage, processes; returns when all of them answer. Raises LocalFailure when they do not."""
        self._environment()
        self.leases = services.ensure(variant=self.variant)
        self._set_stage()
        self._supervise()
        urls = [(self.port, "/readyz"), *((port, "/") for port in self._ports.values())]
        until = time.monotonic() + READY_SECONDS
        while not all(answers(HOST, port, path) for port, path in urls):
            if time.monotonic() > until or not self.alive():
                raise LocalFailure("崩溃演练的进程没有全部就绪。", f"日志见 {log_folder(self.variant)}")
            time.sleep(0.3)

    def _environment(self) -> None:
        """Our own servers, keys and files whatever the caller's environment says; children inherit it."""
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "READ_REPLICA_URL"):
            os.environ.pop(name, None)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.chaos.naive_settings" if self.naive else "yancheng_childcare.settings",
            DEBUG="1",
            SECRET_KEY=secrets.token_urlsafe(48),
            FIELD_KEYS=f"chaos:{key}",
            BLIND_INDEX_KEY=base64.b64encode(secrets.token_bytes(32)).decode(),
            FILE_ROOT=str(self.folder / "files"),
            PORTAL_URL=f"http://{HOST}:{self.port}",
            API_RATE_CLIENT="100000/min",
            LOG_LEVEL="WARNING",
            # The stage has run the checks; a worker that is killed forty times need not repeat them each time.
            CELERY_SKIP_CHECKS="1",
        )

    def _set_stage(self) -> None:
        plan = {
            "folder": str(self.folder),
            "ports": self._ports,
            "portal": f"http://{HOST}:{self.port}",
            "seed": self.seed,
            "timeout": TIMEOUT,
            "subscribe": not self.naive,
        }
        command = [*launcher(signal.SIGKILL), PYTHON, "-m", "tests.chaos.stage"]
        done = subprocess.run(command, cwd=ROOT, input=json.dumps(plan).encode() + b"\n", check=False)
        if done.returncode:
            raise LocalFailure("崩溃演练的数据库没有准备好，原因见上面的输出。")
        self.stage = json.loads((self.folder / "stage.json").read_text())

    def _supervise(self) -> None:
        receivers = [
            Process(f"receiver-{name}", f"接收端 {name}", self._module("receiver", "--name", name), patience=2)
            for name in RECEIVERS
        ]
        spec = {
            "processes": [asdict(entry) for entry in (*receivers, *portal_processes(self.port, 0, 0, demo=False))],
            "log_folder": str(log_folder(self.variant)),
            "ready_line": "ready",
            "database_url": self.database_url,
        }
        with (log_folder(self.variant) / "supervisor.log").open("ab") as output:
            self._supervisor = subprocess.Popen(
                [PYTHON, "-m", "local.supervisor"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[lease.lock.descriptor for lease in self.leases],
            )
        assert self._supervisor.stdin is not None
        self._supervisor.stdin.write(json.dumps(spec).encode() + b"\n")
        self._supervisor.stdin.flush()

    def _module(self, module: str, *arguments: str) -> list[str]:
        return [PYTHON, "-m", f"tests.chaos.{module}", *arguments, "--stage", str(self.folder / "stage.json")]

    def start_writers(self, rate: float) -> None:
        """Writers through the services and, if the API has its routes, through HTTP; `rate` in writes per second.

        Returns when each has written something. Raises LocalFailure when one does not.
        """
        ways = ["direct", "api"] if self.stage["api"] else ["direct", "direct"]
        for number, how in enumerate(ways, start=1):
            arguments = ["--name", f"writer{number}", "--number", str(number), "--how", how]
            command = self._module("generator", *arguments, "--rate", str(rate / len(ways)))
            with (log_folder(self.variant) / f"writer{number}.log").open("ab") as output:
                self.writers.append(
                    subprocess.Popen(
                        [*launcher(signal.SIGKILL), *command],
                        cwd=ROOT,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                    )
                )

        def each_wrote() -> bool:
            logs = self.acknowledged_logs()
            return not self.alive() or (len(logs) == len(ways) and all(map(durable.count, logs)))

        if not running.wait_until(each_wrote, READY_SECONDS) or not self.alive():
            raise LocalFailure("写入方没有开始工作。", f"日志见 {log_folder(self.variant)}")

    def stop_writers(self, patience: float) -> bool:
        """Ask the writers to finish what they have in hand; False when one did not within `patience` seconds."""
        for writer in self.writers:
            if writer.poll() is None:
                writer.terminate()
        running.wait_until(lambda: all(writer.poll() is not None for writer in self.writers), patience)
        finished = all(writer.poll() == 0 for writer in self.writers)
        for writer in self.writers:
            if writer.poll() is None:
                writer.kill()
            writer.wait()
        return finished

    def alive(self) -> bool:
        """Whether the supervisor and the writers still run; they are never a target."""
        return self._supervisor is not None and all(p.poll() is None for p in (self._supervisor, *self.writers))

    def revive_services(self) -> None:
        """As the portal does: a keeper that has given up is started again."""
        for lease in self.leases:
            services.revive(lease)

    def acknowledged_logs(self) -> list[Path]:
        """One per writer."""
        return sorted(self.folder.glob("*.acknowledged.jsonl"))

    def calm(self) -> None:
        """The receivers behave from now on."""
        (self.folder / "calm").touch()

    def stop(self, *, keep: bool) -> None:
        """Stop all; remove the folder unless it is to be kept. Safe at any stage of `start`."""
        self.stop_writers(0)
        if self._supervisor is not None:
            if self._supervisor.poll() is None:
                self._supervisor.terminate()
            try:
                self._supervisor.wait(60)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                self._supervisor.wait()
            running.end(running.in_session(self._supervisor.pid))
        for lease in reversed(self.leases):
            if not lease.release(wait=25):
                say(f"{lease.service.title} 没有在 25 秒内停止。")
        if keep:
            say(f"现场保留在 {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def leftovers(variant: str) -> list[str]:
    """Command lines of processes that still belong to a run: there must be none."""
    mark = f"/{variant}/"
    lines = {p.pid: " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])}
    return [line for pid, line in lines.items() if mark in line and pid != os.getpid()]
