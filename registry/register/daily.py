"""Every entry is brought up to the day once a day: papers expire, people come and go, days of stopping come.

Slice by slice in the order of the keys. A slice is read with three queries and without a lock; only what differs from its
entry is taken up one by one, under the lock, by `refresh_entry`. What somebody changes meanwhile they refresh themselves.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error

from yancheng_childcare.pieces import Tally, each

from ..models import Institution
from .entry import refresh_entry, unsaid
from .sources import gather_many

SLICE = 600


def refresh_slice(after: int = 0) -> tuple[Tally, int]:
    """Look at the next `SLICE` institutions with keys above `after`.

    Returns how many entries changed and failed, and the last key looked at; 0 when none is left.
    """
    rows = Institution.objects.exclude(filing_state="", filed_on=None).filter(pk__gt=after).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:SLICE])
    return each("register", _differing(keys), refresh_entry), keys[-1] if keys else 0


def refresh_all() -> Tally:
    """Every slice, one after the other; how many entries changed and failed."""
    total, after = refresh_slice()
    while after:
        tally, after = refresh_slice(after)
        total.done += tally.done
        total.failed += tally.failed
    return total


def _differing(keys: list[int]) -> list[int]:
    """Those whose entry does not say what it should; all when one of them cannot be made out: each is then tried alone."""
    try:
        with _no_search_for_cycles():
            return [pk for pk, sources in gather_many(keys).items() if unsaid(sources) is not None]
    except Error:
        raise
    except Exception:  # noqa: BLE001 - `each` tells which one it is
        return keys


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """What is read of a slice holds no cycles, and looking for some was a third of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
