"""Filters and tags of yancheng_childcare/templatetags/."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django import forms
from django.template import engines
from django.test import RequestFactory

from tests.pages import page_of
from yancheng_childcare.problems import Level, Problem
from yancheng_childcare.templatetags import form_parts, wording
from yancheng_childcare.workdays import Colour, Light


def render(source: str, **context: object) -> str:
    """A template source without context processors."""
    return engines["django"].from_string(source).render(context)


LATE = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # already the 24th in Shanghai


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("cn_date", date(2026, 11, 3), "2026年11月3日"),
        ("cn_date", LATE, "2026年11月24日"),
        ("cn_date", "2026-11-23", "2026年11月23日"),
        ("cn_date", None, ""),
        ("cn_date", "no date", ""),
        ("iso_date", date(2026, 1, 3), "2026-01-03"),
        ("iso_date", LATE, "2026-11-24"),
        ("iso_date", "", ""),
        ("cn_datetime", LATE, "2026年11月24日 00:30"),
        ("cn_datetime", "2026-11-23T09:30:12+08:00", "2026年11月23日 09:30"),
        ("cn_datetime", date(2026, 11, 23), "2026年11月23日"),
        ("cn_datetime", "soon", ""),
        ("whole_dates", "有效至 2027-04-29，<b>", '有效至 <span class="nowrap">2027-04-29</span>，&lt;b&gt;'),
        ("whole_dates", "12026-01-011 2026-1-1", "12026-01-011 2026-1-1"),
        ("whole_dates", 7, "7"),
        ("money", 1980, "1,980 元"),
        ("money", Decimal("1980.5"), "1,980.50 元"),
        ("money", "1600", "1,600 元"),
        ("money", None, ""),
        ("money", "free", ""),
        ("thousands", 18460, "18,460"),
        ("thousands", "99.8", "99.8"),
        ("thousands", 0, "0"),
        ("thousands", "一", "一"),
        ("mask_id", "11010519491231002X", "110*************2X"),
        ("mask_phone", "13800001234", "138****1234"),
        ("mask_name", "张三", "张*"),
    ],
)
def test_filters(name: str, value: object, shown: str) -> None:
    assert render(f"{{{{ value|{name} }}}}", value=value) == shown


def test_days_since_counts_shanghai_days() -> None:
    with time_machine.travel(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), tick=False):
        assert wording.days_since(date(2026, 11, 23)) == 1
        assert wording.days_since(LATE) == 0
        assert wording.days_since(None) == ""


def test_a_credit_code_is_grouped_but_copied_whole() -> None:
    html = render('{{ "91320902ma1tyc011t"|uscc }}')
    assert html.count("<span>") == 4
    assert "".join(html.replace("<span>", "").replace("</span>", "").split(">")[1:]) == "91320902MA1TYC011T"
    assert "&lt;b&gt;" in render('{{ "<b>"|lower|uscc|lower }}')


def test_links_keep_the_filters() -> None:
    request = RequestFactory().get("/list/?region=320902&status=A&status=B&page=4")
    assert render("{% query_with page=5 %}", request=request).endswith("page=5")
    assert "region=320902" in render("{% query_with page=5 %}", request=request)
    assert "page" not in render("{% query_with page=None %}", request=request)
    one_less = render('{% query_without "status" "A" %}', request=request)
    assert "status=B" in one_less
    assert "status=A" not in one_less
    assert "page" not in one_less
    assert render("{% query_with page=2 %}") == "?page=2"
    assert render('{% query_without "q" %}') == "?"


class _Filter(forms.Form):
    q = forms.CharField(label="关键词", required=False)
    region = forms.ChoiceField(label="地区", choices=[("", "全市"), ("市区", [("320902", "亭湖区")])], required=False)
    ordering = forms.CharField(required=False)


def test_chips_name_what_is_applied() -> None:
    request = RequestFactory().get("/list/?q=&region=320902&ordering=name&page=3")
    html = render(
        "{% filter_chips form as chips %}{% for c in chips %}{{ c.label }}|{{ c.remove_url }};{% endfor %}",
        form=_Filter(request.GET),
        request=request,
    )
    assert html == "地区：亭湖区|?q=&amp;ordering=name;"
    assert render("{% filter_chips form as chips %}{{ chips }}", form=_Filter(), request=request) == "[]"


@pytest.mark.parametrize(
    ("colour", "icon", "word"),
    [
        ("green", "check-circle", "正常"),
        ("YELLOW", "clock-triangle", "临期"),
        ("red", "stop", "超期"),
        ("gray", "pause", "暂停"),
        ("blue", "flag", "办结"),
    ],
)
def test_a_light_is_shape_word_and_number(colour: str, icon: str, word: str) -> None:
    html = render('{% light colour "" 3 %}', colour=colour)
    assert f"#{icon}" in html
    assert page_of(html).text == f"{word}3"


def test_an_unknown_light_is_plain_and_escaped() -> None:
    html = render("{% light colour text %}", colour="<x>", text="<b>")
    assert "tag--plain" in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("light", "shown"),
    [
        (Light(Colour.GREEN, "正常", 4), "剩 4 个工作日"),
        (Light(Colour.RED, "超期", -2), "超 2 个工作日"),
        (Light(Colour.RED, "超期", 0), "超期"),
        (Light(Colour.YELLOW, "临期", 0), "今天到期"),
        (None, "无时限"),
    ],
)
def test_the_clock_says_how_much_time(light: object, shown: str) -> None:
    assert shown in render("{% clock light %}", light=light)


@pytest.mark.parametrize(
    "light", [Light(Colour.BLUE, "办结", 4), Light(Colour.GREY, "暂停", 4), Light(Colour.RED, "超期", 0)]
)
def test_no_number_where_it_would_mislead(light: Light) -> None:
    assert light.word in render("{% clock light %}", light=light)
    assert "工作日" not in render("{% clock light %}", light=light)


def test_drawings_by_the_server() -> None:
    assert 'class="bar__fill" width="48.0"' in render("{% bar 5 10 %}")
    assert 'class="bar__fill" width="96.0"' in render("{% bar 50 10 %}")
    assert 'class="bar__fill" width="0.0"' in render("{% bar 5 0 %}")
    assert "63 / 84" in render('{% progress 63 84 "检查" %}')
    line = render('{% sparkline values "升" %}', values=[1, 2, 3])
    assert 'points="4.0,28.0 60.0,16.0 116.0,4.0"' in line
    assert 'aria-label="升"' in line
    assert "数据不足" in render('{% sparkline values "升" %}', values=[1])


def test_the_summary_leaves_out_warnings_and_repeats() -> None:
    problems = [
        Problem("REG-004", "uscc", "第18位应为 T"),
        Problem("REG-004", "uscc", "第18位应为 T"),
        Problem("REG-011", "name", "建议", Level.WARN),
        Problem("GEN-001", "", "整体有误"),
    ]
    items = form_parts.summary_items(problems)
    assert [i["href"] for i in items] == ["#id_uscc", ""]
    assert form_parts.warning_items(problems) == [problems[2]]
    assert form_parts.error_prefix(problems) == "错误："
    assert form_parts.error_prefix([problems[2]], "") == ""
