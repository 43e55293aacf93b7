"""工作日调整: the exceptions of the working-day calendar, entered by an administrator as the State Council announces them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from .models import SpecialDay
from .records import log_event

# What `signals.special_day_changed` does in the same transaction.
RECOMPUTED = "没有办结的办理时限已按新日历重新计算，届满日有变化的已记入操作记录并通知管理员和市卫健委。"


def save_day(day: SpecialDay, *, actor: Any) -> None:
    """Keep a new or changed exception; the open clocks follow in the same transaction."""
    verb = "新增" if day.pk is None else "修改"
    with transaction.atomic():
        day.save()
        _keep("calendar.changed", f"{verb}工作日调整：{day}，依据 {day.source}", actor)


def delete_day(day: SpecialDay, *, actor: Any) -> None:
    """Back to the built-in calendar for that day; the open clocks follow in the same transaction."""
    words = f"删除工作日调整：{day}"
    with transaction.atomic():
        day.delete()
        _keep("calendar.deleted", words, actor)


def _keep(action: str, summary: str, actor: Any) -> None:
    log_event(action, subject="calendar", summary=summary, actor=actor)
