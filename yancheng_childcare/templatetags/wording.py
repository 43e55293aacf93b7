"""Filters that say a value in words: days, amounts, masked numbers."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from yancheng_childcare import masking, workdays

register = template.Library()

register.filter("mask_id", masking.mask_id)
register.filter("mask_phone", masking.mask_phone)
register.filter("mask_name", masking.mask_name)

_ISO_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


def _day(value: Any) -> date | None:
    """The Asia/Shanghai calendar day of a date, a datetime or an ISO text; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def cn_date(value: Any) -> str:
    """`2026年11月23日`, for sentences (product.md C1); empty for no date."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def by_day(value: Any) -> str:
    """`12月7日（星期一）前（含当日）`, the last day in time, for sentences; with the year when it is another one."""
    day = _day(value)
    return workdays.by_day(day, timezone.localdate()) if day else ""


@register.filter
def iso_date(value: Any) -> str:
    """`2026-11-23`, for tables; empty for no date."""
    day = _day(value)
    return day.isoformat() if day else ""


@register.filter
def machine_time(value: Any) -> str:
    """A day or a moment for `<time datetime>`, a moment with +08:00 as everywhere."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value or "")


@register.filter
def cn_datetime(value: Any) -> str:
    """`2026年11月23日 09:30` in Asia/Shanghai, 24 hours; a plain date shows no time."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return ""
    if not isinstance(value, datetime):
        return cn_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(local)} {local:%H:%M}"


@register.filter
def cn_moment(value: datetime) -> str:
    """As `cn_datetime`, to the second: where what happens next is seconds away."""
    return f"{cn_datetime(value)}:{timezone.localtime(value):%S}"


@register.filter
def days_since(value: Any) -> int | str:
    """Calendar days from that day to today in Asia/Shanghai (0 = today); empty for no date."""
    day = _day(value)
    return (timezone.localdate() - day).days if day else ""


@register.filter
def thousands(value: Any) -> str:
    """`18,460`; anything that is no number is shown as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return "" if value is None else str(value)
    return f"{number:,f}" if number.is_finite() else str(value)


@register.filter
def whole_dates(value: Any) -> SafeString:
    """The text, escaped, with every ISO date kept on one line: a browser breaks `2026-04-` from `29`."""
    return mark_safe(_ISO_DAY.sub(r'<span class="nowrap">\g<0></span>', escape(value)))  # noqa: S308  # escaped


@register.filter
def money(value: Any) -> str:
    """Yuan: `1,980 元`, with two decimals only when there are any fen; empty for no amount."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return ""
    return f"{amount:,.0f} 元" if amount == amount.to_integral_value() else f"{amount:,.2f} 元"


@register.filter
def uscc(value: Any) -> SafeString:
    """A credit code in its groups 2-6-9-1 (GB 32100-2015) for reading; a copy holds the 18 characters, no blanks."""
    code = re.sub(r"\s", "", str(value or "")).upper()
    if len(code) != 18:
        return format_html('<span class="code">{}</span>', code)
    return format_html(
        '<span class="code uscc"><span>{}</span><span>{}</span><span>{}</span><span>{}</span></span>',
        code[:2],
        code[2:8],
        code[8:17],
        code[17],
    )
