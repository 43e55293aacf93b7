"""Pages of a list by key, not by offset: page 3,000 costs what page 1 costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

MAX_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Rows of one page, the key to ask for the next with (None = last page), and whether this is the first page."""

    rows: list[Any]
    next_key: int | None
    first: bool

    def __iter__(self):
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


def as_key(text: str | None) -> int | None:
    """A key from a query string; anything that is not a plain positive number of 63 bits counts as absent."""
    if text and text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_KEY:
        return int(text)
    return None


def keyset_page(rows: QuerySet[Any], before: str | None, *, size: int = 20, field: str = "id") -> KeysetPage:
    """The newest `size` rows with `field` below `before`; one query."""
    key = as_key(before)
    if key is not None:
        rows = rows.filter(**{f"{field}__lt": key})
    found = list(rows.order_by(f"-{field}")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return KeysetPage(found, getattr(found[-1], field) if more else None, key is None)
