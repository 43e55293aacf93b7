"""An institution with a filing in a wanted state, reached by the real steps, with people of the caller's choice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from registry.demo.sample_filing import fill_filing
from registry.filing import review
from registry.filing.drafts import start_filing
from registry.filing.services import record_site_check, take_step
from registry.models import Filing, Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, User

REASONS = [
    {
        "item": "premises",
        "title": "场地与建筑",
        "finding": "租赁期不足三年",
        "clause": "托育机构设置标准（试行）第11条",
        "how_to_fix": "续签合同",
        "where": "场地与建筑",
        "rule_id": "R-SITE-01",
    }
]


def operator_of(institution: Institution, cast: dict[str, Any]) -> User:
    """The account that files for it; the duty is given when it is missing."""
    user = cast["operator_xiaotaiyang"]
    given = Duty.objects.filter(user=user).first()
    Duty.objects.get_or_create(
        user=user,
        role=Role.OPERATOR,
        uscc=institution.uscc,
        defaults={"valid_from": given.valid_from, "granted_by": given.granted_by, "approved_by": given.approved_by},
    )
    return User.objects.get(pk=user.pk)


def judge_and_receipt(case: Filing, cast: dict[str, Any]) -> Filing:
    """Every item conforms; the receipt is issued."""
    for item in review.items_of(review.last_version(case)):
        review.give_verdict(
            case, item, verdict="CONFORMS", reason="", clause="", how_to_fix="", actor=cast["reviewer_tinghu"]
        )
    return take_step(case, "receipt", actor=cast["reviewer_tinghu"])


def visit(case: Filing, cast: dict[str, Any], fails: str = "") -> Filing:
    """Two officers are sent and conclude; the item `fails` does not pass."""
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    case = take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=today_here())
    check = case.site_checks.get(concluded_on__isnull=True)
    results = {
        item["id"]: {"result": "FAIL" if item["id"] == fails else "PASS", "remark": "现场不一致"}
        for item in check.items
    }
    record_site_check(
        check, results=results, summary="已核实", conclude=True, actor=officers[0],
        expected_version=check.record_version,
    )  # fmt: skip
    return case


def plan(*, final: bool) -> dict[str, Any]:
    """An arrangement of closure or suspension that meets every duty."""
    today = today_here()
    return {
        "final": final,
        "reason": "经营调整",
        "from_day": today,
        "until_day": None if final else today + timedelta(days=60),
        "parents_told_on": today - timedelta(days=40),
        "children": 24,
        "children_placed": 24,
        "placement": "转至附近三家机构",
        "staff_settled": True,
        "refunds_settled": True,
        "refund_contact": "0515-88880000",
    }


def file_it(
    institution: Institution, cast: dict[str, Any], state: str = "FILED", *, serial: int = 0, **replace: Any
) -> Filing:
    """The filing of this 亭湖 institution in one of READY, FILED, NONCONFORMING, SUSPENDED, CANCELLED."""
    actor = operator_of(institution, cast)
    case = start_filing(institution, actor=actor)
    case = fill_filing(case, actor=actor, today=today_here(), serial=serial, **replace)
    if state == "READY":
        return case
    case = judge_and_receipt(take_step(case, "submit", actor=actor), cast)
    case = visit(case, cast, fails="S01" if state == "NONCONFORMING" else "")
    if state == "NONCONFORMING":
        take_step(case, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=REASONS)
        return take_step(case, "nonconform", actor=cast["chief_tinghu"])
    case = take_step(case, "confirm", actor=cast["reviewer_tinghu2"])
    if state == "SUSPENDED":
        return take_step(case, "suspend", actor=actor, reason="装修停业", plan=plan(final=False))
    if state == "CANCELLED":
        take_step(case, "request_closure", actor=actor, reason="不再经营", plan=plan(final=True))
        return take_step(case, "cancel", actor=cast["reviewer_tinghu"], reason="机构申请终止服务")
    return case
