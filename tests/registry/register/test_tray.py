"""What was chosen to compare stays chosen: across pages, new searches and from an institution's page, without scripts."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from registry.register.pages.tray import COOKIE, short_names
from tests.pages import markup_of

pytestmark = pytest.mark.django_db
CHOOSE, SEARCH, COMPARE = "/institutions/compare/choose/", "/institutions/", "/institutions/compare/"


@pytest.fixture
def codes(entry) -> list[str]:
    return [entry(name=f"盐城市亭湖区{name}托育服务有限公司").uscc for name in ("小苗", "小树", "小花", "小草", "小果")]


def bar(html: str) -> str:
    """The text of the bar at the foot of a page."""
    found = re.search(r'<aside class="tray[^>]*>(.*?)</aside>', html, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(1)).split())


def test_the_choice_stays_over_searches_and_pages(codes):
    client = Client()
    assert bar(markup_of(client.get(SEARCH))) == ""
    answer = client.post(CHOOSE, {"add": codes[0], "next": "/institutions/?q=%E5%B0%8F"})
    assert answer["Location"] == f"/institutions/?q=%E5%B0%8F&compare=1#pick-{codes[0]}"
    client.post(CHOOSE, {"add": codes[1], "next": f"/institutions/{codes[1]}/"})
    for path in (
        SEARCH,
        f"{SEARCH}?q=%E5%B0%8F%E6%9E%9C",
        f"{SEARCH}?region=320902&service=FULL_DAY",
        f"{SEARCH}{codes[4]}/",
    ):
        shown = bar(markup_of(client.get(path)))
        assert "对比清单 2 家" in shown and "小苗、小树" in shown, path
        assert "比较" in shown and "清空" in shown
    there = client.get(COMPARE)
    assert there.status_code == 302 and there["Location"] == f"{COMPARE}?uscc={codes[0]}&uscc={codes[1]}"
    assert "no-store" in there["Cache-Control"]
    client.post(CHOOSE, {"remove": codes[0], "next": SEARCH})
    assert "对比清单 1 家" in bar(markup_of(client.get(SEARCH)))
    client.post(CHOOSE, {"clear": "1", "next": SEARCH})
    assert bar(markup_of(client.get(SEARCH))) == "" and client.get(COMPARE).status_code == 200


def test_the_cookie_holds_codes_only_and_goes_to_the_register_only(codes):
    cookie = Client().post(CHOOSE, {"add": codes[0], "next": SEARCH}).cookies[COOKIE]
    assert cookie.value == codes[0] and cookie["path"] == SEARCH and cookie["samesite"] == "Lax" and cookie["httponly"]
    client = Client()
    client.cookies[COOKIE] = f"<script>.{codes[0]}.{codes[0].lower()}.91320902MA1TYC011T.{'x' * 900}"
    html = markup_of(client.get(SEARCH))
    assert "对比清单 1 家" in bar(html) and "<script>." not in html


def test_no_fifth_is_taken_and_the_page_says_so(codes):
    client = Client()
    for code in codes:
        client.post(CHOOSE, {"add": code, "next": SEARCH})
    html = markup_of(client.get(SEARCH))
    assert "对比清单 4 家 （已满，移出一家才能再加）" in bar(html)
    assert re.search(rf'name="add" value="{codes[4]}" disabled', html) and "已选满 4 家" in html
    assert codes[4] not in client.cookies[COOKIE].value


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(codes, target):
    answer = Client().post(CHOOSE, {"add": codes[0], "next": target})
    assert answer["Location"] == f"{COMPARE}?uscc={codes[0]}"


def test_a_page_read_before_the_choice_is_not_taken_for_the_one_after(codes):
    client = Client()
    page = f"{SEARCH}{codes[0]}/"
    before = client.get(page)
    client.post(CHOOSE, {"add": codes[0], "next": page})
    after = client.get(page, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200 and "已选，移出" in markup_of(after)


def test_one_is_added_by_a_part_of_its_name(codes):
    client = Client()
    html = markup_of(client.get(COMPARE, {"uscc": codes[0], "name": "小树"}))
    assert f'name="add" value="{codes[1]}"' in html and "盐城市亭湖区小树托育服务有限公司" in html
    added = client.post(CHOOSE, {"uscc": [codes[0]], "add": codes[1]})
    assert added["Location"] == f"{COMPARE}?uscc={codes[0]}&uscc={codes[1]}"
    assert "合法吗" in markup_of(client.get(added["Location"]))
    # The code still does, and one that is compared already is not offered again.
    assert f'value="{codes[2]}"' in markup_of(client.get(COMPARE, {"uscc": codes[0], "name": codes[2]}))
    again = markup_of(client.get(COMPARE, {"uscc": codes[0], "name": codes[0]}))
    assert 'name="add"' not in again and "没有找到可以加入的" in again
    assert client.get(COMPARE, {"uscc": codes[0], "name": "没有这一家呀"}).status_code == 200
    assert client.get(COMPARE, {"uscc": codes[0], "name": "字" * 200}).status_code == 400


def test_names_are_short_and_still_tell_one_from_another():
    full = [
        "盐城市亭湖区小苗托育服务有限公司",
        "盐城市亭湖区小树托育中心",
        "东台市小树婴幼儿照护有限公司",
        "小花托育园",
    ]
    assert short_names(full) == ["小苗", full[1], full[2], "小花"]
    assert short_names(["托育中心"]) == ["托育中心"]


def test_rows_of_the_comparison_are_labelled_by_short_names(codes):
    html = markup_of(Client().get(COMPARE, {"uscc": codes[:2]}))
    assert 'data-label="小苗"' in html and 'data-label="盐城市亭湖区小苗托育服务有限公司"' not in html
    # What is the same for all is marked, and read once on a phone.
    row = re.search(r'<tr class="is-same"><th scope="row">县（市、区）</th>(.*?)</tr>', html, re.S).group(1)
    assert row.index('data-label="都一样"') < row.index('data-label="小苗"') and row.count("亭湖区") == 3
