"""What the letters say: one builder each, no letter without what the law wants in it."""

from __future__ import annotations

import csv
import dataclasses
import re
from datetime import date
from typing import Any

import pytest
from letter_samples import AGAINST, COMMON, ITEM, every_letter, receipt

from casework.documents.content import content
from casework.documents.sheet import Letter
from casework.documents.wording import chinese_date, chinese_number, official
from registry.choices import NoticeKind
from registry.documents import decisions, letters
from registry.documents.conditions import TABLE, basic_conditions
from registry.documents.letters import LetterKind
from registry.rules.filing.catalogue import RULES


def words(letter: Letter) -> str:
    """All texts of a letter in one line."""
    shown = content(letter)
    parts = [*shown["paragraphs"], *shown["closing"], *(f"{label}{value}" for label, value in shown["rows"])]
    for item in shown["items"]:
        parts += [item["heading"], *(f"{a}：{b}" for a, b in item["lines"]), *(a + b for a, b in item["points"])]
    return "\n".join(parts)


def test_a_receipt_says_it_is_no_licence() -> None:
    first = receipt()
    assert (first.kind, first.title, first.number) == (LetterKind.RECEIPT, "托育机构备案回执", "320902TY20260001")
    assert "备案不是行政许可，本回执不是许可证" in words(first)
    assert ("收托规模", "60 个托位") in first.rows
    assert ("回执版本", "第 1 版") in first.rows
    assert first.qr_caption.endswith("https://portal.example/verify/320902TY20260001/")
    changed = receipt(version=3)
    assert "变更备案材料" in words(changed) and "第 3 版，以前各版不再使用" in words(changed)
    permit = receipt(regime="PERMIT")
    assert permit.title == "托育机构许可申请材料回执"
    assert "予备案" not in words(permit) and "备案不是" not in words(permit)
    for wrong in ({"regime": "OTHER"}, {"version": 0}):
        with pytest.raises(ValueError, match="no receipt"):
            receipt(**wrong)


def test_the_basic_conditions_name_their_sources() -> None:
    letter = letters.basic_conditions_letter(receipt_no="320902TY20260001", **COMMON)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 35
    assert sum(len(item.points) for item in letter.items) == len(rows)
    shown = words(letter)
    for row in rows:
        assert row["condition"] in shown
        assert (row["confidence"] == "A") == (row["document"] == "平台约定")
        document = row["document"].partition("（国卫")[0]
        assert row["confidence"] == "A" or f"{document}{row['article']}" in re.sub("（国卫[^）]*号）", "", shown)
        assert "821" not in row["document"], "a recommended standard is no basic condition"
    assert [area for area, _ in basic_conditions()] == list(dict.fromkeys(row["area"] for row in rows))
    assert letter.qr_url == letter.qr_caption == ""
    # Each document bears its number where it is first named, and there only.
    numbered = re.findall("《[^《》]+》（国卫[^）]*号）", shown)
    assert len(numbered) == len(set(numbered)) >= 3
    for text in numbered:
        assert shown.index(text) == shown.index(text.partition("》")[0])


def test_a_correction_tells_everything_once() -> None:
    given: dict[str, Any] = {"notice_no": "320902BZ20260003", "case_no": "BA-1", "items": [ITEM], **COMMON}
    due = date(2026, 12, 7)
    first = letters.correction_letter(round=1, due_on=due, workdays=10, **given)
    assert first.title == "一次性告知书"
    shown = words(first)
    assert "一、场地证明\n存在问题：租赁期为 2 年，不足 3 年。\n依据：" in shown
    assert "补正要求：续签" in shown
    assert "请于2026年12月7日（含当日）前（自告知之日起 10 个工作日）" in shown
    again = letters.correction_letter(round=2, due_on=due, cause="场地更换", approved_by="李四", **given)
    assert again.title == "补充告知书"
    assert "再次告知的原因：场地更换" in words(again) and "经李四批准" in words(again)
    for missing in ({"round": 2, "due_on": due}, {"round": 1, "due_on": None}):
        with pytest.raises(ValueError, match="correction notice"):
            letters.correction_letter(**missing, **given)
        draft = letters.correction_letter(**missing, preview=True, **given)
        assert content(draft)["watermark"] == "预览，未发出"


