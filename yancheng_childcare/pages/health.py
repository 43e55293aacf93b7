"""Signs of life for monitors: the process, and everything it needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView
from redis import Redis
from redis.exceptions import RedisError

HEARTBEAT_SECONDS = 60
QUEUES = ("push", "celery")


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "up"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis and both worker queues answer; 503 and the missing part otherwise."""
    parts: dict[str, Any] = {"database": False, "redis": False, **{f"worker_{queue}": False for queue in QUEUES}}
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, extract(epoch FROM now() - at) FROM yancheng_childcare_heartbeat WHERE name = ANY(%s)",
                [list(QUEUES)],
            )
            for name, age in cursor.fetchall():
                parts[f"worker_{name}"] = float(age) < HEARTBEAT_SECONDS
        parts["database"] = True
    except DatabaseError:
        connection.close()
    try:
        parts["redis"] = bool(Redis.from_url(settings.REDIS_URL, socket_timeout=1).ping())
    except (RedisError, OSError):
        parts["redis"] = False
    ready = all(parts.values())
    return JsonResponse({"status": "ready" if ready else "not ready", **parts}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for this machine only (`permissions.LOCAL`)."""
    return ExportToDjangoView(request)
