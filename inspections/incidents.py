"""事故事件台账: reported by the institution or entered by the county, told to whom the law names, followed, closed (C3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from django.db.models import Q
from django.utils import timezone

from casework.cases import CaseType, Opened
from casework.choices import SubjectKind
from casework.models import Case
from casework.reach import in_area, own
from casework.types import CaseStep, Clock, Reach, Result, Rung, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, area, choice, line, moment, number
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .choices import IncidentKind, ToldTo
from .clues import health_of
from .incident_terms import AGES, DUTIES, FOR_POLICE, due_moment, is_cluster, overwritten_from
from .models import Incident, IncidentTold

OPERATOR, REVIEWER, CHIEF = (frozenset({role.value}) for role in (Role.OPERATOR, Role.REVIEWER, Role.CHIEF))
REPORTED, ACCOUNTED, CLOSED = "REPORTED", "ACCOUNTED", "CLOSED"
OPEN = frozenset({REPORTED, ACCOUNTED})
VIDEO = Clock(
    "DL-INCIDENT-VIDEO", "锁定录像", 1, "[A]", kind="DAYS",
    rungs=(Rung(0, (Tell(Role.OPERATOR, "请立即锁定录像", "{no} 请立即锁定录像，避免被覆盖。"),
                    Tell(Role.REVIEWER, "录像还没有锁定", "{no}（{name}）请督促机构锁定录像。"))),),
)  # fmt: skip
FOLLOW = Clock(
    "DL-INCIDENT", "跟进并办结事件", 30, "[A]", kind="DAYS",
    rungs=(Rung(-3, (Tell(Role.OPERATOR, "请补充处置情况", "{no} 请于{due}提交处置情况，人数有变化的一并写明。"),)),
           Rung(1, (Tell(Role.CHIEF, "事件超期未办结", "{no}（{name}）应于{due}办结，请督促。"),))),
)  # fmt: skip
NO_NAMES = "只写事实，不写孩子、家长和员工姓名"


def reports_here(actor: Any, case: Case) -> bool:
    """The institution itself, or the county's reviewer."""
    return own(actor, case) or in_area(Role.REVIEWER)(actor, case)


