"""Signing and saving in a real browser: the wrong signer, the expired certificate, what is typed before a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from registry.demo.sample_filing import fill_filing
from registry.filing.casefile import unsealed
from registry.filing.drafts import save_section, start_filing
from registry.filing.services import take_step
from registry.models import Filing, Institution
from yancheng_childcare.deadlines import today_here

from .filing_steps import OPERATOR, People, heading, press

expect.set_options(timeout=10_000)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WIDTHS = [1280, 375]
WHY = "硬盘已订购，12 月 10 日前扩容到 90 天。"


@pytest.fixture
def case(own: Institution, cast: dict[str, Any]) -> Filing:
    """A complete draft with one point that does not conform."""
    found = start_filing(own, actor=cast[OPERATOR])
    fill_filing(found, actor=cast[OPERATOR], today=today_here(), facilities={"recording_days": "45"})
    row = found.sections.get(name="facilities")
    save_section(
        found,
        "facilities",
        answers={**row.data, "recording_days": "46"},
        expected_version=row.version,
        actor=cast[OPERATOR],
    )
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_the_wrong_signer_is_refused_and_the_exception_explained(
    width: int,
    people: Callable[..., People],
    case: Filing,
) -> None:
    who = people(width)
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{case.no}/pledge/")
    expect(page.get_by_text("除下列已说明事项外")).to_be_visible()
    page.get_by_label("说明：监控录像保存时间").fill(WHY)
    page.get_by_label("签署人姓名").fill("张三不是法人")
    page.get_by_label("我已阅读并承诺以上各项").check()
    press(page, "签署承诺书")
    expect(page.locator(".error-summary")).to_contain_text("与登记不一致")
    expect(page.locator(".error-summary")).to_contain_text("曹负责")
    who.look(OPERATOR, "pledge-refused")
    page.get_by_label("签署人姓名").fill("曹负责")
    press(page, "签署承诺书")
    heading(page, "核对并提交")
    page.goto(f"{who.address}/desk/filings/{case.no}/pledge/")
    expect(page.get_by_text("重新签署", exact=True)).to_be_visible()
    expect(page.get_by_text(f"说明：{WHY}").first).to_be_visible()
    who.look(OPERATOR, "pledge-signed")
    page.goto(f"{who.address}/desk/filings/{case.no}/check/")
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name="提交备案").click()
    page.wait_for_url("**/done/")
    reviewer = who.page("reviewer_tinghu")
    reviewer.goto(f"{who.address}/desk/review/{case.no}/")
    expect(reviewer.get_by_text(f"机构说明：{WHY}")).to_be_visible()
    expect(reviewer.get_by_text("承诺书由在岗的机构负责人曹负责签署")).to_be_visible()
    who.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_expired_certificate_blocks_and_the_reviewer_sees_it(
    width: int,
    people: Callable[..., People],
    case: Filing,
    cast: dict[str, Any],
) -> None:
    yesterday = today_here() - timedelta(days=1)
    fill_filing(case, actor=cast[OPERATOR], today=today_here())
    Institution.objects.update(valid_to=yesterday)
    who = people(width)
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{case.no}/precheck/")
    expect(page.locator("[aria-labelledby=group-stops]")).to_contain_text(f"有效期至 {yesterday}，已经到期")
    who.look(OPERATOR, "precheck-expired")
    page.goto(f"{who.address}/desk/filings/{case.no}/pledge/")
    expect(page.get_by_text("现在还不能签署")).to_be_visible()
    # It ran out while the case lay with the reviewer.
    Institution.objects.update(valid_to=None)
    take_step(Filing.objects.get(), "submit", actor=cast[OPERATOR])
    Institution.objects.update(valid_to=yesterday)
    reviewer = who.page("reviewer_tinghu")
    reviewer.goto(f"{who.address}/desk/review/{case.no}/?pane=evidence")
    expect(reviewer.get_by_text("登记证书过期，或者种类与机构性质不符")).to_be_visible()
    who.look("reviewer_tinghu", "evidence-expired")
    who.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_typed_is_saved_when_a_link_is_followed_or_the_page_left(
    width: int,
    people: Callable[..., People],
    own: Institution,
    cast: dict[str, Any],
) -> None:
    draft = start_filing(own, actor=cast[OPERATOR])
    who = people(width)
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{draft.no}/sections/classes/")
    page.get_by_label("全日托").check()
    page.get_by_role("link", name="添加一个班").click()
    page.wait_for_url("**/classes/1/")
    assert draft.sections.get(name="classes").data["service_modes"] == ["FULL_DAY"]
    page.goto(f"{who.address}/desk/filings/{draft.no}/sections/basics/")
    page.get_by_label("联系人电话").fill("13911112222")
    page.get_by_role("link", name=draft.no).first.click()
    page.wait_for_url(f"**/desk/filings/{draft.no}/")
    assert unsealed(draft.sections.get(name="basics"))["contact_phone"] == "13911112222"
    # Left by the address bar, at once: the request outlives the page.
    page.goto(f"{who.address}/desk/filings/{draft.no}/sections/basics/")
    page.get_by_label("联系人邮箱").fill("a@example.com")
    page.evaluate("location.assign('/desk/')")
    page.wait_for_url("**/desk/")
    page.wait_for_timeout(500)
    assert unsealed(draft.sections.get(name="basics"))["contact_email"] == "a@example.com"
    who.close()
