"""Resident identity numbers (公民身份号码, GB 11643) inside other text: found, refused, hidden.

Columns that are meant for them are encrypted; in a name, an address, a reason or a file name such a number would lie
in clear in tables, history, pushes and acts (个人信息保护法 28, 51). So every door for text asks here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from operator import mul
from typing import Any

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: By remainder 0-10 of the weighted sum.
CHECK_CHARACTERS = "10X98765432"
# People write the number in groups: one separator may stand between two digits. `\d` also matches full-width digits.
# A look-ahead, so that a number which begins inside another run of digits is found as well.
_CANDIDATE = re.compile(
    r"(?<!\d)(?=(?P<number>\d(?:[\s\-‐–—.·_/\u200b]?\d){16}[\s\-‐–—.·_/\u200b]?(?:\d(?!\d)|[XxＸｘ])))"
)
#: What `hide_id_numbers` leaves of one.
HIDDEN_ID_NUMBER = re.compile(r"[0-9]{3}\*{13}[0-9X]{2}")
_ENOUGH_DIGITS = re.compile(r"\d(?:[\s\-‐–—.·_/\u200b]?\d){16}")


def find_id_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every identity number in `text`: 18 characters, a birth date that exists and a right check digit."""
    if not _ENOUGH_DIGITS.search(text):
        return
    free = 0
    for found in _CANDIDATE.finditer(text):
        start, end = found.span("number")
        if start >= free and _is_number(found["number"]):
            free = end
            yield start, end


def holds_id_number(text: str) -> bool:
    """Whether an identity number stands anywhere in `text`."""
    return next(find_id_numbers(text), None) is not None


def hide_id_numbers(text: str) -> str:
    """`text` with the middle of every identity number as stars: first 3 and last 2 stay (domain.md §13.2)."""
    for start, end in reversed(list(find_id_numbers(text))):
        plain = _plain(text[start:end])
        text = f"{text[:start]}{plain[:3]}{'*' * 13}{plain[-2:]}{text[end:]}"
    return text


def hide_in(value: Any) -> Any:
    """The same for every text in a JSON value; keys too."""
    if isinstance(value, str):
        return hide_id_numbers(value)
    if isinstance(value, dict):
        return {hide_in(key): hide_in(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hide_in(inner) for inner in value]
    return value


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if c.isdigit() or c == "X")


def _is_number(text: str) -> bool:
    number = _plain(text)
    if len(number) != 18 or not number.isascii() or number[6:8] not in ("18", "19", "20"):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return CHECK_CHARACTERS[sum(map(mul, map(int, number[:17]), WEIGHTS)) % 11] == number[17]
