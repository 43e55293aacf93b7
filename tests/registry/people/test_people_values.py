"""The same for people, by form and by table: one name however its dot is typed, and no error value is nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from people_cases import IMPORT, NEW, as_csv, listed, number_of, typed

from registry.models import Post
from registry.people.services import ENTERED
from tests.pages import markup_of

CHANNELS = ["form", "table"]


def enter(client: Any, channel: str, **values: Any) -> str:
    """One person by a channel; everything that was said."""
    if channel == "form":
        return str(markup_of(client.post(NEW, typed(**values), follow=True)))
    handed = client.post(IMPORT, {"file": as_csv([{**listed(7), **values}])})
    if handed.status_code != 302:
        return str(markup_of(handed))
    said = markup_of(client.get(handed.url))
    client.post(IMPORT, {"action": "take", "file": handed.url.partition("file=")[2]})
    return str(said)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "name", ["阿依古丽•买买提", "阿依古丽．买买提", "阿依古丽・买买提", "阿依古丽.买买提", "阿依古丽 · 买买提"]
)
def test_a_name_is_one_whatever_its_dot(own: Any, as_user: Any, channel: str, name: str) -> None:
    client = as_user("operator_xiaotaiyang")
    enter(client, channel, name=name)
    assert [post.name for post in Post.objects.select_related("person")] == ["阿依古丽·买买提"]
    said = enter(client, "table", name="阿依古丽‧买买提", role="炊事人员", full_time="兼职")
    assert "另一个姓名" not in said and Post.objects.count() == 2


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("field", ENTERED)
def test_an_error_value_is_named(own: Any, as_user: Any, channel: str, field: str) -> None:
    if channel == "form" and field in {"full_time", "no_mental_illness"}:
        pytest.skip("a tick box and a choice send no words")
    said = enter(as_user("operator_xiaotaiyang"), channel, **{field: "#VALUE!"})
    assert not Post.objects.exists()
    assert "在表格里是 #VALUE!，不是内容" in said
    assert number_of(7) not in said or channel == "form"


def test_the_browser_does_not_cut_a_pasted_number(own: Any, as_user: Any) -> None:
    html = markup_of(as_user("operator_xiaotaiyang").get(NEW))
    asked = re.search(r'<input[^>]*name="id_no"[^>]*>', html)
    assert asked and (most := re.search(r'maxlength="(\d+)"', asked.group()))
    assert int(most.group(1)) >= 18 + 6, "blanks between the parts"


def test_the_ledger_finds_a_name_however_its_dot_is_typed(own: Any, as_user: Any) -> None:
    client = as_user("operator_xiaotaiyang")
    enter(client, "form", name="阿依古丽·买买提")
    assert "阿依古丽·买买提" in markup_of(client.get("/desk/people/", {"q": "阿依古丽•买"}))
