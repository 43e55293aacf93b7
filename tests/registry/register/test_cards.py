"""Cards of a list are rendered once: kept by all they show, never with a visitor's own position."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from registry.register.pages import cards
from registry.register.pages.tray import COOKIE
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db
SEARCH = "/institutions/"


@pytest.fixture(autouse=True)
def empty() -> None:
    cards._card.cache_clear()


def listed(client: Client | None = None, **params: str) -> str:
    """The list of a page."""
    page = (client or Client()).get(SEARCH, params).content.decode()
    return page.partition('<ol class="cards">')[2].partition("</ol>")[0]


def test_the_same_card_on_two_pages_is_rendered_once_and_leads_back_to_each(entry: Any) -> None:
    entry(name="盐城市亭湖区小苗托育服务有限公司")
    first, second = listed(q="小苗"), listed(q="亭湖区小苗")
    assert cards._card.cache_info()[:2] == (1, 1)
    assert 'value="/institutions/?q=%E5%B0%8F%E8%8B%97"' in first and "%E4%BA%AD" not in first
    assert 'value="/institutions/?q=%E4%BA%AD' in second and "<here>" not in first + second


def test_a_card_that_changed_is_rendered_anew(entry: Any, settings: Any) -> None:
    shown = entry(name="盐城市亭湖区小苗托育服务有限公司")
    assert "小苗" in listed() and "机构未按期更新" not in listed()
    shown.card["phone"], shown.card["reported_on"] = "0515-88880000", str(today_here() - timedelta(days=3))
    shown.save(update_fields=["card"])
    assert "0515-88880000" in listed() and "机构未按期更新" not in listed()
    settings.PUBLIC_STALE_DAYS = 2
    assert "机构未按期更新" in listed()


def test_what_one_visitor_chose_is_not_shown_to_another(entry: Any) -> None:
    code = entry(name="盐城市亭湖区小苗托育服务有限公司").uscc
    chooser = Client()
    chooser.cookies[COOKIE] = code
    assert "已选，移出" in listed(chooser)
    assert "已选，移出" not in listed() and "加入对比" in listed()
    assert "已选，移出" in listed(chooser)


def test_a_visitors_position_is_not_kept(entry: Any) -> None:
    entry(name="盐城市亭湖区小苗托育服务有限公司")
    assert "near=33.38%2C120.16" in listed(near="33.38,120.16")
    assert cards._card.cache_info().currsize == 0
    assert "near=320902" in listed(near="320902") and cards._card.cache_info().currsize == 1
