"""How much machine time one caller may take per minute: counted in the memory of each process (`limits.count_here`).

With n processes a limit is up to n times the rate. It holds without Redis and no answer waits for one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from .callers import caller_network
from .limits import count_here, seen_here, too_often, wait_here


class ApiThrottle(BaseThrottle):
    """Calls of the API: per person with a key or a session, else per address. 429 comes with Retry-After."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether this caller has not used up the minute."""
        if request.user.is_authenticated:
            return count_here(f"api:user:{request.user.pk}") <= per_minute(settings.API_RATE_CLIENT)
        return count_here(f"api:{caller_network(request)}") <= per_minute(settings.API_RATE_ANONYMOUS)

    def wait(self) -> float:
        """Seconds until the next minute."""
        return wait_here()


def check_visitor(request: Any, face: str) -> None:
    """Count one read of the public register by this address. `face` is "api" or "page": each has its own count.

    Raises Rejected (429) when the minute is used up.
    """
    if count_here(f"public:{face}:{caller_network(request)}") > per_minute(settings.API_RATE_ANONYMOUS):
        raise too_often("这一分钟里的查询次数过多，请稍等再查。", int(wait_here()) + 1)


def check_wrong_keys(request: Any) -> None:
    """Raise Rejected (429), before any look-up, when this address gave too many wrong keys in this minute."""
    if seen_here(f"key:{caller_network(request)}") >= settings.WRONG_KEYS_A_MINUTE:
        raise too_often("错误的接口密钥过多，请核对密钥后再试。", int(wait_here()) + 1)


def count_wrong_key(request: Any) -> None:
    """This address gave a wrong key."""
    count_here(f"key:{caller_network(request)}")


@cache
def per_minute(rate: str) -> float:
    """`600/min` as 600.0. Raises ValueError or KeyError for what is no rate."""
    number, seconds = SimpleRateThrottle.parse_rate(_READER, rate)
    return float(number or 0) * 60 / (seconds or 60)


_READER: Any = object.__new__(SimpleRateThrottle)
