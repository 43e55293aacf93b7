"""The plan of the demo city: believable, mixed, valid, and nobody's real data."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
from django.utils import timezone

from registry.demo.accounts import OWN_INSTITUTIONS
from registry.demo.plan import BUSY_REGION, NATURE_SHARES
from registry.rules.registration import check_registration
from yancheng_childcare.models import Region
from yancheng_childcare.problems import blocking

pytestmark = pytest.mark.django_db


def test_areas_follow_their_population(plans):
    counts = Counter(plan.data["region_code"] for plan in plans(300))
    weights = dict(Region.objects.filter(level__in=["COUNTY", "ZONE"]).values_list("code", "population_demo"))
    total = sum(weights.values())
    assert set(counts) == set(weights)
    assert len(counts) == 11
    assert all(abs(counts[code] - 300 * weight / total) <= 1.5 for code, weight in weights.items())


def test_natures_have_their_shares(plans):
    counts = Counter(plan.data["nature"] for plan in plans(300))
    assert all(abs(counts[nature] - 3 * share) <= 2 for nature, share in NATURE_SHARES.items())


def test_states_are_mixed(plans):
    city = plans(300)
    ended = sum(plan.ending is not None for plan in city)
    unfiled = sum(plan.filed_on is None and plan.ending is None for plan in city)
    assert 7 <= ended <= 15
    assert 30 <= unfiled <= 48
    assert 0.80 <= (300 - ended - unfiled) / 300 <= 0.88
    assert {plan.ending[0] for plan in city if plan.ending} == {"cancel", "revoke", "rescind"}
    assert sum(bool(plan.changes) for plan in city) >= 20
    assert sum("name" in change for plan in city for _, change in plan.changes) >= 8


@pytest.mark.parametrize("region", ["", BUSY_REGION, "320981"])
def test_unfiled_ones_are_fresh_middling_and_overdue(plans, region):
    today = timezone.localdate()
    ages = [
        (today - plan.data["established_on"]).days
        for plan in plans(300)
        if plan.filed_on is None and plan.ending is None and plan.data["region_code"].startswith(region)
    ]
    assert any(age < 30 for age in ages)
    assert any(30 <= age <= 60 for age in ages)
    assert any(age > 60 for age in ages)


def test_dates_are_in_order(plans):
    today = timezone.localdate()
    for plan in plans(1000):
        data = plan.data
        days = [data["established_on"], data["approved_on"], plan.filed_on, *(day for day, _ in plan.changes)]
        days.append(plan.ending[2] if plan.ending else None)
        known = [day for day in days if day]
        assert known == sorted(known)
        assert known[0].weekday() < 5
        assert known[-1] <= today


def test_every_registration_passes_the_rules(plans):
    kinds = Counter()
    for plan in plans(1000):
        found = check_registration(plan.data, today=plan.data["approved_on"], authority_kind=plan.registry_org[7:])
        assert blocking(found) == []
        kinds.update(problem.code for problem in found)
    assert {"REG-106", "REG-111", "REG-112", "REG-113", "REG-214"} <= set(kinds)


def test_check_digits_agree_with_another_library(plans):
    for plan in plans(1000):
        assert stdnum.cn.uscc.is_valid(plan.uscc)
        number = plan.data["legal_rep_id_no"]
        # Not is_valid(): it knows that 320900 is no place of birth, which is why it was chosen.
        assert stdnum.cn.ric.calc_check_digit(number) == number[-1]
        assert stdnum.cn.ric.get_birth_date(number).year in range(1962, 1998)


def test_names_and_codes_are_all_different(plans):
    city = plans(1000)
    later = [change["name"] for plan in city for _, change in plan.changes if "name" in change]
    names = [plan.data["name"] for plan in city] + later
    assert len(set(names)) == len(names)
    assert len({plan.uscc for plan in city}) == 1000
    assert [plan.uscc for plan in city[:2]] == list(OWN_INSTITUTIONS.values())
    assert max(map(len, names)) <= 40


def test_nothing_personal_can_be_anybodys(plans):
    numbers, phones = [], []
    for plan in plans(1000):
        values = [plan.data, *(change for _, change in plan.changes)]
        numbers += [value["legal_rep_id_no"] for value in values if "legal_rep_id_no" in value]
        phones += [value["contact_phone"] for value in values if value.get("contact_phone")]
    # No person has the city's own code 320900 in front; no operator has the segment 160.
    assert all(number.startswith("320900") for number in numbers)
    assert all(phone.startswith("1600") for phone in phones)
    assert len(set(numbers)) == len(numbers)
    assert len(set(phones)) == len(phones)
    assert all(plan.uscc[8:12] in {"MATY", "MBTY", "MJTY"} for plan in plans(1000)[2:])


def test_a_larger_city_only_adds(plans):
    assert plans(300)[:120] == plans(120)
    assert plans(300) == plans(300)


def test_fresh_registrations_in_tinghu_wait_for_advice(plans):
    since = timezone.localdate() - timedelta(days=30)
    fresh = [p for p in plans(300) if p.data["region_code"] == BUSY_REGION and p.data["approved_on"] > since]
    assert len(fresh) >= 3
