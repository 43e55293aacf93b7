"""The registry's error codes by area, for the public list; each area's module holds its own."""

from __future__ import annotations

from casework.imports.codes import CODES as IMPORT_CODES

from .codes.accounts import CODES as OPENING_CODES
from .codes.filing import CODES as FILING_CODES
from .codes.people import CODES as PEOPLE_CODES
from .codes.register import CODES as PUBLIC_CODES
from .codes.registration import CODES as REGISTRATION_CODES
from .rules.filing.catalogue import RULES

AREAS = (
    ("登记", {**REGISTRATION_CODES, **IMPORT_CODES}),
    ("开通机构账号", OPENING_CODES),
    ("备案", FILING_CODES),
    ("备案规则", {rule.id: rule.title for rule in RULES}),
    ("人员", PEOPLE_CODES),
    ("公众查询", PUBLIC_CODES),
)
