"""After a filing, through the browser: the re-check of a rectified place, and one price changed without a new receipt."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from registry.demo.sample_filing import fill_filing
from registry.filing.drafts import start_filing
from registry.filing.pledge import sign_pledge
from registry.filing.previews import lettered, nonconforming_items
from registry.filing.review import give_verdict, items_of, last_version
from registry.filing.services import record_site_check, reply_to, take_step
from registry.models import Filing, Institution
from yancheng_childcare.deadlines import today_here

from . import filing_steps as steps
from .filing_steps import OPERATOR, press

expect.set_options(timeout=10_000)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTHS = [1280, 375]
NO_REPORT = "未见室内空气检测报告原件"


def on_site(own: Institution, cast: dict[str, Any]) -> Filing:
    """A filing that is being verified."""
    today = today_here()
    case = fill_filing(start_filing(own, actor=cast[OPERATOR]), actor=cast[OPERATOR], today=today)
    case = take_step(case, "submit", actor=cast[OPERATOR])
    for item in items_of(last_version(case)):
        give_verdict(case, item, verdict="CONFORMS", actor=cast["reviewer_tinghu"])
    case = take_step(case, "receipt", actor=cast["reviewer_tinghu"])
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    return take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=today)


def conclude(case: Filing, officer: Any, **fails: str) -> None:
    """Close the open check; points named fail with a remark."""
    check = case.site_checks.get(concluded_on=None)
    results = {
        item["id"]: {"result": "FAIL" if item["id"] in fails else "PASS", "remark": fails.get(item["id"], "")}
        for item in check.items
    }
    record_site_check(
        check, results=results, summary="", conclude=True, actor=officer, expected_version=check.record_version
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_rectified_place_is_looked_at_anew(own, cast, people, width):
    case = on_site(own, cast)
    conclude(case, cast["inspector_tinghu1"], S09=NO_REPORT)
    lines = lettered(nonconforming_items(case.site_checks.first(), last_version(case))[:1])
    take_step(case, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场没有报告", items=lines)
    case = take_step(Filing.objects.get(pk=case.pk), "nonconform", actor=cast["chief_tinghu"])
    reply_to(case.notices.first(), "M06_AIR", text="报告已取回", actor=cast[OPERATOR])
    sign_pledge(case, name="曹负责", agreed=True, actor=cast[OPERATOR])
    take_step(Filing.objects.get(pk=case.pk), "rectify", actor=cast[OPERATOR])
    who = people(width)
    page = who.page("inspector_tinghu1")
    page.goto(f"{who.address}/desk/site-checks/{case.site_checks.get(concluded_on=None).pk}/")
    expect(page.locator("main input[type=radio]:checked")).to_have_count(0)
    expect(page.get_by_text(f"上次核实：不符合：{NO_REPORT}")).to_be_visible()
    expect(page.locator("#id_remark-S09")).to_have_value("")
    who.look("inspector_tinghu1", "recheck")
    press(page, "完成核实，记录不再修改")
    expect(page.get_by_text("核实还不能完成")).to_be_visible()
    for box in page.locator("main input[type=radio][value=PASS]").all():
        box.check()
    press(page, "完成核实，记录不再修改")
    expect(page.get_by_text("核实完成：全部符合")).to_be_visible()
    who.look("inspector_tinghu1", "recheck-done")
    page = who.page("reviewer_tinghu2")
    page.goto(f"{who.address}/desk/review/{case.no}/steps/confirm/")
    press(page, "核实符合")
    expect(page.get_by_text("已办理：核实符合")).to_be_visible()
    who.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_one_price_is_changed_without_a_new_receipt(own, cast, people, width):
    case = on_site(own, cast)
    conclude(case, cast["inspector_tinghu1"])
    case = take_step(case, "confirm", actor=cast["reviewer_tinghu2"])
    who = people(width)
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{case.no}/")
    page.get_by_role("link", name="更新收费与联系方式").click()
    expect(page.get_by_text("不换回执")).to_be_visible()
    who.look(OPERATOR, "update-info")
    page.get_by_label("全日托保育费").fill("2080")
    press(page, "更新，立即生效")
    expect(page.get_by_text("备案回执继续有效")).to_be_visible()
    expect(page.get_by_text("2080 元/月")).to_be_visible()
    who.look(OPERATOR, "info-updated")
    public = who.page()
    public.goto(f"{who.address}/institutions/{steps.OWN_USCC}/")
    expect(public.get_by_text("2,080").first).to_be_attached()
    assert case.receipts.count() == 1
    who.close()
