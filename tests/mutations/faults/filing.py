"""Faults of the filing journeys: each brings back what operators, reviewers and parents once met there."""

from __future__ import annotations

from .fault import Fault

_F = "registry/filing/"
_TESTS = "tests/registry/filing/"
_CLOSING = f"{_TESTS}test_closing.py"
_PUBLIC = f"{_TESTS}test_closing_public.py"
_SEEN = (f"{_PUBLIC}::test_parents_see_it_as_soon_as_it_is_filed",)
_RECHECK = f"{_TESTS}test_recheck.py"
_PLEDGE = f"{_TESTS}test_pledge.py"
_CHANGE = f"{_TESTS}test_change_is_a_difference.py"
_DESK = f"{_TESTS}test_desk_counts.py"
_MESSAGES = f"{_TESTS}test_messages.py"
_KERNEL = "tests/kernel/test_kernel_pages.py"
_SELF_CHECK = "tests/registry/registration/pages/test_self_check.py"

FAULTS = (
    # --- A: what blocked the launch
    Fault(
        201, "A2 whom to ask for money back is published nowhere", "registry/register/closing.py",
        '"placement", "refund_contact")', '"placement")', _SEEN,
    ),
    Fault(
        202, "A2 a pending closure changes nothing the public reads", "registry/register/closing.py",
        'if filing.status in LIVE_FILING or (ended and plan["final"])]', 'if not plan["final"]]', _SEEN,
    ),
    Fault(
        203, "A2 parents read of a suspension only when it begins", f"{_F}workflow/service.py",
        'plan=SUSPENSION, matter="suspend",', 'plan=SUSPENSION, matter="suspend", unseen=True,', _SEEN,
    ),
    Fault(
        204, "A2 where the children go is published nowhere", "registry/register/closing.py",
        '"parents_told_on", "placement", ', '"parents_told_on", ', _SEEN,
    ),
    Fault(
        205, "A3 a suspension takes effect on the day it is filed", f"{_F}workflow/service.py",
        'row("suspend", "停业", SERVING | {"SUSPENDED"}, "", OPERATOR',
        'row("suspend", "停业", SERVING | {"SUSPENDED"}, "SUSPENDED", OPERATOR',
        (f"{_CLOSING}::test_a_suspension_begins_on_its_day_and_is_pushed_then",),
    ),
    Fault(
        206, "A3 the day of a suspension is not waited for", f"{_F}services.py",
        "due = filing.closures.filter(final=False, withdrawn=False, from_day__lte=today)",
        "due = filing.closures.filter(final=False, withdrawn=False)",
        (f"{_CLOSING}::test_a_suspension_begins_on_its_day_and_is_pushed_then",),
    ),
    Fault(
        207, "A3 who is still open is taken for stopped", "registry/register/closing.py",
        'return date.fromisoformat(plan["from_day"]) <= today', 'return bool(plan["from_day"])', _SEEN,
    ),
    Fault(
        208, "A4 the finding says the positive title of the point", f"{_F}previews.py",
        '"finding": sentence(seen["remark"]),', '"finding": f"{seen[\'title\']}：{sentence(seen[\'remark\'])}",',
        (f"{_RECHECK}::test_a_finding_on_site_hangs_on_its_own_document_without_the_positive_title",),
    ),
    Fault(
        209, "A4 a finding on site leads to the first section", f"{_F}previews.py",
        '"item": PLACES[seen["id"]],', '"item": "basics",',
        (f"{_RECHECK}::test_the_letter_is_previewed_as_published_and_leads_to_the_document_never_handed_in",),
    ),
    Fault(
        210, "A4 a document never handed in cannot be chosen for the letter", f"{_F}pages/decision_forms.py",
        "*((code, review.title_of(code)) for code in review.DOCUMENTS)]",
        '*((code, review.title_of(code)) for code in review.DOCUMENTS if code != "M06_AIR")]',
        (f"{_RECHECK}::test_the_letter_is_previewed_as_published_and_leads_to_the_document_never_handed_in",),
    ),
    Fault(
        211, "A5 a re-check begins with the old remark", f"{_F}site_items.py",
        '"remark": "",', '"remark": seen.get(key, {}).get("remark", ""),',
        (f"{_RECHECK}::test_a_recheck_starts_empty_with_the_former_record_beside_it",),
    ),
    Fault(
        212, "A5 a re-check begins with 符合 ticked", f"{_F}site_items.py",
        '"result": "",', '"result": "PASS" if seen else "",',
        (f"{_RECHECK}::test_a_recheck_starts_empty_with_the_former_record_beside_it",),
    ),
    Fault(
        213, "A5 a check is confirmed while a point has no result", f"{_F}guards.py",
        'elif any(not item["result"] for item in check.items):', "elif not check.items:",
        (f"{_RECHECK}::test_a_check_is_never_confirmed_while_a_point_has_no_result",),
    ),
    Fault(
        214, "A6 a certificate the register knows to be expired passes", "registry/rules/filing/management.py",
        "if facts.certificate_until is not None and facts.certificate_until < facts.today:",
        "if facts.certificate_until is not None and facts.certificate_until.year < 1950:",
        (f"{_PLEDGE}::test_an_expired_certificate_blocks_whoever_says_so",),
    ),
    Fault(
        215, "A6 a certificate of the wrong kind passes", "registry/rules/filing/management.py",
        "paper_handed_in.kind != fitting:", 'paper_handed_in.kind == "":',
        (f"{_PLEDGE}::test_the_certificate_fits_the_nature_and_its_authority",),
    ),
    Fault(
        216, "A6 a certificate another authority issued passes", "registry/rules/filing/management.py",
        "if other and other in paper_handed_in.issuer:", "if other and other == paper_handed_in.issuer:",
        (f"{_PLEDGE}::test_the_certificate_fits_the_nature_and_its_authority",),
    ),
    Fault(
        217, "A6 the reviewer's evidence does not speak of the certificate", f"{_F}outside.py",
        "        certificate(filing, version, today),\n", "",
        (f"{_PLEDGE}::test_the_reviewer_sees_certificate_signer_and_areas",),
    ),
    Fault(
        218, "A7 any name signs the pledge", f"{_F}pledge.py",
        "if not found and not capacity:", "if not found and not name:",
        (f"{_PLEDGE}::test_another_name_than_the_registers_cannot_sign",),
    ),
    Fault(
        219, "A7 who signs for another needs no paper", f"{_F}pledge.py",
        "if not any(paper.code == AUTHORITY and paper.page_files for paper in case.papers):", "if False:",
        (f"{_PLEDGE}::test_an_authorised_person_signs_with_the_paper_and_the_reviewer_reads_it",),
    ),
    Fault(
        220, "A7 a signed pledge cannot be signed anew", "templates/registry/filing/pledge.html",
        '{% include "registry/filing/pledge_form.html" with button="重新签署承诺书" %}', "",
        (f"{_PLEDGE}::test_the_pledge_can_be_signed_anew_before_submission",),
    ),
    Fault(
        221, "A7 the operator swears what the pre-check denies, without an exception", f"{_F}pledge.py",
        "for finding in case.exceptions]", "for finding in case.stops]",
        (f"{_PLEDGE}::test_what_does_not_conform_is_explained_and_excepted_from_the_pledge",),
    ),
    Fault(
        222, "A7 the reviewer does not read what the institution explains", f"{_F}pages/dossier.py",
        '"explained": said.get(row["id"], ""),', '"explained": "",',
        (f"{_PLEDGE}::test_what_does_not_conform_is_explained_and_excepted_from_the_pledge",),
    ),
    Fault(
        223, "A7 a pledge goes on to cover what stopped conforming after it", f"{_F}casefile.py",
        'return {f.id for f in self.exceptions} <= {said["id"] for said in row.data.get("explained", [])}',
        "return True", (f"{_PLEDGE}::test_what_stopped_conforming_after_the_signature_asks_for_a_new_one",),
    ),
    Fault(
        224, "A7 the evidence does not speak of the signer", f"{_F}outside.py",
        "        signer(filing, version, _principals(posts, filing)),\n", "",
        (f"{_PLEDGE}::test_the_reviewer_sees_certificate_signer_and_areas",),
    ),
    # --- B: serious
    Fault(
        225, "B1 people with all papers count as work", f"{_F}desks.py",
        "return sum(1 for entry in staff if needs(entry, today))", "return len(staff)",
        (f"{_DESK}::test_people_with_all_papers_are_no_work",),
    ),
    Fault(
        226, "B1 a new operator's first filing is no work", f"{_F}inbox.py",
        "    for place in not_begun(user)", "    for place in not_begun(user).none()",
        (f"{_DESK}::test_a_new_operator_reads_the_day_by_which_to_file",),
    ),
    Fault(
        227, "B2 the chief's desk does not name what waits for a signature", f"{_F}inbox.py",
        "    for proposal in to_sign(user):", "    for proposal in to_sign(user).none():",
        (f"{_DESK}::test_the_chiefs_desk_begins_with_what_waits_for_a_signature",),
    ),
    Fault(
        228, "B3 who judges does not have the case", f"{_F}review.py",
        "    if take_over(filing, actor):\n", "    if filing.pk is None and take_over(filing, actor):\n",
        (f"{_CHANGE}::test_who_judges_has_the_case_and_the_institution_reads_the_name",),
    ),
    Fault(
        229, "B4 the institution cannot take a closure back", f"{_F}workflow/service.py",
        'row("withdraw_closure", "撤回终止申请", LIVE_FILING,', 'row("withdraw_closure", "撤回终止申请", {"SUSPENDED"},',
        (f"{_CLOSING}::test_an_arrangement_is_taken_back_once",),
    ),
    Fault(
        230, "B5 over the class limit does not stop the submission", "registry/data/filing_rules.csv",
        "托大班人数不超过上限,CLASS,BLOCK,", "托大班人数不超过上限,CLASS,FAIL,",
        (f"{_PLEDGE}::test_over_the_class_limit_blocks_and_is_said_alike_everywhere",),
    ),
    Fault(
        231, "B6 a rule about one document hangs on another", f"{_F}judging.py",
        'own = row["field"] if row["section"] == "materials" else row["section"]', 'own = row["section"]',
        (f"{_RECHECK}::test_a_rule_on_a_document_never_handed_in_is_an_item_of_its_own",),
    ),
    Fault(
        232, "B6 a reviewer cannot ask for a document that was not handed in", f"{_F}review.py",
        "if item not in items_of(version) and item not in DOCUMENTS:", "if item not in items_of(version):",
        (f"{_RECHECK}::test_a_reviewer_asks_for_a_document_that_was_not_handed_in",),
    ),
    Fault(
        233, "B7 the message of a correction names no day", f"{_F}workflow/before_receipt.py",
        "请{due}按一次性告知书逐项补正并重新提交，其他内容不用重填。", "补正期内提交即可，其他内容不用重填。",
        (f"{_MESSAGES}::test_a_correction_says_its_last_day_and_leads_to_the_items",),
    ),
    Fault(
        234, "B7 the message of a visit names neither day nor officers", f"{_F}workflow/on_site.py",
        "{officers}计划于{planned}到{address}现场核实，", "将进行现场核实，",
        (f"{_MESSAGES}::test_a_planned_visit_says_who_comes_when_and_where",),
    ),
    Fault(
        235, "B7 reviewers are told 请及时办理 without a day", f"{_F}messages.py",
        """f"请{facts['theirs']}办理\"""", '"请及时办理"',
        (f"{_MESSAGES}::test_reviewers_read_the_day_by_which_to_act",),
    ),
    Fault(
        236, "B7 what was handled stays unread", f"{_F}messages.py",
        '    settle(staff, reverse("filing:review", args=[filing.no]), *checks)\n', "    settle(staff, *checks)\n",
        (f"{_MESSAGES}::test_what_is_done_counts_as_read",),
    ),
    Fault(
        274, "B7 messages cannot be read all at once", "yancheng_childcare/pages/desk.py",
        "request.user.notifications.filter(read_at__isnull=True).update(read_at=timezone.now())", "pass", (f"{_MESSAGES}::test_all_messages_are_read_at_once",),
    ),
    Fault(
        237, "B8 the answers of the self-check are not in the address", "registry/filing/pages/self_check.py",
        'query = urlencode({"check": "1", **typed})', 'query = urlencode({"check": "1"})',
        (f"{_SELF_CHECK}::test_the_address_keeps_the_answers_for_back_reload_and_sharing",),
    ),
    Fault(
        238, "B9 what was typed is not saved when the page is left", "static/js/autosave.js",
        "const flush = () => { if (dirty && !stopped && !running) push(); };", "const flush = () => {};",
        ("tests/browser/test_signing_journey.py::test_what_is_typed_is_saved_when_a_link_is_followed_or_the_page_left",),
    ),
    Fault(
        239, "B10 what is not known gets the advice for what failed", "registry/filing/pages/self_check.py",
        '"parts": [part for part in parts if part.key != "open"],', '"parts": parts,',
        (f"{_SELF_CHECK}::test_nothing_answered_is_nothing_passed",),
    ),
    Fault(
        240, "B11 a qualification counts without its paper", "registry/people/facts.py",
        "shown = {kind for kind, paper in papers.items() if paper.file_id}", "shown = set(papers)",
        (f"{_PLEDGE}::test_a_qualification_without_its_paper_is_not_complete",),
    ),
    Fault(
        241, "B12 areas are not compared with each other", "registry/rules/filing/areas.py",
        "        if inner > outer\n", "        if inner > outer * 1000\n",
        (f"{_PLEDGE}::test_a_part_cannot_be_larger_than_its_whole",),
    ),
    Fault(
        242, "B13 a change is judged anew as a whole", f"{_F}carried.py",
        "row.item not in changed | before | kept.keys():", "row.item in changed - before - kept.keys():",
        (f"{_CHANGE}::test_a_change_leaves_only_what_changed_to_be_judged",),
    ),
    Fault(
        243, "B13 a change is compared with the submission before, not with what is filed", f"{_F}pages/dossier.py",
        "return next((row for row in older if row.number == accepted), None)", "return older[0]",
        (f"{_CHANGE}::test_after_a_correction_a_change_is_still_compared_with_what_is_filed",),
    ),
    Fault(
        272, "B13 the institution reads all fields before what changed", "templates/registry/filing/check.html",
        "{% if differences is not None %}", "{% if differences is not None and wrong %}", (f"{_CHANGE}::test_the_institution_checks_the_differences_first",),
    ),
    Fault(
        273, "B13 a change is still called 首次备案", f"{_F}pages/case_words.py",
        'return "变更备案" if state_of(filing).changed else str(filing.get_kind_display())',
        "return str(filing.get_kind_display())", (f"{_CHANGE}::test_a_change_leaves_only_what_changed_to_be_judged",),
    ),
    Fault(
        244, "B14 a new price is refused outside a change", f"{_F}info.py",
        'FEES.name: ("fee_full_day", ', "FEES.name: (",
        (f"{_CHANGE}::test_a_price_is_updated_at_once_without_a_new_receipt",),
    ),
    Fault(
        245, "B14 the history forgets the price before an update", f"{_F}info.py",
        '"changed": data["changed"]}', '"changed": []}',
        (f"{_CHANGE}::test_a_price_is_updated_at_once_without_a_new_receipt",),
    ),
    Fault(
        246, "B15 more placed than there are is told as something not filled in", f"{_F}closing.py",
        'words = f"已安置 {placed} 人，多于在托婴幼儿 {children} 人，请核对这两个人数。"',
        'words = "请填写在托婴幼儿人数和已安置人数。"',
        (f"{_CLOSING}::test_messages_speak_to_the_one_who_reads_them",),
    ),
    Fault(
        247, "B15 the institution is told that its reason is told to the institution", f"{_F}closing.py",
        "yield Problem(codes.REASON_REQUIRED, \"reason\", \"请写明原因，不少于 4 个字，原因会向社会公开。\")",
        "yield Problem(codes.REASON_REQUIRED, \"reason\", \"请写明理由，不少于 4 个字，理由会告知机构并留存。\")",
        (f"{_CLOSING}::test_messages_speak_to_the_one_who_reads_them",),
    ),
    Fault(
        248, "B16 what officers found otherwise stays a fact", "registry/register/pages/refuted.py",
        'if line["label"] in labels:', 'if line["label"] in labels and not labels:',
        (f"{_PUBLIC}::test_a_filed_fact_found_otherwise_is_not_shown_as_a_fact",),
    ),
    Fault(
        249, "B17 the pages of people lead nowhere back to the filing", "templates/registry/people/thread.html",
        "返回备案", "", (f"{_PLEDGE}::test_the_people_step_keeps_the_thread_of_the_filing",),
    ),
    Fault(
        250, "B17 the blocked list names nobody", f"{_F}casefile.py",
        "return f\"涉及：{'、'.join(names)}。\" if names else \"\"", 'return ""',
        (f"{_PLEDGE}::test_the_blocked_list_names_the_person",),
    ),
    Fault(
        251, "B18 the reviewer finds no way back to what was issued", f"{_F}pages/review.py",
        'context["papers"] = papers_of(filing, notices)', 'context["papers"] = []',
        (f"{_RECHECK}::test_everything_issued_is_linked_from_the_case",),
    ),
    Fault(
        252, "B18 a pending closure has no clock", f"{_F}closing.py",
        '        clocks.start_closure(filing, plan["from_day"], data["today"])\n', "        pass\n",
        (f"{_CLOSING}::test_a_pending_closure_has_a_clock",),
    ),
    Fault(
        253, "B19 a forged code leads with a green 有效", f"{_F}pages/public.py",
        'else "right" if signature_matches(number, given[:100]) else "wrong"', 'else "right"',
        (f"{_PUBLIC}::test_a_wrong_signature_leads_with_the_warning_and_nothing_is_green",),
    ),
    # --- C: wrong rather than plain
    Fault(
        254, "C1 the total of places is typed again", f"{_F}drafts.py",
        'if summed and stated in {"", _places(former)}:', 'if summed and stated == "0":', (f"{_PLEDGE}::test_what_is_known_is_not_typed_again",),
    ),
    Fault(
        270, "C1 the number of children is typed again at the end", f"{_F}pages/steps.py",
        "if former else _enrolled(filing)", "if former else {}",
        (f"{_TESTS}test_after_filing_pages.py::test_the_number_of_children_is_filled_in_from_what_is_filed",),
    ),
    Fault(
        271, "C1 the end of a certificate is typed though the register knows it", f"{_F}pages/materials.py",
        'if found is not None and not details["valid_to"] and ends.get(spec.code):',
        'if found is None and not details["valid_to"] and ends.get(spec.code):',
        (f"{_TESTS}test_material_pages.py::test_what_register_and_answers_know_is_filled_in",),
    ),
    Fault(
        255, "C2 a letter names the portal's own rule", "registry/documents/letters.py",
        'LetterKind.NONCONFORMING: {"finding": "存在问题",', 'LetterKind.NONCONFORMING: {"rule_id": "规则", "finding": "存在问题",',
        ("tests/registry/documents/test_letter_words.py::test_a_refusal_gives_reasons_and_ways_to_object",),
    ),
    Fault(
        256, "C3 the page of a receipt lacks the code printed on it", f"{_F}pages/public.py",
        "        **printed,\n", '        **{label: value for label, value in printed.items() if label != "统一社会信用代码"},\n',
        (f"{_TESTS}test_public_filing.py::test_what_is_printed_is_shown_in_its_order_to_be_compared",),
    ),
    Fault(
        257, "C4 the second notice is listed as the first one", "registry/models/review.py",
        "if self.kind == NoticeKind.CORRECTION and self.round > 1:",
        "if self.kind == NoticeKind.REJECTION and self.round > 1:", (f"{_RECHECK}::test_the_second_notice_is_listed_by_its_own_name",),
    ),
    Fault(
        258, "C5 another signer is no change", f"{_F}snapshots.py",
        "if before.signed_name != after.signed_name:", "if before.pledge_version != after.pledge_version:",
        (f"{_CHANGE}::test_another_signer_is_a_change_and_is_judged_again",),
    ),
    Fault(
        259, "C6 a fresh draft shouts", f"{_F}pages/tasks.py",
        'found["open"].append(finding)', 'found["stops" if finding.blocks else "open"].append(finding)', (f"{_PLEDGE}::test_a_fresh_draft_does_not_shout",),
    ),
    Fault(
        260, "C7 the receipt is the filled button of a case nobody has read", f"{_F}pages/review.py",
        "rank = 0 if read and not dossier.to_correct else 2",
        "rank = 0",
        (f"{_CHANGE}::test_the_receipt_is_no_filled_button_before_the_case_was_read",),
    ),
    Fault(
        261, "C8 the claimed value is not beside the point on site", f"{_F}site_items.py",
        '    "S04": (("surroundings", "window_ratio"),),\n', "",
        (f"{_RECHECK}::test_the_claimed_value_stands_beside_the_point",),
    ),
    Fault(
        262, "C9 a form that waited too long says 您没有权限", "templates/errors/csrf.html",
        "{% block heading %}页面已过期，还没有提交{% endblock %}", "{% block heading %}您没有权限做这件事{% endblock %}",
        (f"{_KERNEL}::test_a_stale_form_is_offered_again_with_what_was_typed_but_never_another_sites",),
    ),
    Fault(
        267, "C11 the desk shows a bare code instead of the institution's name", "templates/casework/desk.html",
        '<a href="{{ row.url }}">{{ row.name }}</a>', "{{ duty.uscc|uscc }}",
        (f"{_DESK}::test_a_new_operator_reads_the_day_by_which_to_file",),
    ),
    Fault(
        268, "C12 the desk does not list what is due", f"{_F}states.py",
        '        "补正备案材料",', '        "",'"", (f"{_DESK}::test_an_operator_reads_the_last_day_of_a_correction",),
    ),
    Fault(
        269, "C14 the printed self-check lacks the answers it judged", "registry/filing/pages/self_check.py",
        '"answers": [', '"unused": [',
        (f"{_SELF_CHECK}::test_everything_right_leaves_no_gap_and_lists_the_materials",),
    ),
    Fault(
        263, "C15 lines of the history repeat name and number", f"{_F}pages/lookup.py",
        'title = act.summary.replace(whose, "")', "title = act.summary",
        (f"{_RECHECK}::test_everything_issued_is_linked_from_the_case",),
    ),
    Fault(
        264, "C16 a draft started by mistake cannot be given up", f"{_F}workflow/before_receipt.py",
        'row("abandon", "放弃办理", {"DRAFT"},', 'row("abandon", "放弃办理", {"SUPPLEMENT"},',
        (f"{_PLEDGE}::test_a_draft_started_by_mistake_is_given_up_by_a_step_and_stays_unseen",),
    ),
    Fault(
        265, "C16 a visit may be planned past the clock", f"{_F}guards.py",
        "return due if due and due > today else today + timedelta(days=settings.LATE_VISIT_DAYS)",
        "return today + timedelta(days=400)", (f"{_RECHECK}::test_a_visit_is_planned_within_the_clock",),
    ),
    Fault(
        266, "C16 who issued the receipt does not read why the next button is missing", f"{_F}pages/review.py",
        '.awaits if filing.receipted_by_id == user.pk else ""',
        '.awaits if filing.receipted_by_id != user.pk else ""',
        (f"{_RECHECK}::test_the_one_who_issued_the_receipt_reads_that_another_goes_on",),
    ),
    Fault(
        275, "C17 htmx writes a style of its own, which the policy refuses", "templates/base.html",
        '"includeIndicatorStyles":false,', "", ("tests/face/test_face_sources.py::test_htmx_writes_no_style_of_its_own",),
    ),
)  # fmt: skip
