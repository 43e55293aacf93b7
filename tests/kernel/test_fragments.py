"""Parts of pages kept in memory: rendered once, with nothing of a person in them, the address put in for each page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from yancheng_childcare import fragments
from yancheng_childcare.fragments import HERE, kept, placed

pytestmark = pytest.mark.django_db
HEADER = "components/site_header.html"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, bytes], str]:
    """Everything that is kept while the test runs."""
    seen: dict[tuple[str, bytes], str] = {}
    render = fragments._kept.__wrapped__

    def remember(template: str, values: bytes) -> str:
        return seen.setdefault((template, values), render(template, values))

    monkeypatch.setattr(fragments, "_kept", remember)
    return seen


def test_a_part_is_rendered_once_for_the_same_values() -> None:
    nav = [{"label": "首页", "url": "/", "current": False}]
    assert kept(HEADER, {"large": False, "nav": nav}) is kept(HEADER, {"nav": nav, "large": False})
    assert kept(HEADER, {"large": False, "nav": nav}) != kept(HEADER, {"large": True, "nav": nav})


def test_the_address_is_put_in_escaped_and_no_value_can_stand_for_it() -> None:
    part = kept("components/nav_links.html", {"nav": [{"label": str(HERE), "url": "/", "current": False}]})
    assert "&lt;here&gt;" in part
    assert placed(part, "/x/") == part
    assert (
        placed(kept(HEADER, {}), '/institutions/?q="><script>').count('value="/institutions/?q=&quot;&gt;&lt;script')
        == 2
    )


def test_nothing_of_a_person_is_kept(as_user: Any, cast: Any, memory: dict[tuple[str, bytes], str]) -> None:
    name = cast["registrar_tinghu"].display_name
    page = as_user("registrar_tinghu").get("/institutions/", {"q": "小太阳"}).content.decode()
    assert name in page and "退出" in page
    held = "".join([*memory.values(), *(values.decode() for _, values in memory)])
    assert name not in held and "退出" not in held and "csrf" not in held.lower()
    visitor = Client().get("/institutions/", {"q": "大月亮"}).content.decode()
    assert name not in visitor and "登录" in visitor
    assert "大月亮" not in "".join(memory.values())
    assert HERE not in page + visitor


def test_a_signed_in_person_meets_no_visitors_header(as_user: Any) -> None:
    assert "登录</a>" in header_of(Client())
    mine = header_of(as_user("registrar_tinghu"))
    assert "登录</a>" not in mine and "我的工作台" in mine


def header_of(browser: Client) -> str:
    """The header of the page of the search."""
    return browser.get("/institutions/").content.decode().partition("<main")[0]
