"""已登记未备案: the oldest first, lights at 30 and 60 days, area filter; a filing number takes one off the list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.models import Institution
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline

pytestmark = pytest.mark.django_db
URL = "/desk/unfiled/"


@pytest.fixture
def aged(institution):
    """An institution registered so many days ago."""

    def make(days, **fields):
        day = (today_here() - timedelta(days=days)).isoformat()
        return institution(established_on=day, approved_on=day, valid_from=day, **fields)

    return make


@pytest.mark.parametrize(("days", "word"), [(0, "正常"), (29, "正常"), (30, "提醒"), (59, "提醒"), (60, "纳入治理")])
def test_the_light_follows_the_days(html_of, aged, days, word):
    aged(days)
    assert word in html_of("reviewer_tinghu", URL).split("<tbody>")[1]


def test_the_oldest_comes_first_and_pages_go_on_without_gaps(html_of, aged):
    made = [aged(days) for days in (5, 90, *range(10, 30))]
    first = html_of("reviewer_tinghu", URL)
    assert first.index(made[1].name) < first.index(made[-1].name)
    assert made[0].name not in first
    last = sorted(made, key=lambda i: (i.established_on, i.pk))[19]
    second = html_of("reviewer_tinghu", f"{URL}?after={last.established_on}.{last.pk}")
    assert made[0].name in second
    assert made[1].name not in second


@pytest.mark.parametrize("after", ["x", "2026-13-40.5", "7", "2026-01-01.99999999999999999999"])
def test_a_hand_made_key_shows_the_first_page(html_of, aged, after):
    found = aged(5)
    assert found.name in html_of("reviewer_tinghu", f"{URL}?after={after}")


def test_filter_by_town(html_of, aged):
    one, other = aged(5), aged(5, town_code="320902002")
    html = html_of("reviewer_tinghu", f"{URL}?town=320902002")
    assert other.name in html
    assert one.name not in html
    assert "这个范围内没有未备案的机构" in html_of("reviewer_tinghu", f"{URL}?town=320902003")


def test_scope_and_who_may_record(html_of, aged, elsewhere):
    here, there = aged(5), elsewhere()
    html = html_of("reviewer_tinghu", URL)
    assert here.name in html
    assert there.name not in html
    assert "登记备案编号" in html
    city = html_of("health_city", URL)
    assert there.name in city
    assert "登记备案编号" not in city
    html_of("registrar_tinghu", URL, status=403)


def test_a_filing_number_takes_it_off_the_list_and_stops_the_clock(as_user, aged):
    found = aged(5)
    client, path = as_user("reviewer_tinghu"), f"{URL}{found.uscc}/"
    response = client.post(path, {"filing_no": "BA-0001", "filed_on": today_here().isoformat()}, follow=True)
    assert "没有未备案的机构" in response.content.decode()
    found.refresh_from_db()
    assert found.national_filing_no == "BA-0001"
    assert not Deadline.objects.running().of(found.subject).filter(code="DL-FILE").exists()
    again = client.post(path, {"filing_no": "BA-0002", "filed_on": today_here().isoformat()})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"filing_no": "", "filed_on": "2026-01-05"}, "REG-531"),
        ({"filing_no": "BA-0001", "filed_on": "昨天"}, "REG-532"),
        ({"filing_no": "BA-0001", "filed_on": "2999-01-01"}, "REG-532"),
        ({"filing_no": "BA\x000001", "filed_on": "2026-01-05"}, "REG-203"),
    ],
)
def test_a_wrong_number_or_day_is_explained(as_user, institution, typed, code):
    found = institution()
    response = as_user("reviewer_tinghu").post(f"{URL}{found.uscc}/", typed)
    assert response.status_code == 422
    assert code in response.content.decode()
    assert Institution.objects.get().filed_on is None


def test_only_the_own_countys_health_bureau_records(as_user, institution, elsewhere):
    typed = {"filing_no": "BA-0001", "filed_on": today_here().isoformat()}
    assert as_user("reviewer_tinghu").post(f"{URL}{elsewhere().uscc}/", typed).status_code == 404
    found = institution()
    for who in ("registrar_tinghu", "police_tinghu", "health_city", "leader_city"):
        assert as_user(who).post(f"{URL}{found.uscc}/", typed).status_code == 403
