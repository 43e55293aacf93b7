"""Rows: what is understood, what is named with code and column, and that no message repeats a person's data."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from import_tables import HEADER, as_csv, cells

from casework.imports.columns import read_header
from registry.models import Institution
from registry.registration.checks import full_check
from registry.registration.fields import COLUMN, ENTERED
from registry.registration.imports.checking import RowChecker
from registry.registration.imports.columns import REGISTRATION
from registry.rules import TEXTS, clean_registration
from registry.rules.pinyin import romanise
from yancheng_childcare.models import Department
from yancheng_childcare.problems import Level

TODAY = date(2026, 11, 23)


@pytest.fixture
def checker(reference: None) -> RowChecker:
    return RowChecker(read_header(1, HEADER, REGISTRATION), Department.objects.get(pk="320902-MARKET"), TODAY)


def test_labels_and_names_stand_for_codes(checker: RowChecker, registration: Any) -> None:
    labels = {
        "nature": "营利性企业",
        "capital_kind": "注册资本",
        "region_code": "亭湖区",
        "town_code": "五星街道",
        "valid_to": "长期",
    }
    row = {**registration(), **labels}
    data, problems = checker.check(checker.data(cells(row)))
    assert problems == ()
    assert (data["nature"], data["capital_kind"], data["region_code"]) == ("FORPROFIT", "REGISTERED", "320902")
    assert data["town_code"].startswith("320902")
    assert data["valid_to"] is None


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("uscc", "91320902MA0000015X", "REG-004"),
        ("uscc", "9.1320902E+17", "REG-204"),
        ("legal_rep_id_no", "320902198506010016", "REG-410"),
        ("legal_rep_id_no", "3.20902E+17", "REG-204"),
        ("nature", "公司", "REG-205"),
        ("region_code", "东台市", "REG-504"),
        ("region_code", "未知县", "REG-215"),
        ("town_code", "未知镇", "REG-218"),
        ("town_code", "320903002", "REG-503"),
        ("contact_phone", "12345", "REG-212"),
        ("registered_capital", "五十万", "REG-208"),
        ("business_scope", "咨询服务", "REG-103"),
        ("established_on", "2025-02-30", "REG-302"),
        ("approved_on", "2024-01-01", "REG-304"),
        ("legal_rep_name", "", "REG-201"),
        ("purpose", "字" * 1001, "REG-202"),
        ("name", "盐城\x0b托育", "REG-203"),
    ],
)
def test_each_kind_of_mistake_has_its_code(
    checker: RowChecker, registration: Any, field: str, value: str, code: str
) -> None:
    row = registration(**{field: value})
    _, problems = checker.check(checker.data(cells(row)))
    blocking = [p for p in problems if p.level is Level.BLOCK]
    assert code in [p.code for p in blocking if p.field in (field, "approved_on")]
    for problem in problems:
        assert row["legal_rep_id_no"] not in problem.message or not row["legal_rep_id_no"]
        assert row["contact_phone"] not in problem.message


def test_what_the_rules_let_through_fits_its_column() -> None:
    """Otherwise a row called good would fail in the database and take the whole file with it."""
    formed = {"uscc", "nature", "capital_kind"}  # the rules know every value, or its exact form
    for name, rule in TEXTS.items():
        longest = getattr(Institution._meta.get_field(COLUMN.get(name, name)), "max_length", None)
        assert name in formed or longest is None or rule.limit <= longest, name


def test_apostrophes_of_an_export_come_off(checker: RowChecker, registration: Any) -> None:
    row = registration(registered_address="'=亭湖区1号", contact_phone="'+8613812341234")
    data, problems = checker.check(checker.data(cells(row)))
    assert problems == ()
    assert (data["registered_address"], data["contact_phone"]) == ("=亭湖区1号", "+8613812341234")
    kept, _ = checker.check(checker.data(cells(registration(registered_address="'引号'路1号"))))
    assert kept["registered_address"] == "'引号'路1号"


def test_short_rows_and_absent_columns(reference: None, registration: Any) -> None:
    names = [name for name in ENTERED if name not in ("purpose", "supervising_unit", "valid_to", "contact_phone")]
    checker = RowChecker(read_header(1, names, REGISTRATION), Department.objects.get(pk="320902-MARKET"), TODAY)
    row = registration()
    data, problems = checker.check(checker.data([row[name] for name in names]))
    assert [p.code for p in problems] == ["REG-214"]
    assert data["purpose"] == ""
    _, problems = checker.check(checker.data([row["uscc"]]))
    assert {p.code for p in problems} >= {"REG-201", "REG-401"}


_serials = itertools.count()


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    field=st.sampled_from(ENTERED),
    value=st.one_of(
        st.text(max_size=30), st.sampled_from(["", "长期", "2025-13-01", "'x", "=1", "1E+18", "３２０９０２", "91", "托育服务"]),
        st.floats(), st.booleans(), st.dates(), st.none(),
    ),
)  # fmt: skip
@example(field="purpose", value="\xad")
def test_an_import_never_says_yes_where_the_form_says_no(
    checker: RowChecker, registration: Any, field: str, value: Any
) -> None:
    """Whatever stands in a cell: no exception, and a row called good passes the whole check of a single entry."""
    row = registration()
    row[field] = value
    data, problems = checker.check(checker.data(["" if row[name] is None else row[name] for name in ENTERED]))
    if any(problem.level is Level.BLOCK for problem in problems):
        return
    found = full_check(data, registry_org=checker.department, today=TODAY)
    assert [p for p in found if p.level is Level.BLOCK] == []
    clean = clean_registration(data)
    assert {**clean, "registered_capital": Decimal(str(data["registered_capital"]))} == {
        **data,
        "registered_capital": clean["registered_capital"],
    }


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet="盐城市长乐重庆行长银行托育服务有限公司朝阳单县都（）()0123456789ABab·传说中的会计大夫",
        min_size=1,
        max_size=30,
    )
)
def test_pinyin_is_the_library_s(name: str) -> None:
    from pypinyin import Style, lazy_pinyin

    assert romanise(name) == (
        "".join(lazy_pinyin(name))[:400],
        "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))[:100],
    )


@pytest.mark.django_db
def test_a_bad_first_row_does_not_reserve_its_code(upload: Any, registration: Any, found: Any) -> None:
    row = registration()
    job = upload(as_csv([{**row, "name": ""}, row, row]), take=True)
    assert found(job) == {2: ["REG-201"], 4: ["REG-509"]}
    assert Institution.objects.count() == 1


@pytest.mark.django_db
def test_problem_rows_hold_no_cell(upload: Any, registration: Any) -> None:
    row = registration(legal_rep_id_no="320902198506010016", contact_phone="1381234", legal_rep_name="王秘密")
    job = upload(as_csv([row]))
    kept = str(list(job.rows.values()))
    assert "320902198506010016" not in kept
    assert "1381234" not in kept
    assert "王秘密" not in kept
