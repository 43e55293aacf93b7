"""An edit of the working-day calendar recomputes open clocks in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import SpecialDay


@receiver([post_save, post_delete], sender=SpecialDay, dispatch_uid="special_day_changed")
def special_day_changed(sender: type[SpecialDay], instance: SpecialDay, **kwargs: Any) -> None:
    """The edit and the moved due days are one change: both are kept or neither."""
    from .deadlines import recompute_open_deadlines
    from .workdays import forget

    forget()
    recompute_open_deadlines(cause=f"工作日历调整：{instance}")
