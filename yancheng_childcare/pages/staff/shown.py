"""How people and duties are shown on these pages: words, lights, the row of tabs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ...desks import institution_names
from ...models import Duty

# Colour of the light and its word; `filters` asks the same in SQL.
IN_FORCE, WAITING, OVER, LATER = ("green", "有效"), ("yellow", "待批准"), ("grey", "已结束"), ("plain", "还没有开始")


def state_of(duty: Duty) -> tuple[str, str]:
    """(light, word) of a duty today."""
    if duty.is_over():
        return OVER
    if duty.approved_by_id is None and not duty.opened_by:
        return WAITING
    return LATER if duty.valid_from > timezone.localdate() else IN_FORCE


def duty_rows(duties: Iterable[Duty]) -> list[dict[str, Any]]:
    """Duties as a list shows them, institutions by name; at most one query for all the names."""
    rows = list(duties)
    names = institution_names([duty.uscc for duty in rows if duty.uscc])
    return [
        {
            "duty": duty,
            "light": state_of(duty)[0],
            "word": state_of(duty)[1],
            "institution": names.get(duty.uscc, ("", ""))[0],
        }
        for duty in rows
    ]


_TABS = [("staff:people", "人员"), ("staff:approvals", "待批准"), ("staff:calendar", "工作日调整")]


def add_tab(route: str, label: str) -> None:
    """A list of another app beside these three; told when that app is ready."""
    if (route, label) not in _TABS:
        _TABS.append((route, label))


def tabs(current: str) -> list[dict[str, Any]]:
    """The lists, `current` being the route of the one that is open."""
    return [{"label": label, "url": reverse(route), "current": route == current} for route, label in _TABS]


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    """The way back: desk, list of people, then (label, url)."""
    return [{"label": label, "url": url} for label, url in (("人员与职责", reverse("staff:people")), *more)]
