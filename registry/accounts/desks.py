"""The opening of accounts on “我的工作台”: the reviewer's requests, the institution's own people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from casework.inbox import Item, Source, add_source
from casework.types import State
from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, add_card
from yancheng_childcare.models import Deadline
from yancheng_childcare.pages.staff.shown import add_tab

from ..choices import OpeningPath
from ..models import AccountOpening, Institution, subject_of
from .confirming import CONFIRM
from .workflow import CLOCK, STATES, SUBMITTED

OPERATOR, REVIEWER = frozenset({Role.OPERATOR.value}), frozenset({Role.REVIEWER.value})
TO_CONFIRM = State(
    "yellow",
    Role.OPERATOR.value,
    task="确认本机构经办人",
    then="确认后名单不变，并告知卫生健康部门。",
    waits="县级卫生健康部门",
)


def requests(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """What this reviewer decides, and what it decided. Two queries."""
    own = Q(decided_by=user, decided_at__gte=since, path=OpeningPath.MATCH)
    rows = AccountOpening.objects.visible_to(user, REVIEWER).filter(Q(status=SUBMITTED) | own).exclude(user=user)
    found = {row.subject: row for row in rows.select_related("institution")}
    days = _days(CLOCK, found)
    for subject, row in found.items():
        url, state = reverse("accounts:review", args=[row.no]), STATES[row.status]
        if row.decided_at is None:
            yield Item(state, "机构账号申请", row.place.name, url, days.get(subject), mine=True)
        else:
            decided = f"机构账号申请：{row.get_status_display()}"
            yield Item(state, decided, row.place.name, url, ended_on=timezone.localdate(row.decided_at))


def confirmations(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The own institutions whose people are to be confirmed after a change of the representative. Mostly one query."""
    codes = [duty.uscc for duty in user.duties_as(Role.OPERATOR)]
    days = _days(CONFIRM, [subject_of(uscc) for uscc in codes])
    for place in Institution.objects.filter(uscc__in=codes).only("uscc", "name") if days else ():
        if day := days.get(place.subject):
            yield Item(TO_CONFIRM, "法定代表人变更", place.name, reverse("accounts:colleagues"), day, mine=True)


def _days(code: str, subjects: Any) -> dict[str, date]:
    clocks = Deadline.objects.running().filter(code=code, subject__in=subjects)
    return dict(clocks.values_list("subject", "due_on")) if subjects else {}


CARDS = (
    Card(
        "accounts:requests", "机构账号申请", "核对后开通或者不予开通。", group="备案", order=7, doers=REVIEWER,
        viewing="机构申请开通账号的审核情况，只能查看。",
    ),
    Card("accounts:colleagues", "本机构经办人", "邀请同事一起办理，人员离开时立即解除。", group="备案", order=12),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
    if settings.ADMIN_ENABLED:
        add_tab("staff-table:tables", "部门人员导入")
    add_source(Source(REVIEWER, requests))
    add_source(Source(OPERATOR, confirmations))
