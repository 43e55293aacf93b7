"""The loop of one worker process: number new events, claim, hand to the lanes, settle what came back, again.

The engine and its threads live as long as the process, so connections stay open between tasks. The database alone knows
what is to be done: an engine that is killed, or that loses the database, leaves leases that run out by themselves.
"""

from __future__ import annotations

import math
import os
import time
import uuid
from queue import Empty, SimpleQueue

import structlog
from celery.signals import worker_init

from ..fan_out import BATCH, events_wait, fan_out
from . import claims
from .lanes import Lane, Result
from .settle import settle
from .views import EndpointView, load_views

logger = structlog.get_logger("exchange.delivery")

RUN_SECONDS = 10.0
VIEWS_LAST_SECONDS = 1.0
LANE_IDLE_SECONDS = 60.0
SETTLE_BATCH = 200
# How long to collect answers before settling when every lane still has work in front of it.
GATHER_SECONDS = 0.025
FAN_OUT_EVERY_SECONDS = 0.1
# Fewer scans where a scan found little: deep queues go on by `claim_next`, new events wait at most this long.
RESCAN_SECONDS = (0.02, 0.5)

# How many processes share an endpoint's connections; the worker says so before it forks.
_processes = 2


@worker_init.connect
def _remember_processes(sender: object = None, **kwargs: object) -> None:
    """An endpoint's connections are shared among the processes of the worker."""
    global _processes
    concurrency = getattr(sender, "concurrency", None)
    if isinstance(concurrency, int) and concurrency > 0:
        _processes = concurrency


