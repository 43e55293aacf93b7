"""One registration as a whole: every code has a row that triggers it, and the fast way never disagrees."""

from __future__ import annotations

import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.choices import CERTIFICATE_BY_NATURE, CapitalKind, Nature
from registry.codes import registration as codes
from registry.rules import (
    FIELDS,
    LABELS,
    TEXTS,
    check_registration,
    clean_registration,
    identity,
    make_uscc,
)
from yancheng_childcare.problems import Level, Problem

TODAY = date(2026, 11, 23)
ID_NUMBER = identity.make_id_number("320902", date(1985, 3, 7), 101)
GOOD: dict[str, Any] = {
    "uscc": "91320902MA1TYC011T",
    "name": "盐城示例托育服务有限公司",
    "nature": "FORPROFIT",
    "registered_address": "亭湖区示例路1号",
    "region_code": "320902",
    "town_code": "320902001",
    "legal_rep_name": "示例甲",
    "legal_rep_id_no": ID_NUMBER,
    "registered_capital": "50.5",
    "capital_kind": "REGISTERED",
    "business_scope": "托育服务（不含幼儿园、托儿所）；家政服务",
    "purpose": "",
    "supervising_unit": "",
    "established_on": "2024-03-01",
    "approved_on": "2024-03-02",
    "valid_from": "2024-03-01",
    "valid_to": "",
    "contact_phone": "0515-88000001",
}
NONPROFIT = {
    "uscc": make_uscc("52", "320902", 7),
    "name": "亭湖区示例托育中心",
    "nature": "NONPROFIT",
    "capital_kind": "STARTUP",
    "purpose": "为三岁以下婴幼儿家庭服务",
    "supervising_unit": "亭湖区示例主管单位",
}
PUBLIC = NONPROFIT | {"uscc": make_uscc("12", "320902", 7), "nature": "PUBLIC", "supervising_unit": ""}
HOME = {
    "uscc": make_uscc("92", "320902", 7),
    "nature": "HOME",
    "name": "示例家庭托育点",
    "business_scope": "家庭托育服务",
}
KINDERGARTEN = PUBLIC | {"nature": "KINDERGARTEN", "name": "亭湖区示例幼儿园"}


def row(**changes: Any) -> dict[str, Any]:
    return GOOD | changes


def check(data: dict[str, Any], authority: str | None = None) -> list[Problem]:
    problems = check_registration(data, today=TODAY, authority_kind=authority)
    if not any(problem.level is Level.BLOCK for problem in problems):
        stored = clean_registration(data)
        assert all(isinstance(stored[field], str) for field in TEXTS)
        assert clean_registration(stored) == stored
    return problems


