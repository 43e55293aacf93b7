"""Worklists, oldest first, in pages by key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from yancheng_childcare.paging import as_key

_KEY = re.compile(r"(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.)?(?P<pk>[0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class OldestPage:
    """Rows of one page, the key to ask for the next with ("" = last page), and whether this is the first page."""

    rows: list[Any]
    next_key: str
    first: bool

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


def oldest_page(rows: Any, after: str | None, *, day: str = "", size: int = 20) -> OldestPage:
    """The `size` oldest rows after the key, by `day` (a date column) and id, or by id alone; one query.

    A key that is not one counts as absent: a hand-made address shows the first page.
    """
    known = _read(after, dated=bool(day))
    if known is not None:
        on, pk = known
        rows = rows.filter(Q(**{f"{day}__gt": on}) | Q(**{day: on, "id__gt": pk})) if day else rows.filter(id__gt=pk)
    found = list(rows.order_by(*([day] if day else []), "id")[: size + 1])
    more, found = len(found) > size, found[:size]
    key = ""
    if more:
        key = f"{getattr(found[-1], day).isoformat()}.{found[-1].pk}" if day else str(found[-1].pk)
    return OldestPage(found, key, known is None)


def _read(after: str | None, *, dated: bool) -> tuple[date | None, int] | None:
    read = _KEY.fullmatch(after or "")
    pk = as_key(read["pk"]) if read else None
    if read is None or pk is None or dated != bool(read["day"]):
        return None
    try:
        return (date.fromisoformat(read["day"]) if dated else None), pk
    except ValueError:
        return None
