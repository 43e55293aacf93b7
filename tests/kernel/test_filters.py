"""The base of the filters of lists: what cannot be read narrows nothing, a tab is no filter, the API refuses instead."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from yancheng_childcare.filters import ListFilter, choice, tab, text
from yancheng_childcare.models import User

pytestmark = pytest.mark.django_db


class Names(ListFilter):
    q = text("姓名", 5, field_name="display_name", lookup_expr="contains")
    active = choice("在用", [("1", "在用")], method="in_use")
    view = tab([("all", "全部人员")], field_name="username")

    def in_use(self, rows, name, value):
        return rows.filter(is_active=True)


def named(query: str) -> Names:
    return Names(QueryDict(query), User.objects.order_by("username"))


@pytest.fixture(autouse=True)
def two() -> None:
    User.objects.create(username="one", display_name="甲乙丙丁戊")
    User.objects.create(username="two", display_name="己庚", is_active=False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["one", "two"]), ("q=乙丙", ["one"]), ("active=1", ["one"]), ("active=9&view=x&page=2", ["one", "two"]),
        ("q=甲乙丙丁戊己庚", ["one"]), ("q=%00", ["one", "two"]), ("q=乙&active=1", ["one"]), ("q=己&active=1", []),
    ],
)  # fmt: skip
def test_what_cannot_be_read_narrows_nothing_and_a_long_text_is_cut(query, found):
    rows = named(query)
    assert [row.username for row in rows.qs if row.username in {"one", "two"}] == found


def test_a_tab_is_no_filter_and_stays_when_all_is_cleared():
    assert not named("view=all&active=9").narrowed and named("q=乙").narrowed
    request = RequestFactory().get("/", {"view": "all", "q": "乙", "active": "9"})
    html = Template("{% load components %}{% filter_bar form %}").render(
        Context({"form": Names(request.GET, User.objects.all()).form, "request": request})
    )
    assert 'href="?view=all"' in html and 'type="hidden" name="view" value="all"' in html
    assert "field__error" not in html
    assert "姓名：乙" in html and "在用：9" not in html, "what narrows nothing is not said to be chosen"


def test_the_api_names_everything_that_is_wrong_at_once(as_user):
    caller = as_user("health_city")
    answer = caller.get("/api/v1/registrations/", {"status": "x", "limit": "0", "updated_since": "gestern"})
    assert answer.status_code == 422
    assert {problem["pointer"] for problem in answer.json()["errors"]} == {"/status", "/limit", "/updated_since"}
    assert caller.get("/api/v1/registrations/?size=5").json()["code"] == "GEN-UNKNOWN"
    assert caller.get("/api/v1/deliveries/", {"uscc": "320902198506010015"}).json()["code"] == "GEN-ID"
    assert caller.get("/api/v1/filings/?status=&kind=&limit=").status_code == 200
