"""What spreadsheets do to cells, undone where that is certain; the rest is left for the rules to name."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from yancheng_childcare.exports import safe_cell

#: A spreadsheet keeps this many numbers exactly.
EXACT = 10**15
_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\s*0{1,2}:00(?::00(?:\.0+)?)?)?")


def unquoted(text: str) -> str:
    """Without the apostrophe that `safe_cell` put before a text a spreadsheet would execute."""
    return text[1:].strip() if text[:1] == "'" and safe_cell(text[1:]) == text else text


def straight_day(value: Any) -> Any:
    """A day as the rules read it: a date, or YYYY-MM-DD for the ways people write one; anything else as it is."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str) and not _ISO.fullmatch(value) and (read := _DAY.fullmatch(unquoted(value.strip()))):
        return f"{read[1]}-{int(read[2]):02d}-{int(read[3]):02d}"
    return value


def whole(value: Any) -> Any:
    """A number that lost nothing without its point; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < EXACT else value


def given_back(value: Any) -> Any:
    """As it is read again: a day stays a day without a time, a whole number loses its point."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else whole(value)
