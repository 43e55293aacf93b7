"""The frame, the front page and the error pages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string
from face_markup import parse

from tests.pages import page_of
from yancheng_childcare.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
ERRORS = ["400", "403", "404", "405", "409", "413", "422", "429", "500", "503", "csrf"]
CONTACT = {"organiser": "盐城市卫生健康委员会", "hotline": "12345", "icp": "", "site_code": "", "police_no": ""}


def frame(**context: object) -> str:
    """base.html with a heading."""
    return render_to_string("base.html", {"heading": "机构登记", "contact": CONTACT, **context})


def test_the_frame_is_sound() -> None:
    html = frame(nav=[{"label": "首页", "url": "/", "current": True}])
    parse(html)
    assert page_of(html).title == "机构登记 - 盐城市托育服务公共平台"
    assert html.index('href="#main"') < html.index("site-header")
    assert 'aria-current="page"' in html
    # A visitor's pages run without htmx, which would keep the address of the search in the session storage.
    assert "htmx" not in html
    signed_in = frame(signed_in=True)
    assert '"selfRequestsOnly":true' in signed_in and '"allowEval":false' in signed_in


def test_demo_data_is_marked_on_screen_and_paper() -> None:
    assert frame(demo=True).count("演示数据") == 2
    assert "演示数据" not in frame(demo=False)


def test_the_large_view_is_an_attribute_of_the_page() -> None:
    assert 'data-view="large"' in frame(large=True)
    assert "标准版" in frame(large=True)
    assert "data-view" not in frame(large=False)
    assert "长辈版" in frame(large=False)


def test_the_title_says_when_something_is_wrong() -> None:
    assert page_of(frame(problems=[Problem("REG-004", "uscc", "第18位应为 T")])).title.startswith("错误：机构登记")


def test_numbers_nobody_gave_are_not_invented() -> None:
    assert "网站标识码" not in frame()
    assert "备案号" not in frame()
    assert "网站标识码：3209000001" in frame(contact={**CONTACT, "site_code": "3209000001"})


def test_the_account_menu_knows_who_is_there() -> None:
    person = SimpleNamespace(is_authenticated=True, display_name="周敏", username="zhou")
    html = frame(user=person, unread=3)
    assert "周敏" in html
    assert "退出" in html
    assert "条未读" in html
    assert "登录" not in page_of(html).links
    assert "登录" in page_of(frame()).links


def test_the_front_page() -> None:
    html = render_to_string(
        "public/home.html",
        {
            "contact": CONTACT,
            "figures": [{"label": "已登记机构", "value": 371, "unit": "家", "url": "/institutions/"}],
            "entrances": [{"title": "查机构", "text": "核对状态", "url": "/institutions/", "icon": "search"}],
            "as_of": datetime(2026, 11, 22, 23, 0),
        },
    )
    parse(html)
    assert 'name="q"' in html
    assert "数据截至" in html
    assert "2026年11月22日 23:00" in html
    assert html.count("<h1") == 1


def test_the_front_page_without_data_says_so() -> None:
    assert "还没有可以公布的数据" in render_to_string("public/home.html", {"contact": CONTACT})


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_nothing(name: str) -> None:
    """Rendered by an engine without context processors, as when the database is away."""
    engine = Engine(
        dirs=[str(ROOT / "templates")],
        builtins=settings.TEMPLATES[0]["OPTIONS"]["builtins"],
        libraries={"static": "django.templatetags.static"},
    )
    html = engine.get_template(f"errors/{name}.html").render(Context({"trace_id": "req-7f3a92c1"}))
    parse(html)
    assert html.count("<h1>") == 1
    assert "您可以这样做" in html
    assert "req-7f3a92c1" in html
    assert "12345" in html
    assert 'href="/"' in html


def test_an_error_page_shows_the_given_problem_instead_of_the_general_words() -> None:
    html = render_to_string(
        "errors/403.html", {"problems": [Problem("GEN-403", "", "您的职责不包含这项功能。")], "status": 403}
    )
    assert "您的职责不包含这项功能。" in html
    assert "GEN-403" in html
    assert "没有更改任何数据" not in html
