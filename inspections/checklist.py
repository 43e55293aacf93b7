"""The editions of the checklist (domain.md §5.5), loaded from `data/checklist_<edition>.csv`; an edition never changes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.dispatch import receiver

from yancheng_childcare.signals import reference_loaded

from .models import CheckItem

DATA = Path(__file__).resolve().parent / "data"
EDITION = "2026"  # what a new visit is looked at by


def rows(edition: str) -> list[dict[str, str]]:
    """The rows of one edition. Raises FileNotFoundError when there is none."""
    with (DATA / f"checklist_{edition}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@receiver(reference_loaded)
def load(sender: Any = None, *, edition: str = EDITION, **kwargs: Any) -> int:
    """Load an edition that is not there yet; returns how many items were added."""
    known = set(CheckItem.objects.filter(edition=edition).values_list("code", flat=True))
    found = [
        CheckItem(
            edition=edition,
            position=position,
            code=row["code"],
            dimension=row["dimension"],
            text=row["text"],
            methods=row["methods"].split("|"),
            severity=row["severity"],
            fields=row["fields"].split("|"),
            basis=row["basis"],
            binding=row["binding"] == "yes",
            how_to=row["how_to"],
        )
        for position, row in enumerate(rows(edition), 1)
        if row["code"] not in known
    ]
    return len(CheckItem.objects.bulk_create(found))
