"""What a person presses and follows in the content of a page, by its very words."""

from __future__ import annotations

from playwright.sync_api import Page


def press(page: Page, name: str) -> None:
    """Press a button."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """Follow a link, the first of these words."""
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()
