"""Background work of the opening of accounts."""

from __future__ import annotations

from celery import shared_task

from .attending import attend


@shared_task
def attend_openings() -> int:
    """Tell reviewers of new requests, close what fits nothing or ran out; returns how many."""
    return attend()
