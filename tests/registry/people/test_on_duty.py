"""Who may be on duty on which day: papers end on their last day, bans begin on their first (domain.md §4, §7.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from people_cases import IMPORT, NEW, as_csv, listed, number_of, typed

from registry.choices import Nature
from registry.demo.sample_filing import ANSWERS
from registry.filing.casefile import CaseFile
from registry.filing.drafts import save_section, start_filing
from registry.models import Institution, PersonBan
from registry.people.facts import banned_indexes, gaps, staff_of
from registry.people.ratio import ratio_of, with_classes
from registry.rules.filing.facts import StaffFacts
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here

DAY = timedelta(days=1)


@pytest.mark.parametrize("paper", ["health_until", "criminal_check_until"])
def test_a_paper_counts_on_its_last_day_and_not_after(paper: str) -> None:
    last = date(2026, 11, 23)
    facts = replace(
        StaffFacts("CARER", health_until=date(2030, 1, 1), criminal_check_until=date(2030, 1, 1)), **{paper: last}
    )
    assert facts.may_work(last - DAY)
    assert facts.may_work(last)
    assert not facts.may_work(last + DAY)
    assert not replace(facts, **{paper: None}).may_work(last)
    assert not replace(facts, criminal_record=True).may_work(last)
    assert not replace(facts, banned=True).may_work(last)


def _ratio(own: Institution, day: date) -> Any:
    institution = with_classes(Institution.objects.filter(pk=own.pk)).get()
    return ratio_of(institution, staff_of(own, day), day)


def test_an_expired_certificate_takes_a_carer_off_the_ratio_the_same_day(own: Any, operator: Any, hire: Any) -> None:
    today = today_here()
    case = start_filing(own, actor=operator)
    save_section(case, "classes", answers=ANSWERS["classes"], expected_version=0, actor=operator)
    for number in range(1, 4):
        hire(f"保育{number}", number, papers=today + timedelta(days=100))
    last = hire("临期", 9, papers=today)
    assert (_ratio(own, today).on_duty, _ratio(own, today).needed) == (4, 4)
    assert _ratio(own, today).enough
    after = _ratio(own, today + DAY)
    assert (after.on_duty, after.short, after.enough) == (3, 1, False)
    # The filing's own rule says the same on both days.
    for day, verdict in ((today, "PASS"), (today + DAY, "FAIL")):
        finding = next(f for f in CaseFile(case, day).findings if f.rule.id == "R-RAT-01")
        assert finding.verdict == verdict
    entry = next(e for e in staff_of(own, today + DAY) if e.post.pk == last.pk)
    assert [words for words in gaps(entry, today + DAY) if "到期" in words]


def test_a_ban_of_yesterday_takes_somebody_off_today(own: Any, hire: Any) -> None:
    today = today_here()
    index = blind_index(number_of(7), "person")
    hire(papers=today + timedelta(days=100))
    assert _ratio(own, today).on_duty == 1
    ban = PersonBan.objects.create(id_index=index, since=today - DAY, basis="第41条", case_no="1")
    assert _ratio(own, today).on_duty == 0
    assert not banned_indexes([index], today - 2 * DAY)
    PersonBan.objects.filter(pk=ban.pk).update(until=today)
    assert _ratio(own, today).on_duty == 0
    assert _ratio(own, today + DAY).on_duty == 1
    PersonBan.objects.filter(pk=ban.pk).update(since=today + DAY, until=None)
    assert _ratio(own, today).on_duty == 1
    assert _ratio(own, today + DAY).on_duty == 0


def test_a_ban_counts_on_its_last_day_at_every_door(own: Any, as_user: Any, cast: Any) -> None:
    """The form, the table and the list ask the same question: may this person care for infants today."""
    today = today_here()
    index = blind_index(number_of(7), "person")
    PersonBan.objects.create(id_index=index, since=today - 9 * DAY, until=today, basis="第41条", case_no="1")
    client = as_user("operator_xiaotaiyang")
    assert client.post(NEW, typed()).status_code == 409
    handed = client.post(IMPORT, {"file": as_csv([{**listed(7), "name": "钱保育"}])})
    assert "PER-103" in client.get(handed.url).content.decode()
    PersonBan.objects.update(until=today - DAY)
    assert "PER-103" not in client.get(handed.url).content.decode()
    assert client.post(NEW, typed()).status_code == 302


def test_places_count_until_children_come_and_a_home_counts_together(own: Any, operator: Any) -> None:
    case = start_filing(own, actor=operator)
    empty = [{**row, "enrolled": "0"} for row in ANSWERS["classes"]["classes"]]
    save_section(case, "classes", answers={**ANSWERS["classes"], "classes": empty}, expected_version=0, actor=operator)
    found = _ratio(own, today_here())
    assert (found.planned, found.needed) == (True, 6)  # 15/5 + 20/7
    Institution.objects.filter(pk=own.pk).update(nature=Nature.HOME)
    home = [
        {"class_type": "MIXED", "places": "3", "enrolled": "2"},
        {"class_type": "INFANT", "places": "2", "enrolled": "2"},
    ]
    save_section(case, "classes", answers={"capacity_total": "5", "classes": home}, expected_version=1, actor=operator)
    found = _ratio(own, today_here())
    assert (found.planned, found.needed) == (False, 2)  # four children, three each
