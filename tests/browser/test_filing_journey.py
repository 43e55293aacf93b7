"""Filing through the browser, by its users: self-check to receipt, the refusal, by keyboard alone, without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from registry.demo.sample_filing import add_people, fill_filing
from registry.documents.links import verify_url
from registry.filing.drafts import start_filing
from registry.filing.review import give_verdict, items_of, last_version
from registry.filing.services import record_site_check, take_step
from registry.models import Filing, FilingReceipt, Institution
from yancheng_childcare.deadlines import today_here

from . import filing_steps as steps
from .filing_steps import OPERATOR, WRONG, People, heading, press

expect.set_options(timeout=10_000)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# CI walks the long way on a phone, where things break, and the refusal at a desk; by hand each at both widths.
CI = "CI" in os.environ
JOURNEY_WIDTHS, REFUSAL_WIDTHS = ([375], [1280]) if CI else ([1280, 375], [1280, 375])


def self_check(who: People) -> None:
    """A visitor with a lease of one year reads which rule it breaks."""
    page = who.page()
    page.goto(f"{who.address}/self-check/")
    page.get_by_label("服务场所性质").select_option("LEASED")
    page.locator("[name=lease_from]").fill("2026-01-01")
    page.locator("[name=lease_to]").fill("2026-12-31")
    press(page, "对照标准自查")
    gap = page.locator("#result tr").filter(has_text="租赁期")
    expect(gap.first).to_contain_text("设置标准")
    expect(gap.first).to_contain_text("第11条")
    expect(page.locator("[name=lease_to]")).to_have_value("2026-12-31")
    who.look("", "self-check")


def fill_in(who: People, cast: dict[str, Any]) -> Filing:
    """The operator: start, every kind of page by hand, one rule that blocks, and its mending."""
    page, address = who.page(OPERATOR), who.address
    case = steps.start_by_hand(page, address)
    who.look(OPERATOR, "tasks")
    steps.fill_rest(case, cast[OPERATOR], but_section="premises", but_material="M01_LICENSE")
    add_people(case.institution, actor=cast[OPERATOR], today=today_here())
    steps.add_manager(page, address, today_here())
    who.look(OPERATOR, "person")
    steps.upload_licence(page, address, case)
    who.look(OPERATOR, "material")

    page.goto(f"{address}/desk/filings/{case.no}/sections/classes/")
    page.get_by_role("link", name=re.compile("修改.*小苗班")).click()
    page.get_by_label("班级名称").fill("小芽班")
    who.look(OPERATOR, "class")
    press(page, "保存这个班")
    expect(page.get_by_role("link", name=re.compile("修改.*小芽班"))).to_be_visible()
    who.look(OPERATOR, "classes")

    page.goto(f"{address}/desk/filings/{case.no}/")
    page.get_by_role("link", name="场地与建筑").click()
    steps.fill_premises(page, lease_to="2025-12-31")
    expect(page.locator("[data-said]")).to_contain_text("已自动保存")
    finding = page.locator("#id_lease_to_notes")
    expect(finding).to_contain_text("须先改正")
    expect(finding).to_contain_text("第11条")
    who.look(OPERATOR, "section")
    press(page, "保存并返回")
    expect(page.locator(".tasks")).to_contain_text("需修改")
    page.get_by_role("link", name=re.compile("查看.*预检结果")).click()
    heading(page, "预检结果")
    who.look(OPERATOR, "precheck")

    page.goto(f"{address}/desk/filings/{case.no}/check/")
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name=re.compile("^提交")).click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("还不能提交")
    expect(summary).to_contain_text("R-SITE-01")
    who.look(OPERATOR, "check-refused")
    assert Filing.objects.get().status == "DRAFT"
    summary.get_by_role("listitem").filter(has_text="R-SITE-01").get_by_role("link").click()
    expect(page.locator("[name=lease_to]")).to_have_value("2025-12-31")
    page.locator("[name=lease_to]").fill("2029-12-31")
    expect(finding).not_to_contain_text("须先改正")
    press(page, "保存并返回")
    return case


def submit(who: People, case: Filing) -> None:
    """Sign, check, and a double click on the last button: one submission."""
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{case.no}/pledge/")
    who.look(OPERATOR, "pledge")
    steps.sign(page, who.address, case)
    expect(page.get_by_text("承诺书由 曹负责 签署")).to_be_visible()
    page.get_by_label("以上内容属实").check()
    who.look(OPERATOR, "check")
    page.get_by_role("button", name=re.compile("^提交")).dblclick()
    page.wait_for_url("**/done/")
    heading(page, "提交成功")
    expect(page.locator(".done")).to_contain_text(case.no)
    expect(page.locator(".done")).to_contain_text("前（含当日）答复")
    who.look(OPERATOR, "done")
    assert Filing.objects.count() == 1
    assert Filing.objects.get().versions.count() == 1


def tell_once(who: People, case: Filing) -> None:
    """The reviewer takes the next case, judges it and sends the one letter."""
    me = "reviewer_tinghu"
    page = who.page(me)
    page.goto(f"{who.address}/desk/review/")
    who.look(me, "queue")
    press(page, "取下一件")
    page.wait_for_url(f"**/desk/review/{case.no}/")
    who.look(me, "review")
    steps.judge(page, WRONG.items())
    page.get_by_role("link", name="一次性告知（3 项）").click()
    letter = page.locator(".letter-preview")
    for reason in WRONG.values():
        expect(letter).to_contain_text(reason)
    who.look(me, "notice")
    press(page, "发出一次性告知书")
    page.wait_for_url(lambda url: "/notice/" not in url)
    assert Filing.objects.get().status == "SUPPLEMENT"


def put_right(who: People, case: Filing) -> None:
    """The operator sees the three items, mends each in its place, answers, signs and hands in again."""
    page, address = who.page(OPERATOR), who.address
    answers = f"{address}/desk/filings/{case.no}/corrections/"
    page.goto(answers)
    expect(page.get_by_text("本次为一次性告知，共 3 项")).to_be_visible()
    who.look(OPERATOR, "corrections")
    page.get_by_role("link", name=re.compile("去修改.*场地与建筑")).click()
    page.get_by_label("房屋建成年数").fill("7")
    press(page, "保存并返回")
    page.wait_for_url(f"**/desk/filings/{case.no}/")
    who.look(OPERATOR, "progress-supplement")
    page.goto(answers)
    page.get_by_role("link", name=re.compile("去修改.*供餐与收费")).click()
    page.get_by_label("计时托保育费").fill("30")
    press(page, "保存并返回")
    page.wait_for_url(f"**/desk/filings/{case.no}/")
    page.goto(answers)
    page.get_by_role("link", name=re.compile("去修改.*消防")).click()
    steps.send_files(page, 61)
    page.goto(answers)
    for name in WRONG:
        page.locator(f"main textarea[name$='{name}']").fill(f"已补正 {name}")
    press(page, "保存答复")
    expect(page.get_by_text("已答复 3 项")).to_be_visible()
    press(page, "签署")
    page.wait_for_url("**/pledge/")
    steps.sign(page, address, case)
    page.get_by_label("以上内容属实").check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/done/")
    again = Filing.objects.get()
    assert again.status == "SUBMITTED"
    assert again.versions.count() == 2


def issue(who: People, case: Filing) -> FilingReceipt:
    """The reviewer sees what changed, lets everything conform and issues the receipt."""
    me = "reviewer_tinghu"
    page = who.page(me)
    page.goto(f"{who.address}/desk/review/{case.no}/")
    expect(page.locator("#item-premises")).to_contain_text("已补正 premises")
    who.look(me, "review-again")
    for item in items_of(last_version(Filing.objects.get())):
        box = page.locator(f"#item-{item}")
        if box.locator("[name=verdict][value=CONFORMS]:checked").count() == 0:
            steps.open_up(box)
            box.locator("[name=verdict][value=CONFORMS]").check()
            box.get_by_role("button", name="保存结论").click()
            expect(box.locator("> summary")).not_to_contain_text("未审")
            expect(page.locator(f"#item-{item} [name=verdict][value=CONFORMS]")).to_be_checked()
    page.locator("#bar").get_by_role("link", name="出具备案回执").click()
    who.look(me, "issue")
    press(page, "出具备案回执")
    page.wait_for_url(lambda url: not url.endswith(f"/review/{case.no}/receipt/"))
    return FilingReceipt.objects.get()


def download(page: Page) -> bytes:
    """The PDF behind the button of a page."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("下载.*PDF")).first.click()
    path = waiting.value.path()
    return path.read_bytes()


