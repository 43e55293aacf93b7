"""`next_number`: the next number of a series, in the transaction of what is numbered (no gaps, no doubles)."""

from __future__ import annotations

from django.db import connection

_NEXT = """
INSERT INTO yancheng_childcare_numberseries (key, last) VALUES (%s, 1)
ON CONFLICT (key) DO UPDATE SET last = yancheng_childcare_numberseries.last + 1 RETURNING last
"""


def next_number(series: str) -> int:
    """The next number of the series, 1 for a new one; others wait until this transaction ends.

    Raises RuntimeError outside a transaction: a number given and then lost would leave a gap.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("next_number() must run in the transaction of what is numbered")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        return int(cursor.fetchone()[0])
