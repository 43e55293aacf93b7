"""Faults of the visits on site and of the call before them: who goes, what holds, who is told, who may look."""

from __future__ import annotations

from .fault import Fault

_F = "registry/filing/"
_VISITS = "tests/registry/filing/test_visits.py"
_CONTACT = "tests/registry/filing/test_contact.py"

FAULTS = (
    Fault(
        540, "who issued the receipt sends other officers", f"{_F}workflow/on_site.py",
        'row("reassign", "改派或改期", {"VERIFYING"}, "", REVIEWER, second_reviewer, visits.reassign,',
        'row("reassign", "改派或改期", {"VERIFYING"}, "", REVIEWER, reviewer, visits.reassign,',
        (f"{_VISITS}::test_who_issued_the_receipt_does_not_arrange_the_visit",),
    ),
    Fault(
        541, "one officer is enough to go instead", f"{_F}workflow/on_site.py",
        "visits.still_open, must.two_officers, visits.something_moved", "visits.still_open, visits.something_moved",
        (f"{_VISITS}::test_officers_are_two_of_the_area_and_not_tied",),
    ),
    Fault(
        542, "a concluded visit is handed to others", f"{_F}visits.py",
        "return filing.site_checks.filter(concluded_on=None)", "return filing.site_checks.all()",
        (f"{_VISITS}::test_once_concluded_nobody_is_sent_instead",),
    ),
    Fault(
        543, "a visit concluded at the last moment is handed over all the same", f"{_F}visits.py",
        "check = open_checks(filing).select_for_update().first()", 'check = data["check"]',
        (f"{_VISITS}::test_a_visit_concluded_at_the_last_moment_stays_as_it_is",),
    ),
    Fault(
        544, "whoever goes instead vouches for what another saw", f"{_F}visits.py",
        "if taken_off and begun(check):", "if False:", (f"{_VISITS}::test_who_is_taken_off_takes_the_word_along",),
    ),
    Fault(
        545, "another day wipes what was recorded", f"{_F}visits.py",
        "if taken_off and begun(check):", "if begun(check):",
        (f"{_VISITS}::test_another_day_and_one_more_officer_leave_what_was_recorded",),
    ),
    Fault(
        546, "a second replacement loses the first record", f"{_F}site_items.py",
        'return dict(item.get("former") or {})', "return {}",
        (f"{_VISITS}::test_two_replacements_in_a_row_keep_the_last_word_on_every_point",),
    ),
    Fault(
        547, "who was taken off is told nothing", f"{_F}messages.py",
        'notify(taken_off, title="现场核实已改派他人", body=words)', "",
        (f"{_VISITS}::test_all_three_kinds_of_officers_and_the_institution_are_told",),
    ),
    Fault(
        548, "the institution reads why officers were replaced", f"{_F}workflow/on_site.py",
        'unseen=True,\n        remark_inside=True,', "unseen=True,",
        (f"{_VISITS}::test_the_institution_reads_the_new_visit_but_not_why",),
    ),
    Fault(
        549, "the second visit is planned for the day of hand-in", f"{_F}visits.py",
        'min(add_workdays(data["today"], settings.RECHECK_WORKDAYS), last_day)', 'data["today"]',
        (f"{_VISITS}::test_nobody_travels_on_the_day_a_rectification_came_in",),
    ),
    Fault(
        550, "the second visit is planned past its clock", f"{_F}visits.py",
        'min(add_workdays(data["today"], settings.RECHECK_WORKDAYS), last_day)',
        'add_workdays(data["today"], settings.RECHECK_WORKDAYS)',
        (f"{_VISITS}::test_a_second_visit_is_never_planned_past_its_clock",),
    ),
    Fault(
        551, "a rectification after an open visit breaks", f"{_F}visits.py",
        "if last.concluded_on is None:", "if False:",
        (f"{_VISITS}::test_a_visit_nobody_concluded_goes_on_as_the_second_one",),
    ),
    Fault(
        552, "every inspector of the area reads the contact's number", f"{_F}contact.py",
        "return on_the_way and open_checks(filing).filter(officers=actor.pk).exists()", "return on_the_way",
        (f"{_CONTACT}::test_nobody_else_sees_it",),
    ),
    Fault(
        553, "an officer reads the number after the visit", f"{_F}contact.py",
        "open_checks(filing).filter(officers", "filing.site_checks.filter(officers",
        (f"{_CONTACT}::test_an_officer_looks_as_long_as_the_visit_is_open_and_the_duty_lasts",),
    ),
    Fault(
        554, "the contact's number is shown without a reason", f"{_F}contact.py",
        "if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:", "if False:",
        (f"{_CONTACT}::test_the_value_is_shown_once_for_a_reason_that_is_kept",),
    ),
    Fault(
        555, "the look at a contact stands in the history the institution reads", f"{_F}contact.py",
        "subject=institution.subject,", "subject=filing.subject,",
        (f"{_CONTACT}::test_the_auditors_read_who_looked_and_the_institution_does_not",),
    ),
    Fault(
        556, "auditors cannot choose the looks at contacts", "registry/audit/looks.py",
        'Q(action=LOOK, data__field="filing_phone")', 'Q(action=LOOK, data__field="phone")',
        (f"{_CONTACT}::test_the_auditors_read_who_looked_and_the_institution_does_not",),
    ),
)  # fmt: skip
