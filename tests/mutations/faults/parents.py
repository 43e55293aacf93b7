"""Faults of the journeys of parents, clerks, integrators and auditors: each brings back what they once met."""

from __future__ import annotations

from .fault import Fault

_P = "registry/register/"
_TESTS = "tests/registry/register/"
_SEARCH = f"{_TESTS}test_search_page.py"
_TYPED = f"{_TESTS}test_typed.py"
_CONTACTS = f"{_TESTS}test_contacts.py"
_TRAY = f"{_TESTS}test_tray.py"
_CLOSING = "tests/registry/filing/test_closing_public.py"
_AUDIT = "tests/registry/registration/pages/test_audit.py"
_ALLOWED = "tests/exchange/test_allow_list.py"
_ENDPOINT = "tests/exchange/pages/test_exchange_endpoint.py"
_FIELD = "tests/registry/registration/imports/test_field_values.py"

FAULTS = (
    # --- S: what had to be mended first
    Fault(
        301, "S1 area and filter words are looked for as names", f"{_P}understanding.py",
        "if query.literal or not query.words or code_of(query.words):", "if query.words or not query.terms:",
        (f"{_SEARCH}::test_the_page_says_how_the_words_were_understood_and_each_can_be_taken_away",),
    ),
    Fault(
        302, "S1 words every institution has in its name must occur", f"{_P}understanding.py",
        "return without_generic(term)", "return term", (f"{_TYPED}::test_area_and_filter_words_are_exactly_the_filters",),
    ),
    Fault(
        303, "S1 an unknown name in an area is answered with nothing", f"{_P}search.py",
        "        yield replace(area, next=None)\n", "",
        (f"{_SEARCH}::test_an_unknown_name_falls_back_to_its_area_and_says_so",),
    ),
    Fault(
        304, "S2 an unfiled one is found by its whole name only", f"{_P}apart.py",
        '_holding(terms) if terms else ("false", [])]', '("false", [])]',
        (f"{_TESTS}test_search.py::test_what_is_outside_the_register_is_found_by_a_distinctive_part_of_its_name",),
    ),
    Fault(
        305, "S2 an unfiled one typed with a slip is answered with a filed one alone", f"{_P}apart.py",
        "    if slips and terms:\n", "    if slips and not terms:\n",
        (f"{_TYPED}::test_who_is_meant_is_among_the_first_three_and_no_unfiled_one_is_answered_with_a_filed_one_alone",),
    ),
    Fault(
        306, "S3 a card accuses of being late who does not report here", f"{_P}pages/cards.py",
        '"is_stale": bool(reported) and date.fromisoformat(reported) < oldest,',
        '"is_stale": not reported or date.fromisoformat(reported) < oldest, "reported_on": reported or "没有",',
        (f"{_SEARCH}::test_a_card_accuses_nobody_of_being_late_who_does_not_report_here",),
    ),
    Fault(
        307, "S4 the auditor does not read why somebody looked", "registry/audit/looks.py",
        'reason=str(act.data.get("reason") or ""),', 'reason="",',
        (f"{_AUDIT}::test_the_auditor_reads_who_looked_at_whose_number_and_why",),
    ),
    Fault(
        308, "S4 looks stand on everybody's timeline", "yancheng_childcare/querysets.py",
        'self.filter(subject=subject).exclude(action__in=LOOKS).order_by("-id")',
        'self.filter(subject=subject).order_by("-id")', (f"{_AUDIT}::test_looks_and_reasons_are_on_no_other_timeline",),
    ),
    Fault(
        309, "S4 the looks of one person cannot be picked out", "registry/audit/looks.py",
        'rows = rows.filter(actor__in=list(viewers.values_list("pk", flat=True)[:MOST]))', "pass",
        (f"{_AUDIT}::test_filters_by_viewer_object_item_and_day",),
    ),
    Fault(
        310, "S4 the looks at one institution cannot be picked out", "registry/audit/looks.py",
        "*(subject_of(uscc) for uscc in codes),", "",
        (f"{_AUDIT}::test_filters_by_viewer_object_item_and_day",),
    ),
    Fault(
        311, "S5 a new endpoint has every event ticked", "exchange/forms.py",
        'for kind in SUBSCRIBABLE if kind.value.startswith(f"{USUAL}.")}', "for kind in SUBSCRIBABLE}",
        (f"{_ENDPOINT}::test_a_new_endpoint_has_only_the_registrations_ticked",),
    ),
    Fault(
        312, "S6 a network with the metadata address can be allowed", "exchange/client/addresses.py",
        "return any(network.overlaps(other) for other in (*NEVER, loopback) if other.version == network.version)",
        "return network.overlaps(loopback)",
        (f"{_ALLOWED}::test_a_network_that_holds_a_forbidden_address_cannot_be_entered",),
    ),
    Fault(
        313, "S6 a host that can never match its network is kept without a word", "exchange/allow_list.py",
        "    if address not in network:\n", "    if address in network and address not in network:\n",
        (f"{_ALLOWED}::test_an_address_outside_its_network_is_refused",),
    ),
    Fault(
        314, "S6 loopback is allowed on every machine", "exchange/client/addresses.py",
        "    if network.is_loopback:\n        return not settings.LOCAL\n", "    if network.is_loopback:\n        return False\n",
        (f"{_ALLOWED}::test_loopback_only_on_a_local_machine",),
    ),
    # --- M: major
    Fault(
        315, "M1 pages speak of grades before there are any", "yancheng_childcare/context.py",
        "看懂信息", "看懂评价",
        ("tests/registry/register/test_nothing_promised.py::test_no_public_page_promises_what_does_not_exist",),
    ),
    Fault(
        316, "M1 a visitor who is lost is told of duties", "yancheng_childcare/pages/errors.py",
        "signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES", "signed_in = True", ("tests/kernel/test_kernel_pages.py::test_a_visitor_who_is_lost_has_menu_and_footer_and_no_duties",),
    ),
    Fault(
        317, "M2 a chosen place does not sort", f"{_P}query.py",
        'ordering="distance" if query.near and not query.words else "relevance")', 'ordering="relevance")',
        (f"{_SEARCH}::test_from_a_chosen_place_the_nearest_comes_first_and_stopped_ones_last",),
    ),
    Fault(
        318, "M2 the same town is called 0.0 kilometres away", f"{_P}pages/cards.py",
        'if start == card["town_code"]:', 'if start == card["name"]:',
        (f"{_SEARCH}::test_from_a_chosen_place_the_nearest_comes_first_and_stopped_ones_last",),
    ),
    Fault(
        319, "M3 those that stopped stand among the recommendations", f"{_P}order.py",
        "    if status in LAST:\n", "    if status in LAST and not uscc:\n", (f"{_TESTS}test_entry.py::test_the_standing_order",),
    ),
    Fault(
        320, "M3 who reports nothing here comes first", f"{_P}order.py",
        "{0 if reports else 1}{uscc[::-1]}", "{1 if reports else 0}{uscc[::-1]}",
        (f"{_TESTS}test_entry.py::test_the_standing_order",),
    ),
    Fault(
        321, "M4 the page has no telephone of the institution", f"{_P}pages/glance.py",
        '"phone": card.get("phone", ""),', '"phone": "",', (f"{_CONTACTS}::test_what_the_form_promises_stands_on_the_page",),
    ),
    Fault(
        322, "M4 the route leads to the door of a home", f"{_P}pages/glance.py",
        'known = detail.listed and NO_DOOR not in card["address"]', "known = detail.listed",
        (f"{_CONTACTS}::test_a_home_shows_no_door_and_no_route",),
    ),
    Fault(
        323, "M5 a page says of every block that it is not connected", f"{_P}pages/glance.py",
        "    if is_connected(detail):\n        return blocks, \"\"\n", "    if detail:\n        return blocks, \"\"\n",
        (f"{_CONTACTS}::test_what_is_not_connected_is_said_once",),
    ),
    Fault(
        324, "M6 the choice to compare is lost on the next page", f"{_P}pages/tray.py",
        'return fitting(request.COOKIES.get(COOKIE, "")[:LONGEST].split("."))', 'return fitting([request.GET.get("uscc", "")])',
        (f"{_TRAY}::test_the_choice_stays_over_searches_and_pages",),
    ),
    Fault(
        325, "M6 the comparison takes codes only", f"{_P}pages/compare.py",
        'asked["q"], asked["limit"] = words, str(MOST_FOUND + MOST)',
        'asked["q"], asked["limit"] = words if words.isascii() else "?", str(MOST_FOUND + MOST)',
        (f"{_TRAY}::test_one_is_added_by_a_part_of_its_name",),
    ),
    Fault(
        326, "M6 every row of the comparison repeats whole names", f"{_P}pages/compare.py",
        '"short": column["short"],', '"short": column["name"],',
        (f"{_TRAY}::test_rows_of_the_comparison_are_labelled_by_short_names",),
    ),
    Fault(
        327, "M7 a receipt overwrites the day of the national filing", "registry/filing/effects.py",
        'data["today"] if moved else filing.institution.filed_on or data["today"]', 'data["today"]',
        (f"{_CLOSING}::test_the_day_of_the_national_filing_stays_and_the_receipt_has_its_own",),
    ),
    Fault(
        328, "M7 history tells every step of one day", f"{_P}pages/history.py",
        "if (kept := last_of_day.get(day)) is None:", "if (kept := last_of_day.get(change.pk)) is None:",
        (f"{_CLOSING}::test_history_tells_what_a_day_ended_with",),
    ),
    Fault(
        329, "M8 the sixty days count from the day of entry", "registry/registration/clocks.py",
        "ClockKind.DAYS.value, established_on),", "ClockKind.DAYS.value, today),",
        ("tests/registry/registration/test_filing_day.py::test_the_clock_of_filing_starts_on_the_day_of_establishment",),
    ),
    Fault(
        330, "M9 the board counts as filed what does not conform", "registry/filing/figures.py",
        "Q(active=True, nonconforming=False) & _FILED,", "Q(active=True) & _FILED,",
        ("tests/registry/filing/test_one_number.py::test_everybody_counts_the_same_filed_institutions",),
    ),
    Fault(
        347, "M9 the front page leaves out those that stopped", f"{_P}front_figures.py",
        "cursor.execute(SQL, [list(FILED_STATES), list(PUBLIC_STATES)])",
        'cursor.execute(SQL, [[state for state in FILED_STATES if state != "SUSPENDED"], list(PUBLIC_STATES)])',
        ("tests/registry/filing/test_one_number.py::test_everybody_counts_the_same_filed_institutions",),
    ),
    Fault(
        331, "M10 the table wants what the form fills in", "registry/rules/registration.py",
        "    if nature not in _NATURES:\n", "    if nature in _NATURES:\n",
        (f"{_FIELD}::test_the_kind_of_capital_may_be_left_open",),
    ),
    Fault(
        332, "M10 the name of an unknown town is told the form of codes", "registry/rules/values.py",
        "if _NAMED.search(code := compact(text)):", "if (code := compact(text)) == \"\":",
        (f"{_FIELD}::test_an_unknown_town_is_named_as_a_town",),
    ),
    # --- m: minor
    Fault(
        333, "m1 pinyin finds names but no places", f"{_P}vocabulary.py",
        "found.latin = _one_of({**found.latin_counties, **found.latin_towns}, \"^\", LATIN_ENDING)", "found.latin = _one_of({})",
        (f"{_TYPED}::test_area_and_filter_words_are_exactly_the_filters",),
    ),
    Fault(
        334, "m2 the sum of places does not say how many reported", f"{_P}front_figures.py",
        '"hint": f"{told:,} 家在本平台填报的机构合计",', '"hint": "备案名录中各机构托位之和",',
        (f"{_TESTS}test_home.py::test_the_sum_of_places_says_how_many_reported",),
    ),
    Fault(
        335, "m3 a status outside the register is refused without the way to it", f"{_P}query.py",
        'if name == "status" and any(value in UNLISTED for value in values):', 'if name == "" and any(value in UNLISTED for value in values):',
        (f"{_TESTS}test_api.py::test_a_status_outside_the_list_is_named_by_no_document_and_its_refusal_says_where_to_look",),
    ),
    Fault(
        336, "m4 a mistyped code gets two contradicting orders", f"{_P}pages/search.py",
        'return "代码的校验没有通过，前 17 位中可能有一位有误，请对照证照逐位核对。"', 'return "；".join(found)',
        (f"{_SEARCH}::test_a_mistyped_code_gets_one_honest_sentence",),
    ),
    Fault(
        337, "m6 an endpoint without events is made silently", "exchange/pages/endpoints.py",
        "            if not pairs:\n                messages.warning(request, NO_EVENTS)\n            return keep_secret", "            return keep_secret",
        (f"{_ENDPOINT}::test_an_endpoint_without_events_is_said",),
    ),
    Fault(
        338, "m6b loading the page of a secret again sends the form again", "exchange/pages/endpoints.py",
        'return redirect("exchange:endpoint", pk=endpoint.pk)', 'return render(request, "exchange/secret.html", {"heading": heading, "endpoint": endpoint, "secret": secret})',
        (f"{_ENDPOINT}::test_the_secret_is_shown_once",),
    ),
    Fault(
        339, "m7 two endpoints of a department stand under one name", "templates/registry/registration/push_row.html",
        "{{ row.push.endpoint.department.short_name }}（{{ row.push.endpoint.name }}）",
        "{{ row.push.endpoint.department.short_name }}", ("tests/registry/registration/pages/test_detail.py::test_pushes_name_their_endpoint_and_old_ones_are_folded",),
    ),
    Fault(
        340, "m8 the next try is told to the minute", "templates/exchange/delivery.html",
        "{{ row.due_at|cn_moment }}", "{{ row.due_at|cn_datetime }}",
        ("tests/exchange/pages/test_exchange_delivery.py::test_the_next_try_is_told_to_the_second",),
    ),
    Fault(
        341, "m10 a browser saves the schema instead of showing it", "yancheng_childcare/schema.py",
        "'inline; filename=\"openapi\"'", "'attachment; filename=\"openapi\"'", ("tests/api/test_reference.py::test_a_browser_shows_the_schema_and_does_not_save_it",),
    ),
    Fault(
        342, "m12 links of a page are too small for a thumb", "static/css/components.css",
        ".chips a.chip { min-height: var(--target); }", "",
        ("tests/browser/test_public_register.py::test_on_a_phone_links_are_as_tall_as_a_thumb_and_the_map_can_be_read",),
    ),
    Fault(
        343, "m13 a page turned on a phone begins at the form again", f"{_P}pages/search.py",
        'path = reverse("public:search") + RESULTS', 'path = reverse("public:search")',
        (f"{_TESTS}test_search_address.py::test_links_and_the_form_lead_to_the_results",),
    ),
    Fault(
        344, "m14 who reported is not told what happens next", "templates/registry/register/report_receipt.html",
        "{{ receipt.owner }}核对您反映的内容，", "我们核对您反映的内容，", (f"{_TESTS}test_reports.py::test_the_confirmation_says_what_happens_next_and_can_be_kept",),
    ),
    Fault(
        345, "m15 the map has no towns", f"{_P}pages/search.py",
        "        if counts.get(code)\n", "        if counts.get(name)\n",
        (f"{_SEARCH}::test_the_map_lists_the_towns_that_have_institutions",),
    ),
    Fault(
        348, "m16 a word that was struck out comes back", "templates/registry/filing/waive.html",
        '{% light "grey" "待确认" %}', '{% light "grey" "还不清楚" %}', ("tests/face/test_face_sources.py::test_words_that_were_struck_out_stay_out",),
    ),
    Fault(
        346, "m17 desks offer what somebody who only reads cannot do", "yancheng_childcare/desks.py",
        '"text": self.text if doing else self.viewing or self.text,', '"text": self.text,', ("tests/registry/filing/test_desk_counts.py::test_who_only_reads_is_offered_nothing_to_do",),
    ),
)  # fmt: skip
