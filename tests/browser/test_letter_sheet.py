"""An official letter in a browser: a centred sheet, as wide as a telephone's screen, and printed as its PDF is."""

from __future__ import annotations

import dataclasses
import io
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from casework.documents.render import render_html, render_pdf
from casework.documents.sheet import Letter, LetterItem
from registry.documents import letters

COMMON: dict[str, Any] = {
    "institution_name": "盐城市亭湖区小太阳托育服务有限公司",
    "authority": "盐城市亭湖区卫生健康委员会",
    "issued_on": date(2026, 11, 23),
}
LETTERS: dict[str, Letter] = {
    "receipt": letters.receipt_letter(
        receipt_no="320902TY20260001",
        address="盐城市亭湖区新兴镇人民中路 88 号建军社区服务中心综合楼一层东侧",
        uscc="91320902MA1TYC011T",
        principal="张三",
        nature_label="营利性",
        service_modes_label="全日托、半日托",
        capacity_total=60,
        version=2,
        verify_url="https://portal.example/verify/320902TY20260001/?s=abc",
        demo=True,
        **COMMON,
    ),
    "notice": letters.correction_letter(
        notice_no="320902BZ20260003",
        round=1,
        case_no="YC-TB-2026-000046",
        items=[LetterItem(title="场地证明", finding="租赁期为 2 年，不足 3 年。", clause="第11条")] * 3,
        due_on=date(2026, 12, 7),
        **COMMON,
    ),
}
LETTERS["notice of a zone"] = dataclasses.replace(
    LETTERS["notice"], authority="盐南高新技术产业开发区管理委员会社会事业局（卫生健康）"
)
STYLES = [Path(settings.BASE_DIR) / "static/css" / f"{name}.css" for name in ("tokens", "base", "components", "print")]


@pytest.fixture(params=list(LETTERS))
def letter(request: pytest.FixtureRequest, page: Page) -> Letter:
    """A letter on a page like all others."""
    shown = LETTERS[request.param]
    page.set_content(
        '<!DOCTYPE html><html lang="zh-CN"><meta name="viewport" content="width=device-width"><body>'
        '<header class="site-header">首页</header><main class="site-main"><div class="wrap"><h1>告知书</h1>'
        f'<div class="stack"><p>下载</p>{render_html(shown)}</div></div></main></body></html>'
    )
    for path in [*STYLES, STYLES[0].with_name("letter.css")]:
        page.add_style_tag(content=path.read_text(encoding="utf-8"))
    return shown


def test_it_is_a_centred_sheet_and_fills_a_telephone(page: Page, letter: Letter) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sheet = page.locator("article.letter")
    box = sheet.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(210 / 25.4 * 96, abs=1) and box["x"] + box["width"] / 2 == pytest.approx(
        640, abs=1
    )
    assert (
        sheet.locator("p", has_text=letter.addressee)
        .first.evaluate("p => getComputedStyle(p).fontFamily")
        .startswith("FangSong")
    )
    name, day, seal = (sheet.locator(f".letter__signed > :nth-child({place})") for place in (1, 2, 3))
    middles = [
        box["x"] + box["width"] / 2 for box in (name.bounding_box(), day.bounding_box(), seal.bounding_box()) if box
    ]
    assert middles == pytest.approx([middles[0]] * 3, abs=1), "the seal over the name over the date"
    for width in (375, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        box = sheet.bounding_box()
        assert box is not None and (box["x"], box["width"]) == (0, width)


def test_it_prints_as_its_pdf(page: Page, letter: Letter) -> None:
    page.emulate_media(media="print")
    expect(page.locator("article.letter")).to_be_visible()
    for other in (page.get_by_text("首页"), page.get_by_role("heading", level=1), page.get_by_text("下载")):
        expect(other).to_be_hidden()
    printed = pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    made = pikepdf.open(io.BytesIO(render_pdf(letter)))
    assert len(printed.pages) == len(made.pages)
    assert [float(edge) for edge in printed.pages[0].MediaBox] == pytest.approx([0, 0, 595, 842], abs=1)
