"""From the registration to the account to the filing, by the shipped demo accounts and a person who owns nothing yet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from registry.accounts.people import duties_for
from registry.models import Filing, Institution
from tests.browser.clicks import press

from .test_main_job import fill

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "tuoyu-2026-mima"
HEAD, COLLEAGUE = "linyuanzhang", "guhuiji"


def fill_person(page: Page, name: str, username: str) -> None:
    fill(page, {"display_name": name, "username": username, "password": PASSWORD, "password_again": PASSWORD})


def sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("用户名").fill(username)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/desk/")


@pytest.mark.parametrize("width", [1280, 375])
def test_registered_opened_filed(width, city, people, registration):
    everybody = people(width)
    address, data = everybody.address, registration(name="盐城市新芽托育服务有限公司", legal_rep_name="林园长")
    clerk = everybody.page("registrar_tinghu")
    clerk.goto(f"{address}/desk/registrations/new/")
    fill(clerk, data)
    expect(clerk.locator("#uscc-remark")).to_contain_text("代码校验通过")
    clerk.locator("main button[type=submit]").last.click()
    clerk.wait_for_url(f"**/desk/registrations/{data['uscc']}/**")
    clerk.get_by_role("link", name="打印账号开通码").click()
    everybody.look("registrar_tinghu", "account-code-ask")
    press(clerk, "生成开通码")
    code = re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){2}", clerk.locator("main").inner_text())[0]
    everybody.look("registrar_tinghu", "account-code")

    visitor = everybody.page()
    visitor.goto(f"{address}/")
    visitor.get_by_role("link", name="为机构开通账号").first.click()
    everybody.look("", "account-open")
    facts = {"uscc": data["uscc"], "legal_rep_name": "林园长", "legal_rep_id_no": data["legal_rep_id_no"]}
    fill(visitor, {**facts, "code": "AAAA-BBBB-CCCC"})
    fill_person(visitor, "林园长", HEAD)
    press(visitor, "提交")
    expect(visitor.locator("main")).to_contain_text("没有开通")
    everybody.look("", "account-open-wrong")
    fill(visitor, {"code": code})
    fill_person(visitor, "林园长", HEAD)
    press(visitor, "提交")
    expect(visitor.locator("main")).to_contain_text(HEAD)
    everybody.look("", "account-opened")
    visitor.get_by_role("link", name="去登录").click()
    sign_in(visitor, address, HEAD)
    expect(visitor.locator("main")).to_contain_text("您的机构应在")
    everybody.look("", "account-first-desk")

    visitor.goto(f"{address}/desk/colleagues/")
    press(visitor, "邀请同事")
    link = visitor.locator("#invitation").inner_text().strip()
    everybody.look("", "account-invitation")
    colleague = visitor.context.browser.new_context(locale="zh-CN", viewport={"width": width, "height": 800}).new_page()
    colleague.goto(link)
    fill_person(colleague, "顾会计", COLLEAGUE)
    press(colleague, "接受邀请")
    expect(colleague.locator("main")).to_contain_text(COLLEAGUE)
    colleague.context.close()
    assert {duty.user.username for duty in duties_for(data["uscc"])} == {HEAD, COLLEAGUE}
    visitor.goto(f"{address}/desk/colleagues/")
    everybody.look("", "account-colleagues")
    visitor.get_by_role("link", name=re.compile("解除.*顾会计")).click()
    everybody.look("", "account-part")

    visitor.goto(f"{address}/desk/")
    visitor.get_by_role("link", name="您的机构应在").first.click()
    press(visitor, "开始办理：首次备案")
    visitor.wait_for_url("**/desk/filings/YC-TB-*/")
    assert Filing.objects.get(institution__uscc=data["uscc"]).status == "DRAFT"
    assert Institution.objects.get(uscc=data["uscc"]).name == data["name"]
    assert not everybody.found


@pytest.mark.parametrize(("width", "scripts"), [(1280, False), (375, True)], ids=["wide-no-js", "narrow-js"])
def test_asked_without_a_code_and_approved(width, scripts, city, people, institution):
    place = institution(name="盐城市新叶托育服务有限公司", legal_rep_name="林园长")
    everybody = people(width, scripts)
    visitor, address = everybody.page(), everybody.address
    visitor.goto(f"{address}/accounts/open/")
    fill(visitor, {"uscc": place.uscc, "legal_rep_name": "林园长", "legal_rep_id_no": str(place.legal_rep_id_no)})
    fill_person(visitor, "林园长", HEAD)
    press(visitor, "提交")
    expect(visitor.locator("main")).to_contain_text("查询码")
    everybody.look("", "account-asked")
    no, code = (cell.inner_text() for cell in visitor.locator("main dd strong.code").all())

    reviewer = everybody.page("reviewer_tinghu")
    reviewer.goto(f"{address}/desk/accounts/")
    everybody.look("reviewer_tinghu", "account-requests")
    reviewer.get_by_role("link", name=place.name).click()
    everybody.look("reviewer_tinghu", "account-request")
    reviewer.get_by_role("link", name="同意开通").click()
    everybody.look("reviewer_tinghu", "account-approve")
    press(reviewer, "已核实，同意开通")
    expect(reviewer.locator("body")).to_contain_text("已开通，申请人可以登录")

    visitor.goto(f"{address}/accounts/open/track/")
    fill(visitor, {"no": no, "code": code})
    press(visitor, "查看")
    expect(visitor.locator("main")).to_contain_text(HEAD)
    everybody.look("", "account-tracked")
    sign_in(visitor, address, HEAD)
    expect(visitor.locator("main")).to_contain_text("您的机构应在")
    assert not everybody.found
