"""Cases of every type on “我的工作台”: one source for all of them, and the entrance to their list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q

from yancheng_childcare.desks import Card, add_card

from .inbox import Item, Source, add_source
from .kinds import DOERS, READERS, STAFF_DOERS, type_of
from .models import Case, CaseProposal
from .reach import may_sign, on_duty, own, principals_of
from .telling import OUTSIDE, page_of

MOST = 300  # open cases of one person; the newest first
PENDING = Prefetch(
    "proposals", CaseProposal.objects.filter(outcome="PENDING").select_related("proposed_by"), to_attr="waiting"
)


def case_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """What this person does now in cases of any type, what waits elsewhere, what ended lately. At most three queries."""
    seen = Case.objects.visible_to(user, user.roles).select_related("assignee", "region").with_clock()
    rows = seen.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=since.date())).prefetch_related(PENDING)
    found: list[Any] = list(rows.order_by("closed_on", "-id")[:MOST])
    principals = principals_of(user) if found else set()
    for case in found:
        kind = type_of(case)
        state = kind.states[case.status]
        if case.closed_on is not None:
            words = f"{kind.label}：{kind.results[case.result].label}"
            yield Item(state, words, case.subject_name, page_of(case), ended_on=case.closed_on)
            continue
        if state.turn == OUTSIDE:
            mine = own(user, case)
        else:
            mine = on_duty(user, case, state.turn) and case.assignee_id in {None, user.pk, *principals}
        to_sign = any(_signs(user, case, proposal) for proposal in case.waiting)
        yield Item(
            state, kind.label, case.subject_name, page_of(case), case.due_on, mine=mine or to_sign, first=to_sign,
            holder=case.assignee.display_name if case.assignee_id and not mine and state.turn != OUTSIDE else "",
            paused=(case.pause_reason or "暂停计时") if case.paused_on else "",
        )  # fmt: skip


def _signs(user: Any, case: Case, proposal: CaseProposal) -> bool:
    second = type_of(case).workflow.steps[f"sign_{proposal.step}"]
    return case.status in second.sources and may_sign(user, case, proposal, second.by)


def add_cards() -> None:
    """Called once when the app is ready."""
    add_source(Source(DOERS, case_items))
    text = "按类型、状态查找您职责范围内的办件。"
    add_card(Card("cases:list", "各类办件", text, group="办件", order=40, roles=READERS))
    text = "休假或外出时，请同事照看您承办的办件。"
    add_card(Card("cases:deputies", "请人代理", text, group="办件", order=41, roles=STAFF_DOERS, in_nav=False))