def recipients(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Who must or may be told of this kind and was not yet."""
    if case is None:
        return []
    duty, told = DUTIES[case.body.kind], {row.to for row in case.body.told.all()}
    return [(one.value, one.label) for one in (*duty.to, *duty.also) if one not in told]


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened, when, where, to how many."""

    uscc: Annotated[str, line("统一社会信用代码", 18, "机构报告自己的事件不用填写", required=False)]
    kind: Annotated[str, choice("类别", list(IncidentKind.choices), "涉嫌、疑似的也要报告，由有权机关认定")]
    happened_at: Annotated[datetime, moment("发生时间")]
    found_at: Annotated[datetime, moment("发现时间", "报告时限从发现时起算，节假日照算；格式：2026-11-23 14:05")]
    place: Annotated[str, line("地点（房间）", 100, "例如：二楼小一班活动室")]
    children: Annotated[int, number("涉及孩子人数", most=500)]
    ages: Annotated[str, line("孩子年龄", 100, "只写年龄，例如：18个月、2岁半；不写姓名", required=False)]
    staff_on_duty: Annotated[int, number("当班人数", most=500)]
    cases: Annotated[
        str, line("每天新增病例", 30, "病例聚集的填写：同一班级最近几天，最早的在前，例如 2 2 1", required=False)
    ]
    what: Annotated[str, area("经过", 1000, NO_NAMES, at_least=10)]
    first_aid: Annotated[str, area("已采取的措施", 500, "送医、隔离、疏散等", at_least=2)]


@dataclass(frozen=True, slots=True)
class Telling:
    """To whom, when, by whom, under which number."""

    to: Annotated[str, choice("报告对象", recipients)]
    told_at: Annotated[datetime, moment("报告时间")]
    by: Annotated[str, line("报告人岗位", 50, "例如：园长；不写姓名")]
    number: Annotated[str, line("接报编号", 60, "110、119 接警编号或者对方的登记号", required=False)]


@dataclass(frozen=True, slots=True)
class Locked:
    """Where the recording is."""

    where: Annotated[str, area("录像保存位置", 200, "哪些镜头、哪段时间、存在哪里；没有录像的写明原因", at_least=4)]


@dataclass(frozen=True, slots=True)
class Account:
    """What the institution found and did."""

    cause: Annotated[str, area("初步原因", 500, NO_NAMES, at_least=4)]
    measures: Annotated[str, area("处置和改进", 1000, "孩子现在的情况、改了什么；人数有变化的写明", at_least=4)]


def begin(asked: Happened, actor: Any) -> Opened:
    """About the institution, for the county's health department. Raises Rejected: INS-101, INS-134, INS-137."""
    mine = [duty.uscc for duty in actor.duties_as(Role.OPERATOR) if duty.uscc]
    uscc = asked.uscc.upper() or (mine[0] if len(mine) == 1 else "")
    place = Institution.objects.select_related("region").filter(uscc=uscc).first()
    if place is None:
        raise Rejected(Problem(codes.UNKNOWN, "uscc", "没有查到这个代码的机构。请核对。"))
    if found := [*_times(asked), *_counts(asked)]:
        raise Rejected(found)
    names = (
        "kind",
        "happened_at",
        "found_at",
        "place",
        "children",
        "ages",
        "staff_on_duty",
        "cases",
        "what",
        "first_aid",
    )
    due = due_moment(asked.kind, asked.found_at, daily(asked.cases))
    # Suspected abuse that the county enters is not the institution's to read: evidence would be warned.
    seen = "" if asked.kind == IncidentKind.ABUSE and uscc not in mine else uscc
    return Opened(
        SubjectKind.INSTITUTION, place.name, place.region, health_of(place.region), subject_id=uscc, uscc=seen,
        body={name: getattr(asked, name) for name in names} | {"due_at": due},
    )  # fmt: skip


def daily(cases: str) -> list[int]:
    """New cases a day, from what was typed."""
    return [int(one) for one in re.findall(r"\d+", cases)]


def _times(asked: Happened) -> Iterable[Problem]:
    if asked.found_at < asked.happened_at:
        yield Problem(codes.MOMENT, "found_at", "发现时间不能早于发生时间。")
    if asked.found_at > timezone.now():
        yield Problem(codes.MOMENT, "found_at", "发现时间不能晚于现在。")


def _counts(asked: Happened) -> Iterable[Problem]:
    if not re.match(AGES, asked.ages):
        yield Problem(codes.CHILDREN, "ages", "孩子年龄只能写数字和“个月、周岁、岁半”，不能写姓名。")
    if asked.kind == IncidentKind.CLUSTER and not daily(asked.cases):
        yield Problem(codes.CHILDREN, "cases", "请填写每天新增病例数。")


def county_knows(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """What stands here, the county's health department has been told."""
    duty = DUTIES[case.body.kind]
    if ToldTo.HEALTH in {*duty.to, *duty.also}:
        by = "机构" if own(actor, case) else "县级卫健受理岗"
        IncidentTold.objects.create(
            incident=case.body, to=ToldTo.HEALTH, told_at=timezone.now(), by=by, number=case.no, added_by=actor
        )


def in_the_past(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Told after it happened, and not tomorrow."""
    if not case.body.happened_at <= data["asked"].told_at <= timezone.now():
        yield Problem(codes.MOMENT, "told_at", "报告时间应在发生之后、现在之前。")


def keep_telling(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """One line of the ledger; with the last of those who must be told the term is met."""
    asked = data["asked"]
    IncidentTold.objects.create(
        incident=case.body, to=asked.to, told_at=asked.told_at, by=asked.by, number=asked.number, added_by=actor
    )
    if not case.body.untold and case.body.all_told_at is None:
        must = DUTIES[case.body.kind].to
        case.body.all_told_at = max(row.told_at for row in case.body.told.all() if row.to in must)


def not_locked(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Once."""
    if case.body.video_locked_at is not None:
        yield Problem(codes.VIDEO, "", "录像已经锁定。")


def lock(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Where the recording is and since when nobody overwrites it."""
    case.body.video_locked_at, case.body.video_where = timezone.now(), data["asked"].where


def told_and_locked(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """An account comes after the reports and the recording."""
    if case.body.due_at is not None and (untold := case.body.untold):
        yield Problem(codes.TOLD, "", f"还没有登记向{'、'.join(one.label for one in untold)}的报告。")
    if case.body.video_locked_at is None:
        yield Problem(codes.VIDEO, "", "请先锁定录像。")


def keep_account(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The last account counts; earlier ones stay in the history."""
    case.body.cause, case.body.measures = data["asked"].cause, data["asked"].measures


def not_seen(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Once."""
    if case.body.seen_at is not None:
        yield Problem("GEN-409", "", "已经登记知悉。")


def seen(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The chief knows: the line in the chief's list goes."""
    case.body.seen_at = timezone.now()


def at(moment: datetime | None) -> str:
    """By the clock of Yancheng, to the minute."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def facts(case: Case) -> list[tuple[str, str]]:
    """What to do first, by when to tell whom, who was told, until when there is a recording; then what happened."""
    body, duty = case.body, DUTIES[case.body.kind]
    pace = "立即" if duty.at_once else f"{duty.hours} 小时内，最迟 {at(body.due_at)}（节假日照算）"
    late = (
        body.all_told_at is not None and body.due_at is not None and not duty.at_once and body.all_told_at > body.due_at
    )
    video = overwritten_from(timezone.localtime(body.happened_at).date())
    return [
        ("先做什么", f"{f'拨打 {duty.call}。' if duty.call else ''}{duty.first}"),
        ("类别", body.get_kind_display()),
        ("报告时限", pace if body.due_at else "没有达到必须报告的病例数；继续观察，达到的另行报告"),
        ("报告谁", "、".join(one.label for one in duty.to)), ("依据", duty.basis),
        *((f"已报告{row.get_to_display()}", f"{at(row.told_at)}，{row.by}{f'，编号 {row.number}' if row.number else ''}")
          for row in body.told.all()),
        ("报告情况", "超过时限" if late else "已全部报告" if body.all_told_at else ""),
        ("录像", f"已锁定：{body.video_where}" if body.video_locked_at else f"未锁定，{video} 起会被覆盖"),
        ("发生时间", at(body.happened_at)), ("发现时间", at(body.found_at)), ("地点", body.place),
        ("涉及孩子", f"{body.children} 人{f'（{body.ages}）' if body.ages else ''}"), ("当班人数", str(body.staff_on_duty)),
        ("每天新增病例", f"{body.cases}（{'达到' if is_cluster(daily(body.cases)) else '未达到'}聚集标准）" if body.cases else ""),
        ("经过", body.what), ("已采取的措施", body.first_aid), ("初步原因", body.cause), ("处置和改进", body.measures),
        ("负责人知悉", at(body.seen_at)),
    ]  # fmt: skip


both = partial(CaseStep, by=OPERATOR | REVIEWER, may=reports_here, takes=False)
ends = partial(CaseStep, by=REVIEWER | CHIEF, may=in_area(Role.REVIEWER, Role.CHIEF), asks=Why)
INCIDENT = CaseType(
    "INCIDENT", "事故事件", "YC-SG",
    opening=CaseStep("report", "报告事件", frozenset(), REPORTED, by=OPERATOR | REVIEWER, may=reports_here, asks=Happened,
                     effect=county_knows, starts=(VIDEO, FOLLOW),
                     says=("有人受伤先打 120，涉嫌伤害孩子、走失先打 110，着火先打 119，再来填写。",
                           "在这里填写就是向县（市、区）卫生健康部门报告；其他单位要另行报告，再登记。"),
                     tells=(Tell(Role.REVIEWER, "收到事件报告", "{no}（{name}）请立即查看。"),
                            Tell(Role.CHIEF, "收到事件报告", "{no}（{name}）请立即查看。"),
                            Tell(Role.OPERATOR, "事件已登记，请立即锁定录像", "{no}"))),
    states={
        REPORTED: State("red", Role.OPERATOR, "报告、锁定录像、提交处置情况", label="处置中",
                        todo="向有关单位报告并登记，锁定录像，提交处置情况", following="提交后由卫生健康部门核实。"),
        ACCOUNTED: State("yellow", Role.REVIEWER, "核实处置情况", label="待核实", following="卫生健康部门正在核实。",
                         waits="报告的机构"),
        CLOSED: State("green", label="已办结"),
    },
    rows=[
        both("told", "登记已报告", OPEN, "", asks=Telling, needs=(in_the_past,), effect=keep_telling),
        both("lock_video", "锁定录像", OPEN, "", asks=Locked, needs=(not_locked,), effect=lock, stops=(VIDEO.code,)),
        both("account", "提交处置情况", frozenset({REPORTED}), ACCOUNTED, asks=Account, needs=(told_and_locked,), effect=keep_account,
             tells=(Tell(Role.REVIEWER, "事件处置情况待核实", "{no}（{name}）"),)),
        CaseStep("back", "退回补充", frozenset({ACCOUNTED}), REPORTED, by=REVIEWER, may=in_area(Role.REVIEWER), asks=Why,
                 tells=(Tell(Role.OPERATOR, "请补充处置情况", "{no} {reason}"),)),
        CaseStep("seen", "已知悉", OPEN, "", by=CHIEF, may=in_area(Role.CHIEF), needs=(not_seen,), effect=seen, takes=False,
                 inside=True),
        ends("close", "办结", frozenset({ACCOUNTED}), CLOSED, result="HANDLED",
             tells=(Tell(Role.OPERATOR, "事件已办结", "{no} {reason}"),)),
        ends("unfounded", "不属实", OPEN, CLOSED, result="UNFOUNDED", danger=True,
             tells=(Tell(Role.OPERATOR, "事件已办结", "{no} {reason}"),)),
    ],
    results={"HANDLED": Result("已处置"), "UNFOUNDED": Result("不属实")},
    readers=Reach(
        own=OPERATOR, area=REVIEWER | CHIEF | {Role.HEALTH_CITY, Role.AUDITOR},
        some=((Role.POLICE.value, Q(incident__kind__in=FOR_POLICE)),),
    ),
    begin=begin, facts=facts, body=Incident,
)  # fmt: skip
