"""The desks of five roles and the auditors' page, on a wide screen and on a phone: nothing runs out, links lead on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from registry.models import Institution
from registry.registration.services import reveal_personal
from yancheng_childcare.models import User

from .pictures import keep_picture

SIZES = ((1280, 900), (375, 800))
WHY = "核对登记材料与身份证原件"


def shoot(page, name: str) -> None:
    """At both sizes: nothing is wider than the screen; a picture is kept."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (name, width, wide)
        keep_picture(page, f"desk-{name}-{width}")


@pytest.mark.parametrize(
    "who", ["operator_xiaotaiyang", "reviewer_tinghu", "chief_tinghu", "leader_city", "police_tinghu"]
)
def test_a_desk_leads_with_what_is_due(city, sign_in, who):
    page = sign_in(who)
    headings = page.locator("main h2").all_inner_texts()
    lists = [] if who == "leader_city" else ["今天要办", "进行中", "近期办结"]
    assert [heading.split()[0] for heading in headings] == [*lists, "全部功能", "我的职责"]
    shoot(page, who)
    first = page.locator(".inbox a").first
    if first.count():
        words = first.inner_text()
        first.click()
        expect(page.locator("main")).not_to_contain_text("没有找到")
        assert page.url.rstrip("/").endswith("/desk") is False, words


def test_the_auditor_finds_who_looked_and_why(city, sign_in):
    found = Institution.objects.filter(region="320902", status="ACTIVE").first()
    police = User.objects.get(username="police_tinghu")
    reveal_personal(found, field="legal_rep_id_no", reason=WHY, actor=police)
    page = sign_in("auditor_city")
    shoot(page, "auditor_city")
    page.get_by_role("link", name="个人信息查看记录").last.click()
    page.get_by_label("被查看的机构或人员").fill(found.name)
    page.get_by_role("button", name="查询").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(WHY)
    expect(row).to_contain_text("法定代表人证件号码")
    shoot(page, "audit")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    assert re.search(r"个人信息查看记录.*\.csv$", taken.value.suggested_filename)
