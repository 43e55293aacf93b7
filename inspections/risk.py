"""How much attention a place needs, A to D, from parts that each say why (domain.md §5.9 [A]). Pure; never public."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("A", "B", "C", "D")
WEIGHTS = {"A": 1, "B": 2, "C": 4, "D": 8}
_STEPS = (1, 3, 6)  # points from which a place is B, C, D


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the last twelve months: grave findings, orders overdue, referrals; and whether it is new."""

    red: int = 0
    critical: int = 0
    overdue: int = 0
    referred: int = 0
    new: bool = False


def parts(facts: Facts) -> list[tuple[str, int]]:
    """(why, points) for everything that counts."""
    counted = [
        (f"红线问题 {facts.red} 项", 3 * facts.red),
        (f"严重问题 {facts.critical} 项", facts.critical),
        (f"整改逾期 {facts.overdue} 次", 2 * facts.overdue),
        (f"移送其他机关 {facts.referred} 次", facts.referred),
        ("登记不满一年", 1 if facts.new else 0),
    ]
    return [(why, points) for why, points in counted if points]


def level(facts: Facts) -> str:
    """A (low) to D (very high)."""
    points = sum(one for _, one in parts(facts))
    return LEVELS[sum(points >= step for step in _STEPS)]