# (code, what is changed in a good row, field, level, kind of authority)
B, W = Level.BLOCK, Level.WARN
TRIGGERS: list[tuple[str, dict[str, Any], str, Level, str | None]] = [
    (codes.USCC_EMPTY, {"uscc": None}, "uscc", B, None),
    (codes.USCC_LENGTH, {"uscc": "91320902MA1TYC011"}, "uscc", B, None),
    (codes.USCC_CHARACTER, {"uscc": "9132O902MA1TYC011T"}, "uscc", B, None),
    (codes.USCC_CHECK_DIGIT, {"uscc": "91320902MA1TYC011R"}, "uscc", B, None),
    (codes.USCC_ORGANISATION_DIGIT, {"uscc": "91320924MA25QW3E7W"}, "uscc", B, None),
    (codes.USCC_DEPARTMENT, {"uscc": "E1320902MA1TYC011T"}, "uscc", B, None),
    (codes.USCC_CATEGORY, {"uscc": "97320902MA1TYC011T"}, "uscc", B, None),
    (codes.USCC_REGION_DIGITS, {"uscc": "9132B902MA1TYC011T"}, "uscc", B, None),
    (codes.USCC_PROVINCE, {"uscc": "91990902MA1TYC011T"}, "uscc", B, None),
    (codes.NATURE_PREFIX, {"nature": "FORPROFIT_IND"}, "nature", B, "MARKET"),
    (codes.NATURE_AUTHORITY, {}, "nature", B, "CIVIL"),
    (codes.SCOPE_MISSING, {"business_scope": "教育咨询"}, "business_scope", B, None),
    (codes.HOME_NAME, HOME | {"name": "示例之家"}, "name", B, None),
    (codes.SCOPE_EARLY_EDUCATION, {"business_scope": "早教服务"}, "business_scope", B, None),
    (codes.NAME_WITHOUT_WORDING, {"name": "盐城示例婴幼儿照护有限公司"}, "name", W, None),
    (codes.HOME_SCOPE, HOME | {"business_scope": "托育服务"}, "business_scope", B, None),
    (codes.SCOPE_EXCLUDED, {"business_scope": "教育咨询（不含托育服务）"}, "business_scope", B, None),
    (codes.SCOPE_IRREGULAR, {"business_scope": "婴幼儿托育"}, "business_scope", B, None),
    (codes.AUTHORITY_UNKNOWN, {}, "", B, "HEALTH"),
    (codes.REGION_DIFFERS, {"region_code": "320903"}, "region_code", W, None),
    (codes.SCOPE_OF_HOST, KINDERGARTEN | {"business_scope": "学前教育"}, "business_scope", W, "EDU"),
    (codes.SCOPE_HOME_WORDING, {"business_scope": "家庭托育服务"}, "business_scope", W, None),
    (codes.REQUIRED, {"legal_rep_name": " \u3000"}, "legal_rep_name", B, None),
    (codes.TOO_LONG, {"name": "托育" * 51}, "name", B, None),
    (codes.CONTROL_CHARACTER, {"name": "示例\x00托育"}, "name", B, None),
    (codes.NOT_TEXT, {"contact_phone": 13800000000}, "contact_phone", B, None),
    (codes.NATURE_UNKNOWN, {"nature": "企业"}, "nature", B, None),
    (codes.CAPITAL_KIND_UNKNOWN, {"capital_kind": "CASH"}, "capital_kind", B, None),
    (codes.CAPITAL_KIND_MISMATCH, {"capital_kind": "STARTUP"}, "capital_kind", B, None),
    (codes.CAPITAL_NOT_NUMBER, {"registered_capital": "50万元"}, "registered_capital", B, None),
    (codes.CAPITAL_NOT_POSITIVE, {"registered_capital": "0.00"}, "registered_capital", B, None),
    (codes.CAPITAL_TOO_LARGE, {"registered_capital": "100000000.000001"}, "registered_capital", B, None),
    (codes.CAPITAL_DECIMALS, {"registered_capital": "1.0000001"}, "registered_capital", B, None),
    (codes.PHONE_FORMAT, {"contact_phone": "12345"}, "contact_phone", B, None),
    (codes.PHONE_NO_AREA_CODE, {"contact_phone": "88000001"}, "contact_phone", W, None),
    (codes.PHONE_MISSING, {"contact_phone": None}, "contact_phone", W, None),
    (codes.REGION_FORMAT, {"region_code": "亭湖区"}, "region_code", B, None),
    (codes.REGION_OUTSIDE, {"region_code": "320802"}, "region_code", B, None),
    (codes.REGION_IS_CITY, {"region_code": "320900"}, "region_code", B, None),
    (codes.TOWN_FORMAT, {"town_code": "五星街道"}, "town_code", B, None),
    (codes.PURPOSE_REQUIRED, PUBLIC | {"purpose": ""}, "purpose", B, None),
    (codes.UNREADABLE, {"valid_to": "#N/A"}, "valid_to", B, None),
    (codes.SUPERVISING_UNIT_REQUIRED, NONPROFIT | {"supervising_unit": None}, "supervising_unit", B, None),
    (codes.DATE_FORMAT, {"established_on": "2024年3月1日"}, "established_on", B, None),
    (codes.DATE_NOT_EXISTING, {"valid_from": "2026-02-30"}, "valid_from", B, None),
    (codes.ESTABLISHED_IN_FUTURE, {"established_on": "2026-11-24"}, "established_on", B, None),
    (codes.APPROVED_BEFORE_ESTABLISHED, {"approved_on": "2024-02-29"}, "approved_on", B, None),
    (codes.APPROVED_IN_FUTURE, {"approved_on": date(2026, 11, 24)}, "approved_on", B, None),
    (codes.VALIDITY_REVERSED, {"valid_to": "2024-03-01"}, "valid_to", B, None),
    (codes.DATE_TOO_EARLY, {"established_on": "1948-12-31"}, "established_on", B, None),
    (codes.CERTIFICATE_EXPIRED, {"valid_to": "2026-11-22"}, "valid_to", W, None),
    (codes.ID_EMPTY, {"legal_rep_id_no": ""}, "legal_rep_id_no", B, None),
    (codes.ID_LENGTH, {"legal_rep_id_no": ID_NUMBER[:17]}, "legal_rep_id_no", B, None),
    (codes.ID_OLD_FORM, {"legal_rep_id_no": "110105491231002"}, "legal_rep_id_no", B, None),
    (codes.ID_CHARACTER, {"legal_rep_id_no": "A" + ID_NUMBER[1:]}, "legal_rep_id_no", B, None),
    (codes.ID_REGION, {"legal_rep_id_no": "99" + ID_NUMBER[2:]}, "legal_rep_id_no", B, None),
    (codes.ID_BIRTH_DATE, {"legal_rep_id_no": "110105194913310021"}, "legal_rep_id_no", B, None),
    (codes.ID_BORN_IN_FUTURE, {"legal_rep_id_no": "320902202712310011"}, "legal_rep_id_no", B, None),
    (codes.ID_TOO_YOUNG, {"legal_rep_id_no": "320902201512310011"}, "legal_rep_id_no", B, None),
    (codes.ID_TOO_OLD, {"legal_rep_id_no": "320902190012310011"}, "legal_rep_id_no", B, None),
    (codes.ID_CHECK_DIGIT, {"legal_rep_id_no": "110105194912310021"}, "legal_rep_id_no", B, None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "changes", "field", "level", "authority"), TRIGGERS, ids=[t[0] for t in TRIGGERS])
