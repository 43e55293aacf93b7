"""How far the demo city is loaded, told by the process that loads it and shown in the demo bar of every page."""

from __future__ import annotations

from django.core.cache import cache

KEY = "demo.progress"
# A loading process that died says nothing any more.
SECONDS = 120


def tell(words: str) -> None:
    """What is being loaded just now."""
    cache.set(KEY, words, SECONDS)


def end() -> None:
    """All is there."""
    cache.delete(KEY)


def words() -> str:
    """What is being loaded just now; "" when nothing is."""
    return str(cache.get(KEY) or "")
