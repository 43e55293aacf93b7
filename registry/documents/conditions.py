"""The basic conditions of a childcare institution, with their sources: rows of registry/data/basic_conditions.csv."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from ..rules.clauses import AGREED

TABLE = Path(__file__).resolve().parents[1] / "data" / "basic_conditions.csv"


@lru_cache(maxsize=1)
def basic_conditions() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Areas in the order of the table, each with its (condition, source) lines.

    The source is document and article; a row of confidence `A` is our own choice and says so (domain.md §0.1). Raises
    ValueError for a row of unknown confidence, or one that calls our own choice a document or the other way round.
    """
    areas: dict[str, list[tuple[str, str]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["confidence"] not in {"S", "K", "A"} or (row["confidence"] == "A") != (row["document"] == AGREED):
                raise ValueError(f"{TABLE.name}: {row['condition']}: confidence and document do not fit")
            areas.setdefault(row["area"], []).append((row["condition"], row["document"] + row["article"]))
    return tuple((area, tuple(lines)) for area, lines in areas.items())
