"""行政检查: asked for, approved, notified, entered, recorded by two, told to the institution, published (domain-2.md B2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

from django.utils import timezone

from casework.cases import CaseType, Opened
from casework.choices import SubjectKind
from casework.documents.wording import chinese_date
from casework.letters import release_one
from casework.models import Case, LetterService
from casework.reach import by_the_table, of_department, own
from casework.types import SYSTEM, CaseStep, Clock, Reach, Result, Rung, Second, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import Why, area, choice, day, line, several
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import add_workdays, by_day

from . import codes, letters
from .checklist import EDITION
from .choices import Entry, NoticeMode, ResultClass, Verdict, VisitKind
from .crews import not_of_the_crew, not_ones_own, problems_of_crew
from .following import open_order, open_referral, orderable, referable
from .meters import meter_of
from .models import CheckItem, Matter, Visit, VisitItem, VisitOfficer
from .offered import crew, dimensions, matters, subject_of
from .powers import POWERS
from .publication import lock_place, show_visit, visit_payload
from .showing import links
from .terms import terms_on

INSPECTOR, HEAD, OPERATOR = (frozenset({role.value}) for role in (Role.INSPECTOR, Role.HEAD, Role.OPERATOR))
REQUESTED, APPROVED, NOTIFIED, ON_SITE = "REQUESTED", "APPROVED", "NOTIFIED", "ON_SITE"
RECORDED, TOLD, OBJECTED, PUBLISHED, CLOSED = "RECORDED", "TOLD", "OBJECTED", "PUBLISHED", "CLOSED"
DROPPED = "DROPPED"  # before its notice: the institution never knows

PUBLISH = Clock(
    "DL-INSPECTION-PUBLISH", "公开检查结果", lambda case: terms_on(case.governed_on).publish, "《政府信息公开条例》第二十六条",
    rungs=(Rung(-3, (Tell(Role.HEAD, "检查结果即将到公开期限", "{no}（{name}）请于{due}公开。"),)),
           Rung(1, (Tell(Role.HEAD, "检查结果超期未公开", "{no}（{name}）应于{due}公开。"),
                    Tell(Role.JUSTICE, "检查结果超期未公开", "{no}（{name}）应于{due}公开。")))),
)  # fmt: skip
acts_here, heads_here = of_department(Role.INSPECTOR), of_department(Role.HEAD)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: whom to inspect, why, on which matter, by whom, when."""

    uscc: Annotated[str, line("统一社会信用代码", 18, at_least=18)]
    kind: Annotated[str, choice("检查类型", list(VisitKind.choices))]
    source_ref: Annotated[str, line("来源", 100, "计划、投诉或者移送的编号，例如 12345 工单号", required=False)]
    from_above: Annotated[str, line("上级部署文号", 100, "由上级部署的专项检查填写", required=False)]
    matter: Annotated[str, choice("检查事项", matters, "只列出已经公布的事项")]
    dimensions: Annotated[list[str], several("检查内容", dimensions)]
    officers: Annotated[list[str], several("检查人员", crew, "不少于两名，执法证当天有效", least=2, most=6)]
    planned_on: Annotated[date, day("检查日期")]
    notice_mode: Annotated[str, choice("通知方式", list(NoticeMode.choices))]
    reason: Annotated[str, area("检查理由", 300, at_least=4)]


@dataclass(frozen=True, slots=True)
class Arrived:
    """How the visit was entered (扫码入企)."""

    entry: Annotated[str, choice("入企登记", list(Entry.choices), "双方任何一方扫码都可以")]
    entry_reason: Annotated[str, line("没有扫码的原因", 200, "没有扫码的填写", required=False)]


