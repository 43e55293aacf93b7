"""A host and a key are entered by one administrator and approved by another; also without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from exchange.models import AllowedTarget, ApiClient
from tests.browser.clicks import press

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_a_host_is_entered_approved_and_ended(width, scripts, transactional_db, cast, people):
    everybody = people(width, scripts)
    first, second = everybody.page("admin"), everybody.page("admin2")
    hosts = f"{everybody.address}/desk/staff/hosts/"
    first.goto(hosts)
    everybody.look("admin", "hosts-none")
    first.locator("main").get_by_role("link", name="登记目标").first.click()
    first.get_by_label("为哪个部门").select_option("320902-HEALTH")
    first.get_by_label("主机名").fill("10.32.8.5")
    first.get_by_label("允许的网段").fill("10.32.8.0/24")
    press(first, "登记，等待批准")
    expect(first.locator(".error-summary")).to_contain_text("请填写依据")
    everybody.look("admin", "host-new")
    first.get_by_label("依据").fill("卫健信息科来函 7 号")
    press(first, "登记，等待批准")
    expect(first.locator("main")).to_contain_text("待批准")
    row = AllowedTarget.objects.get()
    second.goto(f"{everybody.address}/desk/staff/approvals/allowedtarget/{row.pk}/")
    press(second, "批准")
    first.goto(f"{hosts}?q=10.32&state=force")
    everybody.look("admin", "hosts")
    first.locator("main table").get_by_role("link", name="结束").first.click()
    everybody.look("admin", "host-end")
    press(first, "即刻结束")
    assert not AllowedTarget.objects.exists() and not ApiClient.objects.exists()
    first.goto(f"{everybody.address}/exchange/keys/")
    everybody.look("admin", "keys-of-administrators")
    assert not everybody.found
