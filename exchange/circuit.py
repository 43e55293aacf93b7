"""The circuit of an endpoint: after repeated failures it opens, and one request at a time tries whether it is back.

The pauses are short (at most 30 s): a receiver that returns gets its backlog at once, and one request in half a minute
troubles nobody. A `Retry-After` of the receiver itself holds the whole endpoint for as long as it asks (at most 1 h).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OPENS_AFTER = 5
PROBE_PAUSES = (1, 2, 5, 10, 15, 30)


@dataclass(slots=True)
class Tally:
    """What one batch of settled tries says about an endpoint, in the order the answers came."""

    alive: bool = False  # any answer that shows the receiver works: it took a push, or refused just that one
    delivered: bool = False
    failures: int = 0  # failures of the endpoint since the last sign of life in this batch
    seen_failure: bool = False
    probe_failed: bool = False
    retry_after: int = 0  # seconds

    def good(self, *, delivered: bool) -> None:
        """The receiver answered and took it, or refused just this one."""
        self.alive, self.failures, self.retry_after = True, 0, 0
        self.delivered |= delivered

    def bad(self, *, probe: bool, retry_after: int | None) -> None:
        """The endpoint failed."""
        self.failures += 1
        self.seen_failure = True
        self.probe_failed |= probe
        self.retry_after = max(self.retry_after, retry_after or 0)


@dataclass(frozen=True, slots=True)
class State:
    """An endpoint's circuit as stored; `open` also while half-open."""

    failures: int
    step: int
    open: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The new state; `pause` in seconds from now, None = closed, -1 = leave the end of the pause as it is.

    `recovered`: an open circuit has closed. `hiccup_over`: it takes pushes again after failures too few to open it.
    """

    failures: int
    step: int
    pause: int | None
    recovered: bool
    hiccup_over: bool = False


KEEP_PAUSE = -1


def step(state: State, tally: Tally, *, pauses: Sequence[int] = PROBE_PAUSES) -> Change:
    """The state after a batch. Closes on the first sign of life; opens after five failures in a row.

    Only a failed probe lengthens the pause: answers to requests that were under way when it opened do not.
    """
    if tally.alive and tally.failures == 0:
        hiccup_over = not state.open and (state.failures > 0 or tally.seen_failure)
        return Change(0, 0, None, recovered=state.open, hiccup_over=hiccup_over)
    failures = tally.failures if tally.alive else state.failures + tally.failures
    was_open = state.open and not tally.alive
    if tally.retry_after:
        return Change(failures, state.step, tally.retry_after, recovered=False)
    if was_open:
        if not tally.probe_failed:
            return Change(failures, state.step, KEEP_PAUSE, recovered=False)
        following = min(state.step + 1, len(pauses))
        return Change(failures, following, pauses[following - 1], recovered=False)
    if failures >= OPENS_AFTER:
        return Change(failures, 1, pauses[0], recovered=False)
    return Change(failures, 0, None, recovered=tally.alive and state.open)
