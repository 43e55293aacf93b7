"""A small city to draw from: rows, officers and rules by number, so that each test changes only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from inspections import draw as engine
from yancheng_childcare.crypto import sm3

COUNTIES = ("320902", "320903", "320981")


def salt(text: str) -> str:
    """A salt that is the same in every run."""
    return sm3(f"salt of {text}".encode()).hex()


def place(number: int, county: str = "320902", weight: int = 1, **more: str) -> engine.Place:
    """A place by its number."""
    key = f"P{number:05d}"
    return engine.Place(key, county, weight, salt(key), **more)


def officer(number: int, area: str = "*", **more: object) -> engine.Officer:
    """A health officer by number."""
    values: dict = {"department": "HEALTH", "valid_to": date(2027, 12, 31), "load": 0} | more
    return engine.Officer(certificate=f"C{number:04d}", area=area, salt=salt(f"C{number}"), **values)


def rules(**more: object) -> engine.Rules:
    """20 % by two health officers."""
    values: dict = {
        "no": "2026-04",
        "source": "福彩3D 2026年11月24日开奖号",
        "frozen_at": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "source_at": datetime(2026, 11, 24, 13, tzinfo=UTC),
        "visits_until": date(2026, 12, 31),
        "teams": (("HEALTH", 2),),
    }
    if "total" not in more:
        values["rate"] = 20
    return engine.Rules(**(values | more))


def source(text: str = "7 0 3") -> engine.Source:
    """What two witnesses read."""
    return engine.Source(text, ("见证人甲", "见证人乙"))


@pytest.fixture
def drawn() -> engine.Drawn:
    """60 places in three counties, musts, exclusions and recusals among them; two departments; one replacement is due."""
    places = [place(number, COUNTIES[number % 3], (1, 2, 4, 8)[number % 4]) for number in range(54)]
    places += [place(number, COUNTIES[0], 8, must="COMPLAINT") for number in range(54, 57)]
    places += [place(number, COUNTIES[1], 2, excluded="CAP") for number in range(57, 60)]
    officers = [officer(number, ("*", *COUNTIES)[number % 4]) for number in range(16)]
    officers += [officer(number, department="FIRE", load=number % 3) for number in range(16, 20)]
    recusals = [(f"P{number:05d}", f"C{number % 16:04d}") for number in range(0, 60, 2)]
    pool = engine.freeze(places, officers, rules(teams=(("HEALTH", 2), ("FIRE", 2))), recusals=recusals)
    return engine.draw(pool, source())