def test_every_code_is_raised_by_its_mistake(
    code: str, changes: dict[str, Any], field: str, level: Level, authority: str | None
) -> None:
    data = row(**changes)
    hits = [p for p in check(data, authority) if p.code == code]
    assert [(p.field, p.level) for p in hits] == [(field, level)]
    message = hits[0].message
    assert message.endswith("。") and message.count("。") == 1
    assert "TODO" not in message and str(data["legal_rep_id_no"] or "-") not in message


def test_the_table_covers_every_code() -> None:
    raised = {code for code, *_ in TRIGGERS}
    assert raised == set(codes.CODES) - codes.CODES_OF_STORED_RECORDS
    assert len(raised) == len(TRIGGERS)


def test_each_code_has_a_name_and_a_meaning_of_its_own() -> None:
    names = {n: v for n, v in vars(codes).items() if isinstance(v, str) and v.startswith("REG-")}
    assert sorted(names.values()) == sorted(codes.CODES)
    assert len(set(codes.CODES.values())) == len(codes.CODES)


@pytest.mark.parametrize(
    ("changes", "authority"),
    [
        ({}, "MARKET"),
        (NONPROFIT, "CIVIL"),
        (PUBLIC, "STAFFING"),
        (HOME, "MARKET"),
        (HOME | {"uscc": GOOD["uscc"]}, "MARKET"),
        ({"uscc": make_uscc("92", "320902", 5), "nature": "FORPROFIT_IND"}, "MARKET"),
        (KINDERGARTEN, "EDU"),
        (KINDERGARTEN, "STAFFING"),
        ({"nature": "EMPLOYER", "uscc": make_uscc("81", "320902", 5), "capital_kind": "STARTUP"}, "CIVIL"),
        ({"registered_capital": Decimal("12.500000"), "established_on": date(2024, 3, 1)}, "MARKET"),
        ({"registered_capital": 50, "approved_on": datetime(2024, 3, 2, 8, 30)}, "MARKET"),
        ({"registered_capital": 50.5, "contact_phone": "13800000000"}, "MARKET"),
        ({"registered_capital": "１００", "contact_phone": "+86 138-0000-0000".replace("-", "")}, "MARKET"),
        ({"registered_capital": "100000000", "contact_phone": "400-000-0000"}, "MARKET"),
        ({"valid_to": "长期"}, "MARKET"),
        ({"valid_to": "2026-11-23"}, "MARKET"),
        ({"uscc": " 91320902ma1tyc011t ", "name": "\ufeff盐城示例托育有限公司 "}, "MARKET"),
    ],
)
def test_good_rows_pass_without_remark(changes: dict[str, Any], authority: str) -> None:
    assert check(row(**changes), authority) == []
    assert check(row(**changes)) == []


