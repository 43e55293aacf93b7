"""Keeps one embedded service running while anybody uses it. Runs as `python -m local.keeper`.

Users hold a shared lock on `users.lock`. The keeper tries to take it exclusively several times a second: the moment it
succeeds nobody is left, because the kernel frees the locks of processes that die in any way; it stops the service.
It holds `keeper.lock` for as long as it lives, so nobody starts a second one. A service that dies is started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from .locks import Lock
from .paths import ROOT, log_folder
from .postgres import Postgres
from .redis import Redis

Service = Postgres | Redis
SERVICES: dict[str, type[Postgres] | type[Redis]] = {"postgres": Postgres, "redis": Redis}
# Seconds between two looks; also the longest time a service outlives its last user before it is told to stop.
LOOK = 0.2
# Kept so that Python does not warn about a child that is meant to outlive us.
_SPAWNED: list[subprocess.Popen[bytes]] = []


def spawn(service: Service) -> subprocess.Popen[bytes]:
    """Start a keeper that belongs to no terminal and outlives its parent. The caller must already hold `users.lock`."""
    log = log_folder(service.variant) / f"{service.name}.log"
    rotate(log)
    with log.open("ab") as output:
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


def rotate(log: os.PathLike[str], limit: int = 5_000_000) -> None:
    """Move a log file of more than `limit` bytes aside; one older file is kept."""
    if os.path.exists(log) and os.path.getsize(log) > limit:
        os.replace(log, f"{os.fspath(log)}.1")


def keep(service: Service) -> None:
    """Run the service until nobody uses it; then stop it, wait for it and return.

    A service that never once ran for five seconds is given up after the fourth try, so the starter can say why.
    """
    alone = Lock(service.folder / "keeper.lock")
    # A moment of patience: others look at this lock by taking it shared for an instant.
    if not alone.take(wait=2):
        return
    users = Lock(service.folder / "users.lock")
    pid_file = service.folder / "pid"
    pause, tries, ran_well = 0.0, 0, False
    while not users.take(wait=pause):
        service.clear_leftovers()
        began = time.monotonic()
        child = subprocess.Popen(service.command(), stdin=subprocess.DEVNULL, process_group=0)
        pid_file.write_text(str(child.pid))
        while child.poll() is None:
            if users.take(wait=LOOK):
                _stop(child, service.stop_signal)
                pid_file.unlink(missing_ok=True)
                return
        # At once after a good run, slower when it dies straight away.
        tries, good = tries + 1, time.monotonic() - began > 5
        ran_well = ran_well or good
        pause = 0.1 if good else min(max(pause, 0.25) * 2, 5.0)
        print(f"{service.name} ended with {child.returncode}, again in {pause:.1f} s", flush=True)
        if tries >= 4 and not ran_well:
            break
    pid_file.unlink(missing_ok=True)


def _stop(child: subprocess.Popen[bytes], how: signal.Signals, patience: float = 20.0) -> None:
    child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def main(arguments: list[str]) -> None:
    """Entry point: name of the service and of the variant."""
    # Only the lock decides when to stop: a hang-up or an interrupt of somebody's terminal is not ours.
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    keep(SERVICES[arguments[0]](variant=arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
