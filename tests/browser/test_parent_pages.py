"""A parent keeps a choice over pages, calls, compares: with and without scripts, on a phone, in large type at 320 px."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from registry.models import PublicEntry

from .pictures import keep_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Controls that stand alone and are lower than a thumb (product.md C1); links inside a sentence are not meant (WCAG 2.5.8).
LOW = """() => [...document.querySelectorAll('main :is(a, button, input, select, summary)')]
  .filter((e) => e.checkVisibility() && !e.closest('p, .skip, .breadcrumbs, td, th, dd, svg, .visually-hidden, h3, label') || e.matches('.source a'))
  .filter((e) => e.checkVisibility() && e.type !== 'hidden' && e.getBoundingClientRect().height < 43.5)
  .map((e) => `${e.textContent.trim().slice(0, 20)} ${e.getBoundingClientRect().height}`)"""


def look(page: Page, name: str, wrong: list[str]) -> None:
    """Keep a picture; note what a person would stumble over."""
    keep_picture(page, f"parent_{name}")
    wide = page.evaluate(
        "() => { const most = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= most) return [];"
        " return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > most + 0.5).map(e => e.className || e.tagName) }"
    )
    wrong.extend(f"{name}: scrolls sideways {wide[:4]}" for _ in wide[:1])
    wrong.extend(f"{name}: axe {v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"])


def named(words: str, name: str) -> re.Pattern[str]:
    """The button that says this of that institution."""
    return re.compile(f"{words}.*{re.escape(name)}")


def entries() -> list[Any]:
    """Three of the register that gave a telephone number."""
    rows = PublicEntry.objects.listed().exclude(capacity_total=None).exclude(card__phone="").order_by("institution_id")
    return list(rows[:3])


def choose(page: Page, url: str, scripts: bool) -> list[Any]:
    """One from the results, one from a new search, one from its own page."""
    first, second, third = entries()
    for one in (first, second):
        page.goto(f"{url}/institutions/?q={one.uscc}")
        page.get_by_role("button", name=named("加入对比", one.name)).click()
        expect(page.get_by_role("button", name=named("已选，移出", one.name))).to_be_visible()
        assert ("compare=" in page.url) != scripts, "with scripts the page stays, without it comes again"
    expect(page.locator("#tray")).to_contain_text("对比清单 2 家")
    page.goto(f"{url}/institutions/")
    expect(page.locator("#tray")).to_be_in_viewport()
    page.goto(f"{url}/institutions/{third.uscc}/")
    page.get_by_role("button", name="加入对比").click()
    expect(page.locator("#tray")).to_contain_text("对比清单 3 家")
    return [first, second, third]


@pytest.mark.parametrize(
    ("name", "width", "scripts"),
    [("wide", 1280, True), ("phone", 375, True), ("wide-plain", 1280, False), ("phone-plain", 375, False)],
)
def test_the_choice_is_kept_and_compared(
    name: str, width: int, scripts: bool, browser: Any, browser_context_args: Any, live_server: Any, city: None
) -> None:
    context = browser.new_context(
        **browser_context_args, viewport={"width": width, "height": 812}, java_script_enabled=scripts
    )
    page, url = context.new_page(), live_server.url
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    wrong: list[str] = []
    chosen = choose(page, url, scripts)
    phone = page.locator(f'.reach a[href="tel:{chosen[2].card["phone"]}"]')
    expect(phone).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("查路线"))).to_have_attribute("rel", re.compile("noopener"))
    if scripts:
        look(page, f"{name}_institution", wrong)
        if width == 375:
            wrong.extend(f"institution: low {one}" for one in page.evaluate(LOW))
    page.goto(f"{url}/institutions/")
    if scripts:
        look(page, f"{name}_results", wrong)
    page.locator("#tray").get_by_role("link", name="比较").click()
    expect(page).to_have_url(re.compile("compare/.*uscc=.*uscc=.*uscc="))
    if scripts:
        look(page, f"{name}_compare", wrong)
        if width == 375:
            wrong.extend(f"compare: low {one}" for one in page.evaluate(LOW))
            full = chosen[0].name
            labels = page.eval_on_selector_all("td[data-label]", "els => els.map(e => e.dataset.label)")
            assert full not in labels
    page.get_by_role("button", name=named("移出", chosen[0].name)).click()
    expect(page.get_by_role("button", name=re.compile("^移出"))).to_have_count(2)
    page.get_by_label("机构名称或统一社会信用代码").fill(chosen[0].name[:-8])
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name=named("加入对比", chosen[0].name)).click()
    expect(page.get_by_role("button", name=re.compile("^移出"))).to_have_count(3)
    page.goto(f"{url}/institutions/")
    page.locator("#tray").get_by_role("button", name="清空").click()
    expect(page.locator("#tray")).to_be_hidden()
    assert not wrong, "\n".join(wrong)
    assert not refused
    assert {cookie["name"] for cookie in context.cookies()} <= {"compare"}
    context.close()


def test_large_type_fits_a_narrow_phone(page: Page, live_server: Any, city: None) -> None:
    """长辈版 at 320 px: no sideways scroll, nothing smaller than 20 px on the pages a parent reads."""
    page.set_viewport_size({"width": 320, "height": 700})
    page.request.post(f"{live_server.url}/view-mode/", form={"mode": "large", "next": "/"})
    codes = [entry.uscc for entry in entries()]
    page.request.post(
        f"{live_server.url}/institutions/compare/choose/", form={"add": codes[0], "next": "/institutions/"}
    )
    wrong: list[str] = []
    unconnected = PublicEntry.objects.listed().filter(capacity_total=None)[0].uscc
    small = """() => [...new Set([...document.querySelectorAll('main *')].filter((e) => e.checkVisibility() && !e.closest('svg, .visually-hidden')
      && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < 17.9).map((e) => e.className || e.tagName))]"""
    for name, path in (
        ("results", "/institutions/"),
        ("institution", f"/institutions/{codes[1]}/"),
        ("unconnected", f"/institutions/{unconnected}/"),
        ("compare", f"/institutions/compare/?uscc={codes[0]}&uscc={codes[1]}&uscc={codes[2]}"),
        ("map", "/institutions/map/"),
    ):
        page.goto(live_server.url + path)
        look(page, f"large_{name}", wrong)
        wrong.extend(f"{name}: small {one}" for one in page.evaluate(small))
    assert not wrong, "\n".join(wrong)


def test_the_pages_around_are_clean(page: Page, live_server: Any, city: None) -> None:
    """Description of the API, map, a page that is not there, on both widths."""
    wrong: list[str] = []
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 812})
        for name, path in (("api", "/api/v1/docs/"), ("map", "/institutions/map/"), ("lost", "/complaints/nowhere/")):
            page.goto(live_server.url + path)
            if name != "lost":
                page.locator("main details summary").first.click()
            look(page, f"{name}_{width}", wrong)
    assert not wrong, "\n".join(wrong)
