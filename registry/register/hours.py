"""Opening hours as institutions write them, and as schema.org reads them. Pure."""

from __future__ import annotations

import re

DAYS = {"一": "Mo", "二": "Tu", "三": "We", "四": "Th", "五": "Fr", "六": "Sa", "日": "Su", "天": "Su"}
_TIME = r"(\d{1,2})[:：](\d{2})"
_TO = r"\s*(?:-|–|—|~|～|至|到)\s*"
_PART = re.compile(rf"(?:(每天)|周([一二三四五六日天])(?:{_TO}周?([一二三四五六日天]))?)\s*{_TIME}{_TO}{_TIME}")


def schema_hours(text: str) -> list[str]:
    """`周一至周五 7:30–17:30` → `["Mo-Fr 07:30-17:30"]`; [] when any part is free text: half an answer would mislead."""
    found = []
    for part in re.split(r"[，,；;、]", text):
        read = _PART.fullmatch(part.strip())
        if read is None:
            return []
        every, first, last, hour, minute, end_hour, end_minute = read.groups()
        opens, closes = (int(hour), int(minute)), (int(end_hour), int(end_minute))
        if not (0, 0) <= opens < closes <= (24, 0) or max(opens[1], closes[1]) > 59:
            return []
        days = "Mo-Su" if every else DAYS[first] + (f"-{DAYS[last]}" if last else "")
        found.append(f"{days} {opens[0]:02}:{opens[1]:02}-{closes[0]:02}:{closes[1]:02}")
    return found
