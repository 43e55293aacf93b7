"""A real browser on a real server: Debian's Chromium, a demo city small enough to be quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.models import Institution
from tests.browser import filing_steps as steps
from tests.browser.filing_steps import People
from tests.browser.kept_city import bring_back
from tests.conftest import PASSWORD

CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                reason = "Chromium is missing: no page was seen in a browser (apt-get install chromium fonts-noto-cjk)"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def city(transactional_db: None) -> None:
    """The demo city with sixty institutions, pushed to nobody."""
    bring_back()


@pytest.fixture
def sign_in(page: Page, live_server: Any) -> Callable[[str], Page]:
    """Sign a person in through the form."""

    def enter(username: str) -> Page:
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_label("用户名").fill(username)
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main button[type=submit]").first.click()
        page.wait_for_url("**/desk/")
        return page

    return enter


@pytest.fixture
def own(
    transactional_db: None, institution: Callable[..., Institution], settings: Any, tmp_path: Any, live_server: Any
) -> Institution:
    """The operator's institution as the registrar entered it; files and printed addresses belong to this test."""
    settings.FILE_ROOT = tmp_path / "files"
    settings.PORTAL_URL = live_server.url
    return institution(uscc=steps.OWN_USCC, name="盐城市小太阳托育服务有限公司")


@pytest.fixture
def people(browser: Any, browser_context_args: dict[str, Any], live_server: Any) -> Iterator[Callable[..., People]]:
    """Everybody of a journey in windows of one width, closed at the end whatever happens."""
    opened: list[People] = []

    def open_windows(width: int = 1280, scripts: bool = True) -> People:
        opened.append(People(browser, live_server.url, width, scripts, browser_context_args))
        return opened[-1]

    yield open_windows
    for one in opened:
        for page in one.windows.values():
            page.context.close()
