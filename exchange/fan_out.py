"""From the outbox to deliveries: number the events in the order of their commits, one delivery per subscribed endpoint.

One transaction-level advisory lock makes this single-file over all processes. Under it the ids of deliveries grow in the
order of `position`, and the versions of one institution were committed in their own order (`record()` runs under the lock
of the institution's row), so "the oldest open delivery" is always the right next one.
"""

from __future__ import annotations

from django.db import connection, transaction

BATCH = 500
_LOCK = 0x7075_7368  # "push"

_FAN_OUT = """
WITH batch AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n
      FROM (SELECT id FROM exchange_outboxevent WHERE position IS NULL ORDER BY id LIMIT %(batch)s) waiting
), last AS (
    SELECT coalesce(max(position), 0) AS position FROM exchange_outboxevent
), placed AS (
    UPDATE exchange_outboxevent e SET position = last.position + batch.n
      FROM batch, last WHERE e.id = batch.id
    RETURNING e.id, e.uid, e.type, e.subject, e.region_id, e.position
), wanted AS (
    SELECT DISTINCT p.position, p.id AS event_id, p.uid, p.subject, s.endpoint_id
      FROM placed p
      JOIN yancheng_childcare_region r ON r.code = p.region_id
      JOIN exchange_subscription s ON s.event_type = p.type
      JOIN yancheng_childcare_region sr ON sr.code = s.region_id AND starts_with(r.prefix, sr.prefix)
), made AS (
    INSERT INTO exchange_delivery (webhook_id, endpoint_id, event_id, subject)
    SELECT 'msg_' || replace(uid::text, '-', '') || '_' || left(replace(endpoint_id::text, '-', ''), 12),
           endpoint_id, event_id, subject
      FROM wanted ORDER BY position, endpoint_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM placed), (SELECT count(*) FROM made)
"""


def fan_out(batch: int = BATCH) -> tuple[int, int]:
    """Number at most `batch` waiting events and make their deliveries; returns (events, deliveries).

    (0, 0) when nothing waits or another process is at it. Paused and disabled endpoints get theirs too: a statutory push
    waits, it is never dropped.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM exchange_outboxevent WHERE position IS NULL) AND pg_try_advisory_xact_lock(%s)",
            [_LOCK],
        )
        if not cursor.fetchone()[0]:
            return 0, 0
        cursor.execute(_FAN_OUT, {"batch": batch})
        events, deliveries = cursor.fetchone()
        return int(events), int(deliveries)


def events_wait() -> bool:
    """Whether events are not fanned out yet (another process may be at it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM exchange_outboxevent WHERE position IS NULL)")
        return bool(cursor.fetchone()[0])
