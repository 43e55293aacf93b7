"""Background work of inspections."""

from __future__ import annotations

from celery import shared_task

from .incident_desk import tell_late


@shared_task
def tell_late_incidents() -> int:
    """Say that the hours of an incident are over; returns of how many."""
    return tell_late().done
