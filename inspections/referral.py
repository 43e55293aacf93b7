"""案件移送: what was seen in another body's field, to that body; one holder at a time, with a term to accept and to answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from casework.cases import CaseType, Opened
from casework.models import Case
from casework.reach import of_department
from casework.types import CaseStep, Clock, Reach, Result, Rung, State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, area, choice, line
from yancheng_childcare.models import Department
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .choices import Field
from .models import Referral
from .publication import referral_payload
from .terms import terms_on

SENDERS, RECEIVER = frozenset({Role.INSPECTOR.value, Role.REVIEWER.value}), frozenset({Role.RECEIVER.value})
SENT, ACCEPTED, CLOSED = "SENT", "ACCEPTED", "CLOSED"
ACCEPT = Clock(
    "DL-REFERRAL", "决定是否受理移送", lambda case: terms_on(case.governed_on).accept_referral, "[A]",
    rungs=(Rung(0, (Tell(Role.RECEIVER, "移送今天到期", "{no}（{name}）请今天决定是否受理。"),)),
           Rung(1, (Tell("opener", "移送还没有受理", "{no}（{name}）已超期，请与接收单位联系。"),))),
)  # fmt: skip
ANSWER = Clock(
    "DL-REFERRAL-ANSWER", "告知处理结果", lambda case: terms_on(case.governed_on).answer_referral, "[A]",
    rungs=(Rung(-3, (Tell(Role.RECEIVER, "移送快到期", "{no}（{name}）请于{due}告知处理结果。"),)),
           Rung(1, (Tell("opener", "移送超期没有结果", "{no}（{name}）"),))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sending:
    """From which case, to which field, what."""

    parent: Annotated[str, line("来源编号", 30)]
    field: Annotated[str, choice("领域", list(Field.choices))]
    facts: Annotated[str, area("移送的情况", 2000, at_least=4)]
    urgent: Annotated[str, choice("当日移送", [("yes", "是"), ("no", "否")])]


def begin(asked: Sending, actor: Any) -> Opened:
    """To the body of that field in the county of the case, else in the city. Raises Rejected 422 when there is none."""
    rows = Case.objects.visible_to(actor, actor.roles).select_related("region", "authority")
    parent = rows.filter(no=asked.parent).first()
    if parent is None:
        raise Rejected(Problem(codes.UNKNOWN, "parent", "没有查到来源办件。"))
    bodies = {row.region_id: row for row in Department.objects.filter(kind=asked.field)}
    receiver = bodies.get(parent.region_id) or bodies.get(parent.region.parent_id or "")
    if receiver is None or receiver == parent.authority:
        raise Rejected(Problem(codes.RECEIVER, "lines", "本辖区没有这个领域的其他接收单位，请电话联系市级机关。"))
    return Opened(
        parent.subject_kind, parent.subject_name, parent.region, receiver, subject_id=parent.subject_id,
        uscc=parent.uscc, parent=parent,
        body={"field": asked.field, "sender": parent.authority, "facts": asked.facts, "urgent": asked.urgent == "yes"},
    )  # fmt: skip


def facts(case: Case) -> list[tuple[str, str]]:
    """What was sent, by whom, and what came of it."""
    body = case.body
    return [
        ("来源编号", case.parent.no if case.parent else ""), ("移送机关", body.sender.name), ("领域", body.get_field_display()),
        ("移送的情况", body.facts), ("时限要求", "当日移送" if body.urgent else ""), ("处理情况", body.answer),
    ]  # fmt: skip


def keep_answer(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """What the body made of it, in its own words."""
    case.body.answer = data["asked"].reason


def sent_by(actor: Any, case: Case) -> bool:
    """An officer who could send it: of the case it comes from."""
    parent = case.parent
    return parent is not None and of_department(*SENDERS)(actor, parent)


step = partial(CaseStep, by=RECEIVER, may=of_department(Role.RECEIVER))
REFERRAL = CaseType(
    "REFERRAL", "案件移送", "YC-YS",
    opening=CaseStep("send", "移送其他机关", frozenset(), SENT, by=SENDERS, may=sent_by, asks=Sending, starts=(ACCEPT,),
                     emits="inspection.referred",
                     tells=(Tell(Role.RECEIVER, "收到案件移送", "{no}（{name}）请于{due}决定是否受理。"),)),
    states={
        SENT: State("yellow", Role.RECEIVER, "决定是否受理移送", label="待受理", waits="移送的机关"),
        ACCEPTED: State("yellow", Role.RECEIVER, "告知处理结果", label="处理中", waits="移送的机关"),
        CLOSED: State("green", label="已办结"),
    },
    rows=[
        step("accept", "受理", frozenset({SENT}), ACCEPTED, stops=(ACCEPT.code,), starts=(ANSWER,),
             says=("由本单位依法处理，并告知结果。",), tells=(Tell("opener", "移送已受理", "{no}（{name}）"),)),
        step("return", "退回", frozenset({SENT}), CLOSED, asks=Why, result="RETURNED", danger=True,
             says=("请写明不属于本单位职责的理由，移送机关会收到。",),
             tells=(Tell("opener", "移送被退回", "{no}（{name}）{reason}"),)),
        step("finish", "告知处理结果", frozenset({ACCEPTED}), CLOSED, asks=Why, effect=keep_answer, result="HANDLED",
             files="处理文书", tells=(Tell("opener", "移送有了结果", "{no}（{name}）{reason}"),)),
    ],
    results={"HANDLED": Result("已处理"), "RETURNED": Result("已退回")},
    readers=Reach(
        department=RECEIVER, opened=SENDERS,
        area=frozenset({Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE}),
    ),
    begin=begin, facts=facts, body=Referral, follows=True, payload=referral_payload,
)  # fmt: skip
