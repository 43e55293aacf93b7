"""A parent looks for a nursery: on a phone, by keyboard, without scripts, in large type, at 200 % zoom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from registry.models import PublicEntry

from .pictures import keep_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str, wrong: list[str]) -> None:
    """Keep a picture; note what a person would stumble over."""
    keep_picture(page, f"register_{name}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append(f"{name}: scrolls sideways")
    wrong.extend(f"{name}: axe {v['id']} {v['nodes'][0]['target']}" for v in Axe().run(page).response["violations"])


def journey(page: Page, url: str, name: str, *, scripts: bool = True) -> None:
    """Search by part of a name, narrow, read, compare, report."""
    wrong: list[str] = []

    def seen(step: str) -> None:
        if scripts:
            look(page, f"{name}_{step}", wrong)

    target = PublicEntry.objects.listed().exclude(capacity_total=None).order_by("institution_id")[0]
    page.goto(url)
    page.locator("main input[name=q]").fill(target.name[3:6])
    page.locator("main form").first.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#found-title")).to_contain_text("家")
    # The form fills more than a phone's screen: what was asked for is seen at once all the same.
    expect(page.locator("#found-title")).to_be_in_viewport()
    seen("results")
    page.goto(f"{url}/institutions/?region={target.region_id}")
    first = page.locator("#found-title").inner_text()
    page.get_by_role("link", name=re.compile("去掉条件")).first.click()
    expect(page).to_have_url(re.compile(r"/institutions/#found$"))
    assert page.locator("#found-title").inner_text() != first
    page.goto(f"{url}/institutions/?q={target.uscc}")
    page.get_by_role("link", name=target.name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(target.name)
    for words in ("是否合法", "安全底线", "收费", "来源"):
        expect(page.get_by_text(words).first).to_be_visible()
    seen("institution")
    page.goto(f"{url}/institutions/")
    tray = page.locator("#tray")
    add = page.get_by_role("button", name=re.compile("^加入对比"))
    most = 4 if scripts else 2
    for number in range(1, most + 1):
        add.first.click()
        expect(tray).to_contain_text(f"对比清单 {number} 家")
    if scripts:
        expect(tray).to_contain_text("已满，移出一家才能再加")
        expect(page.get_by_role("button", name=re.compile("^已选满 4 家")).first).to_be_disabled()
        page.get_by_role("button", name=re.compile("^已选，移出")).first.click()
        expect(tray).to_contain_text("对比清单 3 家")
        expect(add.first).to_be_enabled()
    expect(tray).to_be_in_viewport()
    tray.get_by_role("link", name="比较").click()
    expect(page).to_have_url(re.compile("/institutions/compare/"))
    seen("compare")
    page.goto(f"{url}/institutions/?q=没有这家机构呀")
    expect(page.get_by_text("查不到").first).to_be_visible()
    seen("zero")
    page.goto(f"{url}/institutions/map/")
    page.locator("svg a").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("region="))
    page.goto(f"{url}/institutions/{target.uscc}/report/?block=fees")
    page.locator("main textarea").first.fill("墙上公示的收费比这里的高，请核对。")
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_text("查询码").first).to_be_visible()
    seen("reported")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wide", {"viewport": {"width": 1280, "height": 900}}),
        ("phone", {"viewport": {"width": 360, "height": 780}}),
        ("no-scripts", {"viewport": {"width": 360, "height": 780}, "java_script_enabled": False}),
        # 200 % zoom of a window of 1280 px leaves 640 CSS pixels.
        ("zoom", {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}),
        # 400 %: 320 CSS pixels (WCAG 1.4.10).
        ("reflow", {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}),
    ],
)
def test_a_parent_finds_reads_compares_and_reports(
    name: str, options: dict[str, Any], browser: Any, browser_context_args: Any, live_server: Any, city: None
) -> None:
    context = browser.new_context(**{**browser_context_args, **options})
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    journey(page, live_server.url, name, scripts=options.get("java_script_enabled", True))
    assert not [text for text in refused if "404" not in text]
    assert not [cookie for cookie in context.cookies() if cookie["name"] == "sessionid"]
    context.close()


def test_large_type_and_keyboard(page: Page, live_server: Any, city: None) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(f"{live_server.url}/institutions/")
    page.request.post(f"{live_server.url}/view-mode/", form={"mode": "large", "next": "/institutions/"})
    page.goto(f"{live_server.url}/institutions/")
    assert page.locator("html").get_attribute("data-view") == "large"
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 20
    wrong: list[str] = []
    look(page, "large", wrong)
    assert not wrong, "\n".join(wrong)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到主要内容"
    page.locator("main input[name=q]").focus()
    page.keyboard.type("托育")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    link = page.locator("main ol article a").first
    link.focus()
    outline = link.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/institutions/[0-9A-Z]{18}/"))


def chosen(number: int) -> list[str]:
    """So many codes of the register that have a filing here."""
    rows = PublicEntry.objects.listed().exclude(capacity_total=None).order_by("institution_id")
    return list(rows.values_list("uscc", flat=True)[:number])


def test_paper_holds_everything(page: Page, live_server: Any, city: None) -> None:
    """An institution on two sheets of A4; side by side without a cut column."""
    codes = chosen(3)
    page.goto(f"{live_server.url}/institutions/{codes[0]}/")
    sheets = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", sheets)) in {1, 2}
    # A4 without its margins, in CSS pixels.
    page.set_viewport_size({"width": 672, "height": 1000})
    page.emulate_media(media="print")
    sources = page.locator(".institution .source").evaluate_all(
        "els => els.map(e => [e, e.closest('section').querySelector('h2')].map(x => { const all = document.createRange();"
        " all.selectNodeContents(x); return all.getBoundingClientRect(); })).map(([own, title]) => own.left > title.right && own.height < 22)"
    )
    assert len(sources) > 9 and all(sources), "each source stands beside its title, on one line"
    codes += PublicEntry.objects.listed().filter(nature="HOME").values_list("uscc", flat=True)[:1]
    page.goto(f"{live_server.url}/institutions/compare/?{'&'.join(f'uscc={code}' for code in codes)}")
    tables = page.locator("table.table--compare")
    assert tables.count() == 6
    lefts = [tables.nth(n).evaluate("e => [...e.rows[0].cells].map(c => c.offsetLeft)") for n in range(6)]
    for place in range(6):
        right = tables.nth(place).evaluate(
            "e => Math.max(...[...e.querySelectorAll('th, td, span')].map(c => c.getBoundingClientRect().right))"
        )
        assert right <= 672
    assert all(left == lefts[0] for left in lefts), "columns of all questions stand below each other"


# What Tab has to stop at, numbered in the order of the page.
NUMBER_STOPS = """() => {
  [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((e) => e.type !== 'hidden' && !e.disabled && e.checkVisibility({visibilityProperty: true}))
    .forEach((e, n) => { e.dataset.stop = n; });
}"""
WHERE = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), frame = e.closest('.entrance') ?? e;
  const ring = getComputedStyle(frame).outlineStyle !== 'none' || getComputedStyle(e).outlineStyle !== 'none';
  return [Number(e.dataset.stop ?? -1), ring && box.bottom > 0 && box.top < innerHeight];
}"""


def test_every_stop_is_reached_by_tab_in_order_and_seen(page: Page, live_server: Any, city: None) -> None:
    codes = chosen(2)
    wrong: list[str] = []
    for path in (
        "/",
        f"/institutions/{codes[0]}/",
        f"/institutions/compare/?uscc={codes[0]}&uscc={codes[1]}",
        "/how-to-read/",
        "/verify/",
    ):
        page.goto(live_server.url + path)
        page.evaluate(NUMBER_STOPS)
        stops = page.locator("[data-stop]").count()
        seen: list[int] = []
        for _ in range(stops + 3):
            page.keyboard.press("Tab")
            stop, shown = page.evaluate(WHERE)
            if stop < 0 or stop in seen:
                break
            seen.append(stop)
            if not shown:
                wrong.append(f"{path}: stop {stop} is not seen")
        if seen != list(range(stops)):
            wrong.append(f"{path}: {stops} stops, reached {seen}")
    assert not wrong, "\n".join(wrong)


def test_position_is_asked_only_on_tap_and_stays_out_of_storage(
    browser: Any, browser_context_args: Any, live_server: Any, city: None
) -> None:
    context = browser.new_context(
        **browser_context_args, geolocation={"latitude": 33.38, "longitude": 120.16}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.add_init_script(
        "const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation); window.asked = 0;"
        "navigator.geolocation.getCurrentPosition = (...a) => { window.asked += 1; return real(...a); };"
    )
    page.goto(f"{live_server.url}/institutions/")
    assert page.evaluate("window.asked") == 0
    page.get_by_text("更多条件").click()
    page.get_by_role("button", name="用我的位置").click()
    # It is on its way at once: no second tap on 查询.
    expect(page).to_have_url(re.compile(r"near=33\.380(,|%2C)120\.160"))
    expect(page.locator("#found-title")).to_contain_text("家")
    expect(page.locator("#id_near option:checked")).to_have_text("我的位置")
    # A second tap asks again and does not offer the place twice.
    assert page.evaluate("window.asked") == 0
    page.get_by_text("更多条件").click()
    page.get_by_role("button", name="用我的位置").click()
    expect(page.get_by_text("已填入您的位置")).to_be_visible()
    assert page.locator("#id_near option", has_text="我的位置").count() == 1
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "33.38" not in kept
    assert not [cookie for cookie in context.cookies() if "33.38" in cookie["value"]]
    context.close()


def test_on_a_phone_links_are_as_tall_as_a_thumb_and_the_map_can_be_read(
    page: Page, live_server: Any, city: None
) -> None:
    """Links that stand alone: 44 px (product.md C1). Words of the map: 14 px, in large type 16 px."""
    page.set_viewport_size({"width": 360, "height": 780})
    small = "els => els.map(e => [e.textContent.trim(), e.getBoundingClientRect().height]).filter(x => x[1] < 44)"
    page.goto(f"{live_server.url}/institutions/?region=320902")
    assert page.eval_on_selector_all("#found .section-head a, #found .chips a, #found .actions a", small) == []
    size = "e => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a"
    for mode, least in (("standard", 14), ("large", 16)):
        page.request.post(f"{live_server.url}/view-mode/", form={"mode": mode, "next": "/"})
        page.goto(f"{live_server.url}/institutions/map/")
        assert page.eval_on_selector_all("main .actions a, main .table a", small) == []
        assert page.locator(".city-map text").first.evaluate(size) >= least, mode
        inside = page.eval_on_selector_all(
            ".city-map a",
            "els => els.filter(a => { const t = a.querySelector('polygon').getBBox(); return [...a.querySelectorAll('text')].some("
            "x => { const b = x.getBBox(); return b.x < t.x || b.x + b.width > t.x + t.width || b.y + b.height * 0.8 > t.y + t.height; }) })"
            ".map(a => a.textContent.trim())",
        )
        assert inside == [], mode
