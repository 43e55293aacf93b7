"""Signs of life for monitors: the process, and everything it needs."""

from __future__ import annotations

import time
from typing import Any

import psycopg2
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ..bounded import BoundedConnection
from ..files.storage import storage_state
from ..replica_watch import REPLICA, State, watch

HEARTBEAT_SECONDS = 60
QUEUES = ("push", "celery")
PATIENCE_SECONDS = 1.0
FIRST_LOOK_SECONDS = 0.3
LOOK = (
    "SELECT extract(epoch FROM clock_timestamp())::float8, name, extract(epoch FROM now() - at)::float8"
    " FROM (SELECT 1) AS asked LEFT JOIN yancheng_childcare_heartbeat ON name = ANY(%s)"
)


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "up"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis and both worker queues answer; 503 and the missing part otherwise.

    Answers within two seconds whatever hangs. Told, but no reason to be taken out of service: a read replica that is
    away or lags (the primary answers for it), how far this machine's clock is from the database's, and whether uploads
    find room (a full disk refuses them alone).
    """
    parts: dict[str, Any] = {**_database(), "redis": _redis()}
    told: dict[str, Any] = {"clock_difference_seconds": parts.pop("clock"), "storage": _storage()}
    if REPLICA in settings.DATABASES:
        told["replica"] = _replica()
    ready = all(parts.values())
    body = {"status": "ready" if ready else "not ready", **parts, **told}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _database() -> dict[str, Any]:
    """Whether it answers, whether each queue's worker was heard of lately, and the difference of the clocks."""
    parts: dict[str, Any] = {"database": False, **{f"worker_{queue}": False for queue in QUEUES}, "clock": None}
    server = BoundedConnection(DEFAULT_DB_ALIAS)
    try:
        rows = server.ask(LOOK, params=[list(QUEUES)], seconds=PATIENCE_SECONDS)
    except (psycopg2.Error, OSError):
        return parts
    finally:
        server.close()
    parts["database"] = True
    parts["clock"] = round(time.time() - rows[0][0], 1)
    for _, name, age in rows:
        if name is not None:
            parts[f"worker_{name}"] = age < HEARTBEAT_SECONDS
    return parts


def _redis() -> bool:
    try:
        client = Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
        )
        with client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def _storage() -> bool:
    """Whether uploads can be kept: the folder is there and enough of its disk is free."""
    try:
        return storage_state().enough
    except OSError:
        return False


def _replica() -> bool | str:
    """True: visitors' reads use it; false: it failed lately; `lagging` or `unknown`."""
    used = watch.usable()
    if watch.looked.wait(FIRST_LOOK_SECONDS):
        used = watch.usable()
    return used or (False if watch.state in {State.GOOD, State.AWAY} else str(watch.state))


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for this machine only (`permissions.LOCAL`)."""
    return ExportToDjangoView(request)