@pytest.mark.parametrize("nature", Nature.values)
def test_each_nature_has_its_certificate_and_knows_its_authorities(nature: str) -> None:
    assert nature in CERTIFICATE_BY_NATURE
    refused = [a for a in ("MARKET", "CIVIL", "STAFFING", "EDU") if not _accepts(nature, a)]
    expected = {
        "PUBLIC": ["MARKET", "CIVIL", "EDU"],
        "NONPROFIT": ["MARKET", "STAFFING", "EDU"],
        "KINDERGARTEN": [],
        "EMPLOYER": ["EDU"],
    }
    assert refused == expected.get(nature, ["CIVIL", "STAFFING", "EDU"])


def _accepts(nature: str, authority: str) -> bool:
    prefix = {"MARKET": "91", "CIVIL": "52", "STAFFING": "12", "EDU": "52"}[authority]
    if nature not in ("KINDERGARTEN", "EMPLOYER"):
        prefix = {"PUBLIC": "12", "NONPROFIT": "52", "FORPROFIT_IND": "92"}.get(nature, "91")
    data = row(nature=nature, uscc=make_uscc(prefix, "320902", 3))
    return codes.NATURE_AUTHORITY not in {p.code for p in check(data, authority)}


def test_a_hosts_code_must_come_from_the_entering_authority() -> None:
    [problem] = check(row(**KINDERGARTEN), "CIVIL")
    assert problem.code == codes.NATURE_AUTHORITY
    assert "由机构编制部门登记" in problem.message


def test_the_message_on_nature_names_both_sides() -> None:
    [problem] = check(row(nature="FORPROFIT_IND"))
    assert "个体工商户" in problem.message and "以 92 开头" in problem.message and "91（企业）" in problem.message


def test_articles_are_cited_and_own_choices_are_called_so() -> None:
    problems = {p.code: p.clause for p in check(row(**NONPROFIT | {"purpose": "", "supervising_unit": ""}))}
    assert problems[codes.PURPOSE_REQUIRED] == "《民办非企业单位登记管理暂行条例》第十二条"
    assert problems[codes.SUPERVISING_UNIT_REQUIRED] == "《民办非企业单位登记管理暂行条例》第十二条"
    [prefix] = check(row(nature="FORPROFIT_IND"))
    assert prefix.clause == "平台约定"


def test_an_empty_body_lists_every_required_field_in_order() -> None:
    problems = check({})
    assert [p.field for p in problems] == [
        f for f in FIELDS if f not in ("purpose", "supervising_unit", "valid_to", "capital_kind")
    ]
    assert set(LABELS) == set(FIELDS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("2024/3/1", "2024-03-01"), ("20240301", "2024-03-01"), ("去年", "2026-11-23"), ("2024-3", "2026-11-23"),
     ("2026-W01-1", "2026-11-23"), ("2024-13-1", "2026-11-23")],
)  # fmt: skip
def test_a_wrong_date_shows_the_expected_form(text: str, shown: str) -> None:
    [problem] = check(row(valid_from=text))
    assert problem.code == codes.DATE_FORMAT
    assert f"例如 {shown}" in problem.message


