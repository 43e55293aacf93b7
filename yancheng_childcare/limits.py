"""How often something may be done. Nothing here needs Redis, so no limit is gone when Redis is.

Two counters. What must not be guessed or sent in masses (passwords, codes, mails, reports) is counted in PostgreSQL:
exactly, for all processes, through restarts, at the price of one statement. What only takes machine time (searches,
calls of the API) is counted in the memory of each process; with n processes the limit is up to n times as high.

A window begins with the first time something is counted and ends after its length, however often it is tried
meanwhile: nobody can keep a window open. The table holds keyed marks, never a name or an address.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from django.db import connection

from .crypto import blind_index
from .problems import Problem, Rejected

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_MOST = 100_000  # names kept in memory; past that the window begins anew
_lock = Lock()
_windows: dict[int, tuple[int, Counter[str]]] = {}

# A window that ends later than one begun now was opened by a clock that ran ahead: it is over. The minute is for
# statements that overtake each other.
_COUNT = """
INSERT INTO yancheng_childcare_limitcount AS c (mark, number, ends_at)
SELECT mark, 1, statement_timestamp() + seconds * interval '1 second'
  FROM unnest(%s::text[], %s::int[]) AS asked(mark, seconds) ORDER BY mark
ON CONFLICT (mark) DO UPDATE SET
  number = CASE WHEN c.ends_at BETWEEN statement_timestamp() AND EXCLUDED.ends_at + interval '1 minute'
                THEN c.number + 1 ELSE 1 END,
  ends_at = CASE WHEN c.ends_at BETWEEN statement_timestamp() AND EXCLUDED.ends_at + interval '1 minute'
                 THEN c.ends_at ELSE EXCLUDED.ends_at END
RETURNING mark, number, ceil(extract(epoch FROM ends_at - statement_timestamp()))::int
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `seconds`, for one `name` (what is done, and by or to whom)."""

    name: str
    most: int
    seconds: int

    @property
    def mark(self) -> str:
        """The keyed hash that stands for the name in the table."""
        return blind_index(hexed(self.name), "limit")


@dataclass(frozen=True, slots=True)
class Use:
    """What has been used of a limit, this time included; `wait` is the seconds until the window ends."""

    limit: Limit
    number: int
    wait: int

    @property
    def over(self) -> bool:
        """Whether this time was one too many."""
        return self.number > self.limit.most

    @property
    def just_over(self) -> bool:
        """Whether this time was the first one too many of the window."""
        return self.number == self.limit.most + 1


def hexed(text: str) -> str:
    """A text for `blind_index`, which would leave out hyphens, blanks and the case of letters."""
    return text.encode("utf-8", "surrogatepass").hex()


def count(*limits: Limit) -> list[Use]:
    """Count one use of each limit in PostgreSQL, in one statement; the uses in the order given."""
    marks = [limit.mark for limit in limits]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [marks, [limit.seconds for limit in limits]])
        found = {mark: (number, wait) for mark, number, wait in cursor.fetchall()}
    return [Use(limit, *found[mark]) for limit, mark in zip(limits, marks, strict=True)]


def give_back(limits: Iterable[Limit]) -> None:
    """Take one use of each back: what was counted beforehand turned out to be right."""
    marks = [limit.mark for limit in limits]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE yancheng_childcare_limitcount SET number = number - 1 WHERE number > 0 AND mark IN"
            " (SELECT mark FROM yancheng_childcare_limitcount WHERE mark = ANY(%s) ORDER BY mark FOR UPDATE)",
            [marks],
        )


def check_limit(limit: Limit, *, words: str, code: str = "GEN-429") -> None:
    """Count one use in PostgreSQL. Raises Rejected (429 with `words` and Retry-After) when it is one too many."""
    (use,) = count(limit)
    if use.over:
        raise too_often(words, use.wait, code=code)


def too_often(words: str, wait: int, *, code: str = "GEN-429") -> Rejected:
    """The refusal; `wait` in seconds."""
    return Rejected(Problem(code, "", words), status=429, title="操作过于频繁", retry_after=max(wait, 1))


def purge_counts() -> int:
    """Delete the counts of windows that are over; how many. Nothing here outlives its window by more than an hour."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM yancheng_childcare_limitcount WHERE ends_at < statement_timestamp()")
        return cursor.rowcount


def count_here(name: str, seconds: int = MINUTE) -> int:
    """How often this was counted in this process in the running window of `seconds`, this time included."""
    with _lock:
        seen = _window(seconds)
        seen[name] += 1
        return seen[name]


def seen_here(name: str, seconds: int = MINUTE) -> int:
    """How often this was counted in this process in the running window, without counting."""
    with _lock:
        return _window(seconds)[name]


def wait_here(seconds: int = MINUTE) -> float:
    """Seconds until the running window of this process ends."""
    return seconds - time.time() % seconds


def forget() -> None:
    """In tests: nobody has asked yet."""
    _windows.clear()


def _window(seconds: int) -> Counter[str]:
    now = int(time.time() // seconds)
    window, seen = _windows.get(seconds, (now, Counter()))
    if window != now or len(seen) >= _MOST:
        seen = Counter()
    _windows[seconds] = (now, seen)
    return seen
