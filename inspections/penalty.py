"""处罚登记: the document and what it says, after the order it follows. Nothing is decided here (domain.md §5.6, domain-2.md B2.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from casework.cases import CaseType, Opened
from casework.models import Case, LetterService
from casework.reach import of_department
from casework.types import CaseStep, Clock, Reach, Result, Rung, State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import choice, day, line, number
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import by_day

from . import codes
from .choices import PenaltyKind
from .ladder import SERVICE_DAYS, problems_of
from .models import Penalty

INSPECTOR = frozenset({Role.INSPECTOR.value})
DECIDED, SERVED = "DECIDED", "SERVED"
SERVE = Clock(
    "DL-PENALTY-SERVE", "送达处罚决定书", SERVICE_DAYS, "《行政处罚法》第六十一条",
    rungs=(Rung(-2, (Tell("assignee", "处罚决定书请尽快送达", "{no}（{name}）应于{due}送达。"),)),
           Rung(1, (Tell(Role.HEAD, "处罚决定书超期未送达", "{no}（{name}）应于{due}送达。"),))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registered:
    """What the decision says."""

    order: Annotated[str, line("责令改正编号", 30, "例如 YC-ZG-2026-000001")]
    kind: Annotated[str, choice("处罚种类", list(PenaltyKind.choices))]
    document_no: Annotated[str, line("处罚决定书文号", 60, "例如 盐亭卫托罚〔2026〕1号", at_least=4)]
    fine: Annotated[int, number("罚款（元）", "没有罚款的填 0", most=10_000_000)]
    grave: Annotated[str, choice("情节严重", [("no", "否"), ("yes", "是")])]
    decided_on: Annotated[date, day("决定日期")]


@dataclass(frozen=True, slots=True)
class Served:
    """When it was served."""

    served_on: Annotated[date, day("送达日期")]


def order_of(no: str, actor: Any) -> Case | None:
    """The order of this number, if it is of the actor's own body; article 41 is that of health."""
    rows = Case.objects.filter(no=no, type="RECTIFICATION").select_related("region", "authority")
    found: Case | None = rows.first()
    mine = found is not None and found.authority.kind == "HEALTH" and of_department(Role.INSPECTOR)(actor, found)
    return found if mine else None


def begin(asked: Registered, actor: Any) -> Opened:
    """About the institution of the order. Raises Rejected 422 for another body's or none."""
    order = order_of(asked.order, actor)
    if order is None:
        raise Rejected(
            Problem(codes.UNKNOWN, "order", "没有查到本单位的这件责令改正；这里只登记卫生健康部门的处罚。请核对编号。")
        )
    if Penalty.objects.filter(document_no=asked.document_no).exists():
        raise Rejected(Problem(codes.PENALTY, "document_no", "这份处罚决定书已经登记。"))
    return Opened(
        order.subject_kind, order.subject_name, order.region, order.authority, subject_id=order.subject_id,
        uscc=order.uscc, parent=order,
        body={"kind": asked.kind, "document_no": asked.document_no, "fine": asked.fine, "grave": asked.grave == "yes",
              "decided_on": asked.decided_on},
    )  # fmt: skip


def fits_the_ladder(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Article 41, step by step (domain-2.md I16, I17)."""
    asked, order = data["asked"], case.parent
    ordered = LetterService.objects.filter(letter__case=order, letter__recalled_at=None).exists()
    refused = order is not None and (
        order.body.overdue_shown or Event.objects.of(order.subject).filter(action="case.rectification.fail").exists()
    )
    found = problems_of(asked.kind, fine=asked.fine, grave=asked.grave == "yes", ordered=ordered, refused=refused)
    yield from (Problem(codes.PENALTY, field, words) for field, words in found)
    if asked.decided_on > today_here():
        yield Problem(codes.PENALTY, "decided_on", "决定日期不能晚于今天。")


def day_of_service(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """After the decision, not in the future."""
    if not case.body.decided_on <= data["asked"].served_on <= today_here():
        yield Problem(codes.PENALTY, "served_on", "送达日期不早于决定日期，不晚于今天。")


def keep_service(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """When it was served."""
    case.body.served_on = data["asked"].served_on


def facts(case: Case) -> list[tuple[str, str]]:
    """What the document says."""
    body = case.body
    return [
        ("责令改正", case.parent.no if case.parent else ""), ("处罚种类", body.get_kind_display()), ("文号", body.document_no),
        ("罚款", f"{body.fine:,} 元" if body.fine else ""), ("情节", "情节严重" if body.grave else ""),
        ("决定日期", by_day(body.decided_on)), ("送达日期", by_day(body.served_on) if body.served_on else ""),
    ]  # fmt: skip


PENALTY = CaseType(
    "PENALTY", "处罚登记", "YC-CF",
    opening=CaseStep("register", "登记处罚", frozenset(), DECIDED, by=INSPECTOR, may=of_department(Role.INSPECTOR),
                     asks=Registered, needs=(fits_the_ladder,), starts=(SERVE,), files="处罚决定书",
                     says=("只登记已经作出的处罚决定，不在这里决定处罚。", "罚款须以已送达的责令改正和拒不改正为前提。")),
    states={
        DECIDED: State("yellow", Role.INSPECTOR, "登记处罚决定书的送达", label="待送达", inside=True),
        SERVED: State("green", label="已送达"),
    },
    rows=[
        CaseStep("serve", "登记送达", frozenset({DECIDED}), SERVED, by=INSPECTOR, may=of_department(Role.INSPECTOR),
                 asks=Served, needs=(day_of_service,), effect=keep_service, result="SERVED", files="送达回执"),
    ],
    results={"SERVED": Result("已送达")},
    readers=Reach(
        department=INSPECTOR | {Role.HEAD.value}, own=frozenset({Role.OPERATOR.value}),
        area=frozenset({Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE, Role.CREDIT, Role.LEGAL}),
    ),
    begin=begin, facts=facts, body=Penalty,
)  # fmt: skip
