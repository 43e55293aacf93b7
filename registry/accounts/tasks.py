"""Background work of the opening of accounts."""

from __future__ import annotations

from celery import shared_task

from .attending import attend
from .staff_table.taking import take_staff_tables

__all__ = ["attend_openings", "take_staff_tables"]


@shared_task
def attend_openings() -> int:
    """Tell reviewers of new requests, close what fits nothing or ran out; returns how many."""
    return attend()
