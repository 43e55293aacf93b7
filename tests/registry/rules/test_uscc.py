"""The unified social credit code: vectors, one message per mistake, and properties that hold for every code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from registry.codes import registration as codes
from registry.rules import uscc

# domain.md §1.3: published codes, then fictional ones.
VALID = [
    "91350100M000100Y43",
    "91440300708461136T",
    "91110108551385082Q",
    "91110000802100433B",
    "91341000MA2N0ABGXX",
    "52610500MJU60350X1",
    "51100000500019541K",
    "91320902MA1TYC011T",
    "91320903MA1TYC02X1",
    "92320981MA1TYC038W",
    "52320900MJ5TYC046T",
    "52320924MJ5TYC054E",
    "12320925MB1TYC0661",
    "12320904466TYC0742",
    "91110000600037341L",
    "91320902MA1X000A0R",
]

generated = st.builds(
    uscc.make_uscc,
    st.sampled_from(sorted(uscc.PREFIXES)),
    st.sampled_from(["320900", "320902", "320981", "100000", "110108"]),
    st.integers(0, 31**6 - 1),
)


def the_codes(text: str) -> list[str]:
    return [problem.code for problem in uscc.check_uscc(text)]


@pytest.mark.parametrize("code", VALID)
def test_published_and_fictional_codes_pass(code: str) -> None:
    assert uscc.check_uscc(code) == []
    assert uscc.complete_uscc(code[:16]) == code


@pytest.mark.parametrize(
    ("code", "organisation_digit"),
    [("52320903MJ5000002K", "9"), ("123209814660000010", "2"), ("91320924MA25QW3E7W", "8")],
)
def test_three_demo_codes_fail_only_their_organisation_digit(code: str, organisation_digit: str) -> None:
    """Listed elsewhere as demo codes; their 18th character is right, the 17th is not (GB 11714)."""
    [problem] = uscc.check_uscc(code)
    assert problem.code == codes.USCC_ORGANISATION_DIGIT
    assert f"第17位应为 {organisation_digit}，现在是 {code[16]}" in problem.message
    assert oracle.is_valid(code)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", codes.USCC_EMPTY, "请填写"),
        ("  \u3000\u200b", codes.USCC_EMPTY, "请填写"),
        ("91320902MA1TYC011", codes.USCC_LENGTH, "现在是 17 位，少 1 位"),
        ("91320902MA1TYC011TT", codes.USCC_LENGTH, "现在是 19 位，多 1 位"),
        ("320902000012345", codes.USCC_LENGTH, "旧的工商注册号"),
        ("MA1TYC011", codes.USCC_LENGTH, "旧的组织机构代码"),
        ("9132O902MA1TYC011T", codes.USCC_CHARACTER, "第5位是字母 O，可能是数字 0（照此改后校验通过）"),
        ("91320902MAITYC011T", codes.USCC_CHARACTER, "第11位是字母 I，可能是数字 1"),
        ("91320902MA1TYC0S1T", codes.USCC_CHARACTER, "第16位是字母 S，可能是数字 5，"),
        ("9132090ZMA1TYC011T", codes.USCC_CHARACTER, "第8位是字母 Z，可能是数字 2"),
        ("91320902MA1TVC011T", codes.USCC_CHARACTER, "第13位是字母 V，可能是字母 U"),
        ("91320902MA1TYC01中T", codes.USCC_CHARACTER, "第17位是字符 中，"),
        ("91320902MA1TYC01\x00T", codes.USCC_CHARACTER, "看不见的字符 U+0000"),
        ("OOOOO902MA1TYC011T", codes.USCC_CHARACTER, "共有 5 处"),
        ("91320902MA1TYC011R", codes.USCC_CHECK_DIGIT, "第18位应为 T，现在是 R"),
        ("91320902MA1X000A0K", codes.USCC_CHECK_DIGIT, "第18位应为 R"),
        ("E1320902MA1TYC011T", codes.USCC_DEPARTMENT, "第1位 E 不是登记管理部门代码"),
        ("97320902MA1TYC011T", codes.USCC_CATEGORY, "第2位 7 不是市场监管部门登记的机构类别"),
        ("9132B902MA1TYC011T", codes.USCC_REGION_DIGITS, "第5位是字母"),
        ("91990902MA1TYC011T", codes.USCC_PROVINCE, "第3、4位 99"),
    ],
)
def test_each_mistake_has_its_code_and_sentence(text: str, code: str, words: str) -> None:
    problem = next(p for p in uscc.check_uscc(text) if p.code == code)
    assert words in problem.message
    assert problem.field == "uscc"
    assert problem.message.endswith("。")


def test_blanks_width_and_case_are_forgiven() -> None:
    assert uscc.check_uscc("\ufeff ９１３２０９０２ ma1t\u00a0yc011t\n") == []
    assert uscc.normalise(" ９１３２０９０２ma1tyc011t") == "91320902MA1TYC011T"


def test_one_wrong_character_is_repaired_as_a_hint() -> None:
    """A wrong character in the organisation code breaks both digits; only one repair satisfies both."""
    problems = uscc.check_uscc("91320902MA1TYB011T")
    assert [p.code for p in problems] == [codes.USCC_CHECK_DIGIT, codes.USCC_ORGANISATION_DIGIT]
    assert "可能是 91320902MA1TYC011T，请对照证照核对" in problems[0].message
    assert "可能是" not in problems[1].message


def test_swapped_neighbours_are_repaired_as_a_hint() -> None:
    assert uscc.suggest("91320902MAT1YC011T") == "91320902MA1TYC011T"


def test_no_hint_when_several_repairs_fit_or_the_text_is_no_code() -> None:
    assert uscc.suggest("91320902MA1TYC011R") is None
    assert uscc.suggest("91320902") is None


def test_the_weights_prove_that_one_wrong_character_is_always_caught() -> None:
    """A change at one place changes the sum by weight x difference; 31 is prime and divides neither."""
    assert len(set(uscc.ALPHABET)) == 31
    assert all(weight % 31 for weight in uscc.WEIGHTS)
    differences = range(1, 31)
    assert all(weight * d % 31 for weight in (*uscc.WEIGHTS, 1) for d in differences)
    assert all(weight % 11 for weight in uscc.ORGANISATION_WEIGHTS)


@given(generated)
def test_generated_codes_pass_here_and_at_the_oracle(code: str) -> None:
    assert uscc.check_uscc(code) == []
    assert uscc.is_valid(code)
    if code[:2].isdigit():
        assert oracle.is_valid(code)


@given(generated, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_any_single_substitution_is_caught(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    if wrong == code:
        assert the_codes(wrong) == []
    else:
        assert codes.USCC_CHECK_DIGIT in the_codes(wrong)


@given(generated, st.integers(0, 16))
def test_any_swap_of_different_neighbours_is_caught(code: str, place: int) -> None:
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (the_codes(wrong) == []) == (wrong == code)


@given(st.text(max_size=25) | st.text(alphabet=uscc.ALPHABET + "OIZSV -", min_size=16, max_size=20))
def test_any_text_gets_an_answer_and_the_two_ways_agree(text: str) -> None:
    code = uscc.normalise(text)
    assert uscc.normalise(code) == code
    problems = uscc.check_uscc(text)
    assert (problems == []) == uscc.is_valid(code)
    assert {p.code for p in problems} <= set(codes.CODES)


@given(st.text(alphabet=uscc.ALPHABET, min_size=18, max_size=18), generated)
def test_never_more_generous_than_the_oracle(noise: str, code: str) -> None:
    for candidate in (noise, code[:10] + noise[10:]):
        if uscc.is_valid(candidate) and candidate[:2].isdigit():
            assert oracle.is_valid(candidate)


def test_serials_give_different_codes() -> None:
    assert len({uscc.make_uscc("91", "320902", n) for n in range(5000)}) == 5000


@pytest.mark.parametrize(
    ("prefix", "region", "serial"),
    [("97", "320902", 1), ("91", "3209GX", 1), ("91", "990902", 1), ("91", "320902", -1)],
)
def test_parts_that_fit_no_code_are_refused(prefix: str, region: str, serial: int) -> None:
    with pytest.raises(ValueError):
        uscc.make_uscc(prefix, region, serial)


@pytest.mark.parametrize("first16", ["91320902", "91320902MAOTYC01"])
def test_completing_needs_sixteen_known_characters(first16: str) -> None:
    with pytest.raises(ValueError):
        uscc.complete_uscc(first16)
