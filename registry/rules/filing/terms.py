"""Lengths of contracts in whole months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def full_months(first: date, last: date) -> int:
    """Whole months of a term from `first` to `last`, both days included; 0 when it ends before it begins.

    2024-01-01 to 2026-12-31 is 36. A month ends the day before the same day of the next month; where that month has
    no such day, the day before its last day ([A]).
    """
    if last < first:
        return 0
    if last == date.max:
        end_year, end_month, end_day = last.year + 1, 1, 1
    else:
        end = last + timedelta(days=1)
        end_year, end_month, end_day = end.year, end.month, end.day
    months = (end_year - first.year) * 12 + end_month - first.month
    longest = 31 if end_year > date.max.year else monthrange(end_year, end_month)[1]
    if end_day < min(first.day, longest):
        months -= 1
    return months
