"""Push throughput and delay, with real worker processes, against its baselines in interleaved rounds.

- ours: events in the outbox, two worker processes, both receivers; from the doorbell to the last first receipt;
- (a) one Celery task per push: the same receivers, the same number of processes, stock settings;
- (b) a bare keep-alive `urllib3` loop in one process: same-sized signed-looking bodies, no database;
- (c) with receivers that take 50 ms: connections ÷ 50 ms, the most that so many connections can carry.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

from . import scene

NAME = "push"
DELAY = 0.05


def run(options: Options) -> Result:
    """All variants; about two minutes, `quick` about half a minute."""
    result = Result(NAME)
    rounds = 1 if options.quick else max(1, options.rounds)
    ours, naive, bare, slow = [], [], [], []
    with harness.throwaway_database() as environment, scene.receivers(environment) as sinks:
        endpoints = scene.prepare([sink.port for sink in sinks])
        with scene.worker(environment):
            bench = Ours(sinks)
            bench.throughput(200)  # connections open, tables in memory
            for _ in range(rounds):
                harness.quiet_gate(patience=5)
                bare.append(bare_loop(sinks[0], 2000 if options.quick else 6000))
                ours.append(bench.throughput(2000 if options.quick else 5000))
                slow.append(bench.throughput(600 if options.quick else 1500, delay=DELAY))
            delays = bench.delays(seconds=5 if options.quick else 15, per_second=40)
            result.facts.update(bench.facts)
        with scene.worker(environment, app="benchmarks.push.naive", queue="idle") as _:
            for _ in range(rounds):
                naive.append(naive_tasks(sinks, endpoints, 100 if options.quick else 400))
    possible = len(sinks) * scene.CONNECTIONS / DELAY
    for name, values in (
        ("ours, receivers answer at once", ours),
        ("(a) one Celery task per push", naive),
        ("(b) bare urllib3 loop", bare),
        ("ours, receivers take 50 ms", slow),
    ):
        result.rows.append(Row(name, sorted(values)[len(values) // 2], "push/s", " ".join(f"{v:.0f}" for v in values)))
    result.rows.append(Row("(c) connections ÷ 50 ms", possible, "push/s", f"{possible * DELAY:.0f} connections"))
    p50, p99 = harness.percentile(delays, 0.5), harness.percentile(delays, 0.99)
    result.rows.append(Row("delay commit → receipt, p50", p50 * 1000, "ms", f"{len(delays)} pushes"))
    result.rows.append(Row("delay commit → receipt, p99", p99 * 1000, "ms"))
    slack = options.slack
    result.goals = [
        Goal("ours ÷ one task per push", harness.ratio(ours, naive), 12 * slack),
        Goal("ours ÷ bare loop", 100 * harness.ratio(ours, bare), 80 * slack, "%"),
        Goal("ours at 50 ms ÷ connections ÷ 50 ms", 100 * sorted(slow)[len(slow) // 2] / possible, 85 * slack, "%"),
        Goal("delay without fault, p99", p99, 1.5 / slack, "s", at_most=True),
    ]
    return result


class Ours:
    """Our engine under load."""

    def __init__(self, sinks: list[scene.Receiver]):
        self.sinks = sinks
        self.next = 1
        self.facts: dict[str, bool] = {}

    def throughput(self, events: int, delay: float = 0.0) -> float:
        """Pushes per second from the doorbell until every receiver has every event."""
        from exchange.tasks import drain

        self._quiet()
        for sink in self.sinks:
            sink.reset(delay)
        scene.write_events(events, first=self.next)
        self.next += events
        started = time.monotonic()
        drain.apply_async()
        drain.apply_async()
        scene.wait_for(
            scene.ticking(lambda: all(s.stats()["unique"] >= events for s in self.sinks)),
            seconds=120,
            what="pushes",
            pause=0.1,
        )
        ended = max(sink.stats()["last"] for sink in self.sinks)
        counted = [sink.stats() for sink in self.sinks]
        self.facts["every push arrived exactly once"] = self.facts.get("every push arrived exactly once", True) and all(
            stats["unique"] == events and stats["requests"] == events for stats in counted
        )
        return events * len(self.sinks) / (ended - started)

    def delays(self, *, seconds: float, per_second: int) -> list[float]:
        """Seconds from commit to receipt of events written one by one through `record()`, at a moderate pace."""
        from django.db import transaction
        from django.utils import timezone

        from exchange.outbox import record

        self._quiet()
        for sink in self.sinks:
            sink.reset()
        committed: dict[str, float] = {}
        count = int(seconds * per_second)
        begin = time.monotonic()
        for index in range(count):
            number = self.next + index
            with transaction.atomic():
                event = record(
                    scene.EVENT,
                    subject=scene.subject(number),
                    version=1,
                    region_id=scene.REGION,
                    occurred_at=timezone.now(),
                    data=scene.event_data(number),
                    personal={"legal_rep_id_no": "320902198506010017", "contact_phone": "13812341234"},
                    actor=None,
                    audit_subject=f"registry.institution:{scene.subject(number)}",
                    region_prefix="/320900/320902/",
                    summary="benchmark",
                )
            committed[event.uid.hex] = time.monotonic()
            time.sleep(max(0.0, begin + (index + 1) / per_second - time.monotonic()))
        self.next += count
        scene.wait_for(lambda: all(s.stats()["unique"] >= count for s in self.sinks), seconds=30, what="delayed pushes")
        found = []
        for sink in self.sinks:
            for webhook_id, at in sink.stats(full=True)["seen"].items():
                found.append(at - committed[webhook_id.split("_")[1]])
        return found

    def _quiet(self) -> None:
        """All settled: nothing of the last round is counted in the next."""
        from exchange.models import Delivery, OutboxEvent

        scene.wait_for(
            lambda: not Delivery.objects.open().exists() and not OutboxEvent.objects.waiting_for_fan_out().exists(),
            seconds=60,
            what="settling",
        )


def bare_loop(sink: scene.Receiver, count: int) -> float:
    """Requests per second of the simplest thing that can push: one connection, one body after the other."""
    import orjson
    import urllib3

    sink.reset()
    body = orjson.dumps({"type": scene.EVENT, "timestamp": "2026-11-23T09:30:12+08:00", "data": scene.event_data(1)})
    pool = urllib3.HTTPConnectionPool("127.0.0.1", sink.port, timeout=10)
    pool.request("GET", "/stats")
    started = time.monotonic()
    for number in range(count):
        headers = {
            "Content-Type": "application/json",
            "webhook-id": f"msg_{number:032d}_0123456789ab",
            "webhook-timestamp": "1795400000",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        pool.request("POST", "/webhooks", body, headers=headers)
    elapsed = time.monotonic() - started
    pool.close()
    return count / elapsed


def naive_tasks(sinks: list[scene.Receiver], endpoints: list[uuid.UUID], events: int) -> float:
    """Pushes per second of one task per push. All tasks wait in the broker before the worker may take the first."""
    from exchange.models import OutboxEvent
    from yancheng_childcare.celery import app

    from . import naive

    for sink in sinks:
        sink.reset()
    naive.app.conf.broker_url = app.conf.broker_url
    scene.wait_for(lambda: naive.app.control.ping(timeout=1), seconds=60, what="the baseline's worker")
    naive.app.control.cancel_consumer("naive", reply=True, timeout=2)
    newest: Any = OutboxEvent.objects.order_by("-id").values_list("pk", flat=True)[:events]
    tasks = 0
    for event_id in list(newest):
        for endpoint in endpoints:
            naive.push.apply_async((event_id, str(endpoint), f"msg_{uuid.uuid4().hex}_naive"), queue="naive")
            tasks += 1
    naive.app.control.add_consumer("naive", reply=True, timeout=2)
    scene.wait_for(
        lambda: sum(s.stats()["unique"] for s in sinks) >= tasks, seconds=300, what="tasks of the baseline", pause=0.2
    )
    stats = [sink.stats() for sink in sinks]
    # From the first to the last receipt: the time to wake the consumer is not counted against the baseline.
    return (tasks - 1) / (max(s["last"] for s in stats) - min(s["first"] for s in stats))
