"""File locks. The kernel frees them when their holder dies, however it dies, so no stale lock exists."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import closing
from pathlib import Path


class Lock:
    """An advisory lock on a file (flock), not inherited by children unless `descriptor` is passed to them."""

    def __init__(self, path: Path) -> None:
        """Open `path`, made if missing; nothing is locked yet."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait: float | None = None) -> bool:
        """Take the lock; True when held. `wait` is the patience in seconds, None means for ever."""
        kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait is None else fcntl.LOCK_NB)
        until = time.monotonic() + (wait or 0.0)
        while True:
            try:
                fcntl.flock(self.descriptor, kind)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
            time.sleep(0.05)

    def close(self) -> None:
        """Give the lock back, unless a child holds the same descriptor."""
        os.close(self.descriptor)

    def __enter__(self) -> Lock:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_held(path: Path) -> bool:
    """True if some process holds the lock at `path`."""
    if not path.exists():
        return False
    with closing(Lock(path)) as lock:
        # Shared is enough to notice an exclusive holder, and two askers do not disturb each other.
        return not lock.take(shared=True, wait=0)