@dataclass(frozen=True, slots=True)
class Signed:
    """The end of the record: facts only, the institution's words, its signature or the refusal with a witness."""

    facts: Annotated[str, area("现场情况", 2000, "只写看到的事实，不写处罚意见，不写孩子姓名", at_least=10)]
    operator_words: Annotated[str, area("被检查人意见", 1000, "没有意见的写“无”")]
    operator_name: Annotated[str, line("被检查人签名", 50, "由在场负责人输入自己的姓名；拒签的留空", required=False)]
    refusal: Annotated[str, line("拒签原因", 200, required=False)]
    witness: Annotated[str, line("拒签见证人", 50, required=False)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The class of the result (domain-2.md B2.7)."""

    result_class: Annotated[str, choice("检查结果", list(ResultClass.choices))]


@dataclass(frozen=True, slots=True)
class ToOrder:
    """Which findings are ordered put right."""

    lines: Annotated[list[str], several("责令改正的问题", orderable, "只列出本机关有权、有强制性依据的问题")]


@dataclass(frozen=True, slots=True)
class ToRefer:
    """Which observations go to the body of which field."""

    lines: Annotated[list[str], several("移送的情况", referable, "其他机关职责内的情况；一次移送给一个领域")]


def begin(asked: Request, actor: Any) -> Opened:
    """About a registered institution of its area, by the actor's own body."""
    mine = subject_of(actor, Role.INSPECTOR)
    if mine is None:
        raise Rejected(Problem(codes.CREW, "", "您所在的单位还没有公告为检查主体，不能申请行政检查。"))
    rows = Institution.objects.select_related("region").filter(uscc=asked.uscc.upper(), status="ACTIVE")
    place = rows.filter(region__prefix__startswith=mine.department.region.prefix).first()
    if place is None:
        raise Rejected(Problem(codes.UNKNOWN, "uscc", "本辖区没有查到这个代码的在册机构。请核对。"))
    return Opened(
        SubjectKind.INSTITUTION, place.name, place.region, mine.department, subject_id=place.uscc, uscc=place.uscc,
        body={
            "kind": asked.kind, "subject": mine, "matter": Matter.objects.get(code=asked.matter), "edition": EDITION,
            "dimensions": asked.dimensions, "source_ref": asked.source_ref, "from_above": asked.from_above,
            "planned_on": asked.planned_on, "notice_mode": asked.notice_mode,
        },
    )  # fmt: skip


def lay_out(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The officers, and every item of the parts asked for."""
    visit, asked = case.visit, data["asked"]
    VisitOfficer.objects.bulk_create(VisitOfficer(visit=visit, officer_id=int(one)) for one in set(asked.officers))
    items = CheckItem.objects.filter(edition=EDITION, dimension__in=asked.dimensions).order_by("position")
    VisitItem.objects.bulk_create(VisitItem(visit=visit, item=item) for item in items)


def known_why(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A case visit names what set it off; a day that has passed is no plan (B2.1)."""
    asked = data["asked"]
    if not POWERS[asked.kind].planned and not asked.source_ref:
        yield Problem(codes.SOURCE, "source_ref", "这类检查要写明来源：投诉、移送、整改或者备案的编号。")
    if asked.planned_on < today_here():
        yield Problem(codes.SOURCE, "planned_on", "检查日期不能早于今天。")
    if asked.from_above and asked.kind != VisitKind.SPECIAL:
        yield Problem(codes.SOURCE, "from_above", "只有专项检查由上级部署。")


def this_year(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """It counts for the year it was approved for."""
    if case.body.planned_on.year != today_here().year:
        yield Problem(codes.SOURCE, "", f"批准的是 {case.body.planned_on.year} 年的检查。请取消后重新申请。")


def fit_crew(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The officers chosen may go on the day planned."""
    asked, mine = data["asked"], subject_of(actor, Role.INSPECTOR)
    if mine is not None:
        yield from problems_of_crew([int(one) for one in asked.officers], mine, case.uscc, asked.planned_on)


def crew_holds(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Certificates and ties, looked at again on the day it matters (domain-2.md I12)."""
    visit = case.body
    on = today_here() if case.status in {APPROVED, NOTIFIED} else visit.planned_on
    yield from problems_of_crew([one.pk for one in visit.crew], visit.subject, case.uscc, on)


def under_cap(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Over the published number only with a second approval (domain-2.md I8)."""
    visit = case.body
    seen = meter_of(case.uscc, visit.subject, visit.planned_on.year, but=case.pk)
    if seen.blocks(visit.kind, from_above=bool(visit.from_above)):
        words = f"今年已计入 {seen.counted} 次，达到每年 {seen.cap} 次的上限。确有必要的，请办理“超频次批准”，由另一名负责人签批。"
        yield Problem(codes.CAP, "", words)


def over_cap(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The second approval is for what the cap holds back."""
    if not any(under_cap(case, actor, data)):
        yield Problem("GEN-409", "", "没有超过频次上限，请直接批准。")


def in_the_crew(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """What officers do on the spot, an officer of this visit does."""
    if not case.body.has_in_crew(actor):
        yield Problem(codes.CREW, "", "只有这次检查的执法人员可以办理。")


def notice_out(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """凡检查必通知: the notice stands."""
    if not case.letters.stand().filter(form=letters.NOTICE.code).exists():
        yield Problem(codes.NOTICE, "", "通知书已经撤回。请重新写一份，再进场检查。")


def entered(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """By code, or a reason why not."""
    asked = data["asked"]
    if asked.entry == Entry.NONE and not asked.entry_reason:
        yield Problem(codes.ENTRY, "entry_reason", "没有扫码入企的，请写明原因。")


def all_looked_at(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Every item of the body's own field has its verdict, “not checked” included."""
    field = case.body.subject.field
    left = [one for one in case.body.items if not one.verdict and field in one.item.fields]
    if left:
        yield Problem(
            codes.UNFINISHED, "", f"还有 {len(left)} 项没有结论，第一项是 {left[0].item.code}。没查的请选“未查”。"
        )


def signed_or_witnessed(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A signature, or why there is none and who saw it."""
    asked = data["asked"]
    if not asked.operator_name and not (asked.refusal and asked.witness):
        yield Problem(codes.SIGNED, "operator_name", "请由被检查人签名；拒签的，写明拒签原因和见证人。")


def served(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Notice and result reached the institution before the result is public."""
    for form in (letters.NOTICE, letters.RESULT):
        if not case.letters.stand().filter(form=form.code, services__isnull=False).exists():
            yield Problem(codes.NOTICE, "", f"{form.title}已经撤回，或者还没有登记送达。")


def _object_by(case: Case) -> date | None:
    """The last day to object to the facts ([A]); None before the result was served."""
    row = LetterService.objects.filter(letter__in=case.letters.stand().filter(form=letters.RESULT.code)).first()
    return add_workdays(row.served_on, terms_on(case.governed_on).object) if row else None


def time_to_object(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The institution had its days to object, or its objection was answered; without a service they have not begun (`served`)."""
    last = _object_by(case)
    answered = Event.objects.of(case.subject).filter(data__step="answer").exists()
    if last is not None and not answered and today_here() <= last:
        yield Problem(codes.TOO_EARLY, "", f"机构可以在{by_day(last)}前提出异议，之后才能公开。")


def once_in_time(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """One objection, in its days: it must not put off the publication for ever."""
    last = _object_by(case)
    if last is not None and today_here() > last:
        yield Problem(codes.OBJECTED, "", f"提出异议的期限是{by_day(last)}，已经过了。")
    if Event.objects.of(case.subject).filter(data__step="object").exists():
        yield Problem(codes.OBJECTED, "", "已经提出过一次异议，也已经答复。不服的，可以依法申请行政复议。")


def fits_findings(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """“Nothing found” beside an item not met, or an order without one, is no result."""
    wrong, asked = case.body.counts[Verdict.NOT_MET], data["asked"]
    if asked.result_class == ResultClass.CLEAN and wrong:
        yield Problem(codes.ITEM, "result_class", f"有 {wrong} 项不符合，不能选“未发现问题”。")
    if asked.result_class == ResultClass.ORDERED and not wrong:
        yield Problem(codes.ITEM, "result_class", "没有不符合的项目，不能选“发现问题已责令改正”。")


def arrive(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """When and how it was entered. The notice is shown at the door: from then on nobody takes it back."""
    release_one(case.letters.stand().get(form=letters.NOTICE.code).pk)
    case.body.entry, case.body.entry_reason = data["asked"].entry, data["asked"].entry_reason
    case.body.arrived_at = timezone.now()


def close_record(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The record as both sides leave it."""
    visit, asked = case.body, data["asked"]
    for name in ("facts", "operator_words", "operator_name", "refusal", "witness"):
        setattr(visit, name, getattr(asked, name))
    visit.left_at = timezone.now()


def conclude(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The result, and since when it stands."""
    case.body.result_class, case.body.concluded_on = data["asked"].result_class, today_here()


def publish(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Public from today."""
    case.body.published_on = today_here()


def facts(case: Case) -> list[tuple[str, str]]:
    """What everybody who sees the case reads of the visit."""
    visit, counts = case.body, case.body.counts
    looked = f"符合 {counts['MET']} 项，不符合 {counts['NOT_MET']} 项，未查 {counts['NOT_CHECKED']} 项"
    return [
        ("检查类型", visit.get_kind_display()),
        ("检查事项", visit.matter.name),
        ("来源", visit.source_ref or visit.from_above),
        ("检查人员", "、".join(str(one) for one in visit.crew)),
        ("计划日期", chinese_date(visit.planned_on)),
        ("逐项结论", looked if visit.arrived_at else ""),
        ("现场情况", visit.facts),
        ("被检查人意见", visit.operator_words),
        ("检查结果", visit.get_result_class_display()),
    ]


step = partial(CaseStep, by=INSPECTOR, may=acts_here)
INSPECTION = CaseType(
    "INSPECTION", "行政检查", "YC-JC",
    opening=CaseStep("request", "申请行政检查", frozenset(), REQUESTED, by=INSPECTOR, may=acts_here, asks=Request,
                     needs=(known_why, fit_crew), effect=lay_out,
                     says=("由执法单位负责人批准后才能检查。", "检查不是处罚；没有公布的事项不能检查。"),
                     tells=(Tell(Role.HEAD, "待批准：行政检查", "{no}（{name}）{reason}"),)),
    states={
        REQUESTED: State("yellow", Role.HEAD, "批准行政检查", label="待批准", inside=True),
        APPROVED: State("yellow", Role.INSPECTOR, "发出检查通知书", label="已批准", inside=True,
                        then="通知书发出后进场检查。"),
        NOTIFIED: State("yellow", Role.INSPECTOR, "进场检查", label="已通知", following="执法人员将持证检查，请配合。"),
        ON_SITE: State("yellow", Role.INSPECTOR, "逐项检查并完成笔录", label="检查中", following="正在检查。"),
        RECORDED: State("yellow", Role.INSPECTOR, "告知检查结果", label="待告知结果", waits="被检查的机构",
                        following="执法单位将告知检查结果。"),
        TOLD: State("yellow", Role.HEAD, "公开检查结果", label="待公开", todo="核对检查结果",
                    following="对事实有异议的，可以提出；之后依法公开。"),
        OBJECTED: State("yellow", Role.INSPECTOR, "答复异议", label="异议处理中", waits="提出异议的机构",
                        following="执法单位将答复您的异议。"),
        PUBLISHED: State("green", label="已公开"),
        CLOSED: State("grey", label="已办结"),
        DROPPED: State("grey", label="没有进行", inside=True),
    },
    rows=[
        CaseStep("approve", "批准检查", frozenset({REQUESTED}), APPROVED, by=HEAD, may=heads_here,
                 needs=(not_ones_own, not_of_the_crew, crew_holds, under_cap), says=("批准后，检查人员可以发出通知书。",),
                 tells=(Tell("opener", "检查已批准", "{no}（{name}）可以发出通知书。"),)),
        CaseStep("approve_over_cap", "超频次批准", frozenset({REQUESTED}), APPROVED, by=HEAD, may=heads_here, asks=Why,
                 needs=(not_ones_own, not_of_the_crew, crew_holds, over_cap), signed=Second(HEAD),
                 says=("超过公布的频次上限，须由另一名负责人签批；理由留存，供执法监督查阅。",),
                 tells=(Tell("opener", "检查已批准", "{no}（{name}）可以发出通知书。"),
                        Tell(Role.JUSTICE, "超频次检查", "{no}（{name}）{reason}"))),
        CaseStep("reject", "不批准", frozenset({REQUESTED}), DROPPED, by=HEAD, may=heads_here, asks=Why, danger=True,
                 result="NOT_APPROVED", tells=(Tell("opener", "检查没有批准", "{no}（{name}）{reason}"),)),
        step("notify", "发出检查通知书", frozenset({APPROVED}), NOTIFIED, letter=letters.NOTICE, needs=(crew_holds,),
             says=("最迟到场时出示；通知书写明频次、回避、申辩和投诉电话。",),
             tells=(Tell(Role.OPERATOR, "收到行政检查通知书", "{no} 请查看通知书；您可以核对检查人员的证件，申请回避。"),)),
        step("arrive", "进场检查", frozenset({NOTIFIED}), ON_SITE, asks=Arrived, effect=arrive,
             needs=(in_the_crew, this_year, crew_holds, notice_out, entered), says=("请出示执法证件和通知书。",)),
        step("sign", "完成笔录", frozenset({ON_SITE}), RECORDED, asks=Signed, effect=close_record, signed=Second(INSPECTOR, "复签"),
             needs=(in_the_crew, all_looked_at, signed_or_witnessed), files="签名、现场照片",
             says=("笔录由两名检查人员签名：您先签，另一人复签后生效。",)),
        step("conclude", "告知检查结果", frozenset({RECORDED}), TOLD, asks=Outcome, effect=conclude, needs=(in_the_crew, fits_findings),
             starts=(PUBLISH,), letter=letters.RESULT,
             tells=(Tell(Role.OPERATOR, "收到检查结果告知书", "{no} 请查看并签收；对事实有异议的可以提出。"),)),
        step("order", "责令改正", frozenset({RECORDED, TOLD}), "", asks=ToOrder, effect=open_order, needs=(in_the_crew,),
             says=("选中的问题一起责令改正，期限按其中最重的一项。",)),
        step("refer", "移送其他机关", frozenset({ON_SITE, RECORDED, TOLD}), "", asks=ToRefer, effect=open_referral,
             needs=(in_the_crew,), files="现场照片", says=("不属于本机关职责的情况，连同照片移送有权的机关。",)),
        CaseStep("object", "对事实提出异议", frozenset({TOLD}), OBJECTED, by=OPERATOR, may=own, asks=Why, files="证明材料",
                 needs=(once_in_time,),
                 says=("请写明哪一项事实不对、理由是什么。只能提出一次，答复前不公开。",),
                 tells=(Tell("assignee", "机构提出异议", "{no}（{name}）{reason}"),)),
        step("answer", "答复异议", frozenset({OBJECTED}), TOLD, asks=Why,
             tells=(Tell(Role.OPERATOR, "异议有了答复", "{no} {reason}"),)),
        CaseStep("publish", "公开检查结果", frozenset({TOLD}), PUBLISHED, by=HEAD, may=heads_here, effect=publish,
                 needs=(served, time_to_object), result="PUBLISHED",
                 emits="inspection.result_effective", says=("公开机构名称、检查类型、日期、单位和结果；不公开人员和孩子的任何信息。",),
                 tells=(Tell(Role.OPERATOR, "检查结果已公开", "{no} 公众可以在您的机构页面看到。"),)),
        step("rescind", "撤销检查结果", frozenset({PUBLISHED}), CLOSED, asks=Why, signed=Second(HEAD), result="RESCINDED",
             emits="inspection.rescinded", danger=True, says=("结果从所有公开的地方撤下；相关的责令改正另行撤销。",),
             tells=(Tell(Role.OPERATOR, "检查结果已撤销", "{no} {reason}"),)),
        step("drop", "取消检查", frozenset({APPROVED}), DROPPED, asks=Why, danger=True, result="CALLED_OFF"),
        step("call_off", "取消检查", frozenset({NOTIFIED}), CLOSED, asks=Why, danger=True, result="CALLED_OFF",
             tells=(Tell(Role.OPERATOR, "行政检查已取消", "{no} {reason}"),)),
        CaseStep("ended_unseen", "机构终止", frozenset({REQUESTED, APPROVED}), DROPPED, by=frozenset({SYSTEM}),
                 may=by_the_table, on="institution.ended", result="GONE"),
        CaseStep("ended", "机构终止", frozenset({NOTIFIED}), CLOSED, by=frozenset({SYSTEM}), may=by_the_table,
                 on="institution.ended", result="GONE"),
    ],
    results={"PUBLISHED": Result("已公开"), "NOT_APPROVED": Result("没有批准", 3), "CALLED_OFF": Result("已取消", 3),
             "GONE": Result("机构已终止"), "RESCINDED": Result("已撤销", 30)},
    readers=Reach(
        department=INSPECTOR | HEAD, own=OPERATOR,
        area=frozenset({Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER, Role.JUSTICE}),
    ),
    begin=begin, facts=facts, body=Visit, links=links, lock_first=lock_place, payload=visit_payload, shows=show_visit,
)  # fmt: skip
