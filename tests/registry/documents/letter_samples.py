"""One receipt, one item and one letter of each kind, which the tests of letters change as they need."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from casework.documents.sheet import Letter, LetterItem
from registry.documents import decisions, letters
from registry.rules.clauses import AGREED

DAY = date(2026, 11, 23)
AUTHORITY = "盐城市亭湖区卫生健康委员会"
NAME = "盐城市亭湖区小太阳托育服务有限公司"
COMMON: dict[str, Any] = {"institution_name": NAME, "authority": AUTHORITY, "issued_on": DAY}
# A letter against the institution also names who reviews it.
AGAINST: dict[str, Any] = {**COMMON, "review_body": "盐城市亭湖区人民政府"}
ITEM = LetterItem(
    title="场地证明",
    finding="租赁期为 2 年，不足 3 年。",
    clause="《托育机构设置标准（试行）》第11条",
    how_to_fix="续签租赁合同，使租赁期不少于 3 年。",
    where="场地",
)


def receipt(**changes: Any) -> Letter:
    """A receipt with every field, some changed."""
    given: dict[str, Any] = {
        **COMMON,
        "receipt_no": "320902TY20260001",
        "address": "盐城市亭湖区新兴镇人民中路 88 号",
        "uscc": "91320902MA1TYC011T",
        "principal": "张三",
        "nature_label": "营利性",
        "service_modes_label": "全日托、半日托",
        "capacity_total": 60,
        "version": 1,
        "verify_url": "https://portal.example/verify/320902TY20260001/?s=abc",
    }
    return letters.receipt_letter(**{**given, **changes})


def every_letter() -> dict[str, Letter]:
    """Each kind in each form, its items as rules, phrases and reviewers write them."""
    ours = dataclasses.replace(ITEM, rule_id="R-SITE-01", clause=AGREED)
    case: dict[str, Any] = {"number": "N-1", "case_no": "YC-TB-2026-000001", "items": [ours], **AGAINST}
    due = date(2026, 12, 7)
    correction: dict[str, Any] = {"notice_no": "N-1", "case_no": "YC-TB-2026-000001", "items": [ours], **COMMON}
    return {
        "receipt": receipt(),
        "changed receipt": receipt(version=2),
        "receipt of an application": receipt(regime="PERMIT"),
        "conditions": letters.basic_conditions_letter(
            receipt_no="N-1", verify_url="https://portal.example/verify/N-1/?s=abc", **COMMON
        ),
        "correction": letters.correction_letter(round=1, due_on=due, workdays=10, **correction),
        "second correction": letters.correction_letter(
            round=2, due_on=due, cause="场地更换", approved_by="李四", **correction
        ),
        "nonconforming": letters.nonconforming_letter(rectify_by=due, **case),
        "rejection": decisions.rejection_letter(competent_authority="东台市卫生健康委员会", **case),
        "change refusal": decisions.change_refusal_letter(**case),
        "rescission": decisions.rescission_letter(receipt_no="320902TY20260001", **case),
    }
