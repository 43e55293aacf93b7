"""公众报错: what the public tells of a page, or of a place that is not on the register; answered by the body that owns it.

Five working days are our own promise. Nobody needs an account (`reporting`); the answer is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from casework.cases import CaseType, Opened
from casework.choices import SubjectKind
from casework.models import Case
from casework.reach import by_the_table, of_department
from casework.types import AUTHORITY, SYSTEM, CaseStep, Clock, Link, Reach, Result, Rung, State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import area, choice
from yancheng_childcare.models import Department, Region
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.tasks import hand_over

from ..choices import ReportKind, ReportOutcome
from ..codes import register as codes
from ..models import Institution, PublicReport
from . import tasks
from .blocks import TITLES
from .report_mail import is_email

logger = structlog.get_logger("registry")
OPEN, ANSWERED = "OPEN", "ANSWERED"
STAFF = frozenset({Role.REGISTRAR.value, Role.REVIEWER.value, Role.CHIEF.value})
handles = of_department(*STAFF)
_LATE = "{no} 由{authority}承办，应于{due}答复，已超期。"
DUE = Clock(
    "DL-REPORT", "答复公众报错", settings.PUBLIC_REPORT_WORKDAYS, "本平台的承诺（不是法定期限）",
    rungs=(Rung(-1, (Tell(AUTHORITY, "公众报错即将到期", "{no} 由{authority}承办，请于{due}答复。"),)),
           Rung(1, tuple(Tell(to, "公众报错超期未答复", _LATE) for to in (AUTHORITY, Role.HEALTH_CITY)))),
)  # fmt: skip


def owner_of(*, uscc: str, block: str, region: str, name: str = "") -> tuple[Department, Region, str]:
    """(who answers, region, institution name). Registration: its registration authority; else the health department.

    The institution is looked up unless region and name are both known: one query, else two.

    The filing authority is the county health department (方案 三(三)1), which also looks into what is not filed at all
    (domain.md §8.2). Raises Rejected 422 when the institution or its county has none.
    """
    if uscc and (block == "registration" or not (region and name)):
        found = Institution.objects.select_related("registry_org", "region").filter(uscc=uscc).first()
        if found is None:
            raise Rejected(Problem(codes.REPORT_PLACE, "", "没有查到这个代码的机构。"))
        region, name = found.region_id, found.name
        if block == "registration":
            return found.registry_org, found.region, name
    owner = Department.objects.select_related("region").filter(kind="HEALTH", region_id=region).first()
    if owner is None or owner.region is None:
        raise Rejected(Problem(codes.REPORT_PLACE, "region", "这个地区还没有承办单位，请选择所在的县（市、区）。"))
    return owner, owner.region, name


def begin(asked: Any, actor: Any) -> Opened:
    """About the institution, else about a place; `asked` are the `reporting.Words`. Raises Rejected as `owner_of` does."""
    owner, region, name = owner_of(uscc=asked.uscc, block=asked.block, region=asked.region, name=asked.name)
    kept = ("kind", "place", "block", "text", "contact", "code_hash")
    return Opened(
        SubjectKind.INSTITUTION if asked.uscc else SubjectKind.PLACE, name or ReportKind.UNFILED.label, region, owner,
        subject_id=asked.uscc, uscc=asked.uscc, body={field: getattr(asked, field) for field in kept},
    )  # fmt: skip


def facts(case: Case) -> list[tuple[str, str]]:
    """As the reporter wrote it; of the contact only whether there is one."""
    told = case.body
    return [
        ("种类", told.get_kind_display()), ("栏目", TITLES.get(told.block, "")), ("地址", told.place),
        ("反映的内容", told.text), ("联系方式", "已留，承办单位核实、回复时可以查看" if told.contact else "没有留"),
        ("转办次数", str(told.transfers or "")), ("答复", told.answer),
    ]  # fmt: skip


def links(case: Case, reader: Any) -> list[Link]:
    """The page that is said to be wrong; for those who answer, the reporter's contact."""
    found = []
    if case.uscc:
        page = reverse("public:institution", args=[case.uscc])
        found.append(Link("看公开页面现在的内容", f"{page}#{case.body.block}"))
    if case.body.contact and handles(reader, case):
        found.append(Link("查看报错人的联系方式（留痕）", reverse("public:report-contact", args=[case.no])))
    return found


def receivers(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Where it may be handed: the registration authority of its institution, the health department of its county."""
    if case is None or not case.uscc:
        return []
    registrars = Institution.objects.filter(uscc=case.uscc).values("registry_org")
    found = Department.objects.filter(Q(kind="HEALTH", region=case.region_id) | Q(pk__in=registrars))
    return list(found.exclude(pk=case.authority_id).values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Answer:
    """The words the reporter reads."""

    answer: Annotated[str, area("答复", 1000, "10 到 1000 个字，报错人凭查询码可以看到；请勿写个人信息", at_least=10)]


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Who answers instead, and why."""

    owner: Annotated[str, choice("转给哪个单位", receivers)]
    reason: Annotated[str, area("转办理由", 200, "4 到 200 个字，答复期限不变", at_least=4)]


def keep_answer(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """Mail it to those who left an address; the answer stands whether the queue is there or not."""
    case.body.answer = data["asked"].answer
    if is_email(case.body.contact):
        transaction.on_commit(partial(_mail, case.no))


def pass_on(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """The other body has it, nobody in particular there. The clock goes on: the reporter was told a day."""
    case.authority, case.assignee = Department.objects.get(pk=data["asked"].owner), None
    case.body.transfers += 1


def _mail(no: str) -> None:
    if not hand_over(tasks.send_report_answer, no):
        logger.warning("report_answer_not_mailed", no=no, fault="queue")


def answers(outcome: ReportOutcome) -> CaseStep:
    """One of the ends: what became of it."""
    return CaseStep(
        outcome.value.lower(), f"答复：{outcome.label}", frozenset({OPEN}), ANSWERED, by=STAFF, may=handles, asks=Answer,
        effect=keep_answer, result=outcome.value,
    )  # fmt: skip


REPORT = CaseType(
    "REPORT", "公众报错", "YC-BC",
    opening=CaseStep(
        "submit", "收到公众报错", frozenset(), OPEN, by=frozenset({SYSTEM}), may=by_the_table, starts=(DUE,),
        tells=(Tell(AUTHORITY, "收到公众报错", "{no} 由{authority}承办，请于{due}答复。"),),
    ),
    states={
        OPEN: State("yellow", AUTHORITY, "核实并答复公众报错", then="答复后，反映问题的人凭查询码看到结果。",
                    waits="反映问题的群众", label="处理中"),
        ANSWERED: State("blue", label="已答复"),
    },
    rows=[
        *(answers(outcome) for outcome in ReportOutcome),
        CaseStep("transfer", "转办", frozenset({OPEN}), "", by=STAFF, effect=pass_on, asks=PassedOn,
                 may=lambda actor, case: bool(case.uscc) and handles(actor, case),
                 tells=(Tell(AUTHORITY, "转来公众报错",
                             "{no} 转由{authority}承办，答复期限不变，请于{due}答复。理由：{reason}"),)),
    ],
    results={outcome.value: Result(str(outcome.label)) for outcome in ReportOutcome},
    readers=Reach(
        area=frozenset({Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER}), department=STAFF
    ),
    begin=begin, facts=facts, links=links, body=PublicReport,
)  # fmt: skip
