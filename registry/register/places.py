"""Where towns lie, roughly: for distances between places, not for finding a door."""

from __future__ import annotations

import csv
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "data" / "positions.csv"
EARTH_KM = 6371.0


@lru_cache(maxsize=1)
def positions() -> dict[str, tuple[float, float]]:
    """code → (latitude, longitude) in degrees, CGCS2000 (WGS-84 to within metres); the file says how each is known."""
    with FILE.open(encoding="utf-8", newline="") as source:
        return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(source)}


def position_of(town: str, region: str) -> tuple[float | None, float | None]:
    """The middle of the town, else of the county; (None, None) when neither is known."""
    return positions().get(town) or positions().get(region) or (None, None)


def distance_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Great-circle distance in kilometres."""
    (a, b), (c, d) = ((radians(x), radians(y)) for x, y in (here, there))
    return 2 * EARTH_KM * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def distance_words(card: dict[str, Any], near: tuple[float, float] | None) -> str:
    """How far the institution of this card is from there, between the middles of towns; "" when that is not known."""
    north, east = position_of(card["town_code"], card["region_code"])
    if near is None or north is None or east is None:
        return ""
    return "在同一个镇（街道）" if near == (north, east) else f"约 {distance_km(near, (north, east)):.1f} 公里"
