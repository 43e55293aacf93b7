"""Faults of registration, filing and people."""

from __future__ import annotations

from .fault import Fault

_R = "registry/"
_NUMBERS = ("tests/security/test_numbers_at_rest.py",)
_UNMASK = ("tests/security/test_scope_of_services.py", "tests/security/test_two_duties.py")
_MATRIX = ("tests/registry/filing/test_rejection.py", "tests/registry/filing/test_state_matrix.py")
_PEOPLE = ("tests/registry/people/test_whose_facts.py", "tests/registry/people/test_on_duty.py")
_FORM = "tests/registry/documents/test_letter_form.py"
_LETTER = "templates/casework/documents/letter.typ"
_NIGHT = ("tests/registry/filing/test_expiry.py",)

FAULTS = (
    # --- registration and import
    Fault(
        69, "identity numbers are let by in long texts", f"{_R}rules/values.py",
        "if refused := refuse_id_number(field, text):",
        "if (refused := refuse_id_number(field, text)) and not rule.lines:", _NUMBERS,
    ),
    Fault(
        70, "whether a duty that may unmask reaches the institution is not asked again", f"{_R}registration/services.py",
        "Institution.objects.visible_to(actor, UNMASK_INSTITUTION.write)",
        "Institution.objects.visible_to(actor, actor.roles)", _UNMASK,
    ),
    Fault(
        71, "whether a duty that may unmask reaches the person is not asked again", f"{_R}people/services.py",
        "Post.objects.visible_to(actor, UNMASK_PERSON.write)", "Post.objects.visible_to(actor, actor.roles)", _UNMASK,
    ),
    Fault(
        72, "a registrar reads what other trades registered in the area", f"{_R}querysets/institutions.py",
        "registry_org__kind=duty.department.kind, registry_org__region", "registry_org__region",
        ("tests/registry/registration/pages/test_list.py", "tests/registry/registration/test_register.py"),
    ),
    Fault(
        73, "a validity that ends on the day it begins is accepted", f"{_R}rules/registration.py",
        "if begins and ends and ends <= begins:", "if begins and ends and ends < begins:",
        ("tests/registry/rules/test_registration_rules.py",),
    ),
    Fault(
        74, "an import changes what another authority registered", f"{_R}registration/imports/taking.py",
        "if stop := refusal(stored, self.batch.department.pk):",
        "if not self.take and (stop := refusal(stored, self.batch.department.pk)):",
        ("tests/registry/registration/imports/test_import_take.py", "tests/registry/registration/imports/test_import_rows.py"),
    ),
    Fault(
        75, "the table of an import is not deleted", f"{_R}registration/imports/keeping.py",
        "        delete_content(job.file)\n", "", ("tests/registry/registration/imports/test_import_keeping.py",),
    ),
    Fault(
        76, "health staff may open the import tables of registrations", f"{_R}file_purposes.py",
        'uses=(Use("registry.ImportJob", "file", department="department"),),',
        'area=_HEALTH, uses=(Use("registry.ImportJob", "file", department="department", region="department__region"),),',
        ("tests/registry/registration/test_file_scope.py", "tests/kernel/test_storage.py"),
    ),
    Fault(
        77, "the ledgers forget that a filing shows receipt", f"{_R}ledgers/differences.py",
        "_HEALTH_RECEIVED = Q(health_told=True) | Q(health_answered=True) | Q(filed=True)",
        "_HEALTH_RECEIVED = Q(health_told=True) | Q(health_answered=True)", ("tests/registry/registration/pages/test_ledgers.py",),
    ),
    # --- filing
    Fault(
        78, "a reviewer rejects without the chief", f"{_R}filing/workflow/before_receipt.py",
        'row("reject", "签批不予收件", {"SUBMITTED"}, "REJECTED", CHIEF, chief, do.use_proposal,',
        'row("reject", "签批不予收件", {"SUBMITTED"}, "REJECTED", REVIEWER, reviewer, do.use_proposal,', _MATRIX,
    ),
    Fault(
        79, "who proposed may sign", f"{_R}filing/guards.py",
        "elif actor.pk in {proposal.proposed_by_id, proposal.legal_by_id}:", "elif actor.pk == proposal.legal_by_id:",
        ("tests/registry/filing/test_rejection.py", "tests/registry/filing/test_decision_pages.py"),
    ),
    Fault(
        80, "who issued the receipt confirms the site check", f"{_R}filing/workflow/rows.py",
        "return covers(actor, filing, Role.REVIEWER) and actor.pk != filing.receipted_by_id",
        "return covers(actor, filing, Role.REVIEWER)", _MATRIX,
    ),
    Fault(
        81, "one officer named twice counts as two", f"{_R}filing/guards.py",
        "if len({officer.pk for officer in officers}) <", "if len(officers) <",
        ("tests/registry/filing/test_journey.py", "tests/registry/filing/test_decision_pages.py"),
    ),
    Fault(
        82, "letters are numbered by case", f"{_R}filing/letters.py",
        "{next_number(f'notice:{mark}:{region}:{today.year}'):04d}", "{next_number(f'notice:{mark}:{filing.pk}'):04d}",
        ("tests/registry/filing/test_numbers.py",),
    ),
    Fault(
        83, "the verdict of another reviewer is overwritten unseen", f"{_R}filing/judging.py",
        "if waiting and token_of(now) != seen and now is not None", "if waiting and not seen and now is not None",
        ("tests/registry/filing/test_review_pages.py",),
    ),
    Fault(
        84, "what was told last night is told again", f"{_R}filing/expiry.py",
        "new = [notice for notice in due if notice.key not in told]", "new = due", _NIGHT,
    ),
    Fault(
        85, "a material expires on its last day", f"{_R}filing/expiry.py",
        "if until < day and material.status", "if until <= day and material.status", _NIGHT,
    ),
    Fault(
        86, "the history of filings is not kept", f"{_R}models/filing.py",
        "@pghistory.track()\nclass Filing(", "@pghistory.track(pghistory.InsertEvent())\nclass Filing(",
        ("tests/registry/filing/test_history.py",), fresh=True,
    ),
    # --- people
    Fault(
        87, "a ban ends one day early", f"{_R}querysets/people.py",
        "Q(until__isnull=True) | Q(until__gte=today)", "Q(until__isnull=True) | Q(until__gt=today)", _PEOPLE,
    ),
    Fault(
        88, "an institution writes over the name of a person already known", f"{_R}people/services.py",
        "Person.objects.get_or_create(id_index=index, defaults=identity)",
        "Person.objects.update_or_create(id_index=index, defaults=identity)", _PEOPLE,
    ),
    Fault(
        89, "a paper replaces those other institutions entered", f"{_R}people/services.py",
        "own = Credential.objects.current().filter(person=person, institution=post.institution_id)",
        "own = Credential.objects.current().filter(person=person)", _PEOPLE,
    ),
    Fault(
        90, "an operator clears a found record with a newer paper", f"{_R}querysets/people.py",
        "return self.filter(record_found=True, cleared_at__isnull=True)",
        "return self.filter(record_found=True, cleared_at__isnull=True, replaced_at__isnull=True)", _PEOPLE,
    ),
    Fault(
        91, "who acts for an institution concerned decides what is right", f"{_R}people/discrepancies.py",
        "if own & {place.uscc for place in places}:", "if own == {place.uscc for place in places}:", _PEOPLE,
    ),
    # --- official letters
    Fault(
        590, "a number is torn over two lines", _LETTER, "#show regex(letter.whole): box\n", "",
        (f"{_FORM}::test_no_number_date_or_code_is_torn_apart",),
    ),
    Fault(
        591, "the signature stands on a page without text", _LETTER,
        "lines(paragraphs.slice(-kept)) < 3", "lines(paragraphs.slice(-kept)) < 0",
        (f"{_FORM}::test_the_signature_never_stands_without_text",),
    ),
    Fault(
        592, "the screen leaves out what the paper says", "templates/casework/documents/letter.html",
        "<p>{{ words }}{{ source }}</p>", "<p>{{ words }}</p>",
        ("tests/registry/documents/test_letter_render.py::test_paper_and_screen_say_the_same",),
    ),
    Fault(
        593, "who guesses a number reads the name on the receipt", f"{_R}filing/pages/public.py",
        'content["principal"] if scanned else mask_name(content["principal"])', 'content["principal"]',
        ("tests/registry/filing/test_public_filing.py::test_what_is_printed_is_shown_in_its_order_to_be_compared",),
    ),
    Fault(
        594, "the file of a second notice bears the name of the first", f"{_R}filing/effects.py",
        'f"{letter.title}_{number}"', 'f"{kind.label}_{number}"',
        ("tests/registry/filing/test_recheck.py::test_the_second_notice_is_listed_by_its_own_name",),
    ),
)  # fmt: skip
