"""The fields of a registration as they are entered, stored, sent and compared: one list for all faces."""

from __future__ import annotations

from typing import Any

from ..rules.characters import compact, folded
from ..rules.registration import TEXTS
from ..rules.values import as_capital, as_day

# Entered by the registration authority, in the order of domain.md §1.2.
ENTERED = (
    "uscc",
    "name",
    "nature",
    "registered_address",
    "region_code",
    "town_code",
    "legal_rep_name",
    "legal_rep_id_no",
    "contact_phone",
    "registered_capital",
    "capital_kind",
    "business_scope",
    "purpose",
    "supervising_unit",
    "established_on",
    "approved_on",
    "valid_from",
    "valid_to",
)
# Two names differ between the outside (codes) and the model (foreign keys).
COLUMN = {"region_code": "region_id", "town_code": "town_id"}
PERSONAL = ("legal_rep_id_no", "contact_phone")
# The key never changes: another code is another institution.
CHANGEABLE = tuple(name for name in ENTERED if name != "uscc")
# Kept without blanks, in half-width capitals.
CODED = ("uscc", "region_code", "town_code", "legal_rep_id_no", "contact_phone")
DATES = ("established_on", "approved_on", "valid_from", "valid_to")

LABELS = {
    "uscc": "统一社会信用代码",
    "name": "名称",
    "nature": "机构性质",
    "registered_address": "住所（登记地址）",
    "region_code": "所属县（市、区）",
    "town_code": "所属镇（街道）",
    "legal_rep_name": "法定代表人（负责人）",
    "legal_rep_id_no": "法定代表人证件号码",
    "contact_phone": "联系电话",
    "registered_capital": "注册资本（开办资金，万元）",
    "capital_kind": "资金类别",
    "business_scope": "业务（经营）范围",
    "purpose": "宗旨",
    "supervising_unit": "业务主管单位",
    "established_on": "成立日期",
    "approved_on": "核准日期",
    "valid_from": "证照有效期自",
    "valid_to": "证照有效期至",
}


def current_values(institution: Any) -> dict[str, Any]:
    """The entered fields of an institution under their outside names."""
    return {name: getattr(institution, COLUMN.get(name, name)) for name in ENTERED}


def typed(data: dict[str, Any]) -> dict[str, Any]:
    """Text values as the model stores them; only for data that passed `check_registration`, and read as it reads."""
    out: dict[str, Any] = {}
    for name, value in data.items():
        if name in DATES:
            value = as_day(value)  # 长期 and nothing are both no day
        elif name == "registered_capital":
            value = as_capital(value)
        elif value is None:
            value = ""
        elif isinstance(value, str):
            value = compact(value) if name in CODED else folded(value, lines=TEXTS[name].lines)
        out[name] = value
    return out
