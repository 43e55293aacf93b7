"""How frequent the pieces of words are, from the statistics the database keeps of its own index.

The planner takes the pieces of 托育服务有限公司 for independent and expects one hit where there are half a million; the
statistics know each piece, so the search decides itself: the rarest pieces lead, and words that stand in every sixth
entry are not looked up at all but met along the way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from yancheng_childcare.replica import public_connection

FREQUENT = 0.15
LEADING = 2
SECONDS = 600.0
# Among a few entries every piece of a name is frequent, and a name nobody else bears would count as a common word.
FEWEST = 200
# pg_stats names the index; its last numbers are smallest and largest frequency and that of NULLs.
STATISTICS = """SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
    JOIN pg_class ON relname = tablename WHERE tablename = %s AND reltuples >= %s"""


class _Known:
    """Shares of entries by piece for each index, read anew every ten minutes."""

    def __init__(self) -> None:
        self.until: dict[str, float] = {}
        self.shares: dict[str, dict[str, float]] = {}

    def of(self, index: str) -> dict[str, float]:
        if time.monotonic() > self.until.get(index, 0.0):
            self.shares[index] = _read(index)
            self.until[index] = time.monotonic() + SECONDS
        return self.shares[index]


_known = _Known()
INDEXES = {"words": "public_words", "latin": "public_latin"}


def _read(index: str) -> dict[str, float]:
    connection = public_connection()
    connection.ensure_connection()
    # Not through Django: this is no part of the question, and asked once in ten minutes.
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(STATISTICS, [index, FEWEST])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return {}
    return dict(zip(row[0], row[1], strict=False))


def forget() -> None:
    """After a bulk load or in tests: the statistics are read at the next search."""
    _known.until.clear()


def share_of(column: str, pieces: Iterable[str]) -> float:
    """The share of entries (0–1) that can hold all of these pieces: that of the rarest; 1 for none."""
    shares = _known.of(INDEXES[column])
    return min((shares.get(piece, 0.0) for piece in pieces), default=1.0)


def leading(column: str, pieces: Iterable[str]) -> list[str]:
    """The pieces worth looking up, rarest first: the intersection of long lists costs more than it saves.

    A rare piece is kept whatever comes before it; of the frequent ones two are enough, LIKE decides anyway.
    """
    shares = _known.of(INDEXES[column])
    ordered = sorted(pieces, key=lambda piece: (shares.get(piece, 0.0), piece))
    rare = [piece for piece in ordered if piece not in shares]
    return rare[:4] or ordered[:LEADING]
