"""The items of a visit as its pages show them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from yancheng_childcare.problems import Problem

from ..choices import Severity, Verdict
from ..found import Found, as_kept
from ..models import VisitItem
from ..powers import may_judge

LIGHTS = {Verdict.MET: "green", Verdict.NOT_MET: "red", Verdict.NOT_CHECKED: "yellow", Verdict.NOT_APPLICABLE: "grey"}
NO_BASIS = "没有强制依据，只能建议"


def stamp(found: Found) -> str:
    """A short mark of what an item showed: what comes back unchanged was not touched."""
    return hashlib.sha256(repr(as_kept(found)).encode()).hexdigest()[:16]


def kept(line: VisitItem) -> Found:
    """What stands in the record."""
    return Found(verdict=line.verdict, note=line.note, fixed_on_spot=line.fixed_on_spot)


def words_of(found: Found) -> str:
    """Verdict and note in one line."""
    label = Verdict(found.verdict).label if found.verdict in Verdict.values else "没有结论"
    fixed = "，当场已改正" if found.fixed_on_spot else ""
    return f"{label}{fixed}{f'：{found.note}' if found.note else ''}"


def rows_of(
    lines: Sequence[VisitItem],
    field: str,
    *,
    typed: Mapping[str, Found] | None = None,
    problems: Iterable[Problem] = (),
    conflict: bool = False,
    before: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """A row for each item: what stands in the record, or what was typed and not saved, with what is wrong beside it."""
    prefetch_related_objects(lines, "photos__attachment__file")
    found, typed, before = list(problems), typed or {}, set(before)
    rows = []
    for line in lines:
        item, stands = line.item, kept(line)
        shown = typed.get(item.code, stands)
        mine = [problem for problem in found if problem.field.partition("-")[2] == item.code]
        rows.append(
            {
                "code": item.code,
                "item": item,
                "line": line,
                "judged": may_judge(field, item.fields),
                "basis": f"{item.basis}{'' if item.binding else f'（{NO_BASIS}）'}" if item.basis else NO_BASIS,
                "severity_light": "red" if item.severity in {Severity.RED, Severity.CRITICAL} else "plain",
                "found": shown,
                "stamp": stamp(stands),
                "words": words_of(stands),
                "light": LIGHTS.get(Verdict(stands.verdict), "grey") if stands.verdict else "",
                "before": item.code in before,
                "theirs": words_of(stands) if conflict and mine else "",
                "errors": [] if conflict else [problem.message for problem in mine],
                "wrong": set() if conflict else {problem.field.partition("-")[0] for problem in mine},
                "photos": list(line.photos.all()),
            }
        )
    return rows


def progress_of(lines: Iterable[VisitItem], field: str) -> dict[str, int]:
    """How many items of the body's own field have a verdict, of how many, and how many are not met or not checked."""
    own = [line for line in lines if may_judge(field, line.item.fields)]
    verdicts = [line.verdict for line in own]
    return {
        "done": sum(1 for verdict in verdicts if verdict),
        "all": len(own),
        "wrong": verdicts.count(Verdict.NOT_MET),
        "unchecked": verdicts.count(Verdict.NOT_CHECKED),
    }
