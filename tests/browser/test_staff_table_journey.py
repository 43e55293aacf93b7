"""Two administrators bring a department's people in by table: checked, submitted, approved row by row, links and codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicks import press
from yancheng_childcare.models import Duty, User

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HEAD = "姓名,用户名,电子邮箱,角色,部门,辖区,执法证号,开始日期,结束日期\n"
ROWS = (
    "顾受理,gu_reviews,,县级卫健受理岗,亭湖区卫生健康委员会,,,,\n"
    "顾受理,gu_reviews,,持证执法人员,320902-HEALTH,,苏卫监09020777,,2030-12-31\n"
    "网格新,grid_new,grid@example.org,镇街网格员,,亭湖区五星街道,,,\n"
    "错一行,wrong_one,,园丁,没有的部门,,,,\n"
)


def downloaded(page: Page, name: str) -> list[list[str]]:
    with page.expect_download() as waiting:
        press(page, name)
    return list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_a_table_from_its_upload_to_the_first_password(
    width: int, scripts: bool, transactional_db: None, cast: Any, people: Any, settings: Any, tmp_path: Path
) -> None:
    everybody = people(width, scripts)
    settings.PORTAL_URL, settings.FILE_ROOT = everybody.address, tmp_path / "files"
    department = Duty._meta.get_field("department").related_model.objects.get(pk="320902-HEALTH").name
    table = tmp_path / "人员.csv"
    table.write_text(HEAD + ROWS.replace("亭湖区卫生健康委员会", department), "utf-8")
    first, second = everybody.page("admin"), everybody.page("admin2")
    first.goto(f"{everybody.address}/desk/staff/")
    first.locator("main").get_by_role("link", name="部门人员导入", exact=True).click()
    everybody.look("admin", "staff-tables")
    first.locator("input[type=file]").set_input_files(table)
    press(first, "上传并检查")
    expect(first.locator("main")).to_contain_text("请从列表中选择角色")
    everybody.look("admin", "staff-table-checked")
    press(first, "先提交正确的行")
    expect(first.locator("main")).to_contain_text("等待另一名管理员批准")
    everybody.look("admin", "staff-table-waiting")
    assert not User.objects.filter(username="gu_reviews").exists()

    second.goto(f"{everybody.address}/desk/staff/approvals/")
    second.locator("main table a").first.click()
    expect(second.locator("main")).to_contain_text("苏卫监09020777")
    everybody.look("admin2", "staff-table-approval")
    press(second, "批准")
    expect(second.locator("main")).to_contain_text("领取批准码")
    everybody.look("admin2", "staff-table-approved")
    codes = {line[1]: line[2] for line in downloaded(second, "领取批准码")[1:]}
    assert Duty.objects.in_force().filter(user__username="gu_reviews").count() == 2

    first.reload()
    everybody.look("admin", "staff-table-done")
    links = {line[1]: line[2] for line in downloaded(first, "领取一次性链接")[1:]}
    assert links.keys() == codes.keys() == {"gu_reviews", "grid_new"}
    fresh = everybody.page("")
    fresh.goto(links["gu_reviews"])
    fresh.get_by_label("批准码").fill(codes["gu_reviews"])
    for field in ("new_password1", "new_password2"):
        fresh.locator(f"[name={field}]").fill("yancheng-new-2026-a")
    fresh.locator("main button[type=submit]").click()
    expect(fresh.locator("main")).to_contain_text("密码")
    assert User.objects.get(username="gu_reviews").check_password("yancheng-new-2026-a")
