"""The checks of `registration` for bulk imports: a row proved good by tables and compiled patterns leaves early.

Only the way out is fast: any row this cannot prove good must go through `check_registration`. The proof may be
stricter than the rules, never looser (a property test holds it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from operator import itemgetter
from typing import Any

from registry.choices import CapitalKind, Nature
from registry.rules import identity, uscc, values
from registry.rules.characters import CONTROL_IN_LINE, FOLDABLE, FOLDABLE_LINES
from registry.rules.registration import AUTHORITY_LABELS, TEXTS, matches
from registry.rules.scope import check_scope
from yancheng_childcare.id_numbers import holds_id_number

_VALUES = itemgetter(
    "uscc", "name", "nature", "registered_address", "region_code", "town_code", "legal_rep_name", "legal_rep_id_no",
    "registered_capital", "capital_kind", "business_scope", "established_on", "approved_on", "valid_from",
    "contact_phone",
)  # fmt: skip
_NEEDS_PURPOSE = frozenset({Nature.PUBLIC.value, Nature.NONPROFIT.value})
#: Every (nature, prefix, kind of capital, authority) that belongs together.
_TOGETHER = frozenset(
    combination
    for combination in product(Nature.values, uscc.PREFIXES, CapitalKind.values, (None, *AUTHORITY_LABELS))
    if matches(*combination)
)
#: Region, town and telephone in their plainest form, joined by line breaks: one match instead of three.
_CODES = re.compile("(3209(?!00)[0-9]{2})\n[0-9]{6}[0-9A-Z]{3}\n(?:1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-[2-9][0-9]{6,7})")
_AMOUNT = re.compile(r"(?!0+(?:\.0+)?$)[0-9]{1,8}(?:\.[0-9]{1,6})?")
#: “托育服务” as an item of its own, before any bracket: nothing before it excludes it, nothing after belongs to it.
_PLAIN_SCOPE = re.compile(
    r"(?:[^(（\[［【{｛〔〖不除非无禁停暂取]*[；;。])?托育服务(?:[；;，,、。]|$|[（(]不含[\u4e00-\u9fff])"
)
_LIMIT_NAME, _LIMIT_ADDRESS, _LIMIT_PERSON, _LIMIT_SCOPE, _LIMIT_PURPOSE, _LIMIT_UNIT = (
    TEXTS[field].limit
    for field in ("name", "registered_address", "legal_rep_name", "business_scope", "purpose", "supervising_unit")
)


def is_certainly_good(data: Mapping[str, Any], *, today: date, authority_kind: str | None = None) -> bool:
    """Whether the row has no problems and its texts, outer blanks apart, stand as they are stored. Never raises.

    False only means: look closely. A row without problems may still need `clean_registration`, a text made of one
    soft hyphen for example is an empty one.
    """
    try:
        return _proof(data, today, authority_kind)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False  # a missing key or a value of another type: the full check says what is wrong with it


def _proof(data: Mapping[str, Any], today: date, authority_kind: str | None) -> bool:
    """The proof itself; raises what Python raises on values of an unexpected type."""
    (code, name, nature, address, region, town, person, id_no, amount, kind, scope,
     established, approved, begins, phone) = _VALUES(data)  # fmt: skip
    purpose, unit, ends = data.get("purpose"), data.get("supervising_unit"), data.get("valid_to")
    purpose, unit = "" if purpose is None else purpose, "" if unit is None else unit
    established, approved, begins = _day(established), _day(approved), _day(begins)
    plain_codes = _CODES.fullmatch("\n".join((region, town, phone)))
    return bool(
        plain_codes
        and plain_codes[1] == code[2:8]
        and (nature, code[:2], kind, authority_kind) in _TOGETHER
        and uscc.is_valid(code)
        and identity.is_valid(id_no, today)
        and values.FIRST_DAY <= established <= approved <= today
        and begins >= values.FIRST_DAY
        and (ends is None or ends == "" or (_day(ends) > begins and _day(ends) >= today))
        and not CONTROL_IN_LINE.search(texts := "|".join((name, address, person, scope, purpose, unit)))
        and not FOLDABLE.search("|".join((name.strip(), address.strip(), person.strip(), unit.strip())))
        and not FOLDABLE_LINES.search(scope + purpose)
        and not holds_id_number(texts)
        and "托育" in name
        and len(name) <= _LIMIT_NAME
        and 0 < len(address) <= _LIMIT_ADDRESS
        and not address.isspace()
        and 0 < len(person) <= _LIMIT_PERSON
        and not person.isspace()
        and len(scope) <= _LIMIT_SCOPE
        and len(purpose) <= _LIMIT_PURPOSE
        and len(unit) <= _LIMIT_UNIT
        and (nature not in _NEEDS_PURPOSE or (purpose.strip() and (nature == Nature.PUBLIC or unit.strip())))
        and (_AMOUNT.fullmatch(amount) if type(amount) is str else _is_plain_amount(amount))
        and ((nature != Nature.HOME and _PLAIN_SCOPE.match(scope)) or not check_scope(scope, nature))
    )


def _day(value: Any) -> date:
    """A plain date or YYYY-MM-DD; anything else raises and sends the row the long way."""
    if type(value) is date:
        return value
    if len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    raise ValueError("not a plain day")


def _is_plain_amount(amount: Any) -> bool:
    if type(amount) is int:
        return 0 < amount <= values.MAX_CAPITAL
    if type(amount) is float:  # spreadsheets deliver every number so; false for NaN and infinity
        return 0 < amount <= float(values.MAX_CAPITAL) and round(amount, 6) == amount
    return (
        type(amount) is Decimal
        and amount.is_finite()
        and 0 < amount <= values.MAX_CAPITAL
        and amount == amount.quantize(values.MAX_DECIMALS)
    )
