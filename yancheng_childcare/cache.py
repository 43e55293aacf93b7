"""A cache that is allowed to be gone."""

from __future__ import annotations

import time
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = structlog.get_logger("portal.cache")


# Seconds a process does without Redis after it failed once. A request asks several times; when packets are dropped each
# question would wait for its own time-out.
REST_SECONDS = 2.0
_rest_until = 0.0


def redis_is_away() -> bool:
    """Whether Redis failed a moment ago in this process, so that it is not asked at all."""
    return time.monotonic() < _rest_until


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, but without Redis every read misses and every write is dropped (reliability.md T37)."""

    def _forgive(self, method: str, fallback: Any, *args: Any, **kwargs: Any) -> Any:
        global _rest_until
        if redis_is_away():
            return fallback
        try:
            return getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError):
            _rest_until = time.monotonic() + REST_SECONDS
            logger.warning("cache_unavailable", operation=method)
            return fallback

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive("add", True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgive("get", default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._forgive("set", None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive("touch", False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive("delete", False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._forgive("get_many", {}, *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._forgive("set_many", [], *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._forgive("delete_many", None, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._forgive("incr", delta, key, delta, version)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive("has_key", False, *args, **kwargs)
