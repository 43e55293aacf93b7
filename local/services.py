"""Find or start the embedded PostgreSQL and Redis for the variables that are unset."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable

from . import keeper, procfs
from .failure import LocalFailure
from .keeper import Service
from .locks import Lock, is_held
from .mode import REQUIRED_SERVICES, is_local
from .paths import log_folder
from .postgres import Postgres
from .progress import step
from .redis import Redis


class Lease:
    """The right to use one embedded service. It ends with `release()` or with the process, however it dies."""

    def __init__(self, service: Service, lock: Lock) -> None:
        """Made by `ensure`; `lock` is held shared."""
        self.service = service
        self.lock = lock

    @property
    def descriptor(self) -> int:
        """Pass it to a child (pass_fds) that must keep the service alive too."""
        return self.lock.descriptor

    def release(self, *, wait: float = 0.0) -> bool:
        """Give the right back; True if the service has stopped within `wait` seconds (False: others still use it)."""
        self.lock.close()
        return self.wait_until_stopped(wait)

    def wait_until_stopped(self, wait: float) -> bool:
        """After `release`: True once the service has stopped, False if it still runs after `wait` seconds."""
        return procfs.wait_until(lambda: not is_held(self.service.folder / "keeper.lock"), wait)


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
    both: tuple[Service, Service] = (Postgres(variant=variant), Redis(variant=variant))
    for service, title in zip(both, titles, strict=True):
        if os.environ.get(service.variable):
            continue
        leases.append(_ensure(service, title, quiet))
        os.environ.update(service.variables)
    return leases


def _ensure(service: Service, title: str, quiet: bool) -> Lease:
    with Lock(service.folder / "start.lock"):
        users = Lock(service.folder / "users.lock")
        # Blocks while a keeper is stopping the service: it holds the lock until the service is gone.
        users.take(shared=True)
        try:
            if is_held(service.folder / "keeper.lock"):
                _await(service)
            elif quiet:
                _start(service)
            else:
                with step(f"{title}启动 {service.title}"):
                    _start(service)
        except BaseException:
            users.close()
            raise
        return Lease(service, users)


def revive(lease: Lease) -> bool:
    """Start the keeper of a leased service again if somebody killed it; True if that was needed."""
    if is_held(lease.service.folder / "keeper.lock"):
        return False
    with Lock(lease.service.folder / "start.lock"):
        if is_held(lease.service.folder / "keeper.lock"):
            return False
        _start(lease.service)
    return True


def _start(service: Service) -> None:
    try:
        service.prepare()
        _spawn(service)
    except LocalFailure:
        if service.variant != "test":
            raise
        # Test data is worth nothing: a folder that cannot be opened (power cut without fsync) is made afresh.
        shutil.rmtree(service.folder / "data", ignore_errors=True)
        service.prepare()
        _spawn(service)


def _spawn(service: Service) -> None:
    child = keeper.spawn(service)
    _await(service, lambda: child.poll() is not None)


def _await(service: Service, hopeless: Callable[[], bool] = lambda: False) -> None:
    """Wait until the service answers. Raises LocalFailure with the end of its log when it does not."""
    procfs.wait_until(lambda: hopeless() or service.is_ready(), 60)
    if hopeless() or not service.is_ready():
        log = log_folder(service.variant) / f"{service.name}.log"
        tail = log.read_text(encoding="utf-8", errors="replace").strip()[-800:] if log.exists() else ""
        raise LocalFailure(f"{service.title} 没有启动成功：\n{tail}", f"完整日志见 {log}")
