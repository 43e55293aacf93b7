"""Endpoints as the senders see them: a read-only picture that threads may use without touching the database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.utils import timezone

from yancheng_childcare.crypto import DecryptionFailed

from ..choices import BodyFormat, EndpointStatus
from ..client import Allowed, Target, TargetRefused, parse
from ..models import AllowedTarget, Endpoint
from ..signatures import key_of

logger = structlog.get_logger("exchange.delivery")


@dataclass(frozen=True, slots=True)
class EndpointView:
    """`target` is None when the stored address is malformed; then every try fails with `target_refused`."""

    id: uuid.UUID
    target: Target | None
    allowed: tuple[Allowed, ...]
    keys: tuple[bytes, ...]
    body_format: str
    grants: frozenset[str]
    timeout: float
    connections: int
    active: bool
    circuit_until: datetime | None

    def same_route(self, other: EndpointView) -> bool:
        """Whether kept connections stay valid."""
        return (self.target, self.allowed) == (other.target, other.allowed)


def signing_keys(endpoint: Endpoint, now: datetime) -> tuple[bytes, ...]:
    """The current key, and during a rotation also the previous one."""
    secrets = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_secret_until and endpoint.previous_secret_until > now:
        secrets.append(endpoint.previous_secret)
    return tuple(key_of(secret) for secret in secrets)


def allowed_targets(department_ids: set[str]) -> dict[str, tuple[Allowed, ...]]:
    """The approved lines of departments' allow-lists; a line with an unusable network allows nothing."""
    lists: dict[str, list[Allowed]] = {}
    for row in AllowedTarget.objects.in_force().filter(department__in=department_ids):
        try:
            lists.setdefault(row.department_id, []).append(Allowed.of(row))
        except ValueError:
            logger.error("allowed_target_unusable", allowed_target=row.pk)
    return {department: tuple(lines) for department, lines in lists.items()}


def view_of(endpoint: Endpoint, allowed: tuple[Allowed, ...], now: datetime) -> EndpointView:
    """The picture of one endpoint."""
    try:
        target: Target | None = parse(endpoint.url)
    except TargetRefused:
        target = None
    return EndpointView(
        id=endpoint.pk,
        target=target,
        allowed=allowed,
        keys=signing_keys(endpoint, now),
        body_format=endpoint.body_format or BodyFormat.STANDARD.value,
        grants=frozenset(endpoint.grants),
        timeout=float(endpoint.timeout_seconds),
        connections=endpoint.connections,
        active=endpoint.status == EndpointStatus.ACTIVE,
        circuit_until=endpoint.circuit_until,
    )


def load_views() -> dict[uuid.UUID, EndpointView]:
    """All endpoints, in two queries. One whose secret cannot be read is left out and reported: it is never sent unsigned."""
    now = timezone.now()
    endpoints = _readable_endpoints()
    lists = allowed_targets({endpoint.department_id for endpoint in endpoints})
    views = {}
    for endpoint in endpoints:
        try:
            views[endpoint.pk] = view_of(endpoint, lists.get(endpoint.department_id, ()), now)
        except ValueError:
            logger.error("endpoint_secret_unusable", endpoint=str(endpoint.pk))
    return views


def _readable_endpoints() -> list[Endpoint]:
    try:
        return list(Endpoint.objects.all())
    except DecryptionFailed:
        # One row under a lost key must not stop the others: read them one by one.
        found = []
        for pk in Endpoint.objects.values_list("pk", flat=True):
            try:
                found.append(Endpoint.objects.get(pk=pk))
            except DecryptionFailed:
                logger.error("endpoint_secret_unusable", endpoint=str(pk))
        return found
