"""A grid worker reports what was seen, the county checks it and answers; on a desk and on a telephone without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from casework.models import Case
from tests.browser.clicks import follow, press

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_reported_checked_and_answered(width, scripts, transactional_db, cast, people):
    everybody = people(width, scripts)
    grid, reviewer, chief = (everybody.page(name) for name in ("grid_tinghu", "reviewer_tinghu", "chief_tinghu"))
    grid.goto(f"{everybody.address}/desk/")
    everybody.look("grid_tinghu", "grid-desk")
    follow(grid, "各类办件")
    everybody.look("grid_tinghu", "cases-none")
    follow(grid, "上报线索")
    everybody.look("grid_tinghu", "clue-new")
    press(grid, "上报线索")
    expect(grid.locator(".error-summary")).to_contain_text("请填写看到了什么")
    everybody.look("grid_tinghu", "clue-new-refused")
    grid.get_by_label("亭湖区").check()
    grid.get_by_label("机构名称或招牌").fill("小脚丫看护点（无招牌）")
    grid.get_by_label("地点").fill("迎宾南路 88 号二楼")
    grid.get_by_label("看到了什么").fill("上午九点，约十五名幼儿在二楼，没有看到证照，楼梯间堆有杂物。")
    press(grid, "上报线索")
    expect(grid.locator("main")).to_contain_text("待受理")
    everybody.look("grid_tinghu", "clue-own")
    case = Case.objects.get()

    reviewer.goto(f"{everybody.address}/desk/")
    everybody.look("reviewer_tinghu", "clue-inbox")
    follow(reviewer, "受理网格线索")
    everybody.look("reviewer_tinghu", "clue-case")
    follow(reviewer, "受理")
    everybody.look("reviewer_tinghu", "clue-accept")
    press(reviewer, "受理")
    expect(reviewer.locator("main")).to_contain_text("核查中")

    chief.goto(f"{everybody.address}/desk/cases/{case.no}/")
    follow(chief, "转交")
    everybody.look("chief_tinghu", "case-hand-over")
    chief.get_by_label(cast["reviewer_tinghu2"].display_name).check()
    chief.get_by_label("交接说明").fill("王审阅本周外出，请接着核查")
    press(chief, "转交")
    everybody.look("chief_tinghu", "case-handed-over")

    second = everybody.page("reviewer_tinghu2")
    second.goto(f"{everybody.address}/desk/messages/")
    expect(second.locator("main")).to_contain_text("王审阅本周外出")
    second.goto(f"{everybody.address}/desk/cases/?state=mine")
    everybody.look("reviewer_tinghu2", "cases-mine")
    second.locator("main").get_by_role("link", name=re.compile("小脚丫")).click()
    follow(second, "属实")
    second.get_by_label("理由").fill("现场确有未登记收托，已转检查")
    everybody.look("reviewer_tinghu2", "clue-confirm")
    press(second, "属实")
    everybody.look("reviewer_tinghu2", "clue-closed")
    second.goto(f"{everybody.address}/desk/cases/deputies/")
    everybody.look("reviewer_tinghu2", "deputies")

    grid.goto(f"{everybody.address}/desk/messages/")
    expect(grid.locator("main")).to_contain_text("现场确有未登记收托，已转检查")
    grid.goto(f"{everybody.address}/desk/")
    expect(grid.locator("main")).to_contain_text("网格线索：属实")
