"""The clocks that begin with a registration: one list for a single entry and for an import."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings

from yancheng_childcare.choices import ClockKind

FILE = "DL-FILE"
POLICE_CLOCK = "DL-POLICE"


def filing_due(established_on: date) -> date:
    """The day by which a registered institution should have filed.

    The law says only “及时” after registration (方案 三(三)1); the sixty days are our own choice ([A]) and count
    from the day of establishment on the licence: on the institution's record, every list, the board and every desk.
    """
    return established_on + timedelta(days=settings.UNFILED_GOVERN_DAYS)


def opening_clocks(established_on: date, today: date) -> tuple[tuple[str, str, str, int, str, date], ...]:
    """(code, label, source, days, kind, first day) of each; both lengths are our own choice ([A]), so they are settings."""
    filing, police = settings.UNFILED_GOVERN_DAYS, settings.POLICE_ADVICE_WORKDAYS
    source = "方案 三(三)1“及时”；天数为平台约定"
    advice = "方案附件 公安部门职责；天数为平台约定"
    return (
        (FILE, "提交备案（平台提醒）", source, filing, ClockKind.DAYS.value, established_on),
        (POLICE_CLOCK, "公安安全防范指导", advice, police, ClockKind.WORKDAYS.value, today),
    )
