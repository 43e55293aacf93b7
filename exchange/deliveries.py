"""Reads of the delivery log that pages, API and export share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from .models import Delivery


def visible_deliveries(user: Any, roles: frozenset[str]) -> QuerySet[Delivery]:
    """The user's deliveries with endpoint, department and event; the encrypted fields stay closed."""
    rows: QuerySet[Delivery] = (
        Delivery.objects.visible_to(user, roles)
        .select_related("endpoint__department", "event__region")
        .defer("event__sealed", "endpoint__secret", "endpoint__previous_secret")
    )
    return rows


def older_open(delivery: Delivery) -> Delivery | None:
    """The oldest open delivery of the same institution and endpoint that must end before this one may go."""
    if delivery.closed_at is not None:
        return None
    stream = Delivery.objects.open().filter(endpoint=delivery.endpoint_id, subject=delivery.subject)
    return stream.filter(pk__lt=delivery.pk).order_by("pk").first()  # type: ignore[no-any-return]  # one delivery
