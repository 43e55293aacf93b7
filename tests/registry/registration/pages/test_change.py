"""变更登记 by page: only what changed, checked before it is submitted, never over a colleague's version."""

from __future__ import annotations

import re

import pytest

from registry.registration.services import change_institution
from tests.pages import markup_of

pytestmark = pytest.mark.django_db
NEW = "盐城市亭湖区新址路8号"


def url(found):
    return f"/desk/registrations/{found.uscc}/change/"


def form_of(client, found):
    """The fields of the page as a browser would send them back."""
    html = markup_of(client.get(url(found)))
    data = {
        n: v for n, v in re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', html) if n != "csrfmiddlewaretoken"
    }
    data |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>\s*([^<]*)</textarea>', html))
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', html, re.S):
        data[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    return data


def hidden_of(html):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def test_the_form_comes_filled_but_without_the_personal_numbers(as_user, institution):
    found = institution()
    html = markup_of(as_user("registrar_tinghu").get(url(found)))
    assert found.registered_address in html
    assert found.legal_rep_id_no not in html
    assert found.contact_phone not in html


def test_check_then_confirm_makes_one_version_with_only_what_changed(as_user, institution):
    client, found = as_user("registrar_tinghu"), institution()
    data = form_of(client, found) | {"registered_address": NEW}
    checked = markup_of(client.post(url(found), data))
    assert found.registered_address in checked
    assert NEW in checked
    assert "提交变更（1 项）" in checked
    found.refresh_from_db()
    assert found.record_version == 1
    response = client.post(url(found), hidden_of(checked) | {"confirm": "1"}, follow=True)
    assert "变更已保存为第 2 版" in markup_of(response)
    before = (found.legal_rep_id_no, found.contact_phone)
    found.refresh_from_db()
    assert (found.registered_address, found.record_version) == (NEW, 2)
    assert (found.legal_rep_id_no, found.contact_phone) == before


def test_back_returns_to_the_form_with_what_was_typed(as_user, institution):
    client, found = as_user("registrar_tinghu"), institution()
    checked = markup_of(client.post(url(found), form_of(client, found) | {"registered_address": NEW}))
    html = markup_of(client.post(url(found), hidden_of(checked) | {"back": "1"}))
    assert f'value="{NEW}"' in html


def test_nothing_changed_and_wrong_values_come_back(as_user, institution):
    client, found = as_user("registrar_tinghu"), institution()
    data = form_of(client, found)
    assert "没有发现任何改动" in markup_of(client.post(url(found), data))
    response = client.post(url(found), data | {"business_scope": "儿童娱乐", "approved_on": "2020-01-01"})
    assert response.status_code == 422
    assert "REG-103" in markup_of(response)
    assert "REG-304" in markup_of(response)


def test_a_colleagues_newer_version_is_shown_beside_mine_and_kept(as_user, institution, cast):
    client, found = as_user("registrar_tinghu"), institution()
    data = form_of(client, found) | {"registered_address": NEW}
    change_institution(found, changes={"registered_address": "盐城市亭湖区同事路1号"}, actor=cast["registrar_tinghu"])
    response = client.post(url(found), data | {"confirm": "1"})
    html = markup_of(response)
    assert response.status_code == 412
    assert "盐城市亭湖区同事路1号" in html
    assert NEW in html
    found.refresh_from_db()
    assert found.record_version == 2
    again = markup_of(client.post(url(found), hidden_of(html) | {"back": "1"}))
    assert f'value="{NEW}"' in again
    assert 'name="record_version" value="2"' in again


def test_a_confirmed_change_sent_twice_makes_one_version(as_user, institution):
    client, found = as_user("registrar_tinghu"), institution()
    checked = markup_of(client.post(url(found), form_of(client, found) | {"registered_address": NEW}))
    for _ in range(2):
        response = client.post(url(found), hidden_of(checked) | {"confirm": "1"}, follow=True)
        assert response.status_code == 200
    assert "没有重复变更" in markup_of(response)
    found.refresh_from_db()
    assert found.record_version == 2


def test_a_new_id_number_is_never_shown_on_the_check_or_in_the_history(as_user, institution):
    from datetime import date

    from registry.rules.identity import make_id_number

    client, found = as_user("registrar_tinghu"), institution()
    number = make_id_number("320903", date(1990, 1, 1), 77)
    checked = markup_of(client.post(url(found), form_of(client, found) | {"legal_rep_id_no": number}))
    assert "填写了新号码" in checked
    assert checked.count(number) == 1  # only in the hidden field that carries it on
    client.post(url(found), hidden_of(checked) | {"confirm": "1"})
    history = markup_of(client.get(f"/desk/registrations/{found.uscc}/versions/"))
    assert "已变更" in history
    assert number not in history


@pytest.mark.parametrize("who", ["reviewer_tinghu", "police_tinghu", "admin", "operator_xiaotaiyang"])
def test_others_cannot_change(as_user, institution, who):
    assert as_user(who).get(url(institution())).status_code == 403


def test_an_authority_cannot_change_what_lies_outside_its_scope(as_user, institution, elsewhere):
    assert as_user("registrar_civil").get(url(institution())).status_code == 404
    assert as_user("registrar_tinghu").get(url(elsewhere())).status_code == 404
