"""What is typed outlives the session: a form or a part of one (htmx) asked for without it says so in place, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from yancheng_childcare.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NAME = "盐城市写到一半的托育中心"
CODE = "91320902MA1TYC011T"
WIDTHS = {1280: 900, 375: 812}


def sign_in_in_another_tab(page: Page) -> None:
    """Follow the link of the message, sign in there, and come back."""
    with page.context.expect_page() as opened:
        page.locator("#ended a").click()
    other = opened.value
    other.get_by_label("用户名").fill("registrar_tinghu")
    other.locator("input[type=password]").fill(PASSWORD)
    other.locator("main button[type=submit]").first.click()
    other.wait_for_url("**/desk/")
    page.bring_to_front()


def new_registration(sign_in: Callable[[str], Page], live_server: Any, width: int) -> Page:
    """The empty form, with a name typed."""
    page = sign_in("registrar_tinghu")
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"{live_server.url}/desk/registrations/new/")
    page.locator("[name=name]").fill(NAME)
    return page


def told_in_place(page: Page, message: str) -> None:
    """The message stands in the form, in the window, within the page; nothing else came in, nothing typed is gone."""
    expect(page.locator(f"main form {message}")).to_be_visible()
    expect(page.locator("input[type=password]")).to_have_count(0)
    expect(page.locator("[name=name]")).to_have_value(NAME)
    expect(page.locator("[name=uscc]")).to_have_value(CODE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_check_without_a_session_is_told_in_place_and_the_form_goes_on(
    city: None, sign_in: Callable[[str], Page], live_server: Any, width: int
) -> None:
    page = new_registration(sign_in, live_server, width)
    Session.objects.all().delete()
    page.locator("[name=uscc]").fill(CODE)
    page.locator("[name=uscc]").press("Tab")
    told_in_place(page, "#ended")
    expect(page.locator("#ended")).to_contain_text("登录已过期")
    expect(page.locator("#refused")).to_be_hidden()

    sign_in_in_another_tab(page)
    page.locator("[name=uscc]").fill(CODE[:-1])
    page.locator("[name=uscc]").press("Tab")
    expect(page.locator("#uscc-remark")).to_contain_text("18 位")
    expect(page.locator("#ended")).to_be_hidden()
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).to_have_text("录入新登记")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    expect(page.locator("[data-error-summary]")).to_be_visible()  # it was read by the server: no stale page


@pytest.mark.parametrize("width", WIDTHS)
def test_a_check_one_may_not_ask_for_is_never_called_a_session_that_ended(
    city: None, sign_in: Callable[[str], Page], live_server: Any, width: int
) -> None:
    page = new_registration(sign_in, live_server, width)
    Duty.objects.filter(user__username="registrar_tinghu").update(valid_to=date(2024, 12, 31))
    page.locator("[name=uscc]").fill(CODE)
    page.locator("[name=uscc]").press("Tab")
    told_in_place(page, "#refused")
    expect(page.locator("#refused")).to_contain_text("没有这项操作的权限")
    expect(page.locator("#ended")).to_be_hidden()


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

    sign_in_in_another_tab(page)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).not_to_contain_text("登录")
    expect(page.locator("[name=name]")).to_have_value(NAME)  # back with its problems, nothing lost
