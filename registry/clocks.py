"""The clocks that begin with a registration: one list for a single entry and for an import."""

from __future__ import annotations

from django.conf import settings

from yancheng_childcare.choices import ClockKind


def opening_clocks() -> tuple[tuple[str, str, str, int, str], ...]:
    """(code, label, source, days, kind) of each; both lengths are our own choice ([A]), so they are settings."""
    filing, police = settings.UNFILED_GOVERN_DAYS, settings.POLICE_ADVICE_WORKDAYS
    return (
        ("DL-FILE", "提交备案（平台提醒）", "方案 三(三)1「及时」；天数为平台约定", filing, ClockKind.DAYS.value),
        ("DL-POLICE", "公安安全防范指导", "方案附件 公安部门职责；天数为平台约定", police, ClockKind.WORKDAYS.value),
    )
