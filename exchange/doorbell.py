"""The doorbell: a committed event wakes a worker. Redis carries nothing else, and may lose it: the beat looks every second.

Without Redis nobody rings and no beat comes through; then the workers look by themselves (`sweep`).
"""

from __future__ import annotations

import structlog
from django.core.cache import cache
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from yancheng_childcare.cache import redis_is_away

BELL_KEY = "exchange:bell"
# Longer than a beat's tick, so a ring that got lost costs one tick and not more.
BELL_SECONDS = 2

logger = structlog.get_logger("exchange")


def ring() -> None:
    """Wake the senders, once for many commits: a ring nobody has answered yet counts for all.

    `drain` takes the mark away before it looks at the outbox, so an event committed later rings again. A broker that is
    down only costs latency, and one that is known to be down is not tried: the person who wrote must not wait for it.
    """
    from .tasks import drain

    if not cache.add(BELL_KEY, 1, BELL_SECONDS) or redis_is_away():
        return
    try:
        drain.apply_async(expires=5, retry=False)
    except (KombuError, RedisError, OSError):
        logger.warning("doorbell_unavailable")
