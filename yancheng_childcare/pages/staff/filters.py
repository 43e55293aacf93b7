"""What narrows the list of people; role, area and state are asked of one and the same duty."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ...choices import Role
from ...filters import ListFilter, choice, text, together
from ...models import Duty, User
from ...places import places, region_prefix

STATES = [("force", "有效"), ("waiting", "待批准"), ("over", "已结束"), ("none", "没有职责"), ("off", "账号已停用")]


def _areas() -> list[tuple[str, str]]:
    return [(code, name) for code, (level, _, name) in sorted(places().items()) if level != "TOWN"]


class PeopleFilter(ListFilter):
    """Name or user name; role, area and state of a duty."""

    q = text("姓名或用户名", 50, method=together)
    role = choice("角色", Role.choices, method=together)
    area = choice("辖区", _areas, method=together)
    state = choice("状态", STATES, method=together)

    def filter_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        """The people for whom all that was chosen is true; a choice that does not exist narrows nothing."""
        chosen: dict[str, Any] = {name: value for name, value in self.form.cleaned_data.items() if value}
        if text := chosen.get("q", ""):
            queryset = queryset.filter(Q(display_name__icontains=text) | Q(username__icontains=text))
        state = chosen.get("state", "")
        if state == "off":
            queryset = queryset.filter(is_active=False)
        held = Duty.objects.filter(user=OuterRef("pk"))
        if state == "none":
            return queryset.filter(~Exists(held))
        wanted = _in_state(state)
        if "role" in chosen:
            wanted &= Q(role=chosen["role"])
        if "area" in chosen:
            wanted &= Q(region__prefix__startswith=region_prefix(chosen["area"]))
        return queryset.filter(Exists(held.filter(wanted))) if wanted else queryset


def _in_state(state: str) -> Q:
    """As `shown.state_of`."""
    today = timezone.localdate()
    over = Q(valid_to__lt=today)
    unapproved = Q(approved_by__isnull=True, opened_by="")
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    if state == "force":
        return lasting & Q(valid_from__lte=today) & ~unapproved
    if state == "waiting":
        return lasting & unapproved
    return over if state == "over" else Q()
