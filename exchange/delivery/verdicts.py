"""What an answer means for the push and for the endpoint: pure rules (contract.md, Push; reliability.md T35, T36)."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..choices import DeliveryStatus
from ..client import Answer, Failure

# 5 s, 30 s, 2 min, 10 min, then every 15 min with jitter; never given up by count or age.
BACKOFF_SECONDS = (5, 30, 120, 600, 900)
JITTER = 0.2
# Longest wait of a push whose first tries met only a bad moment of an endpoint that works (see `settle`).
HICCUP_SECONDS = 30
# Refusals that say something about the endpoint, its credentials or its load, not about this one push.
ENDPOINT_CODES = frozenset({401, 403, 407, 408, 421, 425, 429})
HONOURS_RETRY_AFTER = frozenset({429, 502, 503, 504})
GONE = 410
SAME_REFUSALS_TO_PARK = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`delay` is in seconds until the push is due again; `endpoint_failed` counts for the circuit."""

    status: str
    delay: float
    closed: bool
    same_refusals: int
    endpoint_failed: bool
    gone: bool = False
    retry_after: int | None = None
    parked: bool = False


def backoff(attempts: int, rng: random.Random | None = None) -> float:
    """Seconds before the next try after `attempts` tries, with ±20 % jitter so that streams do not march in step."""
    base = BACKOFF_SECONDS[min(max(attempts, 1), len(BACKOFF_SECONDS)) - 1]
    return base * ((rng or random).uniform(1 - JITTER, 1 + JITTER))  # type: ignore[union-attr]  # module or instance


def judge(
    answer: Answer, *, attempts: int, same_refusals: int, last_code: int | None, rng: random.Random | None = None
) -> Verdict:
    """The verdict on one try. `attempts` includes this one; the other two are the push's state before it.

    A permanent refusal (4xx that is not about the endpoint) seen three times in a row with the same code parks the push:
    a person must look, and only its own institution waits behind it.
    """
    code = answer.code
    if answer.ok:
        return Verdict(DeliveryStatus.DELIVERED, 0, True, 0, False)
    if code == GONE:
        return Verdict(DeliveryStatus.RETRY, 0, False, 0, False, gone=True)
    refused = code is not None and 400 <= code < 500 and code not in ENDPOINT_CODES
    if refused or answer.error == Failure.UNREADABLE:
        repeated = same_refusals + 1 if code == last_code else 1
        parked = repeated >= SAME_REFUSALS_TO_PARK
        status = DeliveryStatus.DEAD if parked else DeliveryStatus.RETRY
        return Verdict(status, backoff(repeated, rng), False, repeated, False, parked=parked)
    wait = answer.retry_after if code in HONOURS_RETRY_AFTER else None
    return Verdict(DeliveryStatus.RETRY, max(backoff(attempts, rng), wait or 0), False, 0, True, retry_after=wait)
