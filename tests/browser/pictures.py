"""Pictures of the pages as the tests saw them, for people to look at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"


def keep_picture(page: Page, name: str) -> None:
    """The whole page as build/screenshots/<name>.png."""
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)  # makes the folder as well
