"""A form that is sent after the session ended keeps what was typed, and goes through after signing in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NAME = "盐城市写到一半的托育中心"


def test_what_was_typed_outlives_the_session(city: None, sign_in: Callable[[str], Page], live_server: Any) -> None:
    page = sign_in("registrar_tinghu")
    page.clock.install()
    page.goto(f"{live_server.url}/desk/registrations/new/")
    page.locator("[name=name]").fill(NAME)
    page.clock.fast_forward("40:00")
    Session.objects.all().delete()
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#ended")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value(NAME)

    with page.context.expect_page() as opened:
        page.locator("#ended a").click()
    other = opened.value
    other.get_by_label("用户名").fill("registrar_tinghu")
    other.locator("input[type=password]").fill(PASSWORD)
    other.locator("main button[type=submit]").first.click()
    other.wait_for_url("**/desk/")

    page.bring_to_front()
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).not_to_contain_text("登录")
    expect(page.locator("[name=name]")).to_have_value(NAME)  # back with its problems, nothing lost
