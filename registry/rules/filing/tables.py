"""Reading the CSV tables of `registry/data`: the rules, materials, regimes and phrases are data, not code."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of `registry/data/<name>.csv`, blanks around values removed. Raises ValueError on a torn row."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise ValueError(f"{name}.csv line {number}: wrong number of columns")
    return [{key: value.strip() for key, value in row.items()} for row in rows]


def day_or_none(text: str) -> date | None:
    """An ISO day; None for an empty cell. Raises ValueError for anything else."""
    return date.fromisoformat(text) if text else None
