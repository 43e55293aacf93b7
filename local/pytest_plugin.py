"""Gives every test run its own PostgreSQL database and Redis database. Named in `addopts` (-p) of pyproject.toml.

The servers live in `.local/test/`, are shared by the runs that happen at once, and stop when the last run ends. A run
takes a numbered slot; database names and Redis numbers follow from slot and xdist worker, so runs do not meet.
Variables that are set (DATABASE_URL, REDIS_URL) are used as they are, but for the Redis number of a worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from . import services
from .locks import Lock
from .paths import local_folder, private_folder
from .progress import say

SLOTS = 16
WORKERS_PER_SLOT = 15
# Two cores are what a small machine has, and each worker needs a database of its own.
MOST_WORKERS = 2
_BASE = "YANCHENG_TEST_REDIS"


# What this run holds until it ends.
_HELD = ExitStack()


def arguments_with_workers(arguments: list[str]) -> list[str]:
    """Add parallel workers when the whole suite is run and the caller said nothing about them."""
    names_a_test = any(Path(argument.split("::")[0]).exists() for argument in arguments if not argument.startswith("-"))
    decided = any(argument.startswith(("-n", "--numprocesses", "--pdb", "--collect-only")) for argument in arguments)
    if names_a_test or decided or "no:xdist" in arguments:
        return arguments
    return ["-n", "auto", "--maxprocesses", str(MOST_WORKERS), *arguments]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Start the services before pytest-django reads the settings: wrappers run before every plain hook."""
    if not {"--help", "-h", "--version", "-V"} & set(args):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        if not worker:
            _begin()
        _choose_redis_database(worker)
    yield


def pytest_unconfigure() -> None:
    """Give the services back and wait until they have stopped, unless another run uses them."""
    _HELD.close()


def _begin() -> None:
    slot, number = take_slot(private_folder(local_folder("test")) / "slots")
    _HELD.callback(slot.close)
    embedded_database, embedded_redis = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    try:
        leases = services.ensure("test", quiet=True)
    except services.LocalFailure as failure:
        say(str(failure))
        raise pytest.UsageError(failure.what) from failure
    for lease in leases:
        _HELD.callback(lease.release, wait=10)
    if embedded_database:
        # Django makes "test_<name>" (and one per worker); the plain name itself is never created.
        os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].replace("@/portal?", f"@/run{number}?")
    offset = str(number * (WORKERS_PER_SLOT + 1)) if embedded_redis else ""
    os.environ[_BASE] = f"{offset} {os.environ['REDIS_URL']}"


def take_slot(folder: Path) -> tuple[Lock, int]:
    """Return the first slot no other test run holds. Raises pytest.UsageError when all are taken."""
    for number in range(SLOTS):
        lock = Lock(folder / f"{number}.lock")
        if lock.take(wait=0):
            return lock, number
        lock.close()
    raise pytest.UsageError(f"同时运行的测试太多（最多 {SLOTS} 个），请稍后再试。")


def _choose_redis_database(worker: str) -> None:
    base, _, url = os.environ[_BASE].partition(" ")
    number = redis_number(base, url, worker)
    os.environ["REDIS_URL"] = redis_url(url, number)
    os.environ["CELERY_BROKER_URL"] = broker_url(url, number)


def redis_number(base: str, url: str, worker: str) -> int:
    """Return the Redis database of a worker ("gw0" …; "" is the run itself).

    Ours are counted from the slot's `base`; with somebody else's Redis from the number in its URL.
    """
    step = int(worker.removeprefix("gw")) + 1 if worker else 0
    if base:
        return int(base) + step % (WORKERS_PER_SLOT + 1)
    parts = urlsplit(url)
    found = parse_qs(parts.query).get("db", [""])[0] if parts.scheme == "unix" else parts.path.strip("/")
    return int(found or 0) + step


def redis_url(url: str, number: int) -> str:
    """Return `url` for another Redis database number, in the form redis-py reads."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


def broker_url(url: str, number: int) -> str:
    """Return the same for Celery: kombu spells sockets and numbers differently."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={number}"
    return redis_url(url, number)