@pytest.mark.parametrize("value", [True, "1,000", "1e3", "NaN", float("nan"), float("inf"), Decimal("sNaN"), [], {}])
def test_what_is_no_plain_number(value: Any) -> None:
    assert [p.code for p in check(row(registered_capital=value))] == [codes.CAPITAL_NOT_NUMBER]


@pytest.mark.parametrize("value", [Decimal("1E-400"), 1e-7, Decimal("1E+400"), 10**400, -5, "9" * 40])
def test_amounts_beyond_the_limits_are_refused_calmly(value: Any) -> None:
    expected = {codes.CAPITAL_DECIMALS, codes.CAPITAL_TOO_LARGE, codes.CAPITAL_NOT_POSITIVE}
    assert {p.code for p in check(row(registered_capital=value))} <= expected
    assert len(check(row(registered_capital=value))) == 1


@pytest.mark.parametrize("bad", ["\x00", "\u202e", "\ud800", "\u200b", "\x1b"])
def test_characters_nobody_can_see_are_refused_in_every_text(bad: str) -> None:
    for field in ("name", "registered_address", "legal_rep_name", "business_scope", "purpose", "supervising_unit"):
        problems = check(row(**{field: f"托育{bad}服务"}))
        assert (codes.CONTROL_CHARACTER, field) in {(p.code, p.field) for p in problems}


def test_line_breaks_may_stand_in_scope_and_purpose_only() -> None:
    assert check(row(business_scope="托育服务；\n家政服务", purpose="一\n二")) == []
    assert [p.code for p in check(row(registered_address="亭湖区\n示例路"))] == [codes.CONTROL_CHARACTER]


def test_cleaning_gives_typed_values() -> None:
    clean = clean_registration(row(uscc=" 91320902ma1tyc011t", valid_to="长期", contact_phone="138 0000 0000", extra=1))
    assert set(clean) == set(FIELDS)
    assert clean["uscc"] == "91320902MA1TYC011T"
    assert clean["registered_capital"] == Decimal("50.5")
    assert clean["established_on"] == date(2024, 3, 1)
    assert clean["valid_to"] is None
    assert clean["contact_phone"] == "13800000000"
    assert check(clean) == []
    assert clean_registration(clean) == clean


odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=3))
near = st.sampled_from([value for _, changes, *_ in TRIGGERS for value in changes.values()])


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from(FIELDS), odd | near, max_size=3),
    st.sampled_from([{}, NONPROFIT, PUBLIC, HOME, KINDERGARTEN]),
    st.sampled_from([None, "MARKET", "CIVIL", "STAFFING", "EDU", "HEALTH"]),
)
def test_whatever_comes_in_is_judged_and_left_as_it_was(
    changes: dict[str, Any], base: dict[str, Any], kind: str | None
) -> None:
    data = GOOD | base | changes
    before = copy.deepcopy(data)
    problems = check(data, kind)
    assert repr(data) == repr(before)
    for problem in problems:
        assert ID_NUMBER not in problem.message and "示例甲" not in problem.message
        assert problem.code in codes.CODES


@settings(max_examples=300)
@given(
    st.text(alphabet="托育服务家庭；;，、。（()）不含除外3岁以下婴幼儿照护\n 停业", max_size=25),
    st.sampled_from(["FORPROFIT", "HOME"]),
)
def test_every_scope_is_judged(scope: str, nature: str) -> None:
    check(row(business_scope=scope + "；托育服务", nature=nature))
    check(row(business_scope="托育服务" + scope, nature=nature))


@pytest.mark.parametrize("kind", CapitalKind.values)
def test_a_host_may_have_either_kind_until_its_prefix_decides(kind: str) -> None:
    employer = row(nature="EMPLOYER", uscc=make_uscc("81", "320902", 5), capital_kind=kind)
    assert check(employer) == []
