"""The main job through the browser: enter a registration, see it pushed, advise it, see the ledgers agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from registry.models import Institution

from .pictures import keep_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DOCS = Path(__file__).parents[2] / "docs" / "images"


def fill(page: Page, data: dict) -> None:
    """Type a registration into the form as a clerk would."""
    for name, value in data.items():
        field = page.locator(f"[name={name}]")
        if not field.count() or value in (None, ""):
            continue
        kind = field.first.evaluate("e => e.tagName + ':' + e.type")
        if kind.startswith("SELECT"):
            field.first.select_option(str(value))
        elif kind.endswith(":radio"):
            page.locator(f"[name={name}][value='{value}']").check()
        else:
            field.first.fill(str(value))


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no-js"])
def test_register_fix_and_see_it(width, scripts, browser, browser_context_args, live_server, city, registration):
    context = browser.new_context(
        **browser_context_args, java_script_enabled=scripts, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("用户名").fill("registrar_tinghu")
    page.locator("input[type=password]").fill("yancheng-demo-2026")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/desk/")
    data = registration(uscc="91320902MA1TYC011X", name=f"盐城市浏览器{width}{scripts}托育服务有限公司")
    page.goto(f"{live_server.url}/desk/registrations/new/")
    fill(page, data)
    page.locator("main button[type=submit]").last.click()
    expect(page.get_by_text("提交的内容有问题")).to_be_visible()
    assert "第18位" in page.content() or "第 18 位" in page.content()
    assert not Institution.objects.filter(name=data["name"]).exists()
    keep_picture(page, f"errors_{width}")
    good = registration(name=data["name"])
    fill(page, {"uscc": good["uscc"], "legal_rep_id_no": good["legal_rep_id_no"]})
    if scripts:  # what is said of the code comes while one types on, and moves the button
        expect(page.locator("#uscc-remark")).to_contain_text("代码校验通过")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url(f"**/desk/registrations/{good['uscc']}/**")
    assert Institution.objects.get(uscc=good["uscc"]).name == data["name"]
    assert good["legal_rep_id_no"] not in page.content()
    context.close()


def test_the_form_by_keyboard_alone(page, live_server, city, sign_in):
    sign_in("registrar_tinghu")
    page.goto(f"{live_server.url}/desk/registrations/new/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip().startswith("跳到")
    page.keyboard.press("Enter")
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || ''"))
    for name in (
        "uscc",
        "name",
        "nature",
        "registered_address",
        "region_code",
        "town_code",
        "legal_rep_id_no",
        "business_scope",
    ):
        assert name in seen, f"{name} is not reached by Tab"


def test_screenshots_of_the_readme(page, live_server, city, sign_in):
    """Writes docs/images when UPDATE_SCREENSHOTS=1; otherwise only shows that both pages are there."""
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto(live_server.url)
    shots = {"home.png": page.screenshot()}
    sign_in("health_city")
    page.goto(f"{live_server.url}/desk/ledgers/")
    expect(page.get_by_role("table").first).to_be_visible()
    shots["ledgers.png"] = page.screenshot()
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        DOCS.mkdir(parents=True, exist_ok=True)
        for name, content in shots.items():
            (DOCS / name).write_bytes(content)
    assert (DOCS / "home.png").exists()
    assert (DOCS / "ledgers.png").exists()
