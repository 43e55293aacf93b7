"""Limits of the API per caller (settings.REST_FRAMEWORK rates); 429 comes with Retry-After."""

from __future__ import annotations

import time
from collections import Counter
from functools import cache
from typing import Any

from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, BaseThrottle, SimpleRateThrottle, UserRateThrottle


class AnonymousThrottle(AnonRateThrottle):
    """Per address for callers without a key."""


class ClientThrottle(UserRateThrottle):
    """Per user for callers with a key or a session."""


class PublicThrottle(BaseThrottle):
    """Per address and minute, counted in the memory of each worker process: a public search must not wait for Redis.

    With n processes the limit is up to n times the rate; it also holds while Redis is away.
    """

    _minute, _seen = 0, Counter[str]()

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether this address has not used up its minute."""
        cls, minute = type(self), int(time.time() // 60)
        if minute != cls._minute:
            cls._minute, cls._seen = minute, Counter()
        address = self.get_ident(request) or ""
        cls._seen[address] += 1
        return cls._seen[address] <= per_minute(str(api_settings.DEFAULT_THROTTLE_RATES["public"]))

    @classmethod
    def forget(cls) -> None:
        """In tests: nobody has asked yet."""
        cls._minute = 0

    def wait(self) -> float:
        """Seconds until the next minute."""
        return 60 - time.time() % 60


@cache
def per_minute(rate: str) -> float:
    """`600/min` as 600.0. Raises ValueError or KeyError for what is no rate."""
    number, seconds = SimpleRateThrottle.parse_rate(_READER, rate)
    return float(number or 0) * 60 / (seconds or 60)


_READER: Any = object.__new__(SimpleRateThrottle)
