"""The faults: what is killed, frozen or emptied, in a seeded order at seeded moments."""

from __future__ import annotations

import json
import random
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from local import running
from local.postgres import Postgres
from local.redis import Redis

# kind → how often it stands in one deck of cards. A deck is shuffled and dealt out before the next one begins, so even a
# short run meets every kind.
DECK = {
    "worker": 4,
    "worker child": 5,
    "general worker": 1,
    "general worker child": 2,  # its pool or the timer
    "web": 1,
    "web child": 2,
    "redis": 4,
    "flushall": 4,
    "postgres": 4,
    "postgres backend": 4,
    "receiver health": 3,
    "receiver police": 3,
    "freeze": 2,
    "zombie": 1,
}
SHORT_FREEZE_SECONDS = (3.0, 8.0)
# A process is only struck once it is at work: killing what is still importing would prove less, not more.
SETTLED_SECONDS = 3.0
# How many cards ahead to look when the next victim is just starting again.
LOOK_AHEAD = 12


def schedule(rng: random.Random, *, seconds: float, faults: int) -> list[float]:
    """`faults` moments in (1, seconds), one in each equal slice, at a random place of it."""
    slice_length = (seconds - 1) / faults
    return [1 + (number + rng.random()) * slice_length for number in range(faults)]


@dataclass(slots=True)
class Frozen:
    """A stopped process and when it goes on (monotonic)."""

    process: psutil.Process
    until: float


class Injector:
    """Strikes the processes of one run. `processes_file` is the supervisor's list of names and pids."""

    def __init__(self, rng: random.Random, variant: str, processes_file: Path, *, zombie_seconds: float):
        """`zombie_seconds`: longer than a lease lasts, so that a frozen sender wakes up without it."""
        self.rng = rng
        self.postgres = Postgres(variant=variant)
        self.redis = Redis(variant=variant)
        self.processes_file = processes_file
        self.zombie_seconds = zombie_seconds
        self.done: Counter[str] = Counter()
        self.cards: list[str] = []
        self.frozen: list[Frozen] = []
        self.last_at = time.monotonic()

    def strike(self) -> str:
        """Deal the next fault whose victim is there and return its kind; "" when none of the next cards has one.

        A card whose victim is just starting again stays on top for the next time, so no kind is favoured.
        """
        while len(self.cards) < LOOK_AHEAD:
            deck = [kind for kind, times in DECK.items() for _ in range(times)]
            self.rng.shuffle(deck)
            self.cards += deck
        for place, kind in enumerate(self.cards[:LOOK_AHEAD]):
            if self._flush() if kind == "flushall" else self._hit(kind):
                del self.cards[place]
                self.done[kind] += 1
                self.last_at = time.monotonic()
                return kind
        return ""

    def thaw(self, *, everything: bool = False) -> None:
        """Wake what has been frozen long enough."""
        for entry in list(self.frozen):
            if everything or time.monotonic() >= entry.until:
                self.frozen.remove(entry)
                if entry.process.is_running():
                    entry.process.resume()
                    self.last_at = time.monotonic()

    def _hit(self, kind: str) -> bool:
        pid = self._victim(kind)
        if pid is None:
            return False
        if kind not in ("freeze", "zombie"):
            running.end([pid])
            return True
        seconds = self.zombie_seconds if kind == "zombie" else self.rng.uniform(*SHORT_FREEZE_SECONDS)
        with suppress(psutil.NoSuchProcess):
            self.frozen.append(Frozen(psutil.Process(pid), time.monotonic() + seconds))
            self.frozen[-1].process.suspend()
        return True

    def _victim(self, kind: str) -> int | None:
        if kind in ("redis", "postgres"):
            service = self.redis if kind == "redis" else self.postgres
            return self._alive(_number(service.folder / "pid"), "redis-server" if kind == "redis" else "postgres")
        if kind == "postgres backend":
            return self._one_of(self._backends())
        if kind in ("worker child", "freeze", "zombie"):
            frozen = {entry.process.pid for entry in self.frozen}
            return self._one_of([pid for pid in self._pool("worker-push") if pid not in frozen])
        if kind in ("web child", "general worker child"):
            return self._one_of(self._pool("web" if kind == "web child" else "worker"))
        names = {"worker": "worker-push", "general worker": "worker", "web": "web"}
        if kind in names:
            return self._process(names[kind]) if self._pool(names[kind]) else None
        return self._process(kind.replace(" ", "-"))

    def _process(self, name: str) -> int | None:
        try:
            pid = json.loads(self.processes_file.read_text()).get(name)
        except (OSError, ValueError):
            return None
        return self._alive(pid, "")

    def _pool(self, name: str) -> list[int]:
        """The forked children of a worker or of the web, once they have settled."""
        return [pid for pid in children(self._process(name)) if age(pid) > SETTLED_SECONDS]

    def _backends(self) -> list[int]:
        postmaster = self._victim("postgres")
        return [pid for pid in children(postmaster) if "portal portal" in command_line(pid)]

    def _alive(self, pid: int | None, program: str) -> int | None:
        if pid is None:
            return None
        line = command_line(pid)
        return pid if line and program in line and "launch.py" not in line else None

    def _one_of(self, found: list[int]) -> int | None:
        return self.rng.choice(sorted(found)) if found else None

    def push_worker_is_idle(self) -> bool:
        """Its pool is up and its queue in Redis is empty."""
        return bool(self._pool("worker-push")) and self._ask(b"LLEN push") == b":0"

    def _flush(self) -> bool:
        return self._ask(b"FLUSHALL") == b"+OK"

    def _ask(self, command: bytes) -> bytes:
        """Redis's one-line answer, empty when it is away."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.redis.socket))
                line.sendall(command + b"\r\n")
                return line.recv(64).strip()
        except OSError:
            return b""


def age(pid: int) -> float:
    """Seconds since a process began; 0 when it is gone."""
    try:
        return time.time() - psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def children(parent: int | None) -> list[int]:
    """The direct children of a process."""
    found = psutil.process_iter(["ppid", "status"]) if parent else ()
    return [p.pid for p in found if p.info["ppid"] == parent and p.info["status"] != psutil.STATUS_ZOMBIE]


def command_line(pid: int) -> str:
    """The arguments of a process in one line; empty when it is gone or a zombie."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ""


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
