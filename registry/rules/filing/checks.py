"""Check functions by rule id. A check is pure: facts and parameters in, one outcome out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .facts import FilingFacts
from .outcome import Outcome

Params = Mapping[str, Any]
Check = Callable[[FilingFacts, Params], Outcome]

CHECKS: dict[str, Check] = {}


def check(rule_id: str) -> Callable[[Check], Check]:
    """Registers a function as the check of one rule. Raises ValueError when the rule already has one."""

    def register(function: Check) -> Check:
        if rule_id in CHECKS:
            raise ValueError(f"two checks for {rule_id}")
        CHECKS[rule_id] = function
        return function

    return register
