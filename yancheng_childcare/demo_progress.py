"""How far the demo city is loaded, told by the process that loads it and shown in the demo bar of every page."""

from __future__ import annotations

import time

from django.core.cache import cache

KEY = "demo.progress"
# A loading process that died says nothing any more.
SECONDS = 120
# A process asks once a second, not for every page.
PAUSE = 1.0
_asked = (0.0, "")


def tell(words: str) -> None:
    """What is being loaded just now."""
    cache.set(KEY, words, SECONDS)


def end() -> None:
    """All is there."""
    cache.delete(KEY)


def words() -> str:
    """What is being loaded just now; "" when nothing is."""
    global _asked
    if time.monotonic() > _asked[0]:
        _asked = (time.monotonic() + PAUSE, str(cache.get(KEY) or ""))
    return _asked[1]
