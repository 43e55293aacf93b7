"""The ID number: official example, one message per mistake, masking, and no number ever in a message."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric as oracle

from registry.codes import registration as codes
from registry.rules import identity

TODAY = date(2026, 11, 23)
EXAMPLE = "11010519491231002X"  # the example printed in GB 11643
generated = st.builds(
    identity.make_id_number,
    st.sampled_from(["110105", "320902", "320981", "440301"]),
    st.dates(date(1927, 1, 1), date(2008, 11, 23)),
    st.integers(0, 999),
)


def born(day: date) -> str:
    return identity.make_id_number("320902", day, 1)


def the_codes(text: str) -> list[str]:
    return [problem.code for problem in identity.check_id_number(text, today=TODAY)]


def test_the_official_example_passes() -> None:
    assert the_codes(EXAMPLE) == []
    assert the_codes(" 110105 19491231 002ｘ") == []


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("", codes.ID_EMPTY, "请填写"),
        ("110105491231002", codes.ID_OLD_FORM, "15 位旧身份证号"),
        (EXAMPLE[:17], codes.ID_LENGTH, "现在是 17 位"),
        (EXAMPLE + "0", codes.ID_LENGTH, "现在是 19 位"),
        ("1101O519491231002X", codes.ID_CHARACTER, "第5位不是数字"),
        ("X10105194912310021", codes.ID_CHARACTER, "第1位不是数字"),
        ("ABCDE519491231002X", codes.ID_CHARACTER, "等 5 处"),
        (identity.make_id_number("990105", date(1985, 1, 1), 1), codes.ID_REGION, "前两位"),
        ("110105194913310021", codes.ID_BIRTH_DATE, "出生日期不存在"),
        (born(date(2026, 11, 24)), codes.ID_BORN_IN_FUTURE, "晚于今天"),
        (born(date(2008, 11, 24)), codes.ID_TOO_YOUNG, "不满 18 周岁"),
        (born(date(1925, 11, 23)), codes.ID_TOO_OLD, "超过 100 周岁"),
        (EXAMPLE[:17] + "1", codes.ID_CHECK_DIGIT, "第18位应为 X"),
    ],
)
def test_each_mistake_has_its_code_and_sentence(number: str, code: str, words: str) -> None:
    problem = next(p for p in identity.check_id_number(number, today=TODAY) if p.code == code)
    assert words in problem.message
    assert problem.field == "legal_rep_id_no"


@pytest.mark.parametrize("day", [date(2008, 11, 23), date(1925, 11, 24), date(2000, 2, 29)])
def test_ages_18_and_100_pass_on_the_day_itself(day: date) -> None:
    assert the_codes(born(day)) == []


@pytest.mark.parametrize("region", ["810000", "830000", "932156"])
def test_permits_that_share_the_form_pass(region: str) -> None:
    assert the_codes(identity.make_id_number(region, date(1980, 5, 6), 12)) == []


def test_the_field_name_can_be_another() -> None:
    [problem] = identity.check_id_number("1", today=TODAY, field="id_no")
    assert problem.field == "id_no"


def test_the_mask_hides_the_birth_date() -> None:
    assert identity.mask(EXAMPLE) == "110*************2X"
    assert identity.mask("110105491231002") == "*" * 15
    assert identity.mask("") == ""


def test_parts_that_fit_no_number_are_refused() -> None:
    with pytest.raises(ValueError):
        identity.make_id_number("3209GX", date(1980, 1, 1), 1)
    with pytest.raises(ValueError):
        identity.make_id_number("320902", date(1980, 1, 1), 1000)


@given(generated)
def test_generated_numbers_pass_here_and_their_check_digit_at_the_oracle(number: str) -> None:
    assert the_codes(number) == []
    assert oracle.calc_check_digit(number) == number[17]


@given(generated, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_substitution_is_caught(number: str, place: int, other: str) -> None:
    wrong = number[:place] + other + number[place + 1 :]
    assert (the_codes(wrong) == []) == (wrong == number)


@given(st.text(max_size=24) | st.text(alphabet="0123456789Xx ", min_size=15, max_size=19))
def test_any_text_gets_an_answer_that_does_not_repeat_it(text: str) -> None:
    number = identity.normalise(text)
    assert identity.normalise(number) == number
    problems = identity.check_id_number(text, today=TODAY)
    assert (problems == []) == identity.is_valid(number, TODAY)
    if len(number) >= 6:
        assert all(number not in p.message and number[-6:] not in p.message for p in problems)


@given(generated, st.sampled_from("0123456789X"))
def test_a_wrong_check_digit_repeats_no_part_of_the_number(number: str, last: str) -> None:
    for problem in identity.check_id_number(number[:17] + last, today=TODAY):
        assert all(number[i : i + 4] not in problem.message for i in range(14))
