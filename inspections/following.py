"""What an inspection leads to: an order to put right, a referral to the body that has the power."""

from __future__ import annotations

from typing import Any

from casework.cases import open_case
from casework.models import Case
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .choices import Verdict
from .models import VisitItem
from .powers import may_judge, may_order


def orderable(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Findings the body may order put right, not ordered yet, not put right on the spot."""
    if case is None:
        return []
    field = case.body.subject.field
    rows = case.body.lines.select_related("item").filter(verdict=Verdict.NOT_MET, fixed_on_spot=False, orders=None)
    may = [row for row in rows if may_order(field, row.item.fields, binding=row.item.binding)]
    return [(str(row.pk), f"{row.item.code} {row.item.text}：{row.note}") for row in may]


def referable(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """What was noted of items that other bodies judge."""
    if case is None:
        return []
    field = case.body.subject.field
    rows = case.body.lines.select_related("item").filter(note__gt="")
    others = [row for row in rows if not may_judge(field, row.item.fields)]
    return [(str(row.pk), f"{row.item.code} {row.item.text}：{row.note}") for row in others]


def open_order(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """An order of its own, with its letter and its clock."""
    from .rectification import RECTIFICATION  # the order knows the inspection it follows

    open_case(RECTIFICATION, {"visit": case.no, "lines": list(data["asked"].lines)}, actor=actor)


def open_referral(case: Case, actor: Any, data: dict[str, Any]) -> None:
    """To the body of the field of what was seen. Raises Rejected 422 for several fields at once."""
    from .referral import REFERRAL

    rows = list(VisitItem.objects.filter(pk__in=data["asked"].lines).select_related("item"))
    fields = {row.item.fields[0] for row in rows}
    if len(fields) != 1:
        raise Rejected(Problem(codes.RECEIVER, "lines", "选中的情况属于不同机关，请分几次移送。"))
    told = "；".join(f"{row.item.text}：{row.note}" for row in rows)
    urgent = any(row.item.severity == "RED" for row in rows)
    answers = {"parent": case.no, "field": fields.pop(), "facts": told[:2000], "urgent": "yes" if urgent else "no"}
    open_case(REFERRAL, answers, actor=actor)