def test_a_refusal_gives_reasons_and_ways_to_object() -> None:
    item = dataclasses.replace(ITEM, rule_id="R-SITE-01", where="")
    given: dict[str, Any] = {"number": "320902BF20260001", "case_no": "BA-1", **AGAINST}
    letter = letters.nonconforming_letter(items=[item], rectify_by=date(2026, 12, 23), **given)
    shown = words(letter)
    for part in ("整改要求：续签", "责令你单位于2026年12月23日", "向社会公开", "陈述、申辩", "行政复议", ITEM.clause):
        assert part in shown
    with pytest.raises(ValueError, match="non-conformity"):
        letters.nonconforming_letter(items=[], rectify_by=date(2026, 12, 23), **given)
    rejection = decisions.rejection_letter(reasons=["不属于本机关管辖。"], competent_authority="东台市卫健委", **given)
    for against in (letter, rejection):
        assert "自收到之日起 60 日内向盐城市亭湖区人民政府申请行政复议" in words(against)
        assert "6 个月内依法向人民法院提起行政诉讼" in words(against)
    assert "理由：不属于本机关管辖。" in words(rejection) and "请向东台市卫健委办理" in words(rejection)
    full = decisions.rejection_letter(items=[dataclasses.replace(ITEM, where="东台市卫健委")], **given)
    assert "办理机关：东台市卫健委" in words(full)
    with pytest.raises(ValueError, match="reasons"):
        decisions.rejection_letter(**given)


# What only the portal's pages say; the numbers of our rules and its own names for things are no words of an authority.
PORTAL_WORDS = re.compile(
    "门户|平台约定|我的备案|页面|网页|点击|按钮|上传|登录|怎么改|在哪里改|自动|R-[A-Z]+-[0-9]|FIL-[0-9]"
)


@pytest.mark.parametrize("name", list(every_letter()))
def test_no_letter_speaks_as_the_portals_pages_do(name: str) -> None:
    letter = every_letter()[name]
    found = PORTAL_WORDS.findall("\n".join([letter.title, letter.qr_caption, words(letter)]))
    assert not found


def test_every_kind_of_letter_is_looked_at() -> None:
    assert {letter.kind for letter in every_letter().values()} == set(LetterKind)
    assert set(NoticeKind.values) < {kind.value for kind in LetterKind}


def test_what_rules_and_phrases_put_into_a_letter_is_said_as_an_authority_does() -> None:
    said = [rule.how_to_fix for rule in RULES] + [rule.clause for rule in RULES]
    said += [text for row in phrases() for text in (row["phrase"], row["clause"], row["how_to_fix"])]
    assert len(said) > 200
    assert not [text for text in said if PORTAL_WORDS.search(official(text))]


def phrases() -> list[dict[str, str]]:
    with (TABLE.parent / "phrases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_decisions_against_an_institution_say_what_becomes_of_its_filing() -> None:
    refusal, rescission = (every_letter()[name] for name in ("change refusal", "rescission"))
    assert refusal.title == "不予变更备案决定书" and "原备案继续有效" in words(refusal)
    assert rescission.title == "撤销备案决定书" and "备案回执编号 320902TY20260001" in words(rescission)
    assert "事实和理由：租赁期为 2 年" in words(rescission) and "依据：本市办理约定" in words(rescission)
    for letter in (refusal, rescission):
        assert "60 日内向盐城市亭湖区人民政府申请行政复议" in words(letter)
        assert "补正要求" not in words(letter) and "续签" not in words(letter)
    given: dict[str, Any] = {"number": "N-1", "case_no": "BA-1", "items": [], **AGAINST}
    with pytest.raises(ValueError, match="reasons"):
        decisions.change_refusal_letter(**given)
    with pytest.raises(ValueError, match="reasons"):
        decisions.rescission_letter(receipt_no="320902TY20260001", **given)
    assert content(decisions.change_refusal_letter(preview=True, **given))["watermark"] == "预览，未发出"


def test_numbers_and_dates_of_official_letters() -> None:
    expected = {1: "一", 10: "十", 11: "十一", 20: "二十", 40: "四十", 99: "九十九", 100: "100"}
    assert {number: chinese_number(number) for number in expected} == expected
    assert chinese_date(date(2026, 3, 5)) == "2026年3月5日"