def see_everywhere(who: People, case: Filing, receipt: FilingReceipt) -> None:
    """The receipt on paper, at the reviewer's, at the operator's and behind the QR code."""
    for me in ("reviewer_tinghu", OPERATOR):
        page = who.page(me)
        page.goto(f"{who.address}/desk/filings/{case.no}/receipt/")
        expect(page.get_by_text(receipt.receipt_no).first).to_be_visible()
        paper = download(page)
        assert paper.startswith(b"%PDF")
        assert len(paper) > 5_000
    who.look(OPERATOR, "receipt")
    page = who.page()
    page.goto(verify_url(receipt.receipt_no))
    heading(page, "核验备案回执")
    expect(page.get_by_role("heading", name="有效", exact=True)).to_be_visible()
    expect(page.get_by_text("二维码与系统一致")).to_be_visible()
    who.look("", "verify")
    page.goto(verify_url(receipt.receipt_no)[:-3] + "xxx")
    expect(page.get_by_text("二维码签名不符，可能被改动")).to_be_visible()
    who.look("", "verify-tampered")
    page.goto(f"{who.address}/institutions/{steps.OWN_USCC}/")
    expect(page.locator("#standing-title")).to_have_text("已登记、已备案（核实中）")
    expect(page.locator(f'a[href="/verify/{receipt.receipt_no}/"]').first).to_be_visible()
    who.look("", "institution")


