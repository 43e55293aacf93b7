"""Faults of the nightly run, of the daily look at the register, of what a step costs, and of the domain's corrections (domain-2.md)."""

from __future__ import annotations

from .fault import Fault

_F = "registry/filing/"
_NIGHTS = "tests/registry/filing/test_broken_nights.py"
_DAILY = "tests/registry/register/test_daily.py"
_TABLES = "tests/registry/rules/filing/test_filing_tables.py"
_BUDGETS = "tests/registry/filing/test_step_budgets.py"
_REMEDIES = "tests/registry/filing/test_remedies.py"
_RULES = "registry/data/filing_rules.csv"

FAULTS = (
    # --- the night
    Fault(
        501, "night: what was told and the message are not kept together", "yancheng_childcare/pieces.py",
        "            with transaction.atomic():\n                done = do(piece)\n", "            done = do(piece)\n",
        (f"{_NIGHTS}::test_a_night_killed_at_any_statement_is_made_up_for_by_the_next_run",),
    ),
    Fault(
        502, "night: one that fails keeps back all others", "yancheng_childcare/pieces.py",
        "            tally.failed += 1\n", "            tally.failed += 1\n            break\n",
        ("tests/kernel/test_pieces.py::test_a_piece_that_fails_is_undone_and_keeps_back_no_other",),
    ),
    Fault(
        503, "night: only the very day of a step is told, a missed night loses it", f"{_F}ending.py",
        "return min((step for step in steps if left <= step), default=None) if left >= 0 else None",
        "return left if left in steps else None", (f"{_NIGHTS}::test_missed_nights_lose_no_reminder_and_repeat_none",),
    ),
    Fault(
        504, "night: two runs at once tell twice", f"{_F}expiry.py",
        'Institution.objects.select_for_update(of=("self",)).select_related("region").get(pk=pk)',
        'Institution.objects.select_related("region").get(pk=pk)', (f"{_NIGHTS}::test_two_nights_at_once_tell_once",),
    ),
    Fault(
        505, "night: the day is called done although it broke", "registry/tasks.py",
        "    night = run_night(day)\n", "    beat(NIGHT)\n    night = run_night(day)\n", (f"{_NIGHTS}::test_a_day_is_done_once_it_got_through_whole",),
    ),
    Fault(
        524, "night: a day of which one piece failed is called done", "registry/tasks.py",
        "if today is None and not failed:", "if today is None:",
        (f"{_NIGHTS}::test_a_day_of_which_one_piece_failed_is_not_done",),
    ),
    Fault(
        506, "night: the last day of a review is not made up for", f"{_F}expiry.py",
        "paused_on__isnull=True, due_on__lte=day + _FAR)", "paused_on__isnull=True, due_on=day)",
        (f"{_NIGHTS}::test_a_missed_night_of_the_reviewers_clock_is_made_up_for",),
    ),
    # --- the daily look at every entry
    Fault(
        570, "daily: a slice passes over an institution", "registry/register/daily.py",
        "pk__gt=after)", "pk__gt=after + 1)", (f"{_DAILY}::test_each_is_looked_at_once_in_the_order_of_the_keys",),
    ),
    Fault(
        576, "daily: a column of an entry is not looked at", "registry/register/entry.py",
        "values.items() <= vars(old).items()", "{'content': values['content']}.items() <= vars(old).items()",
        ("tests/registry/register/test_daily_finds_all.py::test_every_change_is_found_and_nothing_else",),
    ),
    Fault(
        571, "daily: a day on which one failed is called done", "registry/register/tasks.py",
        "    elif not failed:\n", "    else:\n",
        (f"{_DAILY}::test_one_that_cannot_be_made_out_keeps_back_no_other_and_the_day_is_not_done",),
    ),
    Fault(
        572, "daily: in bulk an older filing counts", "registry/register/sources.py",
        '"-filing_id")\n', '"filing_id")\n', (f"{_DAILY}::test_read_in_bulk_is_what_is_read_alone",),
    ),
    Fault(
        573, "daily: in bulk the people of one are those of all", "registry/people/facts.py",
        "        found[one.post.institution_id].append(one)\n", "        [staff.append(one) for staff in found.values()]\n",
        (f"{_DAILY}::test_read_in_bulk_is_what_is_read_alone",),
    ),
    # --- what a step costs
    Fault(
        507, "budget: 其余项全部符合 asks for each item", f"{_F}judging.py",
        "    return len(rest)\n", "    [verdicts_of(locked, version.number) for _ in rest]\n    return len(rest)\n", ("tests/registry/filing/test_change_is_a_difference.py::test_the_rest_conforms_within_the_budget",),
    ),
    Fault(
        508, "budget: a step asks the database sixteen times more", f"{_F}effects.py",
        "        filing.record_version += 1\n", "        filing.record_version += 1\n        [filing.notices.count() for _ in range(16)]\n",
        (f"{_BUDGETS}::test_every_step_of_a_filing_keeps_its_budget",),
    ),
    Fault(
        509, "budget: the review page asks for each item", f"{_F}pages/dossier.py",
        "        row = self.verdicts.get(name)\n        findings", "        row = self.verdicts.get(name)\n        self.filing.notices.count()\n        findings",
        ("tests/registry/filing/test_review_pages.py::test_page_and_panes_keep_their_budgets",),
    ),
    Fault(
        510, "budget: a plain entry looks for its code six times", "registry/registration/services.py",
        "    institution.warnings = [p.as_dict() for p in warnings(found)]\n",
        "    institution.warnings = [p.as_dict() for p in warnings(found)]\n    [Institution.objects.filter(uscc=data[\"uscc\"]).exists() for _ in range(6)]\n",
        ("tests/api/test_registrations_create.py::test_the_budget",),
    ),
    # --- promises
    Fault(
        525, "promise: a form promises what no test keeps", f"{_F}pages/plans.py",
        "以今天的人数为准，没有的填 0", "以今天的人数为准，会通知家长，没有的填 0",
        ("tests/promises/test_promises.py::test_every_promising_sentence_is_listed_beside_its_test",),
    ),
    # --- the domain
    Fault(
        511, "A1-1 two applicants may use one name at the same time", "registry/migrations/0001_initial.py",
        "fields=('region', 'name'), name='applicant_once'", "fields=('region', 'no'), name='applicant_once'", ("tests/registry/filing/test_applicant.py::test_it_becomes_one_institution_on_a_day",), fresh=True,
    ),
    Fault(
        512, "A1-1 an officer of another county reads an applicant", "registry/querysets/applicants.py",
        "scope = region_scope(user, FILING_READERS & roles)",
        "scope = ~Q(pk=None) if FILING_READERS & roles & user.roles else Q(pk__in=[])", ("tests/registry/filing/test_applicant.py::test_who_reads_an_applicant",),
    ),
    Fault(
        513, "A1-2 the draft law is called law", "registry/data/regimes.csv",
        "（草案）》尚未通过,,,", "》,,,", (f"{_TABLES}::test_filing_applies_and_licensing_waits_for_its_law",),
    ),
    Fault(
        514, "A1-8 the paper of a person is taken for the unit's own query", _RULES,
        "个人开具的《无犯罪记录证明》只能作补充，不能代替单位的查询。", "个人开具的《无犯罪记录证明》也可以。",
        (f"{_TABLES}::test_the_query_of_records_is_the_units_own",),
    ),
    Fault(
        523, "A1-8 the ledger asks for the paper of a person", "registry/choices.py",
        '"违法犯罪记录查询告知函"', '"无犯罪记录证明"', (f"{_TABLES}::test_the_query_of_records_is_the_units_own",),
    ),
    Fault(
        515, "A2 GB 55037 does not bind the floor", _RULES,
        "《建筑防火通用规范》（GB 55037—2022）,,《托育机构质量评估标准》（WS/T 821—2023）,K,MANDATORY,\"{\"\"max\"\": 3}\"",
        "《建筑防火通用规范》（GB 55037—2022）,,《托育机构质量评估标准》（WS/T 821—2023）,K,PRACTICE,\"{\"\"max\"\": 3}\"",
        (f"{_TABLES}::test_what_binds_is_the_code_and_a_guide_only_advises",),
    ),
    Fault(
        516, "A2 a guide is cited as if it bound", _RULES,
        "（GB 50140）由消防设计确定,K,GUIDE,", "（GB 50140）由消防设计确定,K,PRACTICE,",
        (f"{_TABLES}::test_what_binds_is_the_code_and_a_guide_only_advises",),
    ),
    Fault(
        517, "A2 the rules of meals of 2025 count from 2019", _RULES,
        "自营食堂、委托承包经营、外购餐都适用；不供餐的不适用,2025-04-15,", "自营食堂、委托承包经营、外购餐都适用；不供餐的不适用,2019-10-08,",
        (f"{_TABLES}::test_meals_and_vaccination_certificates_follow_the_rules_in_force",),
    ),
    Fault(
        518, "A2 vaccination certificates are a condition of the first day", _RULES,
        "R-HLT-05,1,儿童入托前健康检查合格,", "R-HLT-05,1,儿童入托前健康检查和预防接种查验合格,", (f"{_TABLES}::test_meals_and_vaccination_certificates_follow_the_rules_in_force",),
    ),
    Fault(
        519, "A2 the upper authority reviews, not the government of the same level", f"{_F}remedies.py",
        '    if region.level == RegionLevel.ZONE or filing.authority_id.startswith(f"{region.parent_id}-"):\n', "    if region.parent_id:\n",
        (f"{_REMEDIES}::test_who_reviews",),
    ),
    Fault(
        520, "A2 a letter against an institution prints no remedy", "registry/documents/letters.py",
        "不因陈述、申辩加重处理。\",\n            remedy_words(\"本告知\", review_body),\n", "不因陈述、申辩加重处理。\",\n",
        (f"{_REMEDIES}::test_letters_against_the_institution_print_it_and_a_correction_does_not",),
    ),
    Fault(
        521, "A2 a rescission is told without its remedy", "registry/documents/decisions.py",
        "(*closing, remedy_words(called, review_body))", "closing",
        (f"{_REMEDIES}::test_letters_against_the_institution_print_it_and_a_correction_does_not",),
    ),
    Fault(
        522, "A2 the filing rule counts from the date of another document", "registry/data/regimes.csv",
        "第7条、第8条,2020-01-06,", "第7条、第8条,2019-10-08,",
        (f"{_TABLES}::test_filing_applies_and_licensing_waits_for_its_law",),
    ),
)  # fmt: skip
