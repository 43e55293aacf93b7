"""The baseline: what most projects do. One Celery task per push, `requests.post`, default settings of Celery and Django.

    celery -A benchmarks.push.naive worker -Q naive -c 2

It writes the same rows of the log and signs like ours, but takes no care of order or crashes.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")

# Not the current app: our own shared tasks must not move over to it where both are imported.
app = Celery("naive", set_as_current=False)
app.conf.broker_url = os.environ.get("CELERY_BROKER_URL", "")
app.conf.task_ignore_result = True
app.conf.task_default_queue = "naive"


@app.task
def push(event_id: int, endpoint_id: str, webhook_id: str) -> None:
    """Send one event to one endpoint."""
    import time

    import requests
    from django.utils import timezone

    from exchange.bodies import Content, compose
    from exchange.models import Delivery, DeliveryAttempt, Endpoint, OutboxEvent
    from exchange.signatures import key_of, sign

    event = OutboxEvent.objects.get(pk=event_id)
    endpoint = Endpoint.objects.get(pk=endpoint_id)
    import orjson

    content = Content(
        str(event.uid),
        event.type,
        event.subject,
        event.version,
        event.occurred_at,
        orjson.dumps(event.data).decode(),
        None,
    )
    body = compose(content, body_format=endpoint.body_format, grants=(), webhook_id=webhook_id)
    now = int(time.time())
    started = time.monotonic()
    response = requests.post(
        endpoint.url,
        data=body,
        headers={
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(now),
            "webhook-signature": sign([key_of(endpoint.secret)], webhook_id, now, body),
        },
        timeout=endpoint.timeout_seconds,
    )
    latency = int((time.monotonic() - started) * 1000)
    delivery, _ = Delivery.objects.update_or_create(
        endpoint=endpoint,
        event=event,
        defaults={
            "webhook_id": webhook_id,
            "subject": event.subject,
            "status": "DELIVERED" if response.ok else "RETRY",
            "closed_at": timezone.now() if response.ok else None,
            "last_code": response.status_code,
            "latency_ms": latency,
        },
    )
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=timezone.now(),
        code=response.status_code,
        latency_ms=latency,
        response=response.text[:4096],
    )
