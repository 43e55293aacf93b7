"""Keeps one embedded service running while anybody uses it. Runs as `python -m local.keeper NAME VARIANT`.

Users hold `users.lock` shared. The keeper tries to take it exclusively several times a second: the moment it succeeds
nobody is left, because the kernel frees the locks of processes that die in any way; it stops the service.
It holds `keeper.lock` for as long as it lives, so nobody starts a second one. A service that dies is started again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from .child import Child
from .failure import LocalFailure
from .logs import trim
from .paths import ROOT
from .postgres import Postgres
from .processes import Process
from .progress import say
from .redis import Redis
from .service import Service

SERVICES: dict[str, type[Service]] = {"postgres": Postgres, "redis": Redis}
# Seconds between two looks; also the longest time a service outlives its last user before it is told to stop.
LOOK = 0.2
# Seconds a service may take to stop.
STOP_SECONDS = 20.0
# Kept so that Python does not warn about a child that is meant to outlive us.
_SPAWNED: list[subprocess.Popen[bytes]] = []


def spawn(service: Service) -> subprocess.Popen[bytes]:
    """Start a keeper that belongs to no terminal and outlives its parent. The caller must already be a user."""
    trim(service.log)
    with service.log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "local.keeper", service.name, service.variant],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _SPAWNED.append(child)
    return child


def keep(service: Service) -> None:
    """Run the service until nobody uses it; then stop it, wait for it and return.

    Raises LocalFailure when it cannot be prepared or never once runs well, so that the starter can say why.
    """
    alone = service.keeper()
    # A moment of patience: others look at this lock by taking it shared for an instant.
    if not alone.take(wait=2):
        return
    try:
        _run_until_unused(service)
    except LocalFailure:
        if service.variant != "test":
            raise
        # Test data is worth nothing: a folder that cannot be opened (power cut without fsync) is made afresh.
        shutil.rmtree(service.folder / "data", ignore_errors=True)
        _run_until_unused(service)
    finally:
        (service.folder / "pid").unlink(missing_ok=True)


def _run_until_unused(service: Service) -> None:
    service.prepare()
    users = service.users()
    entry = Process(service.name, service.title, [], stop_signal=service.stop_signal)
    child = Child(entry, service.log, service.command)
    while not users.take(wait=LOOK):
        if child.hopeless:
            raise LocalFailure(f"{service.title} 反复退出，放弃启动。")
        if not child.runs():
            service.clear_leftovers()
        if child.look_after():
            (service.folder / "pid").write_text(str(child.pid))
    child.stop(STOP_SECONDS)


def main(name: str, variant: str) -> int:
    """Entry point: name of the service and of the variant."""
    # Only the lock decides when to stop: a hang-up or an interrupt of somebody's terminal is not ours.
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    try:
        keep(SERVICES[name](variant=variant))
    except LocalFailure as failure:
        say(str(failure))
        return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
