"""The public look-up: exact name or code only, plain words, sources, no personal data, cached for a minute."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from registry.services import end_registration, record_filing

pytestmark = pytest.mark.django_db
URL = "/institutions/"


def test_the_status_page_says_filed_or_not_in_plain_words(html_of, institution, cast):
    found = institution()
    assert "还没有查到备案记录" in html_of("", f"{URL}{found.uscc}/")
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = html_of("", f"{URL}{found.uscc}/")
    assert "已登记、已备案" in html
    assert "BA-0001" in html
    end_registration(
        found, step="revoke", reason="张试验伪造材料", terminated_on=date(2026, 1, 6), actor=cast["registrar_tinghu"]
    )
    ended = html_of("", f"{URL}{found.uscc}/")
    assert "登记已吊销" in ended
    assert "伪造材料" not in ended


def test_public_facts_have_their_source_and_nothing_personal(html_of, institution):
    found = institution()
    html = html_of("", f"{URL}{found.uscc}/")
    for words in (
        found.name,
        found.registered_address,
        found.legal_rep_name,
        "来源：亭湖区市场监督管理局（登记机关），确认日期",
    ):
        assert words in html
    for secret in (found.legal_rep_id_no, found.contact_phone, found.legal_rep_id_index, "138****", "320****"):
        assert secret not in html


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("盐城市亭湖区五星街道向阳社区3幢201室", "盐城市亭湖区五星街道向阳社区"),
        ("盐城市亭湖区解放路18号", "亭湖区"),
        ("5号楼向阳小区", "亭湖区"),
    ],
)
def test_a_home_based_place_never_shows_its_door(html_of, institution, address, shown):
    found = institution(nature="HOME", name="亭湖区小屋家庭托育点", registered_address=address)
    html = html_of("", f"{URL}{found.uscc}/")
    assert f"{shown}" in html
    assert address not in html
    assert "不公布门牌号" in html


def test_an_unknown_code_is_a_page_that_helps(as_user):
    response = as_user("").get(f"{URL}91320902MA1TYC011T/")
    assert response.status_code == 404
    assert "查不到意味着什么" in response.content.decode()
    assert as_user("").get(f"{URL}nonsense/").status_code == 404


def test_cached_for_a_minute_by_the_browser_and_never_with_a_session(as_user, institution):
    path = f"{URL}{institution().uscc}/"
    response = Client().get(path)
    assert response.headers["Cache-Control"] == "private, max-age=60"
    assert "csrftoken" in response.cookies  # why no shared cache may keep it
    assert as_user("registrar_tinghu").get(path).headers["Cache-Control"] == "no-store"


def test_the_status_page_costs_two_queries(django_assert_max_num_queries, institution):
    path = f"{URL}{institution().uscc}/"
    Client().get(path)
    with django_assert_max_num_queries(2):
        Client().get(path)
