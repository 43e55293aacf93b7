"""Filling in a section in a real browser: saved while typing, found again after the session is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from registry.filing.drafts import save_section, start_filing
from registry.models import Filing

ME = "operator_xiaotaiyang"


@pytest.fixture
def draft(transactional_db: None, institution: Callable[..., Any], cast: dict[str, Any]) -> Filing:
    """A filing just started for the operator's institution."""
    own = institution(uscc="91320902MA1TYC011T", name="盐城市小太阳托育服务有限公司")
    return start_filing(own, actor=cast[ME])


def test_typing_is_saved_and_survives_a_lost_session(
    page: Page, live_server: Any, draft: Filing, sign_in: Callable[[str], Page], cast: dict[str, Any]
) -> None:
    sign_in(ME)
    address = f"{live_server.url}/desk/filings/{draft.no}/sections/premises/"
    page.goto(address)
    said = page.locator("[data-said]")
    # A question that is not asked is folded away until its answer calls for it.
    expect(page.get_by_label("租赁（使用）开始日期")).to_be_hidden()
    page.get_by_label("租赁", exact=True).check()
    expect(page.get_by_label("租赁（使用）开始日期")).to_be_visible()
    page.get_by_label("租赁（使用）开始日期").fill("2026-01-01")
    page.get_by_label("租赁（使用）结束日期").fill("2027-12-31")
    page.get_by_label("机构建筑面积").fill("620")
    expect(said).to_contain_text("已自动保存")
    expect(page.locator("#id_lease_to_notes")).to_contain_text("须先改正")
    assert draft.sections.get(name="premises").data["floor_area"] == "620"
    # The sign-in is gone: what is typed stays here, and is offered after signing in again.
    Session.objects.all().delete()
    page.get_by_label("室内使用面积").fill("480")
    expect(said).to_contain_text("没有保存到服务器")
    page.goto(f"{live_server.url}/")
    sign_in(ME)
    page.goto(address)
    expect(page.get_by_label("室内使用面积")).to_have_value("")
    page.get_by_role("button", name="恢复这些内容").click()
    expect(page.get_by_label("室内使用面积")).to_have_value("480")
    expect(said).to_contain_text("已自动保存")
    # Somebody else saves meanwhile: the notice says so, and saving shows both texts.
    row = draft.sections.get(name="premises")
    theirs = {**row.data, "floor_area": "700"}
    save_section(draft, "premises", answers=theirs, expected_version=row.version, actor=cast[ME])
    page.get_by_label("机构建筑面积").fill("650")
    expect(said).to_contain_text("您的内容没有丢失")
    page.get_by_role("button", name="保存并返回").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("这一栏已被他人更新")
    page.get_by_role("button", name="保留我的").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首次备案")
    assert draft.sections.get(name="premises").data["floor_area"] == "650"
    # Personal fields never stay in the browser.
    page.goto(f"{live_server.url}/desk/filings/{draft.no}/sections/basics/")
    page.context.set_offline(True)
    page.get_by_label("联系人电话").fill("13911112222")
    page.get_by_label("连锁品牌").fill("小太阳")
    expect(said).to_contain_text("没有保存到服务器")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "小太阳" in kept and "13911112222" not in kept
