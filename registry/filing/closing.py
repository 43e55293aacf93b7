"""Suspension and closure of an institution: what must hold and what a step changes (58号文 管理规范第7条; days are [A])."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings

from casework.documents.wording import chinese_date
from yancheng_childcare.problems import Problem

from ..codes import filing as codes
from ..models import ClosurePlan, Filing
from . import clocks
from .effects import Effect
from .guards import not_over_300
from .states import state_of

WHERE_DUTIES = "请机构办妥后，在“我的备案”的本件备案中选“更新安置进展”登记，再来注销。"
# --- what must hold


def public_reason(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """What an institution says of itself: the public reads it."""
    if len(str(data.get("reason") or "").strip()) < 4:
        yield Problem(codes.REASON_REQUIRED, "reason", "请写明原因，不少于 4 个字，原因会向社会公开。")
    yield from not_over_300(data)


def closure_announced(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Parents are told in time and the day lies ahead (58号文 管理规范第7条; days are [A])."""
    plan = data["plan"]
    days = settings.CLOSURE_NOTICE_DAYS if plan["final"] else settings.SUSPENSION_NOTICE_DAYS
    told, day = plan.get("parents_told_on"), plan.get("from_day")
    if not isinstance(day, date):
        yield Problem(codes.CLOSURE_DUTIES, "from_day", "请填写停止服务的日期。")
    if not isinstance(told, date) or told > data["today"]:
        yield Problem(codes.CLOSURE_DUTIES, "parents_told_on", "请填写告知家长的日期，不能晚于今天。")
    elif isinstance(day, date) and (day - told).days < days:
        words = f"应当提前 {days} 天告知家长（平台约定）。请调整停止服务的日期。"
        yield Problem(codes.CLOSURE_DUTIES, "from_day", words)
    former = filing.closures.filter(withdrawn=False, final=plan["final"]).first()
    if isinstance(day, date) and day < data["today"] and (former is None or former.from_day != day):
        yield Problem(codes.CLOSURE_DUTIES, "from_day", "停止服务的日期不能早于今天。")
    if former and former.from_day <= data["today"] and isinstance(day, date) and day != former.from_day:
        words = f"{chinese_date(former.from_day)}起已经停止服务，这个日期不能再改。"
        yield Problem(codes.CLOSURE_DUTIES, "from_day", words)
    if isinstance(day, date) and not plan["final"]:
        until = plan.get("until_day")
        if not isinstance(until, date) or until <= day:
            yield Problem(codes.CLOSURE_DUTIES, "until_day", "请填写预计恢复服务的日期，晚于停业日期。")
        elif until < data["today"]:
            yield Problem(codes.CLOSURE_DUTIES, "until_day", "预计恢复服务的日期不能早于今天，请填写新的日期。")
    if not str(plan.get("refund_contact") or "").strip():
        yield Problem(codes.CLOSURE_DUTIES, "refund_contact", "请填写家长办理退费的联系方式。")
    children, placed = plan.get("children"), plan.get("children_placed")
    if not isinstance(children, int) or children < 0:
        yield Problem(codes.CLOSURE_DUTIES, "children", "请填写在托婴幼儿人数，没有的填 0。")
    elif not isinstance(placed, int) or placed < 0:
        yield Problem(codes.CLOSURE_DUTIES, "children_placed", "请填写已安置人数，没有的填 0。")
    elif placed > children:
        words = f"已安置 {placed} 人，多于在托婴幼儿 {children} 人，请核对这两个人数。"
        yield Problem(codes.CLOSURE_DUTIES, "children_placed", words)


def suspension_due(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A suspension begins on its day, not before."""
    plan = filing.closures.filter(final=False, withdrawn=False, from_day__lte=data["today"]).first()
    data["suspension"] = plan
    if plan is None:
        yield Problem(codes.CLOSURE_DUTIES, "", "没有到期的停业安排。")


def plan_waits(*, final: bool) -> Any:
    """A guard: there is an arrangement of this kind to withdraw."""
    words = "没有可以撤回的终止服务申请。" if final else "没有可以撤回的停业安排。"

    def guard(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        if not filing.closures.filter(final=final, withdrawn=False).exists():
            yield Problem(codes.CLOSURE_DUTIES, "", words)

    return guard


def closure_complete(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Children placed, staff settled, fees paid back, the day reached (domain.md §2.6)."""
    plan = filing.closures.filter(final=True, withdrawn=False).first()
    data["closure"] = plan
    if plan is None:
        yield Problem(codes.CLOSURE_DUTIES, "", "机构还没有提出终止服务的申请。请机构先在“我的备案”中申请终止服务。")
        return
    if plan.children_placed < plan.children:
        left = plan.children - plan.children_placed
        yield Problem(codes.CLOSURE_DUTIES, "children_placed", f"还有 {left} 名婴幼儿没有安置。{WHERE_DUTIES}")
    if not plan.staff_settled:
        yield Problem(codes.CLOSURE_DUTIES, "staff_settled", f"职工还没有妥善安置。{WHERE_DUTIES}")
    if not plan.refunds_settled:
        yield Problem(codes.CLOSURE_DUTIES, "refunds_settled", f"费用还没有结清。{WHERE_DUTIES}")
    if plan.from_day > data["today"]:
        yield Problem(
            codes.CLOSURE_DUTIES, "from_day", f"停止服务的日期（{chinese_date(plan.from_day)}）还没有到，到期后再办理。"
        )


# --- what a step changes


def plan_closure(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Keep the arrangement of a closure or suspension; a newer one of its kind replaces the former."""
    plan = data["plan"]
    filing.closures.filter(withdrawn=False, final=plan["final"]).update(withdrawn=True)
    ClosurePlan.objects.create(filing=filing, created_by=actor, **plan)
    data["snapshot"] = {"from_day": str(plan["from_day"]), "until_day": str(plan["until_day"] or "")}
    if plan["final"]:
        clocks.start_closure(filing, plan["from_day"], data["today"])
    elif state_of(filing).stopped:
        filing.suspended_until = plan["until_day"]


def withdraw_plan(*, final: bool) -> Effect:
    """The institution goes on after all."""

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        filing.closures.filter(withdrawn=False, final=final).update(withdrawn=True)
        if final:
            clocks.stop(filing, data["today"], clocks.CLOSURE)

    return effect


def begin_suspension(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The day of the arrangement has come."""
    filing.suspended_until = data["suspension"].until_day
    data["reason"] = data["suspension"].reason


def back_in_service(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """恢复服务."""
    filing.suspended_until = None
    filing.closures.filter(withdrawn=False, final=False).update(withdrawn=True)
