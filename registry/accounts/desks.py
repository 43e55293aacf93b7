"""The opening of accounts on “我的工作台”: the reviewer's requests, the institution's own people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, Due, add_agenda, add_card
from yancheng_childcare.models import Deadline

from ..models import AccountOpening, Institution
from .confirming import CONFIRM
from .workflow import CLOCK, STATES, SUBMITTED

OPERATOR, REVIEWER = frozenset({Role.OPERATOR.value}), frozenset({Role.REVIEWER.value})


def requests(user: Any, roles: frozenset[str]) -> Any:
    """The requests this reviewer may decide."""
    return AccountOpening.objects.visible_to(user, roles).waiting().exclude(user=user)


def agenda(user: Any, today: date, until: date) -> Iterator[Due]:
    """Requests to be decided, and the people to be confirmed after a change of the representative."""
    if user.roles & REVIEWER:
        rows = {row.subject: row for row in requests(user, REVIEWER).select_related("institution")}
        for subject, day in _running(CLOCK, rows):
            row = rows[subject]
            yield Due(STATES[SUBMITTED].task, row.institution.name, reverse("accounts:review", args=[row.no]), day)
    if user.roles & OPERATOR:
        places = {place.subject: place for place in Institution.objects.visible_to(user, OPERATOR).only("uscc", "name")}
        for subject, day in _running(CONFIRM, places):
            yield Due("确认本机构经办人", places[subject].name, reverse("accounts:colleagues"), day)


def _running(code: str, subjects: Any) -> Any:
    clocks = Deadline.objects.running().filter(code=code, subject__in=subjects)
    return clocks.values_list("subject", "due_on") if subjects else ()


CARDS = (
    Card(
        "accounts:requests", "机构账号申请", "核对后开通或者不予开通，三个工作日内办结。",
        count=lambda user, roles: requests(user, roles).count(), unit="件待审核", icon="user", order=7, doers=REVIEWER,
        viewing="机构申请开通账号的审核情况，只能查看。",
    ),
    Card("accounts:colleagues", "本机构经办人", "邀请同事一起办理，人员离开时立即解除。", icon="user", order=12),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
    add_agenda(agenda)
