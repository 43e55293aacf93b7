"""Lanes: one per endpoint and process, each with its own few threads and kept-alive connections.

Threads are never shared between endpoints, so one that hangs holds only its own. They touch no database: claims come in
through a queue, results leave through another, and the main thread alone claims and settles.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import structlog

from yancheng_childcare.crypto import DecryptionFailed

from .. import bodies
from ..client import Answer, Failure, Sender
from ..signatures import sign
from .claims import Claim
from .views import EndpointView

logger = structlog.get_logger("exchange.delivery")

# Work kept ready in front of a lane, in seconds of its present pace: enough to bridge a claim, little enough that
# nothing waits long behind a receiver that has become slow.
AHEAD_SECONDS = 0.3
MOST_AHEAD_PER_THREAD = 16


@dataclass(slots=True)
class Result:
    """A try and its answer; `answer` is None when the push was handed back unsent."""

    claim: Claim
    answer: Answer | None
    lane: Lane


class Lane:
    """The senders of one endpoint in this process."""

    def __init__(self, view: EndpointView, results: SimpleQueue[Result], threads: int):
        self.view = view
        self.threads = max(1, threads)
        self.outstanding = 0
        self.used_at = time.monotonic()
        self._latency = 0.05  # until measured
        self._inbox: SimpleQueue[Claim | None] = SimpleQueue()
        self._results = results
        self._started = 0

    def submit(self, claims: list[Claim]) -> None:
        """Queue claims for sending; starts as many threads as there is work for, at most the lane's number."""
        self.used_at = time.monotonic()
        self.outstanding += len(claims)
        for claim in claims:
            self._inbox.put(claim)
        while self._started < min(self.threads, self.outstanding):
            self._started += 1
            threading.Thread(target=self._work, name=f"push-{self.view.id}", daemon=True).start()

    def collected(self, result: Result) -> None:
        """The main thread has taken this result."""
        self.outstanding -= 1
        if result.answer is not None:
            seconds = result.answer.latency_ms / 1000
            self._latency += (seconds - self._latency) * 0.2

    @property
    def room(self) -> int:
        """How many more pushes this lane should be given now."""
        per_thread = min(MOST_AHEAD_PER_THREAD, max(1, int(AHEAD_SECONDS / max(self._latency, 0.001))))
        return max(0, self.threads * per_thread - self.outstanding)

    @property
    def starving(self) -> bool:
        """Whether threads will soon have nothing to do."""
        return self._inbox.qsize() < self.threads

    @property
    def slow(self) -> bool:
        """Whether its answers take so long that others must not wait for them."""
        return self._latency > 0.5

    def hand_back(self) -> None:
        """Give queued pushes back unsent (the circuit opened, or the endpoint was paused)."""
        while True:
            try:
                claim = self._inbox.get_nowait()
            except Empty:
                return
            if claim is not None:
                self._results.put(Result(claim, None, self))

    def close(self) -> None:
        """End the threads once they are idle."""
        for _ in range(self._started):
            self._inbox.put(None)

    def _work(self) -> None:
        view = self.view
        sender = Sender(view.target, view.allowed) if view.target else None
        while (claim := self._inbox.get()) is not None:
            self._results.put(Result(claim, self._try(sender, claim), self))
        if sender is not None:
            sender.close()

    def _try(self, sender: Sender | None, claim: Claim) -> Answer | None:
        if time.monotonic() > claim.send_before:
            return None
        if sender is None:
            return Answer(None, Failure.REFUSED_TARGET, 0)
        view = self.view
        try:
            body = bodies.compose(
                claim.content, body_format=view.body_format, grants=view.grants, webhook_id=claim.webhook_id
            )
            return sender.post(push_headers(view, claim.webhook_id, body), body, timeout=view.timeout)
        except DecryptionFailed:
            return Answer(None, Failure.UNREADABLE, 0)
        except Exception as error:  # noqa: BLE001  # a thread must survive anything; the push is tried again
            logger.error("push_internal_error", webhook_id=claim.webhook_id, error=type(error).__name__)
            return Answer(None, Failure.INTERNAL, 0)


def push_headers(view: EndpointView, webhook_id: str, body: bytes) -> dict[str, str]:
    """The headers of one try: the timestamp and the signatures are of this try, the id of all of them."""
    now = int(time.time())
    return {
        "Content-Type": bodies.CONTENT_TYPES[view.body_format],
        "webhook-id": webhook_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(view.keys, webhook_id, now, body),
    }
