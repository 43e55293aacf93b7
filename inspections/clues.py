"""网格线索: what a grid worker saw goes to the county's health department. A clue is no inspection and orders nothing.

国办发〔2024〕54号: whoever holds no certificate inspects nothing (domain-2.md B2.1): no step here sends a letter, and a
clue's end says only what the county made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from casework.cases import CaseType, Opened
from casework.choices import SubjectKind
from casework.models import Case
from casework.reach import in_area
from casework.types import CaseStep, Clock, Reach, Result, Rung, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, area, choice, line
from yancheng_childcare.models import Department, Region
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .models import Clue

GRID, REVIEWER, CHIEF = frozenset({Role.GRID.value}), frozenset({Role.REVIEWER.value}), Role.CHIEF.value
REPORTED, CHECKING, CLOSED = "REPORTED", "CHECKING", "CLOSED"
DUE = Clock(
    "DL-CLUE", "核查网格线索", 5, "[A]",
    rungs=(Rung(-1, (Tell(Role.REVIEWER, "网格线索即将到期", "{no}（{name}）请于{due}核查完毕。"),)),
           Rung(1, (Tell(CHIEF, "网格线索超期未核查", "{no}（{name}）应于{due}核查完毕，请督促。"),))),
)  # fmt: skip


def towns(case: Case | None, actor: object) -> list[tuple[str, str]]:
    """The counties, zones and towns of the worker's own duties; a city has no one office for it."""
    duties = actor.duties_as(Role.GRID)  # type: ignore[attr-defined]
    return [(duty.region.code, duty.region.name) for duty in duties if duty.region and duty.region.level != "CITY"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What, where; of which institution, where one can tell."""

    region: Annotated[str, choice("所在辖区", towns)]
    name: Annotated[str, line("机构名称或招牌", 100, "不知道名称的，写“无招牌”", at_least=2)]
    uscc: Annotated[str, line("统一社会信用代码", 18, "知道的填写，可从机构公开页面查到", required=False)]
    place: Annotated[str, line("地点", 200, "路名和门牌号，或小区、附近的店铺", at_least=4)]
    seen: Annotated[
        str,
        area("看到了什么", 1000, "10 到 1000 个字：时间、大约几个孩子、什么情况；只写事实，不写孩子姓名", at_least=10),
    ]


def health_of(region: Region) -> Department:
    """The health department of the county or zone a region is, or lies in."""
    county = region if region.level in {"COUNTY", "ZONE"} else region.parent
    return Department.objects.get(kind="HEALTH", region=county)


def begin(asked: Seen, actor: object) -> Opened:
    """About the institution of the code, else about a place; for the health department of the county."""
    region = Region.objects.select_related("parent").get(code=asked.region)
    found = Institution.objects.filter(uscc=asked.uscc.upper()).first() if asked.uscc else None
    if asked.uscc and found is None:
        raise Rejected(Problem(codes.UNKNOWN, "uscc", "没有查到这个代码的机构。请核对，或者留空。"))
    kind, key = (SubjectKind.INSTITUTION, found.uscc) if found else (SubjectKind.PLACE, "")
    return Opened(
        kind, found.name if found else asked.name, region, health_of(region), subject_id=key, uscc=key,
        body={"place": asked.place, "seen": asked.seen},
    )  # fmt: skip


def facts(case: Case) -> list[tuple[str, str]]:
    """As the worker wrote it."""
    return [("地点", case.body.place), ("看到的情况", case.body.seen)]


def concludes(name: str, label: str, says: str) -> CaseStep:
    """One of the ends: what the county made of it."""
    return CaseStep(
        name, label, frozenset({CHECKING}), CLOSED, by=REVIEWER, may=in_area(Role.REVIEWER), asks=Why,
        result=name.upper(), says=(says,), danger=name == "unfounded",
        tells=(Tell("opener", "您上报的线索有了结果", f"{{no}}（{{name}}）{label}：{{reason}}"),),
    )  # fmt: skip


CLUE = CaseType(
    "CLUE", "网格线索", "YC-XS",
    opening=CaseStep(
        "report", "上报线索", frozenset(), REPORTED, by=GRID, may=in_area(Role.GRID), asks=Seen, starts=(DUE,), files="现场照片",
        says=("由县（市、区）卫生健康部门核查，结果会告诉您。", "上报线索不是检查，请不要进入机构检查或者要求整改。"),
        tells=(Tell(Role.REVIEWER, "收到网格线索", "{no}（{name}）请于{due}核查完毕。"),),
    ),
    states={
        REPORTED: State("yellow", Role.REVIEWER, "受理网格线索", following="由县（市、区）卫生健康部门受理。",
                        then="受理后核查。", waits="上报的网格员", label="待受理"),
        CHECKING: State("yellow", Role.REVIEWER, "核查网格线索", following="卫生健康部门正在核查。",
                        then="写明结果，网格员会收到。", waits="上报的网格员", label="核查中"),
        CLOSED: State("green", label="已办结"),
    },
    rows=[
        CaseStep("accept", "受理", frozenset({REPORTED}), CHECKING, by=REVIEWER, may=in_area(Role.REVIEWER),
                 says=("由您承办核查。",)),
        concludes("confirmed", "属实", "需要检查、责令或者处罚的，另由持证执法人员依法办理；无证照、未备案的，凭本编号另行立案治理。"),
        concludes("guided", "已提醒改正", "情节轻微、已经提醒并改正的。"),
        concludes("unfounded", "不属实", "经核查没有发现所反映的情况。"),
    ],
    results={"CONFIRMED": Result("属实"), "GUIDED": Result("已提醒改正"), "UNFOUNDED": Result("不属实", 3)},
    readers=Reach(
        area=frozenset({Role.REVIEWER, CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER}), opened=GRID,
        department=frozenset({Role.INSPECTOR.value}),
    ),
    begin=begin, facts=facts, body=Clue,
)  # fmt: skip
