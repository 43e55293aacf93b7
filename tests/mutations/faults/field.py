"""Faults of files and requests from the field: each lets a wrong value pass silently once more."""

from __future__ import annotations

from .fault import Fault

_R = "registry/"
_K = "yancheng_childcare/"
_CHILD = f"{_K}files/children/"
_VALUES = "tests/registry/registration/imports/test_field_values.py"
_PEOPLE = "tests/registry/people/test_people_values.py"
_CALLERS = "tests/kernel/test_callers_of_the_portal.py"
_PAGES = "tests/kernel/test_kernel_pages.py"
_INTAKE = "tests/kernel/test_intake.py"

FAULTS = (
    Fault(
        401, "1 an error value is taken for nothing", f"{_R}rules/values.py",
        "    if not UNREADABLE.fullmatch(text):\n", "    if text or not UNREADABLE.fullmatch(text):\n",
        (f"{_VALUES}::test_an_error_value_is_named_and_never_taken_for_nothing",),
    ),
    Fault(
        402, "1 an error cell of a workbook erases what is stored", f"{_CHILD}read_table.py",
        "                cells[column - 1] = text\n", '                cells[column - 1] = ""\n',
        (f"{_VALUES}::test_an_error_cell_of_a_workbook_erases_nothing",),
    ),
    Fault(
        403, "1 an error value is a value of a person", f"{_R}rules/characters.py",
        'r"#(?:N/A|(?:VALUE|REF', 'r"#(?:N/A|(?:REF', (f"{_PEOPLE}::test_an_error_value_is_named",),
    ),
    Fault(
        404, "3 a hidden row is registered without a word", "casework/imports/reading.py",
        "        if line in self.unseen:\n", "        if line in self.unseen and not cells:\n",
        (f"{_VALUES}::test_a_hidden_row_is_said_with_its_number_and_left_out",),
    ),
    Fault(
        405, "5 cells beyond the header are cut off silently", "casework/imports/reading.py",
        "if len(cells) > self.header.width and (place := _first_filled(cells, self.header.width)):",
        "if not cells and (place := _first_filled(cells, self.header.width)):",
        (f"{_VALUES}::test_more_cells_than_the_header_is_a_problem_of_the_row",),
    ),
    Fault(
        406, "6 coloured empty cells count as rows", f"{_CHILD}measure.py",
        'text = _NO_CELL.sub(b"", _NO_VALUE.sub(b"", text))', "pass",
        (f"{_VALUES}::test_coloured_cells_without_content_are_no_rows",),
    ),
    Fault(
        407, "11 lines are counted by LF only", f"{_CHILD}read_table.py",
        'data.count(b"\\n") + data.count(b"\\r") - data.count(b"\\r\\n") + 1', 'data.count(b"\\n") + 1',
        (f"{_VALUES}::test_a_long_table_with_cr_alone_is_counted_by_its_rows",),
    ),
    Fault(
        408, "13 the separator is taken from the title line", f"{_CHILD}read_table.py",
        'separator = max(",;\\t", key=lambda sign: regular_width(start, sign))',
        'separator = max(",;\\t", key=lambda sign: start[0].count(sign))',
        (f"{_VALUES}::test_separator_and_line_ends_are_taken_from_the_table",),
    ),
    Fault(
        409, "15 a workbook with a password is called an old one", f"{_K}files/kinds.py",
        'return "locked" if kind == "office97" and _LOCKED in data else kind', "return kind", (f"{_INTAKE}::test_a_workbook_with_a_password_is_named_so",),
    ),
    Fault(
        410, "16 words licences print for no end are refused", f"{_R}rules/values.py",
        '"(?:至)?(?:长期|永久)(?:有效)?|无固定期限', '"(?:长期)|无固定期限',
        (f"{_VALUES}::test_the_words_licences_print_mean_no_end",),
    ),
    Fault(
        411, "17 a name is another one by its dot", f"{_R}rules/characters.py",
        '**{ord(dot): "\\u00b7" for dot in _DOTS},', "", (f"{_PEOPLE}::test_a_name_is_one_whatever_its_dot",),
    ),
    Fault(
        412, "18 look-alike characters are stored as typed", f"{_R}rules/characters.py",
        '**{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},', "",
        (f"{_VALUES}::test_what_looks_equal_is_stored_equal",),
    ),
    Fault(
        413, "18 blanks inside a name are kept", f"{_R}rules/characters.py",
        '_BLANK_BESIDE.sub("", text)', "text", (f"{_VALUES}::test_what_looks_equal_is_stored_equal",),
    ),
    Fault(
        414, "22 盐都 is found by the library's reading alone", f"{_R}data/place_readings.csv",
        "盐都,yán dū,yan dou,", "盐都,yán dōu,yan dou,",
        ("tests/registry/register/test_search_words.py::test_a_place_of_the_city_is_found_in_both_readings_of_its_name",),
    ),
    Fault(
        415, "24 a page refuses what a messenger appended", f"{_R}register/query.py",
        "elif strict and name not in WITHOUT_EFFECT:", "elif name not in WITHOUT_EFFECT:",
        ("tests/registry/register/test_search_page.py::test_a_page_ignores_what_messengers_append_and_the_api_does_not",),
    ),
    Fault(
        416, "27 a sign-in page lands inside a form", f"{_K}middleware.py",
        '        return HttpResponse(status=401, headers={"Cache-Control": "no-store"})\n', "        pass\n",
        (f"{_PAGES}::test_a_part_of_a_page_asked_for_without_a_session_brings_no_sign_in_page",),
    ),
    Fault(
        417, "27 a stale form loses what was typed", f"{_K}pages/errors.py",
        "    if not ours or not request.user.is_authenticated", "    if ours or not request.user.is_authenticated",
        (f"{_PAGES}::test_a_stale_form_is_offered_again_with_what_was_typed_but_never_another_sites",),
    ),
    Fault(
        418, "29 signed in in another tab is a 403", f"{_K}pages/errors.py",
        '        if request.user.is_authenticated:\n            return redirect(get_next_redirect_url(request) or "desk")\n', "",
        (f"{_PAGES}::test_signed_in_in_another_tab_the_second_sign_in_goes_on_to_the_desk",),
    ),
    Fault(
        434, "33 the browser cuts a pasted code and a pasted number of a person", f"{_R}registration/forms.py",
        'field.widget.attrs["maxlength"] = field.max_length + ROOM', 'field.widget.attrs["maxlength"] = field.max_length',
        (
            f"{_PEOPLE}::test_the_browser_does_not_cut_a_pasted_number",
            f"{_VALUES}::test_the_browser_does_not_cut_a_pasted_code",
        ),
    ),
    Fault(
        420, "33 blanks inside a code count as characters", f"{_R}rules/characters.py",
        "**{ord(blank): None for blank in BLANKS},", "", (f"{_VALUES}::test_blanks_inside_codes_are_no_characters",),
    ),
    Fault(
        421, "35 a line break is two characters", f"{_R}rules/characters.py",
        'text.replace("\\r\\n", "\\n").replace("\\r", "\\n").translate(_ALIKE)', "text.translate(_ALIKE)",
        (f"{_VALUES}::test_a_line_break_is_one_character",),
    ),
    Fault(
        422, "37 a photo of 50 megapixels is refused", f"{_CHILD}reencode_picture.py",
        'most = MAX_JPEG_PIXELS if kind == "jpeg" else MAX_PIXELS', "most = MAX_PIXELS",
        (f"{_INTAKE}::test_a_photo_of_50_megapixels_is_taken_and_scaled",),
    ),
    Fault(
        423, "39 a PDF that opens without a password is refused", f"{_CHILD}probe_pdf.py",
        "            pages = len(pdf.pages)\n            if pages == 0:\n",
        '            pages = len(pdf.pages)\n            if pdf.is_encrypted:\n                return {"error": "encrypted"}\n            if pages == 0:\n',
        (f"{_INTAKE}::test_a_pdf_that_opens_without_a_password_is_taken",),
    ),
    Fault(
        424, "43 a body without a length is read as empty", f"{_K}bodies.py",
        'if "HTTP_TRANSFER_ENCODING" in request.META:', 'if "HTTP_TRANSFER_CODING" in request.META:',
        (f"{_CALLERS}::test_an_action_with_defaults_never_runs_when_a_body_was_announced",),
    ),
    Fault(
        425, "44 an unsafe request is redirected", f"{_K}settings.py",
        "yancheng_childcare.middleware.SlashMiddleware", "django.middleware.common.CommonMiddleware",
        (f"{_CALLERS}::test_an_unsafe_request_is_never_redirected",),
    ),
    Fault(
        426, "46 scripts of other sites cannot ask with a mark", f"{_K}cross_origin.py",
        "Content-Type, If-Modified-Since, If-None-Match", "Content-Type",
        (f"{_CALLERS}::test_scripts_of_other_sites_may_ask_with_a_mark_and_read_it",),
    ),
    Fault(
        427, "46 scripts of other sites cannot read the mark", f"{_K}cross_origin.py",
        '"Access-Control-Expose-Headers": "ETag, ', '"Access-Control-Expose-Headers": "',
        (f"{_CALLERS}::test_scripts_of_other_sites_may_ask_with_a_mark_and_read_it",),
    ),
    Fault(
        428, "53 a live region stands inside a heading", "templates/registry/register/zero.html",
        '<h2 id="none-title" class="notice__title">', '<h2 id="none-title" class="notice__title" role="status"><span role="status"></span>',
        ("tests/face/test_valid_html.py::test_public_pages_are_valid",),
    ),
    Fault(
        433, "53 a form of a desk has an empty address", "templates/components/filter_bar.html",
        '{% if action %}action="{{ action }}"{% endif %}', ' action="{{ action }}"',
        ("tests/face/test_valid_html.py::test_desk_pages_are_valid",),
    ),
    Fault(
        429, "54 a problem of the public API has no id", f"{_K}records.py",
        "    return made\n", '    return ""\n', (f"{_CALLERS}::test_every_problem_has_an_id",),
    ),
    Fault(
        430, "55 the API tells the time of Greenwich", f"{_R}register/api.py",
        "timezone.localtime(detail.changed_at).isoformat()", "detail.changed_at.isoformat()",
        ("tests/registry/register/test_feeds.py::test_feed_and_api_tell_the_time_here",),
    ),
    Fault(
        431, "57 TRACE is refused without what is allowed", f"{_K}middleware.py",
        '            refused.headers["Allow"] = "GET, HEAD, POST, OPTIONS"\n', "",
        (f"{_CALLERS}::test_trace_is_refused_with_what_is_allowed",),
    ),
    Fault(
        432, "57 the schema names no limits", f"{_R}register/api.py",
        '{"type": "integer", "minimum": least, "maximum": most}', '{"type": "integer"}',
        (f"{_CALLERS}::test_the_schema_names_limits_and_choices",),
    ),
)  # fmt: skip
