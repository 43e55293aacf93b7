"""名称或范围待规范: kept warnings with their clause, and notes on what was done."""

from __future__ import annotations

import pytest

from yancheng_childcare.models import Event

pytestmark = pytest.mark.django_db
URL = "/desk/registrations/irregular/"


def test_warnings_are_listed_with_clause_and_way_to_change(html_of, institution):
    fine, found = institution(), institution(name="盐城市禾苗儿童中心")
    html = html_of("registrar_tinghu", URL)
    assert "REG-106" in html
    assert "第五条" in html
    assert f"/desk/registrations/{found.uscc}/change/" in html
    assert fine.name not in html


def test_a_note_is_kept_shown_and_masked(as_user, html_of, institution):
    found = institution(name="盐城市禾苗儿童中心")
    text = "已电话告知 13812341234，下次变更时规范"
    response = as_user("registrar_tinghu").post(URL, {"uscc": found.uscc, "text": text}, follow=True)
    html = response.content.decode()
    assert "已说明" in html
    assert "下次变更时规范" in html
    assert "13812341234" not in html
    act = Event.objects.get(action="warning.answered")
    assert act.data["codes"] == ["REG-106"]


@pytest.mark.parametrize("text", ["", "短", "a\x00bcd", "长" * 251])
def test_a_note_that_cannot_be_kept_is_explained(as_user, institution, text):
    found = institution(name="盐城市禾苗儿童中心")
    assert as_user("registrar_tinghu").post(URL, {"uscc": found.uscc, "text": text}).status_code == 422
    assert not Event.objects.filter(action="warning.answered").exists()


def test_only_the_own_authority_may_note(as_user, institution):
    found = institution(name="盐城市禾苗儿童中心")
    assert as_user("registrar_civil").post(URL, {"uscc": found.uscc, "text": "别人的说明"}).status_code == 422
    assert as_user("reviewer_tinghu").get(URL).status_code == 403


def test_empty(html_of):
    assert "没有待规范的登记" in html_of("registrar_tinghu", URL)
