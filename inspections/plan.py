"""检查计划: made by one, approved by another, published, then used (54号; annual by 31 March; domain-2.md B2.1, I20)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

from casework.cases import CaseType, Opened
from casework.choices import SubjectKind
from casework.models import Case
from casework.reach import of_department
from casework.types import CaseStep, Reach, Result, State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import Why, area, choice, line, number
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import by_day

from . import codes
from .crews import not_ones_own
from .models import Matter, Plan
from .offered import matters, subject_of

PLANNER, HEAD = frozenset({Role.PLANNER.value}), frozenset({Role.HEAD.value})
DRAFT, APPROVED, PUBLISHED, CLOSED = "DRAFT", "APPROVED", "PUBLISHED", "CLOSED"
LAST_DAY = (3, 31)  # of its year: 54号


@dataclass(frozen=True, slots=True)
class Draft:
    """What is planned."""

    title: Annotated[str, line("计划名称", 100, at_least=4)]
    year: Annotated[int, number("年度", least=2020, most=2100)]
    special: Annotated[str, choice("计划类型", [("no", "年度检查计划"), ("yes", "专项检查计划")])]
    matter: Annotated[str, choice("检查事项", matters)]
    content: Annotated[str, area("内容和比例", 1000, "检查哪些机构、比例、时间安排", at_least=10)]
    approval_ref: Annotated[
        str, line("政府批准文号", 100, "专项检查必须填写县级以上人民政府的批准文号", required=False)
    ]


@dataclass(frozen=True, slots=True)
class Filed:
    """The number under which it was filed with the justice bureau."""

    filed_no: Annotated[str, line("司法行政部门备案编号", 100, at_least=2)]


def begin(asked: Draft, actor: Any) -> Opened:
    """Of the planner's own announced body. Raises Rejected 422 without one."""
    mine = subject_of(actor, Role.PLANNER)
    if mine is None:
        raise Rejected(Problem(codes.PLAN, "", "您所在的单位还没有公告为检查主体，不能编制检查计划。"))
    department = mine.department
    return Opened(
        SubjectKind.PLACE, asked.title, department.region, department,
        body={
            "title": asked.title, "year": asked.year, "special": asked.special == "yes", "subject": mine,
            "matter": Matter.objects.get(code=asked.matter), "content": asked.content,
            "approval_ref": asked.approval_ref,
        },
    )  # fmt: skip


def approval_there(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A special plan stands on the government's approval (I20)."""
    if case.body.special and not case.body.approval_ref:
        yield Problem(codes.PLAN, "", "专项检查没有县级以上人民政府的批准文号，不能公布，也不能抽取。")


def publish(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Public from today, with the number of its filing."""
    case.body.published_on, case.body.filed_no = today_here(), data["asked"].filed_no


def facts(case: Case) -> list[tuple[str, str]]:
    """What the plan says; that it came late is said."""
    plan = case.body
    late = plan.published_on and not plan.special and plan.published_on > date(plan.year, *LAST_DAY)
    published = by_day(plan.published_on) if plan.published_on else ""
    return [
        ("年度", str(plan.year)), ("计划类型", "专项检查计划" if plan.special else "年度检查计划"), ("检查事项", plan.matter.name),
        ("内容和比例", plan.content), ("政府批准文号", plan.approval_ref), ("司法行政部门备案编号", plan.filed_no),
        ("公布日期", published + ("（晚于 3 月 31 日）" if late else "")),
    ]  # fmt: skip


step = partial(CaseStep, by=PLANNER, may=of_department(Role.PLANNER))
PLAN = CaseType(
    "PLAN", "检查计划", "YC-JH",
    opening=CaseStep("draft", "编制检查计划", frozenset(), DRAFT, by=PLANNER, may=of_department(Role.PLANNER), asks=Draft,
                     says=("由执法单位负责人批准；年度计划应在 3 月 31 日前公布。",),
                     tells=(Tell(Role.HEAD, "待批准：检查计划", "{no}（{name}）"),)),
    states={
        DRAFT: State("yellow", Role.HEAD, "批准检查计划", label="待批准"),
        APPROVED: State("yellow", Role.PLANNER, "备案并公布检查计划", label="已批准"),
        PUBLISHED: State("green", label="已公布"),
        CLOSED: State("grey", label="没有批准"),
    },
    rows=[
        CaseStep("approve", "批准计划", frozenset({DRAFT}), APPROVED, by=HEAD, may=of_department(Role.HEAD),
                 needs=(not_ones_own, approval_there), tells=(Tell("opener", "检查计划已批准", "{no}（{name}）请备案并公布。"),)),
        CaseStep("reject", "不批准", frozenset({DRAFT}), CLOSED, by=HEAD, may=of_department(Role.HEAD), asks=Why,
                 danger=True, result="NOT_APPROVED", tells=(Tell("opener", "检查计划没有批准", "{no}（{name}）{reason}"),)),
        step("publish", "公布计划", frozenset({APPROVED}), PUBLISHED, asks=Filed, needs=(approval_there,), effect=publish,
             result="PUBLISHED", says=("公布后可以按计划抽取和检查；计划在“双随机”页面公开。",),
             tells=(Tell(Role.JUSTICE, "检查计划已公布", "{no}（{name}）"),)),
    ],
    results={"PUBLISHED": Result("已公布"), "NOT_APPROVED": Result("没有批准", 3)},
    readers=Reach(
        department=PLANNER | HEAD | {Role.INSPECTOR.value},
        area=frozenset({Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE}),
    ),
    begin=begin, facts=facts, body=Plan,
)  # fmt: skip
