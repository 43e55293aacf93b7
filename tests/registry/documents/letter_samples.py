"""One receipt and one item that the tests of letters change as they need."""

from __future__ import annotations

from datetime import date
from typing import Any

from registry.documents import letters
from registry.documents.letters import Letter, LetterItem

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
