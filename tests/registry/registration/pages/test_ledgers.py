"""Three ledgers side by side: sums reconcile, every difference leads to its list, filter and count agree."""

from __future__ import annotations

import re
from datetime import date

import pytest

from registry.ledgers.differences import AUTHORITIES
from registry.models import Institution
from registry.registration.services import change_institution, end_registration, record_filing
from yancheng_childcare.places import counties_seen_by

pytestmark = pytest.mark.django_db
URL = "/desk/ledgers/"


@pytest.fixture
def city(institution, elsewhere, push, cast):
    """One institution in each standing: told and done, told only, told to nobody, filed and ended, changed since."""
    from django.utils import timezone

    from exchange.models import Delivery
    from exchange.receipts import accept_receipt
    from yancheng_childcare.models import Department

    registrar, reviewer = cast["registrar_tinghu"], cast["reviewer_tinghu"]
    done, told, silent, ended, changed = (institution() for _ in range(5))
    for found in (done, told, ended, changed):
        push(found, HEALTH="DELIVERED", POLICE="DELIVERED")
    record_filing(done, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=reviewer)
    record_filing(ended, filing_no="BA-0002", filed_on=date(2026, 1, 5), actor=reviewer)
    accept_receipt(
        event_uid=Delivery.objects.get(subject=done.uscc, endpoint__department="320902-POLICE").event.uid,
        department=Department.objects.get(code="320902-POLICE"),
        handled=True,
        remark="",
        handled_at=timezone.now(),
        actor=cast["police_tinghu"],
    )
    end_registration(ended, step="cancel", reason="申请注销", terminated_on=date(2026, 1, 6), actor=registrar)
    change_institution(changed, changes={"registered_address": "盐城市亭湖区新址路8号"}, actor=registrar)
    push(silent)
    return {"done": done, "told": told, "silent": silent, "ended": ended, "changed": changed, "far": elsewhere()}


def test_the_figures_are_right_and_reconcile(city, cast):
    user = cast["health_city"]
    rows, total = AUTHORITIES.by_area(user, user.roles, counties_seen_by(user, user.roles))
    tinghu = next(row for row in rows if row.code == "320902")
    assert tinghu.counts == {
        "registered": 4, "health_received": 3, "health_handled": 1, "police_received": 3, "police_handled": 1,
        "no_health": 1, "no_police": 1, "late": 2, "filed_ended": 1, "health_open": 2, "police_open": 2,
        "different": 3, "filed": 1, "nonconforming": 0,
    }  # fmt: skip
    assert total.counts["registered"] == 5
    for counts in (row.counts for row in [*rows, total]):
        assert counts["registered"] == counts["health_handled"] + counts["health_open"] + counts["no_health"]
        assert counts["registered"] == counts["police_handled"] + counts["police_open"] + counts["no_police"]
    for name, number in total.counts.items():
        assert sum(row.counts[name] for row in rows) == number


def test_each_number_is_the_length_of_its_list(city, cast):
    user = cast["health_city"]
    rows, total = AUTHORITIES.by_area(user, user.roles, counties_seen_by(user, user.roles))
    seen = Institution.objects.visible_to(user, user.roles)
    for key in AUTHORITIES.figures:
        listed = AUTHORITIES.behind(seen, key)
        assert listed.count() == total.counts[key], key
        for row in rows:
            assert listed.filter(region=row.code).count() == row.counts[key], key


def test_the_page_shows_eleven_areas_and_the_links_work(html_of, city):
    html = html_of("health_city", URL)
    assert html.count('<th scope="row">') == 12
    assert "数据截至" in html
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/desk/ledgers/differences/[^"]*)"', html)}
    assert len(links) > 6
    for link in links:
        assert "没有差异" not in html_of("health_city", link)


def test_the_other_reconciliation_is_the_next_tab_for_whom_it_is_for(html_of, city):
    """A reviewer has one of the two only: no tabs."""
    for path, current in ((URL, "登记、卫健、公安"), ("/desk/reconciliation/", "登记、运营、备案")):
        assert re.search(rf'aria-current="page"\s*>{current}', html_of("health_city", path))
    assert "对照哪些台账" not in html_of("reviewer_tinghu", "/desk/reconciliation/")


def test_the_list_names_the_kinds_and_filters(html_of, city):
    html = html_of("health_city", f"{URL}differences/?kind=filed_ended")
    assert city["ended"].name in html
    assert city["told"].name not in html
    assert "已备案但登记终止" in html
    everything = html_of("health_city", f"{URL}differences/")
    assert city["silent"].name in everything
    assert city["done"].name not in everything
    assert html_of("health_city", f"{URL}differences/?kind=nonsense&region=x")


def test_a_county_sees_its_own_area_only(html_of, city):
    html = html_of("chief_tinghu", URL)
    assert html.count('<th scope="row">') == 2
    assert city["far"].name not in html_of("chief_tinghu", f"{URL}differences/")


def test_an_empty_city(html_of):
    assert "还没有登记" in html_of("leader_city", URL)
    assert "没有差异" in html_of("leader_city", f"{URL}differences/")


@pytest.mark.parametrize(
    "who", ["registrar_tinghu", "police_tinghu", "reviewer_tinghu", "operator_xiaotaiyang", "admin"]
)
def test_others_are_kept_out(html_of, who):
    html_of(who, URL, status=403)
    html_of(who, f"{URL}differences/", status=403)


def test_a_filing_shows_that_health_has_the_registration(institution, push, cast):
    """Neither push nor receipt came, and yet health filed it: the ledger must not say it never arrived."""
    found = institution()
    push(found)
    user = cast["health_city"]
    missing = AUTHORITIES.behind(Institution.objects.visible_to(user, user.roles), "no_health")
    assert missing.count() == 1
    record_filing(found, filing_no="BA-0009", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    _, total = AUTHORITIES.by_area(user, user.roles, counties_seen_by(user, user.roles))
    assert [total.counts[key] for key in ("health_received", "health_handled", "no_health")] == [1, 1, 0]
    assert missing.count() == 0
