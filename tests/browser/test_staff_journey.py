"""Two administrators keep the staff: a new person gets a duty, the second approves, it ends; also without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.clicks import follow, press
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_granted_by_one_approved_by_another_and_ended(width, scripts, transactional_db, cast, people, settings):
    everybody = people(width, scripts)
    settings.PORTAL_URL = everybody.address
    first, second = everybody.page("admin"), everybody.page("admin2")
    first.goto(f"{everybody.address}/desk/staff/")
    everybody.look("admin", "staff-people")
    first.goto(f"{everybody.address}/desk/staff/?q=nobody")
    everybody.look("admin", "staff-people-none")
    first.goto(f"{everybody.address}/desk/staff/")
    follow(first, "新建人员")
    everybody.look("admin", "staff-new")
    press(first, "建立并生成链接")
    expect(first.locator(".error-summary")).to_be_visible()
    everybody.look("admin", "staff-new-refused")
    first.get_by_label("姓名").fill("顾核对")
    first.get_by_label("用户名").fill("gu_checks")
    press(first, "建立并生成链接")
    expect(first.locator("#link")).to_contain_text("/accounts/link/")
    everybody.look("admin", "staff-link")
    follow(first, "授予职责")
    everybody.look("admin", "staff-role")
    first.get_by_label("持证执法人员").check()
    press(first, "下一步")
    everybody.look("admin", "staff-grant")
    first.get_by_label("部门").select_option("320902-HEALTH")
    press(first, "授予，等待批准")
    expect(first.locator(".error-summary")).to_contain_text("请填写执法证号")
    first.get_by_label("执法证号").fill("苏卫监09020777")
    press(first, "授予，等待批准")
    expect(first.locator("main")).to_contain_text("等待批准")
    everybody.look("admin", "staff-person-waiting")
    duty = Duty.objects.get(user__username="gu_checks", role=Role.INSPECTOR)

    first.goto(f"{everybody.address}/desk/staff/approvals/")
    everybody.look("admin", "staff-approvals-own")
    second.goto(f"{everybody.address}/desk/")
    everybody.look("admin2", "staff-desk")
    second.goto(f"{everybody.address}/desk/staff/approvals/")
    everybody.look("admin2", "staff-approvals")
    second.locator("main table a").first.click()
    everybody.look("admin2", "staff-approval")
    press(second, "批准")
    expect(second.locator("body")).to_contain_text("即时生效")
    everybody.look("admin2", "staff-approved")
    assert Duty.objects.in_force().filter(pk=duty.pk).exists()

    second.goto(f"{everybody.address}/desk/staff/people/{duty.user_id}/")
    everybody.look("admin2", "staff-person")
    follow(second, "申请一次性链接")
    second.get_by_label("理由").fill("忘记密码，已当面核对身份")
    everybody.look("admin2", "staff-ask")
    press(second, "生成链接")
    expect(second.locator("main")).to_contain_text("还须另一名管理员批准")
    everybody.look("admin2", "staff-link-second")
    first.goto(f"{everybody.address}/desk/staff/approvals/")
    first.locator("main table a").first.click()
    press(first, "批准")
    assert re.fullmatch(r"\w{10}", first.locator("#code").inner_text().strip())
    everybody.look("admin", "staff-code")

    second.goto(f"{everybody.address}/desk/staff/duties/{duty.pk}/end/")
    everybody.look("admin2", "staff-end")
    press(second, "即刻结束")
    assert not User.objects.get(username="gu_checks").roles

    first.goto(f"{everybody.address}/desk/staff/calendar/")
    everybody.look("admin", "staff-calendar-empty")
    follow(first, "新增一天")
    everybody.look("admin", "staff-day")
    first.locator("#id_day").fill("2026-12-31")
    first.get_by_label("放假（原为工作日）").check()
    first.locator("#id_name").fill("元旦调休")
    first.locator("#id_source").fill("国办发明电〔2026〕9号")
    press(first, "保存")
    expect(first.locator("main")).to_contain_text("元旦调休")
    everybody.look("admin", "staff-calendar")
    everybody.close()