class Engine:
    """Use one per process (`current_engine`). Not thread-safe: `tasks.deliver` lets one thread in at a time."""

    def __init__(self, processes: int | None = None):
        self.processes = processes or _processes
        self.views: dict[uuid.UUID, EndpointView] = {}
        self.lanes: dict[uuid.UUID, Lane] = {}
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._unsettled: list[Result] = []
        self._views_at = -math.inf
        self._fan_out_at = -math.inf
        self._scan_after: dict[uuid.UUID, float] = {}
        self._retired: list[Lane] = []

    def run(self, *, seconds: float = RUN_SECONDS, on_turn: object = None) -> int:
        """Work until nothing is due, or `seconds` have passed; returns how many pushes were settled.

        Near the end lanes of slow receivers get nothing new while fast ones go on, so that nobody waits for a hanging
        receiver when the task ends. Raises django.db.OperationalError or InterfaceError when the database is gone.
        """
        started = time.monotonic()
        settled, last_look = 0, False
        self._views_at = -math.inf
        self._scan_after.clear()
        while True:
            settled += self._settle()
            now = time.monotonic()
            ending = now - started > seconds
            self._refresh_views(now)
            moved = self._fan_out(now)
            slow_busy = any(lane.outstanding for lane in self.lanes.values() if lane.slow)
            claimed = 0
            if not ending or slow_busy:
                claimed = self._claim(now, only_fast=ending)
            if callable(on_turn):
                on_turn()
            if self._outstanding or claimed or moved or self._unsettled:
                last_look = False
                if not moved:
                    self._gather()
            elif last_look and not ending and events_wait():
                # Another process is numbering them: stay, there will be work for both.
                time.sleep(RESCAN_SECONDS[0])
                self._scan_after.clear()
            elif last_look:
                return settled
            else:
                # Scans may have been put off: look everywhere once more before leaving.
                last_look = True
                self._scan_after.clear()

    @property
    def _outstanding(self) -> int:
        return sum(lane.outstanding for lane in (*self.lanes.values(), *self._retired))

    def _refresh_views(self, now: float) -> None:
        if now - self._views_at < VIEWS_LAST_SECONDS:
            return
        self._views_at = now
        self.views = load_views()
        for endpoint_id, lane in list(self.lanes.items()):
            view = self.views.get(endpoint_id)
            if view is None or not view.active:
                lane.hand_back()
            idle = not lane.outstanding and now - lane.used_at > LANE_IDLE_SECONDS
            if view is None or idle or not lane.view.same_route(view):
                # Its threads end after what is in their hands; the next claim opens a lane with the new route.
                lane.close()
                self._retired.append(self.lanes.pop(endpoint_id))
            else:
                lane.view = view
                lane.threads = self._threads(view)
        self._retired = [lane for lane in self._retired if lane.outstanding]

    def _threads(self, view: EndpointView) -> int:
        return max(1, math.ceil(view.connections / self.processes))

    def _fan_out(self, now: float) -> int:
        starving = any(lane.starving for lane in self.lanes.values()) or not self.lanes
        pause = RESCAN_SECONDS[0] if starving else FAN_OUT_EVERY_SECONDS
        if now - self._fan_out_at < pause:
            return 0
        events, deliveries = fan_out()
        # A full batch means that more waits: do not pause.
        self._fan_out_at = -math.inf if events == BATCH else now
        if deliveries:
            self._scan_after.clear()
        return events

    def _claim(self, now: float, *, only_fast: bool) -> int:
        probes = [
            view.id
            for view in self.views.values()
            if view.active and view.circuit_until is not None and now >= self._scan_after.get(view.id, 0)
        ]
        found = claims.claim_probes(probes) if probes else []
        for endpoint_id in probes:
            self._scan_after[endpoint_id] = now + 0.25
        rooms = {}
        for view in self.views.values():
            lane = self.lanes.get(view.id)
            if not view.active or view.circuit_until is not None or now < self._scan_after.get(view.id, 0):
                continue
            if only_fast and lane is not None and lane.slow:
                continue
            room = lane.room if lane is not None else self._threads(view) * 2
            # A claim costs a scan: take a good handful, unless threads would stand idle.
            if room and (lane is None or lane.starving or room >= lane.threads * 4):
                rooms[view.id] = room
        if rooms:
            before = time.monotonic()
            due = claims.claim_due(rooms)
            lasted = time.monotonic() - before
            got: dict[uuid.UUID, int] = {}
            for claim in due:
                got[claim.endpoint_id] = got.get(claim.endpoint_id, 0) + 1
            pause = min(max(RESCAN_SECONDS[0], lasted * 10), RESCAN_SECONDS[1])
            for endpoint_id, room in rooms.items():
                if got.get(endpoint_id, 0) < room:
                    self._scan_after[endpoint_id] = time.monotonic() + pause
            found += due
        self._submit(found)
        return len(found)

    def _submit(self, found: list[claims.Claim]) -> None:
        by_endpoint: dict[uuid.UUID, list[claims.Claim]] = {}
        for claim in found:
            by_endpoint.setdefault(claim.endpoint_id, []).append(claim)
        for endpoint_id, mine in by_endpoint.items():
            lane = self.lanes.get(endpoint_id)
            if lane is None:
                view = self.views[endpoint_id]
                lane = self.lanes[endpoint_id] = Lane(view, self._results, self._threads(view))
            lane.submit(mine)

    def _gather(self) -> None:
        """Wait for answers: for one when a lane is about to run dry, else for a good batch."""
        until = time.monotonic() + GATHER_SECONDS
        while len(self._unsettled) < SETTLE_BATCH:
            starving = any(lane.starving for lane in self.lanes.values() if lane.outstanding)
            wait = until - time.monotonic()
            if self._unsettled and (wait <= 0 or starving):
                break
            try:
                self._unsettled.append(self._results.get(timeout=max(wait, 0.001)))
            except Empty:
                break
        self._take_ready()

    def _take_ready(self) -> None:
        while len(self._unsettled) < SETTLE_BATCH * 2:
            try:
                self._unsettled.append(self._results.get_nowait())
            except Empty:
                return

    def _settle(self) -> int:
        if not self._unsettled:
            self._take_ready()
        if not self._unsettled:
            return 0
        batch = self._unsettled
        outcome = settle(batch)
        self._unsettled = []
        for result in batch:
            result.lane.collected(result)
        if outcome.stopped or outcome.recovered:
            self._views_at = -math.inf
            self._scan_after.clear()
        for endpoint_id in outcome.stopped:
            if (lane := self.lanes.get(endpoint_id)) is not None:
                lane.hand_back()
        free = [stream for stream in outcome.free if stream[0] not in outcome.stopped and stream[0] in self.views]
        if free:
            self._submit(claims.claim_next(free))
        return outcome.written


_engine: tuple[int, Engine] | None = None


def current_engine() -> Engine:
    """The engine of this process; a forked child gets its own."""
    global _engine
    if _engine is None or _engine[0] != os.getpid():
        _engine = (os.getpid(), Engine())
    return _engine[1]
