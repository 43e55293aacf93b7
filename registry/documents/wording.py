"""Chinese numbers and dates of official letters (GB/T 9704—2012, 7.3.3 and 7.3.5.4)."""

from __future__ import annotations

from datetime import date

_DIGITS = "〇一二三四五六七八九"


def chinese_number(number: int) -> str:
    """一, 十, 十二, 四十: the number of a first-level item, 1 to 99; beyond that plain digits."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """`2026年11月3日`: Arabic digits without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"
