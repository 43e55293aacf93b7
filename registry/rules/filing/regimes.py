"""Filing or licensing: which one applies on a day is data (`registry/data/regimes.csv`; domain.md §0.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from .tables import day_or_none, read_table


@dataclass(frozen=True, slots=True)
class RegimeSpec:
    """One regime. Times are working days; `validity_months` None = without end; no `effective_from` = not in force."""

    code: str
    label: str
    item_name: str
    receipt_title: str
    answer_workdays: int
    nonconform_workdays: int
    supplement_workdays: int
    validity_months: int | None
    legal_basis: str
    effective_from: date | None
    effective_to: date | None
    note: str

    def in_force(self, day: date) -> bool:
        """Whether it applies on that day."""
        started = self.effective_from is not None and self.effective_from <= day
        return started and (self.effective_to is None or day <= self.effective_to)


def load_regimes(rows: Iterable[Mapping[str, str]]) -> tuple[RegimeSpec, ...]:
    """Regimes from table rows. Raises ValueError when two would apply on the same day."""
    found = tuple(
        RegimeSpec(
            code=row["code"],
            label=row["label"],
            item_name=row["item_name"],
            receipt_title=row["receipt_title"],
            answer_workdays=int(row["answer_workdays"]),
            nonconform_workdays=int(row["nonconform_workdays"]),
            supplement_workdays=int(row["supplement_workdays"]),
            validity_months=int(row["validity_months"]) if row["validity_months"] else None,
            legal_basis=row["legal_basis"],
            effective_from=day_or_none(row["effective_from"]),
            effective_to=day_or_none(row["effective_to"]),
            note=row["note"],
        )
        for row in rows
    )
    for one, other in combinations(found, 2):
        starts = [r.effective_from for r in (one, other) if r.effective_from is not None]
        if len(starts) == 2 and one.in_force(max(starts)) and other.in_force(max(starts)):
            raise ValueError(f"regimes {one.code} and {other.code} overlap")
    return found


REGIMES = load_regimes(read_table("regimes"))


def regime_on(day: date, regimes: Sequence[RegimeSpec] = REGIMES) -> RegimeSpec:
    """The regime that applies on that day. Raises LookupError when none does (before 2019-10-08)."""
    for regime in regimes:
        if regime.in_force(day):
            return regime
    raise LookupError(f"no regime on {day.isoformat()}")


def spec_of_regime(code: str) -> RegimeSpec:
    """The latest row of this regime, in force or not. Raises KeyError when there is none."""
    rows = [regime for regime in REGIMES if regime.code == code]
    if not rows:
        raise KeyError(code)
    return max(rows, key=lambda regime: regime.effective_from or date.min)
