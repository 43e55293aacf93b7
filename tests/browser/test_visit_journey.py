"""A visit handed to another officer, and the call before it, through the browser."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from registry.filing.services import record_site_check
from yancheng_childcare.deadlines import today_here

from .filing_steps import press
from .test_recheck_journey import on_site

expect.set_options(timeout=10_000)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTHS = [375] if "CI" in os.environ else [1280, 375]
PHONE, LEAK = "13812345678", "窗台有渗水"


@pytest.mark.parametrize("width", WIDTHS)
def test_another_officer_goes_and_calls_first(own, cast, people, width):
    case = on_site(own, cast)
    check = case.site_checks.get()
    seen = {"S01": {"result": "PASS", "remark": ""}, "S04": {"result": "FAIL", "remark": LEAK}}
    record_site_check(
        check, results=seen, summary="先看了一楼", conclude=False, actor=cast["inspector_tinghu1"], expected_version=1
    )
    who = people(width)
    page = who.page("reviewer_tinghu2")
    page.goto(f"{who.address}/desk/review/{case.no}/")
    page.locator("#item-basics > summary").click()
    expect(page.get_by_role("link", name="查看联系人的电话和邮箱")).to_be_visible()
    who.look("reviewer_tinghu2", "contact-door")
    page.get_by_text("更多办理").click()
    page.get_by_role("link", name="改派或改期").click()
    expect(page.get_by_label("吴执法")).to_be_checked()
    expect(page.locator("#id_planned_on")).to_have_value(str(today_here()))
    who.look("reviewer_tinghu2", "reassign")
    page.get_by_label("郑执法").uncheck()
    press(page, "改派或改期")
    expect(page.get_by_text("现场核实至少要 2 名核实人员").first).to_be_visible()
    who.look("reviewer_tinghu2", "reassign-refused")
    page.get_by_label("王审阅").check()
    page.locator("#id_planned_on").fill(str(today_here() + timedelta(days=1)))
    page.locator("#id_reason").fill("郑执法当天出差")
    press(page, "改派或改期")
    expect(page.get_by_text("已办理：改派或改期")).to_be_visible()
    page.get_by_text("办理记录", exact=True).click()
    expect(page.get_by_text("已填的结果作为此前记录留存")).to_be_visible()
    who.look("reviewer_tinghu2", "reassigned")
    page = who.page("inspector_tinghu1")
    page.goto(f"{who.address}/desk/site-checks/{check.pk}/")
    expect(page.get_by_text(f"此前记录（吴执法、郑执法）：不符合：{LEAK}")).to_be_visible()
    expect(page.locator("main input[type=radio]:checked")).to_have_count(0)
    who.look("inspector_tinghu1", "visit-handed-over")
    page.get_by_role("link", name="联系备案联系人").click()
    page.locator("#id_reason").fill("约定到场的时间")
    who.look("inspector_tinghu1", "contact-asked")
    press(page, "查看（留痕）")
    expect(page.get_by_role("link", name=PHONE)).to_have_attribute("href", f"tel:{PHONE}")
    who.look("inspector_tinghu1", "contact")
    page = who.page("operator_xiaotaiyang")
    page.goto(f"{who.address}/desk/filings/{case.no}/")
    expect(page.get_by_text("核实人员：王审阅、吴执法")).to_be_visible()
    page.goto(f"{who.address}/desk/messages/")
    expect(page.get_by_text("改由王审阅、吴执法于")).to_be_visible()
    who.look("operator_xiaotaiyang", "visit-moved")
