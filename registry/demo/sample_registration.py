"""A complete, valid and fictional registration of 亭湖区 as it is entered."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..rules.identity import make_id_number
from ..rules.uscc import make_uscc


def sample_registration(serial: int) -> dict[str, Any]:
    """The registration of this number, each with its own code and name."""
    return {
        "uscc": make_uscc("91", "320902", serial),
        "name": f"盐城市试验{serial}号托育服务有限公司",
        "nature": "FORPROFIT",
        "registered_address": f"盐城市亭湖区试验路{serial}号",
        "region_code": "320902",
        "town_code": "320902001",
        "legal_rep_name": "张试验",
        "legal_rep_id_no": make_id_number("320902", date(1985, 6, 1), serial % 999),
        "contact_phone": "13812341234",
        "registered_capital": "50",
        "capital_kind": "REGISTERED",
        "business_scope": "托育服务",
        "purpose": "",
        "supervising_unit": "",
        "established_on": "2025-03-03",
        "approved_on": "2025-03-05",
        "valid_from": "2025-03-03",
        "valid_to": None,
    }
