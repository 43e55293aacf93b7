"""The processes of the portal: one plain table. They start from top to bottom and stop from bottom to top."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field

PYTHON = sys.executable
# `manage.py portal` has checked the settings already; a worker that comes back must be quick.
_CELERY = [PYTHON, "-m", "celery", "--skip-checks", "-A", "yancheng_childcare.celery"]
# The timer rings every second: at INFO that is a hundred megabytes of log a day.
_QUIET = {"LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Process:
    """One child of the supervisor.

    `heartbeat` names the row in `yancheng_childcare_heartbeat` that a living worker refreshes; `patience` is how many
    seconds it may take to stop before it is killed. Output goes to `.local/log/<name>.log`.
    """

    name: str
    title: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    patience: float = 10.0
    stop_signal: int = signal.SIGTERM
    heartbeat: str | None = None


def portal_processes(port: int, health_port: int, police_port: int, *, demo: bool) -> list[Process]:
    """Return the table for a portal at `port`; the two demo receivers only with demo data."""
    receivers = [
        Process("receiver-health", "卫健接收端（演示）", _receiver("health", health_port), patience=5),
        Process("receiver-police", "公安接收端（演示）", _receiver("police", police_port), patience=5),
    ]
    return [
        *(receivers if demo else []),
        # With the timer: a process of its own would load everything once more.
        _worker("worker", "后台任务和定时器", "celery", "general", 1, "--beat"),
        _worker("worker-push", "推送任务", "push", "push", 2),
        Process("web", "网站", web_command(port), patience=12),
    ]


def _worker(name: str, title: str, queue: str, node: str, processes: int, *more: str) -> Process:
    argv = [*_CELERY, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--pool", "prefork"]
    argv += ["-Q", queue, "-n", f"{node}@%h", "--concurrency", str(processes), *more]
    return Process(name, title, argv, env=_QUIET, patience=20, heartbeat=queue)


def _receiver(name: str, port: int) -> list[str]:
    return [PYTHON, "-m", "exchange.receivers", "--name", name, "--port", str(port)]


def web_command(port: int) -> list[str]:
    """The web server on this port; the application is the last word."""
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"]
    options += ["--worker-class", "yancheng_childcare.web_worker.PortalWorker", "--limit-request-line", "8190"]
    options += ["--graceful-timeout", "8", "--no-control-socket", "--preload"]
    return [PYTHON, "-m", "gunicorn", *options, "yancheng_childcare.wsgi:application"]
