"""Ten days down: 20,000 pushes with 60 failed tries each to one endpoint that comes back, beside another that never stopped.

Goals: all of them in order within five minutes, while the other endpoint's new events keep p99 ≤ 1.5 s.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row
from benchmarks.push import scene

NAME = "catch_up"
VERSIONS = 50
PER_SECOND = 10


def run(options: Options) -> Result:
    """About a minute; `quick` with a tenth of the backlog."""
    from exchange.fan_out import fan_out
    from exchange.models import Delivery, Endpoint
    from yancheng_childcare.celery import app

    backlog = 2_000 if options.quick else 20_000
    result = Result(NAME)
    with harness.throwaway_database() as environment, scene.receivers(environment) as sinks:
        back, lively = sinks
        down, other = scene.prepare([sink.port for sink in sinks])
        Endpoint.objects.filter(pk=other).update(status="PAUSED")
        scene.write_events(backlog, first=1, per_stream=VERSIONS)
        while fan_out()[0]:
            continue
        Delivery.objects.filter(endpoint=other).delete()
        _age(down)
        Endpoint.objects.filter(pk=other).update(status="ACTIVE")
        with scene.worker(environment):
            # Until now nothing was sent: the worker starts with the backlog's endpoint still in its pause.
            scene.wait_for(lambda: app.control.ping(timeout=1), seconds=60, what="the worker")
            Endpoint.objects.filter(pk=down).update(circuit_until=timezone.now() + timedelta(seconds=2))
            stop, committed = threading.Event(), {}  # type: ignore[var-annotated]
            writer = threading.Thread(target=_write_new, args=(stop, committed, backlog))
            writer.start()
            started = time.monotonic()
            try:
                scene.wait_for(
                    scene.ticking(lambda: _done(back, backlog, committed)), seconds=600, what="the backlog", pause=0.5
                )
            finally:
                stop.set()
                writer.join(30)
            scene.wait_for(
                scene.ticking(lambda: lively.stats()["unique"] >= len(committed)), seconds=60, what="the other endpoint"
            )
            seen_back, seen_other = back.stats(full=True)["seen"], lively.stats(full=True)["seen"]
        result.facts["order kept in every institution"] = _in_order(seen_back)
    took = max(at for key, at in seen_back.items() if key.split("_")[1] not in committed) - started
    delays = [at - committed[key.split("_")[1]] for key, at in seen_other.items()]
    p99 = harness.percentile(delays, 0.99)
    result.rows = [
        Row("backlog delivered", took, "s", f"{backlog} pushes of {backlog // VERSIONS} institutions"),
        Row("rate of catching up", backlog / took, "push/s"),
        Row("other endpoint meanwhile, p50", harness.percentile(delays, 0.5) * 1000, "ms", f"{len(delays)} pushes"),
        Row("other endpoint meanwhile, p99", p99 * 1000, "ms"),
    ]
    result.goals = [
        Goal("20,000 aged pushes", took, 30 if options.quick else 300, "s", at_most=True),
        Goal("delay of the other endpoint, p99", p99, 1.5 / options.slack, "s", at_most=True),
    ]
    return result


def _age(endpoint: Any) -> None:
    """As after ten days: sixty tries each, everything waiting for its backoff, the circuit at its longest pause."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 120000")
        cursor.execute(
            "UPDATE exchange_delivery SET status = 'RETRY', attempts = 60, last_error = 'connect',"
            " created_at = now() - interval '10 days', due_at = now() + random() * interval '15 minutes'"
            " WHERE endpoint_id = %s",
            [str(endpoint)],
        )
        cursor.execute(
            "INSERT INTO exchange_deliveryattempt (delivery_id, at, error, latency_ms, response)"
            " SELECT id, now() - n * interval '4 hours', 'connect', 3, '' FROM exchange_delivery, generate_series(1, 60) n"
            " WHERE endpoint_id = %s",
            [str(endpoint)],
        )
        cursor.execute(
            "UPDATE exchange_endpoint SET consecutive_failures = 1200000, circuit_step = 6,"
            " circuit_until = now() + interval '2 seconds' WHERE id = %s",
            [str(endpoint)],
        )


def _write_new(stop: threading.Event, committed: dict[str, float], backlog: int) -> None:
    """New events of other institutions at a moderate pace until told to stop."""
    from django.db import connection, transaction

    from exchange.outbox import record

    number = backlog + 1
    try:
        while not stop.wait(1 / PER_SECOND):
            with transaction.atomic():
                event = record(
                    scene.EVENT, subject=scene.subject(number), version=1, region_id=scene.REGION,
                    occurred_at=timezone.now(), data=scene.event_data(number), personal={"contact_phone": "13812341234"},
                    actor=None, audit_subject=f"registry.institution:{scene.subject(number)}",
                    region_prefix="/320900/320902/", summary="benchmark",
                )  # fmt: skip
            committed[event.uid.hex] = time.monotonic()
            number += 1
    finally:
        connection.close()


def _done(back: scene.Receiver, backlog: int, committed: dict[str, float]) -> bool:
    """The backlog is through; new events go to both endpoints, so they are not counted."""
    return bool(back.stats()["unique"] >= backlog + len(committed))


def _in_order(seen: dict[str, float]) -> bool:
    """Per institution the versions arrived one after the other."""
    from exchange.models import OutboxEvent

    at = {key.split("_")[1]: moment for key, moment in seen.items()}
    last: dict[str, float] = {}
    for uid, subject in OutboxEvent.objects.order_by("subject", "version").values_list("uid", "subject"):
        moment = at.get(uid.hex)
        if moment is None:
            continue
        if moment < last.get(subject, 0.0):
            return False
        last[subject] = moment
    return True
