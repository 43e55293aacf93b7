"""无证照与未备案治理: looked into, referred to whoever has the power, given a day to file, ended (domain.md §5.10).

No step here orders anything or sends a letter: what art. 41 threatens follows from an inspection by two certified officers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from casework.cases import CaseType, Opened, open_case
from casework.choices import SubjectKind
from casework.models import Case
from casework.reach import in_area
from casework.types import CaseStep, Clock, Reach, Result, Rung, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, area, choice, line, number
from yancheng_childcare.models import Region
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .choices import UnlicensedKind
from .clues import CLUE, health_of
from .models import Unlicensed
from .referral import REFERRAL, SENT
from .unlicensed_kinds import FILE_DAYS, POWERS, mismatch

REVIEWER = frozenset({Role.REVIEWER.value})
CHECKING, HANDLING, CLOSED = "CHECKING", "HANDLING", "CLOSED"
OPEN = frozenset({CHECKING, HANDLING})
CHECK = Clock(
    "DL-UNLICENSED", "核实并决定处置", 10, "[A]",
    rungs=(Rung(-2, (Tell("assignee", "治理办件即将到期", "{no}（{name}）请于{due}核实并决定处置。"),)),
           Rung(1, (Tell(Role.CHIEF, "治理办件超期未处置", "{no}（{name}）应于{due}处置，请督促。"),))),
)  # fmt: skip
FILE = Clock(
    "DL-UNLICENSED-FILE", "限期备案", lambda case: case.body.term_days, "[A]", kind="DAYS",
    rungs=(Rung(0, (Tell("assignee", "限期备案今天到期", "{no}（{name}）请核对是否已经备案。"),)),
           Rung(1, (Tell(Role.CHIEF, "限期备案到期未备案", "{no}（{name}）应于{due}备案，请决定是否检查。"),))),
)  # fmt: skip


def counties(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """The counties and zones of the reviewer's own duties."""
    duties = actor.duties_as(Role.REVIEWER)
    return [
        (one.region.code, one.region.name) for one in duties if one.region and one.region.level in {"COUNTY", "ZONE"}
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """Which kind, where it came from, of whom, where, how many children."""

    kind: Annotated[str, choice("类别", list(UnlicensedKind.choices))]
    source: Annotated[
        str, line("来源编号", 60, "网格线索编号（须已核实为属实），或者 12345 工单号、来信编号", at_least=4)
    ]
    region: Annotated[str, choice("所在县（市、区）", counties)]
    name: Annotated[str, line("机构名称或招牌", 100, "不知道名称的，写“无招牌”；不写个人姓名", at_least=2)]
    uscc: Annotated[str, line("统一社会信用代码", 18, "已登记的填写", required=False)]
    place: Annotated[str, line("地点", 200, at_least=4)]
    children: Annotated[int, number("在托人数", "不知道的填 0", most=500)]
    found: Annotated[str, area("了解到的情况", 1000, "只写事实，不写孩子和家长姓名", at_least=10)]


@dataclass(frozen=True, slots=True)
class Term:
    """How long they have to file."""

    days: Annotated[int | None, number("期限（自然日）", f"不填为 {FILE_DAYS} 日", least=1, most=90, required=False)]
    reason: Annotated[str, area("怎样告知的", 300, "什么时候、用什么方式告知了谁；不写个人信息", at_least=4)]


def source_case(number: str, actor: Any) -> Case | None:
    """The clue of this number, locked; None for another kind of number. Raises Rejected unless it was confirmed, and once."""
    if not number.startswith(f"{CLUE.series}-"):
        return None
    seen = Case.objects.visible_to(actor, actor.roles).select_related("region")
    clue = seen.select_for_update(of=("self",)).filter(type=CLUE.name, no=number, result="CONFIRMED").first()
    if clue is None or clue.children.filter(type=UNLICENSED.name).exists():
        raise Rejected(Problem(codes.SOURCE_CASE, "source", "这条线索没有核实为属实，或者已经立案。请核对编号。"))
    return clue


def begin(asked: Found, actor: Any) -> Opened:
    """About the institution of the code, else about the place. Raises Rejected: INS-101, INS-131, INS-132."""
    parent = source_case(asked.source, actor)
    uscc = asked.uscc.upper()
    known = Institution.objects.active().filter(uscc=uscc).select_related("region").first() if uscc else None
    if uscc and known is None:
        raise Rejected(Problem(codes.UNKNOWN, "uscc", "没有查到这个代码的存续机构。请核对，或者留空。"))
    if words := mismatch(asked.kind, uscc=bool(uscc), children=asked.children):
        raise Rejected(Problem(codes.KIND, "kind", words))
    if asked.kind == UnlicensedKind.UNFILED and known is not None and known.filed_on is not None:
        raise Rejected(Problem(codes.KIND, "kind", "这家机构已经备案。"))
    region = known.region if known else parent.region if parent else Region.objects.get(code=asked.region)
    kind, key, name = (SubjectKind.INSTITUTION, uscc, known.name) if known else (SubjectKind.PLACE, "", asked.name)
    fields = ("kind", "source", "place", "children", "found")
    return Opened(
        kind, name, region, health_of(region), subject_id=key, uscc=key, parent=parent,
        body={field: getattr(asked, field) for field in fields},
    )  # fmt: skip


def has_bodies(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Referred once, where others have the power."""
    if not POWERS[case.body.kind].bodies:
        yield Problem(codes.HANDLING, "", "这一类由卫生健康部门办理，没有需要移送的机关。")
    elif case.children.filter(type=REFERRAL.name).exists():
        yield Problem(codes.HANDLING, "", "已经移送过了。")


def may_file(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A day to file is set once, where filing is what is missing."""
    if not POWERS[case.body.kind].files:
        yield Problem(codes.HANDLING, "", "这一类不是备案问题，请移送有权机关。")
    elif case.body.term_set:
        yield Problem(codes.HANDLING, "", "已经限期备案。")


def all_accepted(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Every body has answered, one at least has taken it on."""
    sent = list(case.children.filter(type=REFERRAL.name))
    waiting = [one.no for one in sent if one.status == SENT]
    if waiting:
        yield Problem(codes.HANDLING, "", f"还有移送没有受理：{'、'.join(waiting)}。")
    elif not [one for one in sent if one.result != "RETURNED"]:
        yield Problem(codes.HANDLING, "", "没有机关受理过移送，不能以移送办结。")


def has_licence(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """An inspection is of an institution."""
    if not case.uscc:
        yield Problem(codes.HANDLING, "", "没有登记的场所不能由平台提出个案检查，请移送有权机关。")


def refer(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """One referral to each body with power; it asks for an answer the same day where nobody looks after it."""
    body = case.body
    urgent = "yes" if body.kind == UnlicensedKind.NO_LICENCE else "no"
    told = f"{body.get_kind_display()}：{case.subject_name}，{body.place}，在托约 {body.children} 人。{data['asked'].reason}"
    for field in POWERS[body.kind].bodies:
        open_case(REFERRAL, {"parent": case.no, "field": field, "facts": told, "urgent": urgent}, actor=actor)


def set_term(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The clock reads the days from here."""
    case.body.term_set = True
    case.body.term_days = data["asked"].days or FILE_DAYS


def facts(case: Case) -> list[tuple[str, str]]:
    """What is known, who has the power, what was referred and how it stands."""
    body, power = case.body, POWERS[case.body.kind]
    sent = case.children.filter(type=REFERRAL.name).select_related("authority").order_by("id")
    bodies = [*(field.label for field in power.bodies), *(["卫生健康（限期备案）"] if power.files else [])]
    return [
        ("类别", body.get_kind_display()), ("有权机关", "、".join(bodies)), ("依据", power.basis),
        ("来源编号", body.source), ("地点", body.place), ("在托人数", str(body.children)), ("了解到的情况", body.found),
        *((f"移送{one.authority.short_name}", f"{one.no}（{REFERRAL.states[one.status].label}）") for one in sent),
        ("限期备案", f"{body.term_days} 个自然日" if body.term_set else ""),
    ]  # fmt: skip


step = partial(CaseStep, by=REVIEWER, may=in_area(Role.REVIEWER), asks=Why)
UNLICENSED = CaseType(
    "UNLICENSED", "无证照与未备案治理", "YC-ZL",
    opening=CaseStep("open", "立案治理", frozenset(), CHECKING, by=REVIEWER, may=in_area(Role.REVIEWER), asks=Found,
                     starts=(CHECK,), files="现场照片", says=("本办件不是检查，不作责令或者处罚决定。",)),
    states={
        CHECKING: State("yellow", Role.REVIEWER, "核实并决定处置", label="核实中", inside=True,
                        then="移送有权机关，或者限期备案。"),
        HANDLING: State("yellow", Role.REVIEWER, "跟踪移送和备案", label="处置中", inside=True, then="有结果后办结。"),
        CLOSED: State("green", label="已办结", inside=True),
    },
    rows=[
        step("refer", "移送有权机关", OPEN, HANDLING, needs=(has_bodies,), effect=refer, stops=(CHECK.code,),
             says=("按类别分别移送每个有权机关，受理和结果会告诉您。",)),
        step("set_term", "限期备案", OPEN, HANDLING, asks=Term, needs=(may_file,), effect=set_term, stops=(CHECK.code,),
             starts=(FILE,), says=("这是提醒，不是责令，不发文书。",)),
        step("ask_inspection", "请执法人员检查", OPEN, "", needs=(has_licence,),
             says=("逾期不备案的，只有经两名持证执法人员检查，才能依《人口与计划生育法》第四十一条处理。",
                   "由执法人员在“各类办件”新建“行政检查”，检查类型选“个案检查”，来源填写本编号。"),
             tells=(Tell(Role.INSPECTOR, "请提出个案检查", "{no}（{name}）{reason}。新建行政检查时，来源填写 {no}。"),)),
        step("filed", "已登记备案", OPEN, CLOSED, result="FILED"),
        step("stopped", "已停止收托", OPEN, CLOSED, result="STOPPED"),
        step("referred", "已移送", frozenset({HANDLING}), CLOSED, needs=(all_accepted,), result="REFERRED",
             says=("各机关都已答复是否受理、至少一家受理的，可以办结。",)),
        step("unfounded", "不属实", OPEN, CLOSED, result="UNFOUNDED", danger=True),
    ],
    results={"FILED": Result("已登记备案"), "STOPPED": Result("已停止收托"), "REFERRED": Result("已移送"),
             "UNFOUNDED": Result("不属实", 3)},
    readers=Reach(
        area=REVIEWER | {Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER},
        department=frozenset({Role.INSPECTOR.value}),
    ),
    begin=begin, facts=facts, body=Unlicensed,
)  # fmt: skip
