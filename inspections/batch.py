"""双随机抽查批次: pool frozen and fingerprinted, source typed by two witnesses, drawn, sent out (domain-2.md B3; product.md C6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone

from casework.cases import CaseType, Opened, open_case
from casework.choices import SubjectKind
from casework.events import INSTITUTION_ENDED, happened
from casework.models import Case
from casework.reach import are_two_persons, in_area, of_department
from casework.types import CaseStep, Reach, Result, Second, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, choice, day, line, number
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import SHANGHAI, by_day

from . import codes, pools
from .checklist import EDITION
from .inspection import INSPECTION
from .models import Batch, CheckItem, Plan

PLANNER, WITNESS, HEAD = (frozenset({role.value}) for role in (Role.PLANNER, Role.WITNESS, Role.HEAD))
PREPARED, FROZEN, WITNESSED, DRAWN, SENT, DONE, VOID = (
    "PREPARED",
    "FROZEN",
    "WITNESSED",
    "DRAWN",
    "SENT",
    "DONE",
    "VOID",
)
PUBLIC = frozenset({FROZEN, WITNESSED, DRAWN, SENT, DONE, VOID})


def plans(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Published plans of the planner's own body."""
    departments = [duty.department_id for duty in actor.duties_as(Role.PLANNER) if duty.department_id]
    rows = Plan.objects.filter(subject__department__in=departments, published_on__isnull=False)
    return [(row.case.no, f"{row.title}（{row.year} 年）") for row in rows.select_related("case").order_by("-pk")]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is fixed before the source can be known."""

    plan: Annotated[str, choice("检查计划", plans, "只列出已经公布的计划")]
    source: Annotated[str, line("公开随机源", 200, "例如：福彩3D 2026-12-08 晚开奖号", at_least=4)]
    source_day: Annotated[date, day("随机源产生的日期")]
    source_time: Annotated[str, line("随机源产生的时间", 5, "格式：21:15", at_least=4)]
    unit: Annotated[str, choice("按什么抽", [("rate", "比例（%）"), ("total", "总数（家）")])]
    amount: Annotated[int, number("比例或者总数", least=1)]
    all_below: Annotated[int, number("县（市、区）内少于几家时全部检查", "不需要的填 0", most=100)]
    visits_until: Annotated[date, day("检查完成日期")]


@dataclass(frozen=True, slots=True)
class Typed:
    """The source as one witness read it."""

    text: Annotated[str, line("随机源内容", 200, "照公布的原文输入，例如 3 7 1")]


def begin(asked: Rules, actor: Any) -> Opened:
    """For the body of the plan, in its area. Raises Rejected 422 for a time that is none."""
    plan = Plan.objects.select_related("subject__department__region", "case").get(case__no=asked.plan)
    department = plan.subject.department
    return Opened(
        SubjectKind.PLACE, plan.title, department.region, department, parent=plan.case,
        body={
            "plan": plan, "source": asked.source, "source_at": _moment(asked), asked.unit: asked.amount,
            "all_below": asked.all_below, "visits_until": asked.visits_until,
        },
    )  # fmt: skip


def rules_fit(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The source comes, then the visits; a share is one."""
    asked = data["asked"]
    moment = _moment(asked)
    yield from _to_come(moment)
    if asked.visits_until <= timezone.localdate(moment):
        yield Problem(codes.TOO_SOON, "visits_until", "检查完成日期应晚于随机源产生的日期。")
    if asked.visits_until.year != Plan.objects.get(case__no=asked.plan).year:
        yield Problem(codes.PLAN, "visits_until", "检查完成日期不在计划的年度内。")
    if asked.unit == "rate" and asked.amount > 100:
        yield Problem(codes.POOL, "amount", "比例不超过 100。")


