"""What became of the pushes of registrations: one word and light per institution and department, set-based."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q

from exchange.choices import OPEN_STATUSES
from exchange.models import Delivery
from exchange.querysets import RECIPIENTS, WATCHERS
from yancheng_childcare.choices import Role
from yancheng_childcare.places import reaches, region_prefix

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


def kinds_seen(institution: Any, user: Any, roles: frozenset[str]) -> frozenset[str]:
    """The kinds of department whose pushes of this institution the reader may see, as `Delivery.visible_to` has it."""
    area = region_prefix(institution.region_id)
    watching = reaches(user, area, *(roles & WATCHERS))
    registering = user.duties_as(*(roles & {Role.REGISTRAR}))
    if watching or any(duty.department_id == institution.registry_org_id for duty in registering):
        return frozenset(kind for kind, _ in TOLD)
    receiving = user.duties_as(*(roles & RECIPIENTS))
    return frozenset(duty.department.kind for duty in receiving if duty.department and duty.covers(area))


def push_states(institutions: Iterable[Any], user: Any, roles: frozenset[str]) -> dict[str, list[PushState]]:
    """By code, the states towards 卫健 and 公安 as far as the reader may see them; one query.

    The worst open push says the state, else the newest push.
    """
    listed = list(institutions)
    if not listed:
        return {}
    rows = (
        Delivery.objects.visible_to(user, roles)
        .filter(subject__in=[institution.uscc for institution in listed])
        .order_by()
        .values("subject", kind=F("endpoint__department__kind"))
        .annotate(
            waiting=Count("pk", filter=Q(status__in=OPEN_STATUSES)),
            states=ArrayAgg("status", order_by="-id"),
        )
    )
    found = {(row["subject"], row["kind"]): row for row in rows}
    return {
        institution.uscc: [
            _state(kind, label, found.get((institution.uscc, kind)))
            for kind, label in TOLD
            if kind in kinds_seen(institution, user, roles)
        ]
        for institution in listed
    }


def _state(kind: str, label: str, row: Any) -> PushState:
    states = row["states"] if row else [""]
    worst = next((state for state in ("DEAD", "RETRY", "SENDING", "PENDING") if state in states), states[0])
    colour, word = WORDS[worst]
    return PushState(kind, label, colour, word, row["waiting"] if row else 0)


def with_push(rows: Any, wanted: str, user: Any, roles: frozenset[str]) -> Any:
    """Only the institutions whose pushes are as wanted (a key of filters.PUSHES); "" changes nothing."""
    if not wanted:
        return rows
    mine = Delivery.objects.visible_to(user, roles).filter(subject=OuterRef("uscc"))
    waiting = Exists(mine.filter(closed_at__isnull=True))
    if wanted == "waiting":
        return rows.filter(waiting)
    if wanted == "dead":
        return rows.filter(Exists(mine.filter(status="DEAD")))
    if wanted == "done":
        return rows.filter(Exists(mine), ~waiting)
    return rows.filter(~Exists(mine))
