"""Steps on filings that several tests share; everything goes through the real services."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from registry.demo.sample_filing import picture, sign
from registry.filing import review
from registry.filing.drafts import save_section
from registry.filing.services import record_site_check, reply_to
from registry.models import Filing, SiteCheck
from yancheng_childcare.deadlines import today_here


def png_upload(name: str = "照片.png", number: int = 99) -> io.BytesIO:
    """A small picture to upload."""
    upload = picture(number)
    upload.name = name
    return upload


def fresh(filing: Filing) -> Filing:
    """The case as it stands in the database."""
    return Filing.objects.select_related("institution__region", "authority").get(pk=filing.pk)


def judge_all(filing: Filing, actor: Any, **wrong: tuple[str, str]) -> None:
    """Every item conforms, but those named: item=(verdict, reason)."""
    version = review.last_version(filing)
    for item in review.items_of(version):
        verdict, reason = wrong.get(item, ("CONFORMS", ""))
        review.give_verdict(
            filing,
            item,
            verdict=verdict,
            reason=reason,
            clause="托育机构设置标准（试行）第11条" if reason else "",
            how_to_fix="请补充" if reason else "",
            actor=actor,
        )


def pass_on_site(filing: Filing, actor: Any, *, fails: tuple[str, ...] = ()) -> SiteCheck:
    """The officers conclude the open check; items named fail."""
    check = filing.site_checks.get(concluded_on__isnull=True)
    results = {
        item["id"]: {
            "result": "FAIL" if item["id"] in fails else "PASS",
            "remark": "现场不一致" if item["id"] in fails else "",
        }
        for item in check.items
    }
    return record_site_check(
        check, results=results, summary="已核实", conclude=True, actor=actor, expected_version=check.record_version
    )


ITEMS = [
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


def closure_plan(final: bool = True, **fields: Any) -> dict[str, Any]:
    """An arrangement that meets every duty."""
    today = today_here()
    return {
        "final": final,
        "reason": "经营调整",
        "from_day": today if final else today + timedelta(days=10),
        "until_day": None if final else today + timedelta(days=60),
        "parents_told_on": today - timedelta(days=40),
        "children": 24,
        "children_placed": 24,
        "placement": "转至附近三家机构",
        "staff_settled": True,
        "refunds_settled": True,
        "refund_contact": "0515-88880000",
        **fields,
    }


def change_fees(case: Filing, operator: Any, fee: str = "2080") -> None:
    """A small change, signed again."""
    row = case.sections.get(name="fees")
    save_section(case, "fees", answers={**row.data, "fee_full_day": fee}, expected_version=row.version, actor=operator)
    sign(case, actor=operator)


def answer_all(case: Filing, operator: Any) -> None:
    """Reply to every item of the last letter and sign again."""
    notice = case.notices.first()
    for item in notice.items:
        reply_to(notice, item["item"], text="已按要求补正", actor=operator)
    sign(case, actor=operator)


def day(text: str) -> date:
    """A date from its ISO text."""
    return date.fromisoformat(text)
