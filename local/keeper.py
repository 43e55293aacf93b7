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
import time

from .failure import LocalFailure
from .logs import trim
from .paths import ROOT
from .postgres import Postgres
from .progress import say
from .redis import Redis
from .service import Service

SERVICES: dict[str, type[Service]] = {"postgres": Postgres, "redis": Redis}
# Seconds between two looks; also the longest time a service outlives its last user before it is told to stop.
LOOK = 0.2
# Seconds after which a run counts as a good one, and how often a service may die before that: a fault to be explained.
GOOD_RUN, TRIES = 5.0, 4
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
    tries, ran_well, pause = 0, False, 0.0
    while not users.take(wait=pause):
        service.clear_leftovers()
        began = time.monotonic()
        child = subprocess.Popen(service.command(), stdin=subprocess.DEVNULL, process_group=0)
        (service.folder / "pid").write_text(str(child.pid))
        while child.poll() is None:
            if users.take(wait=LOOK):
                _stop(child, service.stop_signal)
                return
        good = time.monotonic() - began > GOOD_RUN
        tries, ran_well = tries + 1, ran_well or good
        if tries >= TRIES and not ran_well:
            raise LocalFailure(f"{service.name} ended {tries} times")
        # At once after a good run, slower when it dies straight away.
        pause = 0.1 if good else min(max(pause, 0.25) * 2, 5.0)
        say(f"{service.name} ended with {child.returncode}, again in {pause:.1f} s")


def _stop(child: subprocess.Popen[bytes], how: signal.Signals, patience: float = 20.0) -> None:
    child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


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
