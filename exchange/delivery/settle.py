"""Settling: write what came back, in one transaction per batch, and only for claims whose lease is still ours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from yancheng_childcare.masking import mask_text

from .. import alarms, circuit
from .claims import BY_KEY, NO_OLDER
from .lanes import Result
from .verdicts import BACKOFF_SECONDS, HICCUP_SECONDS, Verdict, judge

logger = structlog.get_logger("exchange.delivery")

_SETTLE = """
UPDATE exchange_delivery d
   SET status = s.status, closed_at = CASE WHEN s.closed THEN statement_timestamp() END, lease = NULL,
       due_at = statement_timestamp() + make_interval(secs => s.delay), last_code = s.code, last_error = s.error,
       latency_ms = s.latency, same_refusals = s.same_refusals
  FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::bool[], %s::float8[], %s::int[], %s::text[], %s::int[], %s::int[])
       AS s(id, lease, status, closed, delay, code, error, latency, same_refusals)
 WHERE d.id = s.id AND d.lease = s.lease AND d.closed_at IS NULL
RETURNING d.id
"""
# A fast receiver may have sent its receipt before we had settled.
_ACKNOWLEDGED = """
UPDATE exchange_delivery d SET status = 'ACKED'
  FROM exchange_receipt r, exchange_endpoint ep
 WHERE d.id = ANY(%s) AND d.status = 'DELIVERED' AND r.event_id = d.event_id AND r.handled
   AND ep.id = d.endpoint_id AND r.department_id = ep.department_id
"""
_HAND_BACK = """
UPDATE exchange_delivery d
   SET status = CASE WHEN d.attempts > 1 THEN 'RETRY' ELSE 'PENDING' END, attempts = d.attempts - 1,
       lease = NULL, due_at = statement_timestamp()
  FROM unnest(%s::bigint[], %s::uuid[]) AS s(id, lease)
 WHERE d.id = s.id AND d.lease = s.lease AND d.closed_at IS NULL
"""
_KEEP_TRIES = """
INSERT INTO exchange_deliveryattempt (delivery_id, at, code, error, latency_ms, response)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::text[], %s::int[], %s::text[])
"""
# Heads only: what waits behind them follows by itself (`claim_next`), so a long backlog costs no long statement.
_RELEASE = f"""
UPDATE exchange_delivery d SET due_at = statement_timestamp()
 WHERE d.endpoint_id = %s AND d.closed_at IS NULL AND d.status = 'RETRY' AND d.same_refusals = 0
   AND d.due_at > statement_timestamp() AND {NO_OLDER}
"""  # noqa: S608  # only our own constant
# A hiccup is over: pushes it caught two or three times in a row would wait minutes for an endpoint that works. They are due
# half a minute after their last try instead. Whoever fails more often than that has trouble of its own and keeps its backoff.
_SHORTEN = f"""
UPDATE exchange_delivery d SET due_at = d.attempted_at + make_interval(secs => {HICCUP_SECONDS})
 WHERE d.endpoint_id = %s AND d.closed_at IS NULL AND d.status = 'RETRY' AND d.same_refusals = 0
   AND d.attempts < {len(BACKOFF_SECONDS)} AND d.due_at > statement_timestamp()
   AND d.due_at > d.attempted_at + make_interval(secs => {HICCUP_SECONDS})
