"""Progress of long steps, in Chinese on stderr, so that stdout stays clean for a command's result."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# How often a long step says that it is still alive, in seconds.
TICK = 10.0


def say(text: str) -> None:
    """Print one line on stderr. A closed terminal is no reason to stop, so write errors are dropped."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        # The terminal is gone (SIGHUP, closed pipe): there is nobody left to tell.
        return


@contextmanager
def step(title: str, *, quiet: bool = False) -> Iterator[None]:
    """Announce a step, tell every ten seconds that it goes on, and print how long it took; nothing at all if `quiet`."""
    if quiet:
        yield
        return
    began = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(TICK):
            say(f"      仍在进行，已用 {time.monotonic() - began:.0f} 秒")

    say(f"{title}……")
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        over.set()
        ticker.join()
    say(f"      完成，用时 {time.monotonic() - began:.1f} 秒")
