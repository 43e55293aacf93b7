"""Background work of inspections: certificates that end soon."""

from __future__ import annotations

from celery import shared_task

from yancheng_childcare.deadlines import today_here

from .registers import tell_ends


@shared_task
def tell_certificate_ends() -> int:
    """Tell heads of the certificates that end soon; returns how many were told of."""
    return tell_ends(today_here())
