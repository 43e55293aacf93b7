"""`manage.py portal`: the whole portal on one machine with one command."""

from __future__ import annotations

import argparse
import compileall
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NoReturn

import psutil

from . import demo, running, services, supervisor
from .failure import LocalFailure
from .launch import launcher
from .locks import Lock
from .paths import ROOT, local_folder, log_folder, private_folder
from .processes import Process, portal_processes
from .progress import say
from .services import Lease

HOST = "127.0.0.1"
READY_PATH = "/readyz"
PACKAGES = ("yancheng_childcare", "local", "exchange", "casework", "registry", "inspections", "credit")
Table = Callable[[int, int, int, bool], list[Process]]


class _Interrupted(BaseException):
    """Ctrl-C or SIGTERM: stop in order. Not an Exception, so that nothing on the way swallows it."""


def main(arguments: list[str]) -> int:
    """Run the portal until Ctrl-C; return the exit code (0 stopped, 1 failed, 2 cannot start)."""
    parser = argparse.ArgumentParser(
        prog="manage.py portal",
        description="启动托育服务平台：数据库、Redis、网站、后台任务和演示接收端。Ctrl-C 全部停止。",
    )
    parser.add_argument("--port", type=int, default=8000, help="网站端口，默认 8000")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="不载入演示数据，也不启动演示接收端")
    options = parser.parse_args(arguments)
    try:
        return Portal(options.port, demo_data=options.demo).run()
    except LocalFailure as failure:
        say(str(failure))
        return failure.exit_code