@pytest.mark.parametrize("width", JOURNEY_WIDTHS)
def test_from_self_check_to_receipt(
    width: int, people: Callable[..., People], own: Institution, cast: dict[str, Any]
) -> None:
    who = people(width)
    self_check(who)
    case = fill_in(who, cast)
    submit(who, case)
    tell_once(who, case)
    put_right(who, case)
    see_everywhere(who, case, issue(who, case))
    who.close()


def on_site(case: Filing, cast: dict[str, Any], fails: str) -> None:
    """From the complete draft to a site check with one failed point, by the services."""
    operator, first = cast[OPERATOR], cast["reviewer_tinghu"]
    fill_filing(case, actor=operator, today=today_here())
    take_step(case, "submit", actor=operator)
    for item in items_of(last_version(case)):
        give_verdict(case, item, verdict="CONFORMS", reason="", clause="", how_to_fix="", actor=first)
    take_step(case, "receipt", actor=first)
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=today_here())
    check = case.site_checks.get()
    results = {
        row["id"]: {"result": "FAIL" if row["id"] == fails else "PASS", "remark": "保健观察室实测 4.5 平方米"}
        for row in check.items
    }
    record_site_check(
        check,
        results=results,
        summary="已核实",
        conclude=True,
        actor=officers[0],
        expected_version=check.record_version,
    )


