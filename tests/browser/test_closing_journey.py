"""A nursery files a suspension, then its end: parents who are not signed in see it at once, and what became of it later."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from registry.demo.accounts import OWN_INSTITUTIONS
from registry.filing.expiry import run_night
from registry.models import Filing
from registry.register.daily import refresh_all
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import SHANGHAI

from .filing_steps import HEIGHTS, People, press

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
OPERATOR, REVIEWER = "operator_yangguang", "health_city"
CONTACT = "徐园长 0515-86660000"


def type_plan(page: Page, **days: str) -> None:
    """The form of an arrangement, filled in."""
    typed = {
        **days,
        "children": "20",
        "children_placed": "5",
        "placement": "15 人转到同街道的两家机构",
        "refund_contact": CONTACT,
        "reason": "房屋维修改造",
    }
    for name, value in typed.items():
        page.locator(f"main [name={name}]").fill(value)


@pytest.mark.parametrize("width", sorted(HEIGHTS))
def test_parents_see_a_suspension_and_a_closure(city: None, browser: Browser, live_server: Any, width: int) -> None:
    people = People(browser, live_server.url, width=width)
    filing = Filing.objects.get(institution__uscc=OWN_INSTITUTIONS[OPERATOR])
    public = f"{live_server.url}/institutions/{filing.institution.uscc}/"
    case = f"{live_server.url}/desk/filings/{filing.no}/"
    today = today_here()
    stops, back, ends = (today + timedelta(days=days) for days in (8, 40, 60))

    ours = people.page(OPERATOR)
    ours.goto(case)
    ours.get_by_role("link", name="停业", exact=True).click()
    people.look(OPERATOR, "suspend_form")
    told = (today - timedelta(days=2)).isoformat()
    type_plan(ours, from_day=stops.isoformat(), until_day=back.isoformat(), parents_told_on=told)
    press(ours, "提交停业安排")
    expect(ours.get_by_text("停业安排已提交，已在公开页面显示")).to_be_visible()
    for words in ("还有 15 人没有安置", "更新安置进展", "撤回停业安排"):
        expect(ours.get_by_text(words).first).to_be_visible()
    people.look(OPERATOR, "suspend_case")

    parent = people.page()
    parent.goto(public)
    expect(parent.get_by_text("已登记、已备案").first).to_be_visible()
    expect(parent.get_by_text(f"{stops.month}月{stops.day}日起停业").first).to_be_visible()
    expect(parent.get_by_text(CONTACT).first).to_be_visible()
    people.look("", "suspend_public")
    parent.goto(f"{live_server.url}/verify/{filing.receipt_no}/")
    expect(parent.get_by_text(CONTACT).first).to_be_visible()
    people.look("", "suspend_verify")
    parent.goto(f"{live_server.url}/institutions/?q={filing.institution.uscc}")
    expect(parent.get_by_text("起停业").first).to_be_visible()
    people.look("", "suspend_card")

    ours.goto(case)
    ours.get_by_role("link", name="申请终止服务").click()
    type_plan(ours, from_day=ends.isoformat(), parents_told_on=told)
    press(ours, "提交终止服务申请")
    people.look(OPERATOR, "closure_case")
    parent.goto(f"{public}?again=0")  # the browser keeps the page for its five seconds
    expect(parent.get_by_text("起终止服务").first).to_be_visible()
    people.look("", "closure_public")
    theirs = people.page(REVIEWER)
    theirs.goto(f"{live_server.url}/desk/review/{filing.no}/")
    expect(theirs.locator("main")).to_contain_text("核对并注销备案")
    people.look(REVIEWER, "closure_review")

    with time_machine.travel(datetime.combine(stops, time(12), SHANGHAI)):
        run_night()
        refresh_all()
        parent.goto(f"{public}?again=1")
        expect(parent.get_by_text("停业期间不收托婴幼儿").first).to_be_visible()
        expect(parent.locator(".notice--success")).to_have_count(0)
        people.look("", "suspended_public")
    people.close()
