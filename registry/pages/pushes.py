"""What became of the pushes of registrations: one word and light per institution and department, set-based."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q

from exchange.choices import OPEN_STATUSES
from exchange.models import Delivery

# The departments every registration is told to (方案 三(三)1), in reading order.
TOLD = (("HEALTH", "卫健"), ("POLICE", "公安"))
WORDS = {
    "DEAD": ("red", "需人工处理"),
    "RETRY": ("yellow", "重试中"),
    "SENDING": ("plain", "推送中"),
    "PENDING": ("plain", "待推送"),
    "DELIVERED": ("green", "已送达"),
    "ACKED": ("blue", "已处置"),
    "SKIPPED": ("grey", "不再推送"),
    "": ("grey", "未推送"),
}


@dataclass(frozen=True, slots=True)
class PushState:
    """The state of what one kind of department was told about one institution. `waiting`: open pushes."""

    kind: str
    label: str
    colour: str
    word: str
    waiting: int = 0

    @property
    def number(self) -> str:
        """How many pushes wait, when it is more than one."""
        return f"{self.waiting} 条" if self.waiting > 1 else ""


def push_states(usccs: Iterable[str], user: Any) -> dict[str, list[PushState]]:
    """For each code the states towards 卫健 and 公安, worst open push first, else the newest; one query."""
    codes = list(usccs)
    if not codes:
        return {}
    rows = (
        Delivery.objects.visible_to(user)
        .filter(subject__in=codes)
        .order_by()
        .values("subject", kind=F("endpoint__department__kind"))
        .annotate(
            waiting=Count("pk", filter=Q(status__in=OPEN_STATUSES)),
            states=ArrayAgg("status", order_by="-id"),
        )
    )
    found = {(row["subject"], row["kind"]): row for row in rows}
    return {code: [_state(kind, label, found.get((code, kind))) for kind, label in TOLD] for code in codes}


def _state(kind: str, label: str, row: Any) -> PushState:
    states = row["states"] if row else [""]
    worst = next((state for state in ("DEAD", "RETRY", "SENDING", "PENDING") if state in states), states[0])
    colour, word = WORDS[worst]
    return PushState(kind, label, colour, word, row["waiting"] if row else 0)


def with_push(rows: Any, wanted: str, user: Any) -> Any:
    """Only the institutions whose pushes are as wanted (a key of forms.PUSH_FILTERS); "" changes nothing."""
    if not wanted:
        return rows
    mine = Delivery.objects.visible_to(user).filter(subject=OuterRef("uscc"))
    waiting = Exists(mine.filter(closed_at__isnull=True))
    if wanted == "waiting":
        return rows.filter(waiting)
    if wanted == "dead":
        return rows.filter(Exists(mine.filter(status="DEAD")))
    if wanted == "done":
        return rows.filter(Exists(mine), ~waiting)
    return rows.filter(~Exists(mine))
