"""The negative control: what one would write first. One Celery task per event and endpoint, sent on commit, retried.

No outbox table is consulted, no order, no lease: what the broker forgets is gone. The crash run must catch it losing.
`ready` hangs it onto the event row only to know what was committed; with `tests.chaos.naive_settings` nothing subscribes,
so the real engine stays idle.
"""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import requests
from celery import shared_task
from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save


class NaiveConfig(AppConfig):
    """Listed in INSTALLED_APPS by `naive_settings`."""

    name = "tests.chaos"
    label = "naive_push"

    def ready(self) -> None:
        from exchange.models import OutboxEvent

        post_save.connect(_on_event, sender=OutboxEvent, dispatch_uid="naive push")


def _on_event(instance: Any, created: bool, **_: Any) -> None:
    if created:
        transaction.on_commit(partial(_enqueue, instance.pk), robust=True)


def _enqueue(event: int) -> None:
    from exchange.models import Endpoint

    for endpoint in Endpoint.objects.all():
        push.delay(event, str(endpoint.pk))


@shared_task(autoretry_for=(Exception,), retry_backoff=1, retry_backoff_max=20, max_retries=10, queue="push")
def push(event: int, endpoint: str) -> None:
    """Send one event; any failure is tried again by Celery."""
    from exchange.bodies import Content, compose
    from exchange.models import Endpoint, OutboxEvent
    from exchange.signatures import key_of, sign

    told, target = OutboxEvent.objects.get(pk=event), Endpoint.objects.get(pk=endpoint)
    content = Content(
        str(told.uid), told.type, told.subject, told.version, told.occurred_at, json.dumps(told.data), None
    )
    webhook_id, now = f"msg_{told.uid.hex}_{target.pk.hex[:12]}", int(time.time())
    body = compose(content, body_format=target.body_format, grants=(), webhook_id=webhook_id)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign([key_of(target.secret)], webhook_id, now, body),
    }
    answer = requests.post(target.url, data=body, headers=headers, timeout=target.timeout_seconds)
    answer.raise_for_status()
