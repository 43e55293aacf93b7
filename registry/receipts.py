"""What a department's receipt means for a registration: a handled one of public security stops its clock.

Connected to the row itself, so it holds for the desk, the API and whatever comes later, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from exchange.models import Receipt
from yancheng_childcare.deadlines import stop_deadlines, today_here

POLICE_CLOCK = "DL-POLICE"


@receiver(post_save, sender=Receipt, dispatch_uid="registry.receipt_stops_clock")
def receipt_stops_clock(sender: type[Receipt], instance: Receipt, created: bool, **kwargs: Any) -> None:
    """安全防范指导 is done when public security says so."""
    if created and instance.handled and instance.department.kind == "POLICE":
        stop_deadlines(f"registry.institution:{instance.subject}", POLICE_CLOCK, today=today_here())
