"""docs/workflows.md has the table of every type of inspections, step by step."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework.cases import CaseType
from inspections.batch import BATCH
from inspections.inspection import INSPECTION
from inspections.penalty import PENALTY
from inspections.plan import PLAN
from inspections.rectification import RECTIFICATION
from inspections.referral import REFERRAL

PAGE = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Inspection", INSPECTION),
        ("Order to put right", RECTIFICATION),
        ("Referral", REFERRAL),
        ("Penalty", PENALTY),
        ("Plan of inspections", PLAN),
        ("Draw", BATCH),
    ],
)
def test_the_docs_list_every_step(title: str, kind: CaseType) -> None:
    section = PAGE.partition(f"\n## {title}")[2].partition("\n## ")[0]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in section.splitlines() if line[:2] == "| "
    ]
    assert rows[1:] == [
        (
            step.name,
            step.label,
            "、".join(sorted(step.sources)) or "–",
            step.target or "the same",
            "、".join(sorted(step.by)),
            "、".join(sorted(step.signed.by)) if step.signed else "",
        )
        for step in (kind.opening, *kind.rows)
    ]
