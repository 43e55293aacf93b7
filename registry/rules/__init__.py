"""The checks of a registration as pure functions: no database, no request, no clock of their own."""

from __future__ import annotations

from registry.rules.identity import check_id_number
from registry.rules.registration import (
    FIELDS,
    LABELS,
    TEXTS,
    check_registration,
    clean_registration,
    read_registration,
)
from registry.rules.scope import check_scope, matched_wording
from registry.rules.uscc import check_uscc, complete_uscc, make_uscc

__all__ = [
    "FIELDS",
    "LABELS",
    "TEXTS",
    "check_id_number",
    "check_registration",
    "check_scope",
    "check_uscc",
    "clean_registration",
    "complete_uscc",
    "make_uscc",
    "matched_wording",
    "read_registration",
]
