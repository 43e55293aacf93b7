"""Figures as phones and input methods type them: a blank behind, digits of full width; they count as what they say."""

from __future__ import annotations

import pytest
from filing_cases import fresh, judge_all

from registry.demo.sample_filing import sign
from registry.filing.drafts import save_section
from registry.filing.services import take_step
from registry.models import PublicEntry
from registry.rules.filing.answers import keepable, read_value
from registry.rules.filing.sections import BY_NAME

pytestmark = pytest.mark.django_db
FULL = {ord(digit): chr(0xFEE0 + ord(digit)) for digit in "0123456789"}


def test_children_typed_with_blanks_or_wide_digits_are_counted_for_the_public(ready, operator, cast):
    row = ready.sections.get(name="classes")
    classes = [
        {**one, "enrolled": f"{one['enrolled']} ", "places": str(one["places"]).translate(FULL)}
        for one in row.data["classes"]
    ]
    enrolled = sum(int(one["enrolled"]) for one in row.data["classes"])
    total = int(row.data["capacity_total"])
    typed = {**row.data, "classes": classes, "capacity_total": " ".join(str(total))}
    save_section(ready, "classes", answers=typed, expected_version=row.version, actor=operator)
    fees = ready.sections.get(name="fees")
    save_section(
        ready, "fees", answers={**fees.data, "fee_full_day": "2 180"}, expected_version=fees.version, actor=operator
    )
    sign(ready, actor=operator)
    case = take_step(fresh(ready), "submit", actor=operator)
    judge_all(case, cast["reviewer_tinghu"])
    take_step(fresh(case), "receipt", actor=cast["reviewer_tinghu"])
    entry = PublicEntry.objects.get(institution=ready.institution_id)
    assert enrolled > 0
    assert (entry.capacity_total, entry.places_free, entry.fee_month) == (total, total - enrolled, 2180)


def test_what_is_no_figure_is_kept_as_it_was_typed():
    assert keepable(BY_NAME["fees"], {"fee_full_day": "约 2000 元"})["fee_full_day"] == "约 2000 元"


def test_a_number_too_large_is_said_to_be_too_large():
    found = []
    fee = BY_NAME["fees"].field_named("fee_full_day")
    assert fee is not None and read_value(fee, "99999999999", found) is None
    assert "应在 0 至 1,000,000" in found[0].message


def test_the_page_of_fees_and_contacts_names_the_units(filing_in, as_user):
    case = filing_in("FILED")
    html = as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/steps/update_info/").content.decode()
    assert "单位：元/月" in html and "单位：个月" in html
