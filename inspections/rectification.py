"""责令改正与整改: ordered by an inspection, served, put right, looked at again (domain.md §5.7; domain-2.md A1 row 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from casework.cases import CaseType, Opened
from casework.models import Case
from casework.reach import by_the_table, of_department, own
from casework.types import SYSTEM, CaseStep, Clock, Reach, Result, Rung, Second, State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import due_day
from yancheng_childcare.forms import Why, area, line, several
from yancheng_childcare.models import Deadline
from yancheng_childcare.problems import Problem, Rejected

from . import codes, letters
from .choices import Severity
from .crews import certified
from .following import orderable
from .inspection import RECORDED, TOLD
from .models import OrderLine, Rectification, VisitItem
from .publication import lock_place, order_payload, show_order
from .terms import gravest, terms_on

INSPECTOR, HEAD, OPERATOR = (frozenset({role.value}) for role in (Role.INSPECTOR, Role.HEAD, Role.OPERATOR))
ISSUED, RUNNING, SUBMITTED, CLOSED = "ISSUED", "RUNNING", "SUBMITTED", "CLOSED"
OPEN = frozenset({ISSUED, RUNNING, SUBMITTED})
acts_here = of_department(Role.INSPECTOR)


def fix_days(case: Case) -> int:
    """Working days to put right, by severity, as in force when it was ordered."""
    return terms_on(case.governed_on).days[case.body.severity].fix


def look_days(case: Case) -> int:
    """Working days to look again."""
    return terms_on(case.governed_on).days[case.body.severity].look


DUE = Clock(
    "DL-RECTIFY", "完成整改", fix_days, "[A]", on_service=True,
    rungs=(Rung(-3, (Tell(Role.OPERATOR, "整改快到期", "{no} 请于{due}提交整改报告。"),)),
           Rung(0, (Tell(Role.OPERATOR, "整改今天到期", "{no} 请今天提交整改报告。"),)),
           Rung(1, (Tell("assignee", "整改逾期", "{no}（{name}）应于{due}完成整改。"),), step="show_overdue"),
           Rung(5, (Tell(Role.HEAD, "整改逾期，请决定是否立案", "{no}（{name}）应于{due}完成整改。"),))),
)  # fmt: skip
LOOK = Clock(
    "DL-RECTIFY-LOOK", "复查整改", look_days, "[A]",
    rungs=(Rung(0, (Tell("assignee", "复查今天到期", "{no}（{name}）请今天复查。"),)),
           Rung(1, (Tell(Role.HEAD, "复查超期", "{no}（{name}）应于{due}复查，请督促。"),))),
)  # fmt: skip


def parent_lines(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """The order is opened with lines of its inspection, which `begin` looks at: any number is one of the list here."""
    return [(str(pk), str(pk)) for pk in VisitItem.objects.filter(visit__subject__department__in=_departments(actor),
            verdict="NOT_MET", orders=None).values_list("pk", flat=True)]  # fmt: skip


def _departments(actor: Any) -> list[str]:
    return [duty.department_id for duty in actor.duties_as(Role.INSPECTOR) if duty.department_id]


@dataclass(frozen=True, slots=True)
class Order:
    """The inspection and which of its findings."""

    visit: Annotated[str, line("检查编号", 30)]
    lines: Annotated[list[str], several("责令改正的问题", parent_lines)]


@dataclass(frozen=True, slots=True)
class Report:
    """The four parts of the report."""

    cause: Annotated[str, area("问题的原因", 500, at_least=4)]
    measures: Annotated[str, area("整改措施", 1000, "每个问题怎么改的，什么时候改好", at_least=4)]
    outcome: Annotated[str, area("整改结果", 1000, "改好的情况，附照片；拍摄时避开孩子", at_least=4)]
    prevention: Annotated[str, area("防止再发生的办法", 500, at_least=4)]
    stopped: Annotated[
        str, area("自行停用的区域或岗位", 200, "红线问题必须填写：停用了什么、从什么时候", required=False)
    ]


def begin(asked: Order, actor: Any) -> Opened:
    """About the institution of the inspection, by its body, with the gravest of its lines."""
    parent = Case.objects.select_related("region", "authority").filter(no=asked.visit, type="INSPECTION").first()
    allowed = {pk for pk, _ in orderable(parent, actor)} if parent is not None else set()
    mine = parent is not None and parent.body.has_in_crew(actor)
    if parent is None or not mine or parent.status not in {RECORDED, TOLD} or not set(asked.lines) <= allowed:
        raise Rejected(
            Problem(
                codes.LINES,
                "lines",
                "这些问题不能由您责令改正：须是本次检查的人员、笔录已经签名、本机关职责内、有强制性依据的问题。",
            )
        )
    severities = VisitItem.objects.filter(pk__in=asked.lines).values_list("item__severity", flat=True)
    return Opened(
        parent.subject_kind, parent.subject_name, parent.region, parent.authority, subject_id=parent.subject_id,
        uscc=parent.uscc, parent=parent, body={"severity": gravest(list(severities))},
    )  # fmt: skip


def name_lines(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Each finding once; the database looks at the power again."""
    OrderLine.objects.bulk_create(OrderLine(order=case.body, line_id=int(pk)) for pk in data["asked"].lines)