@pytest.mark.parametrize("width", REFUSAL_WIDTHS)
def test_refusal_is_signed_by_two_and_public(
    width: int, people: Callable[..., People], own: Institution, cast: dict[str, Any]
) -> None:
    case = start_filing(own, actor=cast[OPERATOR])
    on_site(case, cast, fails="S07")
    who = people(width)
    clause = "托幼机构卫生评价基本标准（试行）：保健观察室不小于 6 平方米"
    first, chief = who.page("reviewer_tinghu2"), who.page("chief_tinghu")
    first.goto(f"{who.address}/desk/review/{case.no}/steps/propose_nonconform/")
    assert "4.5" in first.locator("[name=finding-1]").input_value()
    first.locator("[name=clause-1]").fill(clause)
    first.locator("[name=how_to_fix-1]").fill("扩大面积后申请复核")
    first.get_by_label("提请的说明").fill("现场与填报不一致")
    who.look("reviewer_tinghu2", "propose")
    press(first, "提请负责人签批")
    first.wait_for_url(lambda url: "propose_nonconform" not in url)
    visitor = who.page()
    visitor.goto(f"{who.address}/nonconforming/")
    expect(visitor.get_by_text(own.name)).to_have_count(0)

    chief.goto(f"{who.address}/desk/review/{case.no}/steps/nonconform/")
    expect(chief.locator(".letter-preview")).to_contain_text(clause)
    who.look("chief_tinghu", "sign-refusal")
    press(chief, "作出不符合决定")
    chief.wait_for_url(lambda url: "/steps/nonconform/" not in url)
    assert Filing.objects.get().status == "NONCONFORMING"

    visitor.goto(f"{who.address}/nonconforming/")
    visitor.reload()  # a browser may keep a public page for five seconds
    row = visitor.get_by_role("article").filter(has_text=own.name)
    expect(row).to_contain_text("4.5 平方米")
    expect(row).to_contain_text(clause)
    who.look("", "nonconforming")
    row.get_by_role("link", name=own.name).click()
    expect(visitor.locator("#standing-title")).to_have_text("备案内容不符合标准规范")
    expect(visitor.get_by_text(clause)).to_be_visible()
    who.look("", "institution-nonconforming")
    operator = who.page(OPERATOR)
    operator.goto(f"{who.address}/desk/filings/{case.no}/corrections/")
    expect(operator.get_by_text("4.5 平方米").first).to_be_visible()
    who.look(OPERATOR, "rectify")
    who.close()


def test_task_list_to_check_by_keyboard_alone(
    people: Callable[..., People], own: Institution, cast: dict[str, Any]
) -> None:
    case = start_filing(own, actor=cast[OPERATOR])
    fill_filing(case, actor=cast[OPERATOR], today=today_here())
    who = people()
    page = who.page(OPERATOR)
    page.goto(f"{who.address}/desk/filings/{case.no}/")
    steps.tab_to(page, f".tasks a[href='/desk/filings/{case.no}/sections/premises/']")
    page.keyboard.press("Enter")
    heading(page, "场地与建筑")
    steps.tab_to(page, "[name=premises_tenure]")
    page.keyboard.press("Space")
    steps.tab_to(page, "[name=building_age]")
    page.keyboard.press("Control+A")
    page.keyboard.type("9")
    steps.tab_to(page, "main form button:not([name=next])[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/filings/{case.no}/")
    assert case.sections.get(name="premises").data["building_age"] == "9"
    steps.tab_to(page, f"a[href='/desk/filings/{case.no}/check/']")
    page.keyboard.press("Enter")
    heading(page, "核对并提交")
    steps.tab_to(page, "[name=declared]")
    page.keyboard.press("Space")
    steps.tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    # The pledge was signed before the change: the summary says so and has the focus.
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("承诺")
    steps.tab_to(page, ".error-summary a")
    page.keyboard.press("Enter")
    heading(page, "承诺书签署")
    who.close()


def test_fill_in_and_judge_without_scripts(
    people: Callable[..., People], own: Institution, cast: dict[str, Any]
) -> None:
    who = people(scripts=False)
    page = who.page(OPERATOR)
    case = steps.start_by_hand(page, who.address)
    steps.fill_rest(case, cast[OPERATOR], but_section="premises", but_material="M01_LICENSE")
    add_people(own, actor=cast[OPERATOR], today=today_here())
    page.goto(f"{who.address}/desk/filings/{case.no}/sections/premises/")
    steps.fill_premises(page, lease_to="2025-12-31")
    press(page, "保存并返回")
    page.get_by_role("link", name="场地与建筑").click()
    expect(page.locator("#id_lease_to_notes")).to_contain_text("须先改正")
    page.locator("[name=lease_to]").fill("2029-12-31")
    press(page, "保存并返回")
    steps.upload_licence(page, who.address, case)
    steps.sign(page, who.address, case)
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name=re.compile("^提交")).click()
    page.wait_for_url("**/done/")
    reviewer = who.page("reviewer_tinghu")
    reviewer.goto(f"{who.address}/desk/review/")
    press(reviewer, "取下一件")
    steps.judge(reviewer, WRONG.items())
    reviewer.get_by_role("link", name="一次性告知（3 项）").click()
    press(reviewer, "发出一次性告知书")
    reviewer.wait_for_url(lambda url: "/notice/" not in url)
    assert Filing.objects.get().status == "SUPPLEMENT"
    who.close()