def source_to_come(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """What is frozen is published before the source can be known."""
    yield from _to_come(case.body.source_at)


def _to_come(moment: datetime) -> Iterable[Problem]:
    if moment <= timezone.now():
        words = "随机源已经产生，名录不能再固化。请另选以后产生的随机源，重新建批次。"
        yield Problem(codes.TOO_SOON, "source_day", words)


def _moment(asked: Rules) -> datetime:
    try:
        return datetime.combine(asked.source_day, time.fromisoformat(asked.source_time), SHANGHAI)
    except ValueError as wrong:
        raise Rejected(Problem(codes.TOO_SOON, "source_time", "时间请写成 21:15 的样子。")) from wrong


def source_known(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Nobody types it before it is there."""
    if timezone.now() < case.body.source_at:
        yield Problem(codes.TOO_SOON, "text", "随机源还没有产生，请在公布的时间之后录入。")


def other_witness(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Two persons, who read the same."""
    batch = case.body
    if not are_two_persons(batch.first_by, actor, since=timezone.localdate(batch.source_at)):
        yield Problem(codes.WITNESS, "", "两名见证人应为不同的人，请由另一名见证人录入。")
    elif data["asked"].text.strip() != batch.first_text:
        words = "与第一名见证人录入的不一致。请核对公布的原文；第一名见证人录错的，请其撤回后重新录入。"
        yield Problem(codes.WITNESS, "text", words)


def first_witness(actor: Any, case: Case) -> bool:
    """Who typed it first."""
    return case.body.first_by_id == actor.pk


def freeze(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Freeze and publish."""
    pools.freeze(case)


def keep_first(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """What the first witness read; the second does not see it."""
    case.body.first_text, case.body.first_by = data["asked"].text.strip(), actor


def forget_first(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Typed wrong: typed again."""
    case.body.first_text, case.body.first_by = "", None


def run(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Draw, and publish every ticket."""
    batch = case.body
    batch.second_by = actor
    pools.run(case, batch.first_text, (batch.first_by.display_name, actor.display_name))


def send_out(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """An inspection to be approved for every place drawn, asked for by its first officer; what ended since is replaced."""
    for uscc, officers in pools.chosen(case.body):
        _ask_for(case, uscc, officers)


def _ask_for(case: Case, uscc: str, officers: list[Any]) -> None:
    batch = case.body
    while not _stands(uscc):
        try:
            with transaction.atomic():
                uscc, officers = pools.substitute(batch, uscc, "CANCELLED")
        except Rejected:  # no reserve (all of its county are visited): the others are visited all the same
            return
    parts = CheckItem.objects.filter(edition=EDITION).order_by("position").values_list("dimension", flat=True)
    answers = {
        "uscc": uscc, "kind": "SPECIAL" if batch.plan.special else "DAILY", "source_ref": case.no, "from_above": "",
        "matter": batch.plan.matter.code, "dimensions": list(dict.fromkeys(parts)), "officers": [str(one.pk) for one in officers],
        "planned_on": batch.visits_until.isoformat(), "notice_mode": "ON_ARRIVAL",
        "reason": f"双随机抽中，批次 {case.no}",
    }  # fmt: skip
    open_case(INSPECTION, answers, actor=officers[0].user)


def to_visit(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """The places of the batch not visited yet."""
    rows = visits_of(case).filter(visit__arrived_at=None) if case else []
    return [(row.uscc, row.subject_name) for row in rows if row.uscc not in _gone(case)]


def _gone(case: Case | None) -> set[str]:
    if case is None:
        return set()
    ids = case.body.gone.values_list("row_id", flat=True)
    return set(case.body.rows.filter(row_id__in=ids).values_list("uscc", flat=True))


@dataclass(frozen=True, slots=True)
class GonePlace:
    """Which place is gone, and why."""

    place: Annotated[str, choice("不再检查的机构", to_visit)]
    why: Annotated[str, choice("事由", [("CANCELLED", "登记已经终止"), ("CLOSED", "已经停业")])]


def substitute(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The next in the published order, by the same rule; the visit of the place that is gone is over."""
    gone = data["asked"].place
    uscc, officers = pools.substitute(case.body, gone, data["asked"].why)
    happened(INSTITUTION_ENDED, visits_of(case).filter(uscc=gone, closed_on=None))
    _ask_for(case, uscc, officers)


def ended_there(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """That a registration ended is what the register says."""
    if data["asked"].why == "CANCELLED" and _stands(data["asked"].place):
        yield Problem(codes.POOL, "why", "这家机构的登记没有终止，不能以此递补。")


def _stands(uscc: str) -> bool:
    return Institution.objects.filter(uscc=uscc, status="ACTIVE").exists()


def visits_of(case: Case) -> Any:
    """The inspections of a batch, by its own body: anybody may write its number as the source of theirs."""
    rows = Case.objects.filter(
        type=INSPECTION.name, visit__source_ref=case.no, visit__subject=case.body.plan.subject_id
    )
    return rows.select_related("visit__subject").order_by("pk")


def all_visited(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Names are published after the visits, all at once: who is still to come must not be told."""
    visits = visits_of(case).exclude(uscc__in=_gone(case)).exclude(result="GONE")
    left = set(visits.values_list("uscc", flat=True)) - set(_made(visits).values_list("uscc", flat=True))
    if left:
        words = f"还有 {len(left)} 家没有检查。全部检查以后再公布名单；没有批准或者取消的，请重新申请。"
        yield Problem(codes.TOO_SOON, "", words)


def _made(visits: Any) -> Any:
    return visits.exclude(visit__arrived_at=None)


def publish_visits(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Which places and officers."""
    pools.publish_visits(case.body, list(_made(visits_of(case))))


def facts(case: Case) -> list[tuple[str, str]]:
    """The rules of the batch, and its fingerprint."""
    batch = case.body
    quota = f"{batch.rate}%" if batch.rate is not None else f"{batch.total} 家"
    return [
        ("检查计划", batch.plan.title), ("公开随机源", batch.source),
        ("随机源产生的时间", timezone.localtime(batch.source_at).strftime("%Y-%m-%d %H:%M")), ("抽取", quota),
        ("检查完成日期", by_day(batch.visits_until)), ("名录指纹（SM3）", batch.fingerprint),
    ]  # fmt: skip


step = partial(CaseStep, by=PLANNER, may=of_department(Role.PLANNER))
witness = partial(CaseStep, by=WITNESS, takes=False)
BATCH = CaseType(
    "BATCH", "双随机抽查", "YC-SJ",
    opening=CaseStep("prepare", "建立抽查批次", frozenset(), PREPARED, by=PLANNER, may=of_department(Role.PLANNER), asks=Rules,
                     needs=(rules_fit,), says=("随机源须在名录固化以后产生，并由公众可以查到的渠道公布。",)),
    states={
        PREPARED: State("yellow", Role.PLANNER, "固化名录并公布指纹", label="待固化"),
        FROZEN: State("yellow", Role.WITNESS, "录入随机源（第一名见证人）", label="已固化",
                      following="等待随机源产生，由两名见证人录入。"),
        WITNESSED: State("yellow", Role.WITNESS, "录入随机源（第二名见证人）", label="一名见证人已录入"),
        DRAWN: State("yellow", Role.PLANNER, "派发检查任务", label="已抽取"),
        SENT: State("yellow", Role.PLANNER, "检查以后公布名单", label="检查中"),
        DONE: State("green", label="已公布名单"),
        VOID: State("grey", label="已作废"),
    },
    rows=[
        step("freeze", "固化名录", frozenset({PREPARED}), FROZEN, needs=(source_to_come,), effect=freeze,
             says=("固化后，名录、规则和人员都不能再改；指纹马上公布。",),
             tells=(Tell(Role.WITNESS, "请录入随机源", "{no}（{name}）随机源产生后，请照公布的原文录入。"),)),
        witness("witness", "录入随机源", frozenset({FROZEN}), WITNESSED, may=in_area(Role.WITNESS), asks=Typed,
                needs=(source_known,), effect=keep_first, inside=True, says=("另一名见证人录入相同的内容后抽取。",)),
        witness("second_witness", "录入随机源并抽取", frozenset({WITNESSED}), DRAWN, may=in_area(Role.WITNESS), asks=Typed,
                needs=(source_known, other_witness), effect=run, inside=True, says=("两人录入一致时，马上抽取并公布结果。",)),
        witness("retract", "撤回录入", frozenset({WITNESSED}), FROZEN, may=first_witness, effect=forget_first, inside=True,
                says=("录错了可以撤回，重新录入；尚未抽取，不影响结果。",)),
        step("send_out", "派发检查任务", frozenset({DRAWN}), SENT, effect=send_out,
             says=("为每家抽中的机构建立检查，由负责人批准后进行；机构名称在检查以后公布。",)),
        step("substitute", "递补", frozenset({SENT}), "", asks=GonePlace, effect=substitute, needs=(ended_there,), signed=Second(HEAD),
             says=("由公布的候补次序中的下一家接替，人员按同样的规则派出；递补公开。",)),
        step("finish", "公布检查名单", frozenset({SENT}), DONE, needs=(all_visited,), effect=publish_visits, result="DONE",
             says=("公布检查过的机构和检查人员两份名单，不与编号、权重对应。",)),
        step("void", "作废", frozenset({PREPARED, FROZEN, WITNESSED, DRAWN}), VOID, asks=Why, signed=Second(HEAD), result="VOID",
             danger=True, says=("作废的批次和原因仍然公开；需要再抽的，另建批次、另用以后产生的随机源。",),
             tells=(Tell(Role.JUSTICE, "抽查批次作废", "{no}（{name}）{reason}"),)),
    ],
    results={"DONE": Result("已公布名单"), "VOID": Result("已作废")},
    readers=Reach(
        department=PLANNER | HEAD,
        area=WITNESS | {Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE},
    ),
    begin=begin, facts=facts, body=Batch,
)  # fmt: skip
