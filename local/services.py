"""Find or start the embedded PostgreSQL and Redis for the variables that are unset."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable

from . import keeper
from .failure import LocalFailure
from .locks import Lock
from .logs import tail
from .mode import REQUIRED_SERVICES, is_local
from .postgres import Postgres
from .progress import step
from .redis import Redis
from .running import wait_until
from .service import Service

START_SECONDS = 60.0


class Lease:
    """The right to use one embedded service. It ends with `release()` or with the process, however it dies."""

    def __init__(self, service: Service, lock: Lock) -> None:
        """Made by `ensure`; `lock` is held shared."""
        self.service = service
        self.lock = lock

    def release(self, *, wait: float = 0.0) -> bool:
        """Give the right back; True if the service has stopped within `wait` seconds (False: others still use it)."""
        self.lock.close()
        return wait_until(lambda: not self.service.is_kept(), wait)


def ensure(variant: str = "portal", titles: Iterable[str] = ("", ""), quiet: bool = False) -> list[Lease]:
    """Make DATABASE_URL and REDIS_URL usable: start what is unset and not yet running, and set the variables.

    Variables that are set are left alone. Returns one lease per embedded service, PostgreSQL first; keep them as long
    as the services are needed. Raises LocalFailure when one does not start, and in production, where none ever is.
    """
    if missing := [name for name in REQUIRED_SERVICES if not (is_local() or os.environ.get(name))]:
        raise LocalFailure(
            f"正式环境（DEBUG=0）不启动内置服务，缺少 {'、'.join(missing)}。",
            "请设置这些变量 / with DEBUG=0 nothing embedded is started: set them.",
            exit_code=2,
        )
    leases = []
    both: tuple[Service, Service] = (Postgres(variant), Redis(variant))
    for service, title in zip(both, titles, strict=True):
        if os.environ.get(service.variable):
            continue
        users = service.users()
        # Blocks while a keeper is stopping the service: it holds the lock until the service is gone.
        users.take(shared=True)
        leases.append(Lease(service, users))
        with step(f"{title}启动 {service.title}", quiet=quiet or service.is_kept()):
            _bring_up(service)
        os.environ.update(service.variables)
    return leases


def revive(lease: Lease) -> bool:
    """Start the keeper of a leased service again if somebody killed it; True if that was needed."""
    if lease.service.is_kept():
        return False
    _bring_up(lease.service)
    return True


def _bring_up(service: Service) -> None:
    """Return once a keeper has the service running. Raises LocalFailure with the end of its log when it does not.

    Two starters may both spawn a keeper: the second finds the lock taken and ends.
    """
    spawned: subprocess.Popen[bytes] | None = None
    until = time.monotonic() + START_SECONDS
    while not (service.is_kept() and service.is_ready()):
        given_up = spawned is not None and spawned.poll() is not None and not service.is_kept()
        if given_up or time.monotonic() > until:
            raise LocalFailure(f"{service.title} 没有启动成功：\n{tail(service.log, 800)}", f"完整日志见 {service.log}")
        if spawned is None and not service.is_kept():
            spawned = keeper.spawn(service)
        time.sleep(0.05)
