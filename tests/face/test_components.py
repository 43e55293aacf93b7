"""Every component renders with real content, and forms say the same words above and beside the field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from face_markup import parse

from yancheng_childcare.problems import Level, Problem
from yancheng_childcare.templatetags.samples import SampleForm, styleguide_samples

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted(path.name for path in (ROOT / "templates/components").glob("*.html"))


@pytest.fixture
def guide() -> str:
    """The whole style guide, without database and session."""
    return render_to_string(
        "public/styleguide.html", {"request": RequestFactory().get("/styleguide/?q=托育园&region=320902")}
    )


def test_the_style_guide_is_sound(guide: str) -> None:
    tags = parse(guide)
    assert len(tags.ids) == len(set(tags.ids))
    assert tags.wanted <= set(tags.ids)
    assert guide.count("<h1") == 1
    assert 'lang="zh-CN"' in guide


def test_the_style_guide_shows_every_component(guide: str) -> None:
    """A component nobody can look up is one nobody uses."""
    seen = (ROOT / "templates/public/styleguide.html").read_text() + "".join(
        (ROOT / "templates/components" / name).read_text() for name in COMPONENTS
    )
    seen += (ROOT / "templates/base.html").read_text() + (ROOT / "templates/allauth/layouts/manage.html").read_text()
    shown = set(re.findall(r"components/([a-z_]+\.html)", seen)) | {"tag.html"}
    shown |= {f"{name}.html" for name in re.findall(r"\{% ([a-z_]+) ", seen)}
    assert {"upload.html"} | shown >= set(COMPONENTS)


def test_no_template_code_reaches_the_page(guide: str) -> None:
    assert "{%" not in guide
    assert "{{" not in guide
    assert "{#" not in guide


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_without_content_does_not_fail(name: str) -> None:
    html = render_to_string(f"components/{name}", {"form": SampleForm(), "field": SampleForm()["name"]})
    assert "{%" not in html


def test_errors_are_said_in_the_same_words_twice() -> None:
    samples = styleguide_samples()
    source = '{% include "components/error_summary.html" %}<form>{% include "components/form_fields.html" %}</form>'
    html = engines["django"].from_string(source).render({"form": samples["form"], "problems": samples["problems"]})
    parse(html)
    summary, form = html.split("<form>")
    assert "提交的内容有问题" in summary
    assert 'tabindex="-1"' in summary
    for problem in samples["problems"]:
        assert problem.message in summary
        assert problem.message in form
    assert 'href="#id_uscc"' in summary
    box = re.search(r'<input[^>]*name="uscc"[^>]*>', form)
    assert box
    assert 'aria-invalid="true"' in box[0]
    assert 'aria-describedby="id_uscc_hint id_uscc_error"' in box[0]
    assert "aria-invalid" not in re.search(r'<input[^>]*name="name"[^>]*>', form)[0]  # type: ignore[index]


def test_only_optional_fields_are_marked() -> None:
    html = render_to_string("components/form_fields.html", {"form": SampleForm()})
    assert html.count("（选填）") == 2
    assert "（必填）" not in html
    assert "*" not in re.sub(r"<[^>]+>", "", html)


def test_radios_are_one_group_and_the_summary_leads_to_the_first() -> None:
    form = SampleForm({"uscc": "1"})
    html = render_to_string("components/field.html", {"field": form["nature"]})
    assert html.count("<legend") == 1
    assert html.count('type="radio"') == 3
    assert 'href="#id_nature_0"' in render_to_string("components/error_summary.html", {"form": form})


def test_placeholders_are_dropped() -> None:
    class Login(forms.Form):
        login = forms.CharField(label="用户名", widget=forms.TextInput(attrs={"placeholder": "用户名"}))

    assert "placeholder" not in render_to_string("components/field.html", {"field": Login()["login"]})


def test_a_problem_of_a_nested_field_keeps_its_message_and_code() -> None:
    html = render_to_string(
        "components/error_summary.html", {"problems": [Problem("REG-020", "/address/town", "请选择镇街")]}
    )
    assert "请选择镇街" in html
    assert "REG-020" in html
    assert 'href="#id_address-town"' in html


def test_warnings_alone_are_no_error() -> None:
    html = render_to_string(
        "components/error_summary.html", {"problems": [Problem("REG-011", "name", "建议含“托育”", Level.WARN)]}
    )
    assert "提交的内容有问题" not in html
    assert "不影响提交" in html


def test_words_from_outside_are_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    for name, context in {
        "notice.html": {"text": nasty, "title": nasty},
        "tag.html": {"light": nasty, "text": nasty, "number": nasty},
        "code.html": {"text": nasty, "label": nasty, "id": "x"},
        "summary_list.html": {"rows": [{"label": nasty, "value": nasty}]},
        "timeline.html": {"events": [{"title": nasty, "who": nasty, "text": nasty}]},
        "stat.html": {"label": nasty, "value": nasty, "unit": nasty},
        "error_summary.html": {"problems": [Problem("X", nasty, nasty)]},
    }.items():
        html = render_to_string(f"components/{name}", context)
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_pages_of_a_list() -> None:
    request = RequestFactory().get("/list/?region=320902&page=7")
    html = render_to_string(
        "components/pagination.html", {"page": Paginator(range(2360), 20).page(7), "request": request}
    )
    assert "共 2,360 条" in html
    assert "region=320902&amp;page=8" in html
    assert 'aria-current="page"' in html
    keyset = render_to_string("components/pagination.html", {"next_url": "?before=100"})
    assert 'rel="next" href="?before=100"' in keyset
    assert 'rel="prev"' not in keyset
    assert "下一页" not in render_to_string("components/pagination.html", {"page": Paginator(range(3), 20).page(1)})


def test_a_table_becomes_cards_by_its_labels() -> None:
    samples = styleguide_samples()
    html = render_to_string(
        "components/table.html", {"columns": samples["columns"], "rows": samples["rows"], "caption": "清单"}
    )
    assert html.count('data-label="地区"') == 5
    assert html.count('scope="row"') == 5
    assert 'aria-sort="descending"' in html
    assert "暂无内容" in render_to_string("components/table.html", {"rows": []})


def test_a_number_without_data_is_not_a_zero() -> None:
    assert "暂无数据" in render_to_string("components/stat.html", {"label": "托位", "value": None})
    assert "暂无数据" not in render_to_string("components/stat.html", {"label": "托位", "value": 0})
