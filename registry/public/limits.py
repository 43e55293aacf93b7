"""How often somebody may ask: counted in Redis for all processes, and in the memory of this one for when Redis is away.

Only keyed marks of addresses are counted, and none outlives its window.
"""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from yancheng_childcare.problems import Problem, Rejected

from . import codes

HOUR, DAY = 3_600, 86_400
_MOST = 100_000  # names kept in memory; past that the oldest window is as good as over
_SALT = "registry.public.limits"
_lock = Lock()
_windows: dict[int, tuple[int, Counter[str]]] = {}


def count(name: str, seconds: int) -> int:
    """How often this was counted within `seconds`, this time included. Without Redis each process counts for itself."""
    key = f"limits:{name}"
    cache.add(key, 0, seconds)
    try:
        together = int(cache.incr(key))
    except ValueError:  # it ran out between the two
        together = 1
    return max(together, _count_here(name, seconds))


def check_pace(*, what: str, caller: str, limit: int, words: str) -> None:
    """Raise Rejected (429, `words`) when this network address did this more than `limit` times in an hour."""
    mark = salted_hmac(_SALT, caller, algorithm="sha256").hexdigest()
    if count(f"{what}:{mark}", HOUR) > limit:
        raise Rejected(Problem(codes.TOO_OFTEN, "", words), status=429)


def forget() -> None:
    """In tests: nobody has asked yet."""
    _windows.clear()


def _count_here(name: str, seconds: int) -> int:
    now = int(time.time() // seconds)
    with _lock:
        window, seen = _windows.get(seconds, (now, Counter()))
        if window != now or len(seen) >= _MOST:
            seen = Counter()
        seen[name] += 1
        _windows[seconds] = (now, seen)
        return seen[name]
