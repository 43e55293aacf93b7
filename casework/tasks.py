"""Background work of cases: letters whose hold is over, rungs of clocks."""

from __future__ import annotations

from celery import shared_task

from .clocks import ring
from .letters import release


@shared_task
def release_letters() -> int:
    """Send the letters whose hold is over; returns how many."""
    return release().done


@shared_task
def ring_clocks() -> int:
    """Take the rungs of clocks that are due; returns how many."""
    return ring().done
