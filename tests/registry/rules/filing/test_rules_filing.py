"""Every rule that can be computed: passing, failing, unknown; limits from both sides; nothing unknown ever passes."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.choices import ClassType, Education, MealMode, Nature, OrgForm, OutdoorKind, PostRole, PremisesTenure
from registry.rules.filing.catalogue import RULES, Finding, Verdict, blocking, evaluate, problems_of
from registry.rules.filing.classes import required_carers
from registry.rules.filing.facts import ClassFacts, FilingFacts, MaterialFacts, StaffFacts
from registry.rules.filing.terms import full_months
from yancheng_childcare.problems import Level

TODAY = date(2026, 11, 24)
YESTERDAY = TODAY - timedelta(days=1)
LOCAL = frozenset(rule.id for rule in RULES if rule.local)
D = Decimal


def judge(rule_id: str, facts: FilingFacts, **options: Any) -> Finding:
    found = [f for f in evaluate(facts, on=LOCAL, **options) if f.id == rule_id]
    assert len(found) == 1
    return found[0]


def facts(**values: Any) -> FilingFacts:
    return FilingFacts(today=TODAY, **({"nature": "FORPROFIT", "org_form": "STANDALONE"} | values))


def one(kind: str, **values: Any) -> tuple[ClassFacts, ...]:
    return (ClassFacts(kind, **values),)


def person(role: str, **values: Any) -> StaffFacts:
    """Somebody with all papers in order."""
    good: dict[str, Any] = {
        "education": "COLLEGE", "experience_years": 3, "qualified": True, "training_hours": 60, "health_until": TODAY,
        "criminal_check_until": TODAY, "criminal_record": False, "mental_illness": False, "guard_licence": True,
        "guard_company": True, "food_health_until": TODAY,
    }  # fmt: skip
    return StaffFacts(role, **(good | values))


def staff(*people: StaffFacts) -> dict[str, Any]:
    return {"staff": people}


def paper(code: str, **values: Any) -> dict[str, Any]:
    return {"materials": (MaterialFacts(code, **({"conclusion_ok": True} | values)),)}


INFANT = {
    "sleep_area": D(30),
    "activity_area": D(15),
    "catering_area": D(6),
    "cleaning_area": D(6),
    "storage_area": D(4),
}
TODDLER = INFANT | {"sleep_area": D(35), "activity_area": D(35), "toilet_area": D(8)}
HOME = {"nature": "HOME", "org_form": "HOME"}
CARER, HEALTH, GUARD, COOK, HEAD = "CARER", "HEALTH", "GUARD", "COOK", "PRINCIPAL"
THREE = (person(CARER),) * 3
BASE = ("M01_LICENSE", "M04_SANITATION", "M05_FIRE")


def base(**changed: Any) -> dict[str, Any]:
    return {"materials": tuple(MaterialFacts(code, conclusion_ok=True, **changed) for code in BASE)}


# rule: (passing at the limit, failing just beyond it, unknown)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "R-CLS-01": ({"classes": one("INFANT", places=10)}, {"classes": one("INFANT", places=11)}, {"classes": one("INFANT")}),
    "R-CLS-02": (
        {"classes": one("TODDLER_S", enrolled=15, places=15)},
        {"classes": one("TODDLER_S", enrolled=0, places=16)},
        {"classes": one("TODDLER_S")},
    ),
    "R-CLS-03": ({"classes": one("TODDLER_L", enrolled=20)}, {"classes": one("TODDLER_L", enrolled=21)}, {}),
    "R-CLS-04": ({"classes": one("MIXED", places=18)}, {"classes": one("MIXED", places=19)}, {"classes": ()}),
    "R-CLS-05": (
        {"classes": one("MIXED", youngest_months=18)},
        {"classes": one("MIXED", youngest_months=17)},
        {"classes": one("MIXED")},
    ),
    "R-CLS-06": (
        {"classes": one("TODDLER_S", youngest_months=12, oldest_months=23)},
        {"classes": one("TODDLER_S", youngest_months=12, oldest_months=24)},
        {"classes": one("TODDLER_S", youngest_months=12)},
    ),
    "R-CAP-01": (
        {"capacity_total": 10, "classes": one("INFANT", enrolled=10)},
        {"capacity_total": 9, "classes": one("INFANT", enrolled=10)},
        {"classes": one("INFANT", enrolled=10)},
    ),
    "R-CAP-02": (
        {"capacity_total": 10, "classes": one("INFANT", places=10)},
        {"capacity_total": 9, "classes": one("INFANT", places=10)},
        {"capacity_total": 10, "classes": one("INFANT", enrolled=10)},
    ),
    "R-RAT-01": (
        {"classes": one("INFANT", places=9), **staff(*THREE)},
        {"classes": one("INFANT", places=10), **staff(*THREE)},
        {"classes": one("INFANT", places=9)},
    ),
    "R-HOME-01": ({**HOME, "capacity_total": 5}, {**HOME, "capacity_total": 6}, HOME),
    "R-HOME-02": (
        {**HOME, "capacity_total": 3, **staff(person(CARER))},
        {**HOME, "capacity_total": 4, **staff(person(CARER))},
        {**HOME, "capacity_total": 4},
    ),
    "R-SITE-01": (
        {"premises_tenure": "LEASED", "lease_from": date(2024, 1, 1), "lease_to": date(2026, 12, 31)},
        {"premises_tenure": "LEASED", "lease_from": date(2024, 1, 1), "lease_to": date(2026, 12, 30)},
        {"premises_tenure": "LEASED", "lease_from": date(2024, 1, 1)},
    ),
    "R-SITE-02": ({"underground": False}, {"underground": True}, {}),
    "R-SITE-03": ({"highest_floor": 3}, {"highest_floor": 4}, {"highest_floor": -1}),
    "R-SITE-03W": ({"highest_floor": 1}, {"highest_floor": 2}, {}),
    "R-SITE-04": ({"window_ratio": D(20)}, {"window_ratio": D("19.9")}, {}),
    "R-SITE-05": (
        {"faces_west": True, "west_shading": True},
        {"faces_west": True, "west_shading": False},
        {"faces_west": True},
    ),
    "R-SITE-06": ({"near_hazard": False}, {"near_hazard": True}, {}),
    "R-LOC-01": ({"building_age": 21, **paper("M10_STRUCTURE")}, {"building_age": 21, "materials": ()}, {}),
    "R-LOC-02": ({"hazard_distance": 1000}, {"hazard_distance": 999}, {}),
    "R-LOC-03": ({"highest_floor": 2}, {"highest_floor": 3}, {}),
    "R-AREA-01": (
        {"classes": one("INFANT", **INFANT)},
        {"classes": one("INFANT", storage_area=D("3.99"))},
        {"classes": one("INFANT", **(INFANT | {"storage_area": None}))},
    ),
    "R-AREA-02": (
        {"classes": one("TODDLER_S", **TODDLER)},
        {"classes": one("TODDLER_S", **(TODDLER | {"toilet_area": D("7.9")}))},
        {"classes": one("TODDLER_S", **INFANT | {"sleep_area": D(40), "activity_area": D(40)})},
    ),
    "R-AREA-03": (
        {"classes": one("TODDLER_L", combined_area=D(50))},
        {"classes": one("TODDLER_L", combined_area=D("49.99"))},
        {"classes": one("TODDLER_L")},
    ),
    "R-AREA-04": (
        {"outdoor_kind": "OWN", "outdoor_area": D(30), "capacity_total": 10},
        {"outdoor_kind": "OWN", "outdoor_area": D("29.99"), "capacity_total": 10},
        {"outdoor_kind": "OWN", "outdoor_area": D(30), "capacity_total": 0},
    ),
    "R-AREA-05": (
        {**HOME, "floor_area": D(45), "capacity_total": 5},
        {**HOME, "floor_area": D("44.9"), "capacity_total": 5},
        {**HOME, "floor_area": D(45)},
    ),
    "R-AREA-06": (
        {"floor_area": D(480), "usable_area": D(480), "living_area": D(480)},
        {"floor_area": D(600), "usable_area": D(480), "living_area": D("480.01")},
        {"floor_area": D(600), "usable_area": D(480)},
    ),
    "R-HLT-01": (
        {"health_room_area": D(6), "observation_beds": 1},
        {"health_room_area": D(6), "observation_beds": 0},
        {"health_room_area": D(6)},
    ),
    "R-HLT-02": (
        {"capacity_total": 149, **staff(person(HEALTH, full_time=False))},
        {"capacity_total": 150, **staff(person(HEALTH, full_time=False))},
        staff(person(HEALTH, full_time=False)),
    ),
    "R-HLT-03": (paper("M06_AIR", valid_to=TODAY), paper("M06_AIR", valid_to=YESTERDAY), paper("M06_AIR", conclusion_ok=None)),
    "R-HLT-04": (staff(person(CARER)), staff(person(CARER, health_until=YESTERDAY)), staff()),
    "R-HLT-08": ({"hygiene_rules": True}, {"hygiene_rules": False}, {}),
    "R-SAFE-01": ({"monitoring_coverage": True}, {"monitoring_coverage": False}, {}),
    "R-SAFE-02": ({"recording_days": 90}, {"recording_days": 89}, {}),
    "R-SAFE-03": ({"one_key_alarm": True}, {"one_key_alarm": False}, {}),
    "R-SAFE-04": (staff(person(GUARD)), staff(), {"org_form": ""}),
    "R-SAFE-05": (
        staff(person(GUARD)),
        staff(person(GUARD), person(GUARD, guard_company=False)),
        staff(person(GUARD, guard_licence=None)),
    ),
    "R-SAFE-07": ({"emergency_plans": 6}, {"emergency_plans": 5}, {"emergency_plans": -1}),
    "R-SAFE-08": (
        paper("M08_INSURANCE", valid_to=TODAY),
        {"liability_insurance": True, **paper("M08_INSURANCE", valid_to=YESTERDAY)},
        {},
    ),
    "R-FIRE-03": ({"evacuation_doors": True}, {"evacuation_doors": False}, {}),
    "R-FOOD-01": (
        {"meal_mode": "CANTEEN", **paper("M07_FOOD", valid_to=TODAY)},
        {"meal_mode": "CANTEEN", **paper("M07_FOOD", valid_to=YESTERDAY)},
        {"meal_mode": "CANTEEN"},
    ),
    "R-FOOD-02": (
        {"meal_mode": "CANTEEN", **staff(person(COOK))},
        {"meal_mode": "CANTEEN", **staff(person(COOK, food_health_until=YESTERDAY))},
        {"meal_mode": "CANTEEN", **staff()},
    ),
    "R-FOOD-03": (
        {"meal_mode": "CANTEEN", "food_samples": True},
        {"meal_mode": "OUTSOURCED", "food_samples": False},
        {"meal_mode": "CANTEEN"},
    ),
    "R-PER-01": (
        staff(person(HEAD, experience_years=1), person(HEAD)),
        staff(person(HEAD, experience_years=2)),
        staff(person(HEAD, education=None)),
    ),
    "R-PER-02": (staff(person(HEAD)), staff(person(HEAD, training_hours=59)), staff(person(HEAD, training_hours=None))),
    "R-PER-03": (staff(person(CARER)), staff(person(CARER, qualified=False)), staff(person(CARER, qualified=None))),
    "R-PER-04": (
        staff(person(HEALTH, education="SENIOR")),
        staff(person(HEALTH, education="JUNIOR")),
        staff(person(HEALTH, education="")),
    ),
    "R-PER-05": (
        staff(person(CARER)),
        staff(person(CARER, criminal_check_until=YESTERDAY)),
        staff(person(CARER, criminal_record=None)),
    ),
    "R-PER-06": (
        staff(person(CARER)),
        staff(person(CARER, mental_illness=True)),
        staff(person(CARER), person(CARER, mental_illness=None)),
    ),
    "R-MGT-03": ({"parent_committee": True}, {"parent_committee": False}, {}),
    "R-MGT-04": (
        {"classes": one("TODDLER_L", oldest_months=35)},
        {"classes": one("TODDLER_L", oldest_months=36)},
        {"classes": one("TODDLER_L")},
    ),
    "R-MAT-01": (base(valid_to=TODAY), base(valid_to=YESTERDAY), {"materials": ()}),
}  # fmt: skip


def test_every_computable_rule_has_cases():
    assert set(CASES) == {rule.id for rule in RULES if rule.computable}


@pytest.mark.parametrize("rule_id", CASES)
def test_pass_fail_unknown(rule_id):
    good, bad, open_question = (judge(rule_id, facts(**values)) for values in CASES[rule_id])
    assert (good.verdict, bad.verdict, open_question.verdict) == (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)
    for found in (good, bad, open_question):
        assert found.message.endswith(f"（{found.rule.short_clause}）")
        assert found.threshold and "{" not in found.threshold
    assert good.value and bad.value
    blocks = bad.rule.level == "BLOCK"
    assert (good.blocks, bad.blocks, open_question.blocks) == (False, blocks, blocks)
    assert bad.as_problem().level is (Level.BLOCK if blocks else Level.WARN)
    waived = judge(rule_id, facts(**CASES[rule_id][1], waived=frozenset({rule_id})))
    assert (waived.verdict, waived.blocks) == (Verdict.WAIVED, False)


def test_nothing_known_is_nothing_passed():
    found = evaluate(FilingFacts(today=TODAY), on=LOCAL)
    assert {f.verdict for f in found} == {Verdict.UNKNOWN}
    assert {f.id for f in blocking(found)} == {r.id for r in RULES if r.computable and r.level == "BLOCK"}
    assert len(problems_of(found)) == len(found)


# --- what the table does not say ---------------------------------------------------------------------------------------
RATIOS = {"INFANT": 3, "TODDLER_S": 5, "TODDLER_L": 7, "MIXED": 5}


@pytest.mark.parametrize(
    ("classes", "need"),
    [
        ([("INFANT", 9), ("TODDLER_S", 14), ("TODDLER_L", 20)], 9),  # the example of domain.md §3.2
        ([("INFANT", 1), ("INFANT", 1)], 2),
        ([("INFANT", 0)], 0),
        ([("MIXED", 18)], 4),
        ([("INFANT", 3), ("TODDLER_S", None)], None),
        ([("ELSE", 3)], None),
        ([], 0),
    ],
)
def test_carers_needed(classes, need):
    assert required_carers([ClassFacts(kind, enrolled=n) for kind, n in classes], RATIOS) == need


def test_the_ratio_counts_children_if_known_else_places():
    assert required_carers([ClassFacts("INFANT", places=10, enrolled=3)], RATIOS) == 1
    assert required_carers([ClassFacts("INFANT", places=10)], RATIOS) == 4


def test_an_expired_paper_takes_a_carer_off_the_ratio_the_same_day():
    classes = one("INFANT", enrolled=9)
    ends_today = facts(classes=classes, staff=(person(CARER), person(CARER), person(CARER, health_until=TODAY)))
    assert judge("R-RAT-01", ends_today).verdict == Verdict.PASS
    found = judge("R-RAT-01", replace(ends_today, today=TODAY + timedelta(days=1)))
    assert found.verdict == Verdict.FAIL
    assert "可以上岗的保育人员 0 名，至少需要 3 名" in found.message
    for gone in ({"banned": True}, {"criminal_record": True}, {"mental_illness": True}, {"criminal_check_until": None}):
        assert (
            judge("R-RAT-01", facts(classes=classes, staff=(*THREE[:2], person(CARER, **gone)))).verdict == Verdict.FAIL
        )


def test_people_whose_papers_are_not_known_are_neither_counted_nor_missing():
    people = (person(CARER), person(CARER), StaffFacts(CARER, papers_known=False))
    assert judge("R-RAT-01", facts(classes=one("INFANT", places=9), staff=people)).verdict == Verdict.UNKNOWN
    assert judge("R-RAT-01", facts(classes=one("INFANT", places=10), staff=people)).verdict == Verdict.FAIL
    assert judge("R-RAT-01", facts(classes=one("INFANT", places=6), staff=people)).verdict == Verdict.PASS


def test_before_the_first_child_the_ratio_says_what_full_places_need():
    found = judge("R-RAT-01", facts(classes=one("TODDLER_L", enrolled=0, places=20), staff=()))
    assert found.verdict == Verdict.NOT_APPLICABLE
    assert "按托位满员需要 3 名" in found.message
    for rule_id in ("R-CLS-06", "R-MGT-03", "R-MGT-04"):
        assert judge(rule_id, facts(classes=one("TODDLER_L", enrolled=0))).verdict == Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ((2024, 1, 1), (2026, 12, 31), 36),
        ((2024, 1, 1), (2026, 12, 30), 35),
        ((2024, 3, 15), (2027, 3, 14), 36),
        ((2024, 3, 15), (2027, 3, 15), 36),
        ((2024, 3, 15), (2027, 3, 13), 35),
        ((2024, 2, 29), (2027, 2, 28), 36),
        ((2024, 1, 31), (2024, 2, 27), 0),
        ((2024, 1, 31), (2024, 2, 28), 1),
        ((2024, 1, 31), (2024, 2, 29), 1),
        ((2024, 8, 31), (2024, 9, 30), 1),
        ((2024, 1, 1), (2024, 1, 1), 0),
        ((2024, 1, 2), (2024, 1, 1), 0),
        ((9996, 12, 31), (9999, 12, 31), 36),
        ((9999, 1, 1), (9999, 12, 31), 12),
    ],
)
def test_whole_months_of_a_lease(first, last, months):
    assert full_months(date(*first), date(*last)) == months


@given(st.dates(), st.dates())
def test_a_longer_lease_never_has_fewer_months(first, last):
    months = full_months(first, last)
    assert months >= 0
    if last < date.max:
        assert full_months(first, last + timedelta(days=1)) in {months, months + 1}


def test_leases_that_are_over_or_turned_around_and_free_use():
    lease = {"premises_tenure": "LEASED", "lease_from": date(2020, 1, 1)}
    assert "已于 2026-11-23 结束" in judge("R-SITE-01", facts(**lease, lease_to=YESTERDAY)).message
    assert "早于开始日期" in judge("R-SITE-01", facts(**lease, lease_to=date(2019, 1, 1))).message
    assert (
        judge("R-SITE-01", facts(**(lease | {"premises_tenure": "FREE_USE"}), lease_to=TODAY)).verdict == Verdict.PASS
    )
    assert judge("R-SITE-01", facts(premises_tenure="FREE_USE")).verdict == Verdict.UNKNOWN
    assert judge("R-SITE-01", facts(premises_tenure="OWNED")).verdict == Verdict.PASS


@pytest.mark.parametrize("nature", Nature.values)
def test_only_home_based_places_are_exempt_from_class_rules(nature):
    found = {f.id: f for f in evaluate(FilingFacts(TODAY, nature=nature, classes=one("TODDLER_L", places=22)))}
    classes, home = found["R-CLS-03"].verdict, found["R-HOME-01"].verdict
    if nature == "HOME":
        assert (classes, home) == (Verdict.NOT_APPLICABLE, Verdict.FAIL)
        assert found["R-HLT-01"].verdict == found["R-CAP-02"].verdict == Verdict.NOT_APPLICABLE
    else:
        assert (classes, home) == (Verdict.FAIL, Verdict.NOT_APPLICABLE)


@pytest.mark.parametrize("form", OrgForm.values)
def test_only_institutions_of_their_own_need_a_guard(form):
    found = judge("R-SAFE-04", facts(org_form=form, staff=()))
    assert found.verdict == (Verdict.FAIL if form == "STANDALONE" else Verdict.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("mode", "code", "verdict"),
    [
        ("NONE", "M01_LICENSE", Verdict.NOT_APPLICABLE),
        ("CANTEEN", "M07_FOOD", Verdict.PASS),
        ("CANTEEN", "M09_CATERING", Verdict.FAIL),
        ("OUTSOURCED", "M09_CATERING", Verdict.PASS),
        ("OUTSOURCED", "M07_FOOD", Verdict.FAIL),
        ("", "M07_FOOD", Verdict.UNKNOWN),
        ("SOMEHOW", "M07_FOOD", Verdict.UNKNOWN),
    ],
)
def test_the_paper_follows_the_kind_of_meals(mode, code, verdict):
    assert judge("R-FOOD-01", facts(meal_mode=mode, **paper(code))).verdict == verdict


def test_a_full_time_health_worker_is_enough_for_any_size_and_one_who_may_not_work_is_none():
    assert judge("R-HLT-02", facts(staff=(person(HEALTH),))).verdict == Verdict.PASS
    assert (
        judge("R-HLT-02", facts(capacity_total=10, staff=(person(HEALTH, health_until=YESTERDAY),))).verdict == "FAIL"
    )


def test_findings_name_nobody_and_no_reason():
    people = (person(CARER, name="张某某", banned=True), person(CARER, name="李某某", criminal_record=True))
    for found in evaluate(facts(staff=people)):
        assert not any(word in found.message for word in ("张某某", "李某某", "禁", "犯罪行为", "有记录"))
    assert "2 人没有在有效期内、符合从业条件" in judge("R-PER-05", facts(staff=people)).message


def test_a_message_says_number_limit_and_clause():
    found = judge("R-CLS-03", facts(classes=one("TODDLER_L", enrolled=22)))
    assert found.message == "托大班 22 人，标准不超过 20 人（设置标准第19条）"
    assert (found.value, found.threshold) == ("22 人", "每班不超过 20 人")
    row = found.as_dict()
    assert row["clause"] == "《托育机构设置标准（试行）》（国卫人口发〔2019〕58号）第19条"
    assert (row["id"], row["version"], row["verdict"], row["section"], row["field"]) == (
        "R-CLS-03", 1, "FAIL", "classes", "places",
    )  # fmt: skip
    assert "2.99 平方米" in judge("R-AREA-04", facts(**CASES["R-AREA-04"][1])).message  # 2.999 is not shown as 3


def test_switches_and_other_numbers():
    said = facts(classes=one("TODDLER_L", enrolled=22))
    found = judge("R-CLS-03", said, params={"R-CLS-03": {"max": 22}})
    assert (found.verdict, found.threshold) == (Verdict.PASS, "每班不超过 22 人")
    assert "R-CLS-03" not in {f.id for f in evaluate(said, off=frozenset({"R-CLS-03"}))}
    assert not LOCAL & {f.id for f in evaluate(said)}
    assert {f.id for f in evaluate(said, on=frozenset({"R-LOC-02"}))} & LOCAL == {"R-LOC-02"}


# --- any facts ---------------------------------------------------------------------------------------------------------
maybe = st.none() | st.booleans()
whole = st.none() | st.integers(-5, 400) | st.integers()
amount = st.none() | st.decimals(-5, 500, places=3) | st.decimals()
day = st.none() | st.dates() | st.dates(date(2023, 1, 1), date(2030, 1, 1))


def word(choices: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(["", "ELSE", *choices.values])


def _strategy(name: str, kind: str) -> st.SearchStrategy[Any]:
    if "bool" in kind:
        return maybe
    if "int" in kind:
        return whole
    if "Decimal" in kind:
        return amount
    return day if "date" in kind else st.text(max_size=3)


def _of(kind: type, **given_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    built = {f.name: _strategy(f.name, str(f.type)) for f in fields(kind) if f.name not in given_fields}
    return st.builds(kind, **built, **given_fields)


CODES = st.sampled_from(
    ["M01_LICENSE", "M04_SANITATION", "M05_FIRE", "M06_AIR", "M07_FOOD", "M08_INSURANCE", "M09_CATERING"]
)
any_class = _of(ClassFacts, class_type=word(ClassType))
any_person = _of(
    StaffFacts,
    role=word(PostRole),
    education=st.none() | word(Education),
    full_time=st.booleans(),
    banned=st.booleans(),
)
any_material = _of(MaterialFacts, code=CODES)
any_facts = _of(
    FilingFacts,
    today=st.dates(date(2019, 1, 1), date(2035, 1, 1)),
    nature=word(Nature),
    org_form=word(OrgForm),
    premises_tenure=word(PremisesTenure),
    outdoor_kind=word(OutdoorKind),
    meal_mode=word(MealMode),
    classes=st.none() | st.lists(any_class, max_size=3).map(tuple),
    staff=st.none() | st.lists(any_person, max_size=4).map(tuple),
    materials=st.none() | st.lists(any_material, max_size=3).map(tuple),
    unknown_roles=st.frozensets(word(PostRole), max_size=2),
    unknown_materials=st.frozensets(CODES, max_size=2),
    waived=st.frozensets(st.sampled_from([rule.id for rule in RULES]), max_size=3),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_facts)
def test_no_facts_make_a_rule_raise_and_waivers_never_pass(said):
    for found in evaluate(said, on=LOCAL):
        assert found.message
        assert found.verdict in Verdict
        if found.id in said.waived:
            assert found.verdict not in {Verdict.FAIL, Verdict.UNKNOWN}
            assert not found.blocks
        assert found.blocks == (found.rule.level == "BLOCK" and found.verdict in {Verdict.FAIL, Verdict.UNKNOWN})
        found.as_dict(), found.as_problem()


SIMPLE = {
    "underground": "R-SITE-02", "highest_floor": "R-SITE-03", "window_ratio": "R-SITE-04", "near_hazard": "R-SITE-06",
    "evacuation_doors": "R-FIRE-03", "health_room_area": "R-HLT-01", "observation_beds": "R-HLT-01",
    "monitoring_coverage": "R-SAFE-01", "recording_days": "R-SAFE-02", "one_key_alarm": "R-SAFE-03",
    "emergency_plans": "R-SAFE-07", "hygiene_rules": "R-HLT-08", "classes": "R-CLS-03", "premises_tenure": "R-SITE-01",
    "staff": "R-PER-05", "materials": "R-HLT-03", "capacity_total": "R-CAP-02", "meal_mode": "R-FOOD-01",
}  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_facts.filter(lambda said: said.today >= date(2024, 4, 1)), st.sampled_from(sorted(SIMPLE)))
def test_taking_an_answer_away_never_makes_a_pass(said, name):
    blank = "" if name in {"premises_tenure", "meal_mode"} else None
    less = replace(said, waived=frozenset(), **{name: blank})
    assert judge(SIMPLE[name], less).verdict is not Verdict.PASS
