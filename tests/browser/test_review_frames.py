"""A PDF beside the answers: Chromium's own viewer draws it in the review page; without scripts the link is there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page

from registry.demo.sample_filing import fill_filing, sign
from registry.filing.drafts import start_filing
from registry.filing.materials import add_page
from registry.filing.services import take_step
from registry.models import Filing, Institution
from tests.security.hostile_files.makers import raw_pdf, stream
from yancheng_childcare.deadlines import today_here

from .filing_steps import OPERATOR, People
from .pictures import keep_picture

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# A page that is red from edge to edge.
RED_PAGE = raw_pdf(stream(b"1 0 0 rg 0 0 200 200 re f"), page=b"/Contents 4 0 R")


@pytest.fixture
def with_viewer(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """Chromium as people have it: its plain headless mode draws no PDF."""
    args = [*browser_type_launch_args["args"], "--headless=new"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": args})
    yield browser
    browser.close()


@pytest.fixture
def case(own: Institution, cast: dict[str, Any]) -> Filing:
    """Handed in, with a lease as PDF."""
    actor = cast[OPERATOR]
    filing = fill_filing(start_filing(own, actor=actor), actor=actor, today=today_here())
    pdf = SimpleUploadedFile("租赁合同.pdf", RED_PAGE, content_type="application/pdf")
    add_page(filing, "M02_PREMISES", uploaded=pdf, actor=actor)
    sign(filing, actor=actor)
    return take_step(filing, "submit", actor=actor)


def red_share(page: Page) -> float:
    """The share of the frame that is drawn in the red of the PDF, 0–1."""
    picture = Image.open(io.BytesIO(page.locator("iframe").screenshot())).convert("RGB")
    pixels = list(picture.get_flattened_data())
    return sum(red > 200 and green < 60 and blue < 60 for red, green, blue in pixels) / len(pixels)


def looked_at(
    browser: Browser, options: dict[str, Any], address: str, case: Filing, width: int, scripts: bool
) -> People:
    """The review page of the case in a window of its own; the link to the file is there, nothing scrolls sideways."""
    who = People(browser, address, width, scripts, options)
    page = who.page("reviewer_tinghu")
    page.goto(f"{who.address}/desk/review/{case.no}/")
    assert page.get_by_role("link", name="租赁合同.pdf").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return who


@pytest.mark.parametrize("width", [1280, 375])
def test_chromium_draws_the_pdf_beside_the_answers(
    with_viewer: Browser, browser_context_args: dict[str, Any], live_server: Any, case: Filing, width: int
) -> None:
    who = looked_at(with_viewer, browser_context_args, live_server.url, case, width, scripts=True)
    page = who.page("reviewer_tinghu")
    page.locator("iframe").scroll_into_view_if_needed()
    for _ in range(40):
        if red_share(page) > 0.3:
            break
        page.wait_for_timeout(250)
    keep_picture(page, f"review_pdf_{width}")
    assert red_share(page) > 0.3
    who.close()


def test_without_scripts_no_frame_stays_empty(
    with_viewer: Browser, browser_context_args: dict[str, Any], live_server: Any, case: Filing
) -> None:
    who = looked_at(with_viewer, browser_context_args, live_server.url, case, 1280, scripts=False)
    assert who.page("reviewer_tinghu").locator("iframe").count() == 0
    who.close()
