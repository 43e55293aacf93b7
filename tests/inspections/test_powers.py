"""The pure rules of power: who may inspect, what may be ordered, how often."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.choices import VisitKind
from inspections.powers import POWERS, Certificate, crew_problems, may_order, meter

DAY = date(2026, 10, 10)


def officer(person: int = 1, subject: int = 1, until: date = date(2026, 12, 31), **more: bool) -> Certificate:
    """A certificate that holds, unless said otherwise."""
    return Certificate(person, f"执法{person}", subject, f"苏卫监{person}", date(2024, 1, 1), until, **more)


@pytest.mark.parametrize(
    ("crew", "problems"),
    [
        ([officer(1), officer(2)], 0),
        ([officer(1)], 1),
        ([officer(1), officer(1)], 1),  # two certificates of one person are one officer
        ([officer(1), officer(2, until=date(2026, 10, 9))], 1),  # domain-2.md I12
        ([officer(1), officer(2, subject=2)], 1),
        ([officer(1), officer(2, tied=True)], 1),
        ([officer(1), officer(2, standing=False)], 1),
        ([], 1),
    ],
)
def test_who_may_go(crew: list[Certificate], problems: int) -> None:
    assert len(crew_problems(crew, subject=1, day=DAY)) == problems


@pytest.mark.parametrize(
    ("field", "fields", "binding", "may"),
    [
        ("HEALTH", ["HEALTH"], True, True),
        ("HEALTH", ["FIRE"], True, False),  # I14
        ("HEALTH", ["HEALTH"], False, False),  # I15
        ("FIRE", ["HEALTH", "FIRE"], True, True),
    ],
)
def test_what_may_be_ordered(field: str, fields: list[str], binding: bool, may: bool) -> None:
    assert may_order(field, fields, binding=binding) is may


def test_the_meter() -> None:
    """domain-2.md I8, I9, I10."""
    two = meter([("DAILY", False), ("SPECIAL", False)], cap=2)
    assert two.blocks("DAILY", from_above=False) and not two.blocks("SPECIAL", from_above=True)
    one = meter([("DAILY", False), ("SPECIAL", True)], cap=2)
    assert (one.counted, one.exempt, one.blocks("DAILY", from_above=False)) == (1, 1, False)
    many = meter([("DAILY", False), ("DAILY", False), ("CASE", False), ("REINSPECT", False)], cap=2)
    assert (many.counted, many.exempt, many.alarm) == (2, 2, False)
    assert meter([("CASE", False)] * 5, cap=2).alarm and not many.blocks("CASE", from_above=False)


@given(st.lists(st.tuples(st.sampled_from(VisitKind.values), st.booleans())))
def test_every_visit_is_counted_once(visits: list[tuple[str, bool]]) -> None:
    seen = meter(visits, cap=2)
    assert seen.counted + seen.exempt == len(visits)
    assert seen.counted == sum(POWERS[kind].counts and not above for kind, above in visits)
