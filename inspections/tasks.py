"""Background work of inspections: certificates that end soon, incidents whose hours are over."""

from __future__ import annotations

from celery import shared_task

from yancheng_childcare.deadlines import today_here

from .incident_desk import tell_late
from .registers import tell_ends


@shared_task
def tell_certificate_ends() -> int:
    """Tell heads of the certificates that end soon; returns how many were told of."""
    return tell_ends(today_here())


@shared_task
def tell_late_incidents() -> int:
    """Say that the hours of an incident are over; returns of how many."""
    return tell_late().done