def stops_named(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Health has no power to close rooms: a red line is met by the institution's own stop, which is recorded (A1 row 3)."""
    if case.body.severity == Severity.RED and not data["asked"].stopped:
        yield Problem(codes.LINES, "stopped", "红线问题请写明自行停用了哪个区域或岗位、从什么时候起。")


def once(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """One extension, and none for a red line."""
    if case.body.extended or not terms_on(case.governed_on).days[case.body.severity].extend:
        yield Problem(codes.EXTENDED, "", "已经延期过一次，或者是红线问题，不能延期。")


def keep_report(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The last report counts; earlier ones stay in the history."""
    for name in ("cause", "measures", "outcome", "prevention", "stopped"):
        setattr(case.body, name, getattr(data["asked"], name))


def longer(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Counted from the old last day, whatever day it is signed."""
    case.body.extended = True
    clock = Deadline.objects.running().of(case.subject).filter(code=DUE.code).select_for_update().first()
    if clock is None:
        return
    clock.days += terms_on(case.governed_on).days[case.body.severity].extend
    clock.due_on, clock.provisional = due_day(
        started_on=clock.started_on, days=clock.days, kind=clock.kind, paused_days=clock.paused_days
    )
    clock.save(update_fields=["days", "due_on", "provisional"])


def show_overdue(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The public page says so until it is put right."""
    case.body.overdue_shown = True


def facts(case: Case) -> list[tuple[str, str]]:
    """What is to be put right, and the report."""
    body = case.body
    rows = [(f"问题{number}", f"{one.line.item.text}：{one.line.note}（依据：{one.line.item.basis}）")
            for number, one in enumerate(body.lines.select_related("line__item"), 1)]  # fmt: skip
    return [
        ("来源检查", case.parent.no if case.parent else ""), ("严重度", body.get_severity_display()), *rows,
        ("原因", body.cause), ("整改措施", body.measures), ("整改结果", body.outcome), ("防止再发生", body.prevention),
        ("自行停用", body.stopped),
    ]  # fmt: skip


step = partial(CaseStep, by=INSPECTOR, may=acts_here)
RECTIFICATION = CaseType(
    "RECTIFICATION", "责令改正", "YC-ZG",
    opening=CaseStep("issue", "责令改正", frozenset(), ISSUED, by=INSPECTOR, may=acts_here, asks=Order, effect=name_lines,
                     letter=letters.ORDER, starts=(DUE,),
                     tells=(Tell(Role.OPERATOR, "收到责令改正通知书", "{no} 请签收并按期整改。"),)),
    states={
        ISSUED: State("red", Role.INSPECTOR, "送达责令改正通知书", label="待送达", todo="签收责令改正通知书",
                      following="签收后开始计算整改期限。"),
        RUNNING: State("yellow", Role.OPERATOR, "提交整改报告", label="整改中", todo="逐项整改并提交整改报告",
                       following="提交后由检查人员复查。"),
        SUBMITTED: State("yellow", Role.INSPECTOR, "复查整改", label="待复查", following="检查人员将复查。",
                         waits="被检查的机构"),
        CLOSED: State("green", label="已办结"),
    },
    rows=[
        CaseStep("served", "已送达", frozenset({ISSUED}), RUNNING, by=frozenset({SYSTEM}), may=by_the_table,
                 on="letter.served", emits="inspection.rectification_ordered"),
        CaseStep("submit", "提交整改报告", frozenset({RUNNING}), SUBMITTED, by=OPERATOR, may=own, asks=Report,
                 needs=(stops_named,), effect=keep_report, pauses=(DUE.code,), starts=(LOOK,), files="整改后的照片",
                 says=("提交后不能再改；复查没有通过的，可以再提交。",),
                 tells=(Tell("assignee", "整改已提交，请复查", "{no}（{name}）"),)),
        step("pass", "复查通过", frozenset({SUBMITTED}), CLOSED, asks=Why, needs=(certified,), signed=Second(INSPECTOR, "复签"),
             result="CORRECTED", emits="inspection.rectified", files="复查照片",
             says=("由两名持证人员复查：您提出，另一人复签。",),
             tells=(Tell(Role.OPERATOR, "整改已通过复查", "{no} 您的机构页面会写明已改正。"),)),
        step("fail", "复查不通过", frozenset({SUBMITTED}), RUNNING, asks=Why, needs=(certified,), stops=(LOOK.code,), resumes=(DUE.code,),
             files="复查照片", danger=True, says=("退回机构继续整改，期限接着计算。",),
             tells=(Tell(Role.OPERATOR, "整改没有通过复查", "{no} {reason}"),)),
        CaseStep("extend", "申请延期", frozenset({RUNNING}), "", by=OPERATOR, may=own, asks=Why, needs=(once,), effect=longer,
                 signed=Second(HEAD, "批准"), says=("只能延期一次，由执法单位负责人批准。",),
                 tells=(Tell(Role.OPERATOR, "延期申请已批准", "{no} 请于{due}提交整改报告。"),)),
        step("rescind", "撤销责令改正", OPEN, CLOSED, asks=Why, signed=Second(HEAD), result="RESCINDED", danger=True,
             emits="inspection.rescinded",
             tells=(Tell(Role.OPERATOR, "责令改正已撤销", "{no} {reason}"),)),
        CaseStep("show_overdue", "公示整改逾期", frozenset({RUNNING}), "", by=frozenset({SYSTEM}), may=by_the_table,
                 effect=show_overdue, emits="inspection.overdue"),
        CaseStep("ended", "机构终止", OPEN, CLOSED, by=frozenset({SYSTEM}), may=by_the_table, on="institution.ended",
                 result="GONE"),
    ],
    results={"CORRECTED": Result("已改正"), "RESCINDED": Result("已撤销", 30), "GONE": Result("机构已终止")},
    readers=Reach(
        department=INSPECTOR | HEAD, own=OPERATOR,
        area=frozenset({Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE}),
    ),
    begin=begin, facts=facts, body=Rectification, follows=True, lock_first=lock_place, payload=order_payload, shows=show_order,
)  # fmt: skip
