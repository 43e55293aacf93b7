"""Filing or licensing: which one applies on a day is data (`registry/data/regimes.csv`; domain.md §0.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from .tables import day_or_none, read_table


@dataclass(frozen=True, slots=True)
class RegimeSpec:
    """One regime. Times are working days; `validity_months` None = without end; no `effective_from` = not in force.

    `notice_workdays`: the one-time notice, else the application counts as accepted; `extension_workdays`: how much longer
    with approval; `delivery_workdays`: from the decision to its delivery. `days_mark` says how sure the days are: S found
    in a source, K generally known.
    """

    code: str
    label: str
    item_name: str
    receipt_title: str
    notice_workdays: int
    answer_workdays: int
    extension_workdays: int
    delivery_workdays: int
    nonconform_workdays: int
    supplement_workdays: int
    days_mark: str
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
            notice_workdays=int(row["notice_workdays"]),
            answer_workdays=int(row["answer_workdays"]),
            extension_workdays=int(row["extension_workdays"]),
            delivery_workdays=int(row["delivery_workdays"]),
            nonconform_workdays=int(row["nonconform_workdays"]),
            supplement_workdays=int(row["supplement_workdays"]),
            days_mark=row["days_mark"],
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
    """The regime that applies on that day. Raises LookupError when none does (before 2020-01-06)."""
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
