"""The history as the public understands it: what a day ended with, not every step an office took on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from ...choices import PublicChangeKind, PublicStatus

_STATES = {str(label) for label in PublicStatus.labels}
_BEFORE = "原为"


def settled(changes: Iterable[Any]) -> list[tuple[Any, str]]:
    """(change, its words), newest first: of several states on one day the last, told from what stood before that day."""
    found: list[list[Any]] = []
    last_of_day: dict[Any, list[Any]] = {}
    for change in changes:
        title = change.title.split("：", 1)[-1]
        if change.kind != PublicChangeKind.STATUS or title not in _STATES:
            found.append([change, change.detail])
            continue
        day = timezone.localdate(change.occurred_at)
        if (kept := last_of_day.get(day)) is None:
            last_of_day[day] = kept = [change, change.detail]
            found.append(kept)
        elif change.detail.startswith(_BEFORE):
            kept[1] = _from(change.detail, kept[1])
        else:
            kept[1] = change.detail
    return [(change, words) for change, words in found if words != f"{_BEFORE}{change.title.split('：', 1)[-1]}"]


def _from(older: str, words: str) -> str:
    """The words of the last state with the state before the day instead of the one in between."""
    return "。".join([older.split("。", 1)[0], *words.split("。", 1)[1:]])