"""  # noqa: S608  # only our own constants


@dataclass(slots=True)
class Settled:
    """`free` are the streams whose next push may go now; `stopped` the endpoints whose queued work must be handed back,
    `recovered` those whose circuit has just closed."""

    written: int = 0
    lost_leases: int = 0
    free: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    stopped: set[uuid.UUID] = field(default_factory=set)
    recovered: set[uuid.UUID] = field(default_factory=set)


def settle(results: list[Result]) -> Settled:
    """Write a batch of results. Every try is kept in the log, also of a sender that had lost its lease."""
    sent = [(result, result.answer) for result in results if result.answer is not None]
    unsent = [result.claim for result in results if result.answer is None]
    outcome = Settled()
    judged = [
        (
            result.claim,
            answer,
            judge(
                answer,
                attempts=result.claim.attempts,
                same_refusals=result.claim.same_refusals,
                last_code=result.claim.last_code,
            ),
        )
        for result, answer in sent
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BY_KEY)
        if unsent:
            cursor.execute(_HAND_BACK, [[claim.id for claim in unsent], [str(claim.lease) for claim in unsent]])
        if not judged:
            return outcome
        held = _write(cursor, judged)
        _keep_tries(cursor, judged)
        if closed := [claim.id for claim, _, verdict in judged if verdict.closed and claim.id in held]:
            cursor.execute(_ACKNOWLEDGED, [closed])
        tallies: dict[uuid.UUID, circuit.Tally] = {}
        for claim, answer, verdict in judged:
            tally = tallies.setdefault(claim.endpoint_id, circuit.Tally())
            if verdict.endpoint_failed:
                tally.bad(probe=claim.probe, retry_after=verdict.retry_after)
            elif not verdict.gone and answer.code is not None:
                tally.good(delivered=verdict.closed)
            if claim.id not in held:
                outcome.lost_leases += 1
                continue
            outcome.written += 1
            if verdict.closed:
                outcome.free.append((claim.endpoint_id, claim.content.subject))
            if verdict.parked:
                alarms.push_parked(delivery_id=claim.id)
            if verdict.gone and claim.endpoint_id not in outcome.stopped:
                _disable(cursor, claim.endpoint_id)
                outcome.stopped.add(claim.endpoint_id)
        for endpoint_id in sorted(tallies):
            _turn_circuit(cursor, endpoint_id, tallies[endpoint_id], outcome)
    if outcome.lost_leases:
        logger.warning("leases_lost", count=outcome.lost_leases)
    return outcome


def _write(cursor: Any, judged: list[tuple[Any, Any, Verdict]]) -> set[int]:
    cursor.execute(
        _SETTLE,
        [
            [claim.id for claim, _, _ in judged],
            [str(claim.lease) for claim, _, _ in judged],
            [str(verdict.status) for _, _, verdict in judged],
            [verdict.closed for _, _, verdict in judged],
            [verdict.delay for _, _, verdict in judged],
            [answer.code for _, answer, _ in judged],
            [str(answer.error) for _, answer, _ in judged],
            [answer.latency_ms for _, answer, _ in judged],
            [verdict.same_refusals for _, _, verdict in judged],
        ],
    )
    return {row[0] for row in cursor.fetchall()}


def _keep_tries(cursor: Any, judged: list[tuple[Any, Any, Verdict]]) -> None:
    now = datetime.now(UTC)
    cursor.execute(
        _KEEP_TRIES,
        [
            [claim.id for claim, _, _ in judged],
            [now - timedelta(milliseconds=answer.latency_ms) for _, answer, _ in judged],
            [answer.code for _, answer, _ in judged],
            [str(answer.error) for _, answer, _ in judged],
            [answer.latency_ms for _, answer, _ in judged],
            # A receiver may echo what it got: its answer is masked like any log line.
            [mask_text(answer.excerpt)[:4096] for _, answer, _ in judged],
        ],
    )


def _disable(cursor: Any, endpoint_id: uuid.UUID) -> None:
    """410 Gone: the receiver wants no more. Its pushes wait until people have sorted it out."""
    cursor.execute(
        "UPDATE exchange_endpoint SET status = 'DISABLED' WHERE id = %s AND status NOT IN ('DISABLED', 'CLOSED') RETURNING id",
        [str(endpoint_id)],
    )
    if cursor.fetchone():
        alarms.endpoint_gone(endpoint_id=endpoint_id)


def _turn_circuit(cursor: Any, endpoint_id: uuid.UUID, tally: circuit.Tally, outcome: Settled) -> None:
    """Bring the endpoint's health up to date, and note whether it must get no more for now, or is back."""
    if not tally.alive and not tally.seen_failure:
        return
    cursor.execute(
        "SELECT consecutive_failures, circuit_step, circuit_until IS NOT NULL,"
        " last_success_at IS NULL OR last_success_at < statement_timestamp() - interval '1 second'"
        " FROM exchange_endpoint WHERE id = %s FOR NO KEY UPDATE",
        [str(endpoint_id)],
    )
    failures, step, is_open, success_is_old = cursor.fetchone()
    before = circuit.State(failures, step, is_open)
    change = circuit.step(before, tally)
    if change.hiccup_over:
        cursor.execute(_SHORTEN, [str(endpoint_id)])
    unchanged = change.pause is None and change.failures == 0 and not is_open and failures == 0
    if unchanged and not (tally.delivered and success_is_old):
        return
    cursor.execute(
        "UPDATE exchange_endpoint SET consecutive_failures = %s, circuit_step = %s,"
        " circuit_until = CASE WHEN %s THEN circuit_until ELSE statement_timestamp() + make_interval(secs => %s) END,"
        " last_success_at = CASE WHEN %s THEN statement_timestamp() ELSE last_success_at END,"
        " last_failure_at = CASE WHEN %s THEN statement_timestamp() ELSE last_failure_at END WHERE id = %s",
        [
            change.failures,
            change.step,
            change.pause == circuit.KEEP_PAUSE,
            change.pause,  # NULL closes the circuit
            tally.delivered,
            tally.seen_failure,
            str(endpoint_id),
        ],
    )
    if change.recovered:
        outcome.recovered.add(endpoint_id)
        cursor.execute(_RELEASE, [str(endpoint_id)])
        logger.info("endpoint_recovered", endpoint=str(endpoint_id), released=cursor.rowcount)
    if change.pause not in (None, circuit.KEEP_PAUSE) and not is_open:
        logger.warning("circuit_opened", endpoint=str(endpoint_id), failures=change.failures)
    if change.pause is not None:
        outcome.stopped.add(endpoint_id)
