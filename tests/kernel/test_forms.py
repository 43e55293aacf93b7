"""Questions as a dataclass: the same limit in the browser and here, and wrong answers under the field that asked."""

from __future__ import annotations

from yancheng_childcare.forms import Why, form_of, read


def test_a_line_break_counts_once_as_in_the_browser():
    words = "\r\n".join(["第一行写满"] * 50)  # 250 characters and 49 breaks: 299 as counted in the browser
    answers, problems = read(form_of(Why)({"reason": words}), "GEN-422")
    assert problems == [] and answers.reason == words.replace("\r\n", "\n")


def test_what_is_wrong_stands_at_its_field_under_the_callers_code():
    for typed, words in (("", "请填写理由"), ("短", "不少于 4 个字"), ("经办 320902198506010015", "身份证号码")):
        answers, problems = read(form_of(Why)({"reason": typed}), "CAS-101")
        assert (
            answers is None and [problem.field for problem in problems] == ["reason"] and words in problems[0].message
        )
        assert problems[0].code == ("GEN-ID" if "身份证" in words else "CAS-101")
