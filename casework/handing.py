"""Whose a case is: handed over to a colleague, put back for the unit, looked after by a deputy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.forms import area, choice
from yancheng_childcare.models import User
from yancheng_childcare.notifications import notify
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import by_day

from . import codes
from .kinds import type_of
from .models import Case, Deputy
from .reach import leads, may_go_on, on_duty, on_duty_for
from .types import CaseStep, Tell

if TYPE_CHECKING:
    from .cases import CaseType

ASSIGNEE = "assignee"
LONGEST_LEAVE = 180  # days for which one deputy may be named at once


def colleagues(case: Case, actor: Any) -> list[tuple[str, str]]:
    """Who else holds the role whose turn it is, where the case is."""
    turn = type_of(case).waits_for(case)
    found = on_duty_for(case, turn) if turn else []
    return [(str(one.pk), one.display_name) for one in found if one.pk != case.assignee_id]


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom, and why."""

    to: Annotated[str, choice("接手人", colleagues)]
    reason: Annotated[str, area("交接说明", 300, "4 到 300 个字，接手人会看到", at_least=4)]


def change_hands(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The colleague has it from now on."""
    case.assignee = User.objects.get(pk=data["asked"].to)


def put_back(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Nobody has it: the next one who acts takes it."""
    case.assignee = None


def somebody_has_it(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """There is something to put back."""
    if case.assignee_id is None:
        yield Problem("GEN-409", "", "这件事还没有承办人，不需要退回。")


def GENERAL(kind: CaseType) -> tuple[CaseStep, ...]:  # noqa: N802  a constant of each type
    """The steps every type has: to hand over, to put back. By the one who has it, or a chief of the area."""
    turns = kind.officers
    sources = frozenset(name for name, state in kind.states.items() if state.turn in turns)
    by = turns | {Role.CHIEF.value, Role.HEAD.value} & (kind.readers.roles | {Role.CHIEF.value})

    def may(actor: Any, case: Case) -> bool:
        return leads(actor, case) or (on_duty(actor, case, kind.waits_for(case)) and may_go_on(actor, case))

    def may_put_back(actor: Any, case: Case) -> bool:
        return case.assignee_id is not None and may(actor, case)

    if not sources:
        return ()
    return (
        CaseStep("hand_over", "转交", sources, "", by, may, effect=change_hands, asks=HandOver, takes=False, inside=True,
                 says=("由接手人继续办理，时限不变。",), tells=(Tell(ASSIGNEE, "转交给您的办件", "{no}（{name}）{reason}"),)),
        CaseStep("put_back", "退回待办", sources, "", by, may_put_back, needs=(somebody_has_it,), effect=put_back, takes=False,
                 inside=True, says=("这件事不再由您承办，本单位的同事可以接着办。",)),
    )  # fmt: skip


@transaction.atomic
def name_deputy(*, person: Any, deputy: Any, from_day: date, until_day: date, reason: str, today: date) -> Deputy:
    """`deputy` looks after the cases of `person` for some days. Raises Rejected 422 (CAS-108).

    Nobody gets a right by it: the deputy acts with duties of their own, and counts as the same person as `person` wherever
    the law wants two.
    """
    found: list[Problem] = []
    if deputy is None or deputy.pk == person.pk or not deputy.is_active:
        found.append(Problem(codes.DEPUTY, "deputy", "请选择一位在岗的同事代理。"))
    elif not {duty.role for duty in deputy.active_duties} & {duty.role for duty in person.active_duties}:
        found.append(Problem(codes.DEPUTY, "deputy", f"{deputy.display_name}没有与您相同的职责，不能代理。"))
    if from_day < today:
        found.append(Problem(codes.DEPUTY, "from_day", "代理从今天或以后的日期开始。"))
    if not from_day <= until_day or (until_day - from_day).days > LONGEST_LEAVE:
        found.append(Problem(codes.DEPUTY, "until_day", f"结束日期不早于开始日期，一次最长 {LONGEST_LEAVE} 天。"))
    if found:
        raise Rejected(found)
    User.objects.select_for_update().get(pk=person.pk)  # two requests at once name one deputy
    if Deputy.objects.filter(person=person, ended_at=None, from_day__lte=until_day, until_day__gte=from_day).exists():
        words = "这些日子里已经有人代理您。要换人的，请先结束原来的代理。"
        raise Rejected(Problem(codes.DEPUTY, "from_day", words))
    made = Deputy.objects.create(person=person, deputy=deputy, from_day=from_day, until_day=until_day, reason=reason)
    words = f"{deputy.display_name}代理{person.display_name}，{by_day(from_day)}起至{by_day(until_day)}：{reason}"
    log_event("case.deputy_named", subject=f"user:{person.pk}", summary=words, actor=person, data={"deputy": deputy.pk})
    notify([deputy], title="请您代理同事的办件", body=words, url="/desk/")
    return made


@transaction.atomic
def end_early(row: Deputy, *, actor: Any) -> None:
    """They are back: from now on they look after their cases themselves."""
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    words = f"提前结束代理：{row.deputy.display_name}"
    log_event("case.deputy_ended", subject=f"user:{row.person_id}", summary=words, actor=actor)