class Portal:
    """One running portal: its lock, its services, its supervisor."""

    def __init__(
        self,
        port: int,
        *,
        demo_data: bool = True,
        table: Table = lambda port, health, police, demo_data: portal_processes(port, health, police, demo=demo_data),
        prepare: bool = True,
        ready_path: str | None = READY_PATH,
    ) -> None:
        """`table`, `prepare` and `ready_path` can be replaced to run other processes under the same care (tests)."""
        self.port = port
        self.demo_data = demo_data
        self.url = f"http://{HOST}:{port}"
        self._table, self._prepare, self._ready_path = table, prepare, ready_path
        self._leases: list[Lease] = []
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._preparation: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Start everything, watch until a signal, stop everything in order; return the exit code."""
        lock = self._take_lock()
        self._check_port()
        _on_signals(self._interrupt)
        try:
            return self._watch(self._start_everything(), lock)
        except _Interrupted:
            say("正在停止……")
            return 0
        finally:
            self._stop_everything()
            lock.close()

    def _take_lock(self) -> Lock:
        """Only one portal per checkout. The kernel frees the lock of a crashed one; its clean-up may need a moment."""
        lock = Lock(private_folder(local_folder()) / "portal.lock")
        if lock.take(wait=0):
            return lock
        state = demo.read_state()
        pid = state.get("pid")
        alive = isinstance(pid, int) and psutil.pid_exists(pid)
        if not alive:
            say("上一次运行正在清理，稍候……")
        if alive or not lock.take(wait=20):
            raise LocalFailure(
                f"门户已在运行：{state.get('url', '地址未知')}（进程 {pid}）。",
                "直接打开上面的地址即可；要重新启动，请先在原窗口按 Ctrl-C。",
                exit_code=2,
            )
        return lock

    def _check_port(self) -> None:
        if not 0 < self.port < 65534:
            raise LocalFailure(f"端口 {self.port} 无效。", "请用 --port 指定 1 到 65533 之间的端口。", exit_code=2)
        if not port_is_free(self.port):
            raise LocalFailure(
                f"端口 {self.port} 已被其他程序占用。",
                f"请换一个端口，例如：python3 manage.py portal --port {self.port + 10}",
                exit_code=2,
            )

    def _start_everything(self) -> dict[str, Any]:
        health, police = self._receiver_ports()
        demo.write_state(pid=os.getpid(), url=self.url, health_port=health, police_port=police)
        os.environ.setdefault("PORTAL_URL", self.url)
        demo.fill_environment()
        embedded = not os.environ.get("DATABASE_URL")
        # Six processes start at once: each would compile every module for itself.
        for package in PACKAGES:
            compileall.compile_dir(ROOT / package, quiet=2)
        self._leases = services.ensure(titles=("[2/6] ", "[3/6] "))
        if self._prepare:
            self._preparation = self._spawn_prepare(["--demo"] * self.demo_data + ["--embedded"] * embedded)
            if self._preparation.wait() != 0:
                raise LocalFailure("数据库准备失败，原因见上面的输出。", "修正后重新运行同一命令即可。")
            self._preparation = None
        say("[6/6] 启动各进程……")
        return {
            "processes": [asdict(entry) for entry in self._table(self.port, health, police, self.demo_data)],
            "log_folder": str(log_folder()),
            "ready_at": [HOST, self.port, self._ready_path] if self._ready_path else None,
            "ready_line": f"ready {self.url}",
            "database_url": os.environ["DATABASE_URL"],
        }

    def _receiver_ports(self) -> tuple[int, int]:
        """The two ports after ours, or the next free ones."""
        free = (port for port in range(self.port + 1, 65536) if port_is_free(port))
        health, police = next(free), next(free)
        if self.demo_data and (health, police) != (self.port + 1, self.port + 2):
            say(f"演示接收端改用端口 {health} 和 {police}。")
        for variable in demo.PORTS:
            os.environ.pop(variable, None)
        return health, police

    def _spawn_prepare(self, options: list[str]) -> subprocess.Popen[bytes]:
        command = [*launcher(signal.SIGTERM), sys.executable, "-m", "local.prepare", *options]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, process_group=0)

    def _watch(self, spec: dict[str, Any], lock: Lock) -> int:
        """Keep the supervisor and the services' keepers alive; return when the supervisor gives up."""
        keep_open = [lock.descriptor, *(lease.lock.descriptor for lease in self._leases)]
        while True:
            self._supervisor = supervisor.spawn(spec, keep_open)
            while self._supervisor.poll() is None:
                time.sleep(0.5)
                self._load_the_rest()
                for lease in self._leases:
                    if services.revive(lease):
                        say(f"{lease.service.title} 的看护进程已恢复。")
            if self._supervisor.returncode == supervisor.GAVE_UP:
                return 1
            say("监管进程意外退出，正在重启……")
            self._end_orphans()

    def _load_the_rest(self) -> None:
        """Once the portal answers, the rest of the demo city: pages are not kept waiting for it."""
        wanted = self._prepare and self.demo_data and self._preparation is None
        if wanted and supervisor.answers(HOST, self.port, self._ready_path or "/"):
            self._preparation = self._spawn_prepare(["--rest"])

    def _end_orphans(self) -> None:
        """Kill whatever a dead supervisor left: all processes of its session."""
        if self._supervisor is not None:
            running.end(running.in_session(self._supervisor.pid))

    def _stop_everything(self) -> None:
        _on_signals(self._hurry)
        for process in filter(None, (self._preparation, self._supervisor)):
            process.terminate()
            process.wait()
        self._end_orphans()
        for lease in reversed(self._leases):
            stopped = lease.release(wait=25)
            title = lease.service.title
            say(f"已停止 {title}" if stopped else f"{title} 仍被其他命令使用，用完后自动停止")
        demo.state_file().unlink(missing_ok=True)

    def _interrupt(self, *_: object) -> NoReturn:
        _on_signals(self._hurry)
        raise _Interrupted

    def _hurry(self, *_: object) -> None:
        """A second Ctrl-C: do not wait for running work."""
        if self._supervisor is not None:
            self._supervisor.terminate()


def _on_signals(handler: Callable[..., object]) -> None:
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, handler)


def port_is_free(port: int) -> bool:
    """True if a server can listen on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True
