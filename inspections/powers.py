"""Who has which power in an inspection (国办发〔2024〕54号; domain-2.md B2.1). Pure: facts in, words of what is in the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .choices import VisitKind


@dataclass(frozen=True, slots=True)
class Power:
    """What a kind of inspection needs and may. `counts`: for the published cap; `blocks`: a visit over it is held back."""

    planned: bool
    counts: bool
    blocks: bool


# domain-2.md B2.1; how often an exempt kind may come is watched, not blocked (A1 row 12).
POWERS: dict[str, Power] = {
    VisitKind.DAILY: Power(planned=True, counts=True, blocks=True),
    VisitKind.SPECIAL: Power(planned=True, counts=True, blocks=True),
    VisitKind.CASE: Power(planned=False, counts=False, blocks=False),
    VisitKind.REINSPECT: Power(planned=False, counts=False, blocks=False),
    VisitKind.FILING_VERIFY: Power(planned=False, counts=False, blocks=False),
}
LEAST_OFFICERS = 2  # 行政处罚法 第四十二条: not fewer than two


@dataclass(frozen=True, slots=True)
class Certificate:
    """An officer's certificate as the day finds it. `tied`: must stay away from this institution."""

    person: int
    name: str
    subject: int
    number: str
    valid_from: date
    valid_to: date
    standing: bool = True
    tied: bool = False


def crew_problems(crew: Sequence[Certificate], *, subject: int, day: date) -> list[str]:
    """Why these officers may not inspect for this subject on that day; [] when they may."""
    found = []
    if len({one.person for one in crew}) < LEAST_OFFICERS:
        found.append(f"行政检查由不少于 {LEAST_OFFICERS} 名持证执法人员进行。")
    for one in crew:
        if one.subject != subject:
            found.append(f"{one.name}的执法证不属于这个检查主体。")
        elif not one.standing:
            found.append(f"{one.name}的执法证已经停用，或者检查主体没有公告。")
        elif not one.valid_from <= day <= one.valid_to:
            found.append(f"{one.name}的执法证（{one.number}）在检查当天不在有效期内。")
        if one.tied:
            found.append(f"{one.name}与这家机构有应当回避的关系。")
    return found


def may_judge(field: str, fields: Iterable[str]) -> bool:
    """Whether a body of this field of law may judge the item; others note and refer it."""
    return field in set(fields)


def may_order(field: str, fields: Iterable[str], *, binding: bool) -> bool:
    """Whether this body may order it put right: its own field, a binding basis (without one: advice)."""
    return binding and may_judge(field, fields)


@dataclass(frozen=True, slots=True)
class Meter:
    """How often a subject was at an institution this year: what counts for the cap, and what does not."""

    counted: int
    exempt: int
    cap: int

    def blocks(self, kind: str, *, from_above: bool) -> bool:
        """Whether one more visit of this kind needs a second approval (domain-2.md I8, I9, I10)."""
        return POWERS[kind].blocks and not from_above and self.counted >= self.cap

    @property
    def alarm(self) -> bool:
        """Clearly more than is reasonable: over twice the cap, whatever the kinds ([A])."""
        return self.counted + self.exempt > 2 * self.cap


def meter(visits: Iterable[tuple[str, bool]], *, cap: int) -> Meter:
    """The meter of one subject and one institution from (kind, ordered from above) of this year's visits."""
    counted = exempt = 0
    for kind, from_above in visits:
        if POWERS[kind].counts and not from_above:
            counted += 1
        else:
            exempt += 1
    return Meter(counted, exempt, cap)
