"""Who is shown the items of an inspection, when: its crew writes them, everybody who sees the case reads the signed record."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from casework.models import Case
from casework.reach import of_department
from casework.types import Link
from yancheng_childcare.choices import Role


def signed(case: Case) -> bool:
    """Both officers signed the record."""
    return case.body.left_at is not None


def may_read(case: Case, actor: Any) -> bool:
    """Somebody who sees the case: the signed record; the body's own officers also what is being written."""
    inside = of_department(Role.INSPECTOR, Role.HEAD)(actor, case)
    return signed(case) or (inside and case.body.arrived_at is not None)


def writes(case: Case, actor: Any) -> bool:
    """An officer of the crew while they are in the house."""
    return case.status == "ON_SITE" and case.body.has_in_crew(actor)


def links(case: Case, reader: Any) -> list[Link]:
    """To the items while they are written, to the record for whoever may read it."""
    found = []
    if writes(case, reader):
        found.append(Link("逐项检查", reverse("inspections:record", args=[case.no]), "逐项记录结论、情况和照片。"))
    if may_read(case, reader):
        words = "全部检查项目的结论和情况，可以打印。"
        found.append(Link("现场检查笔录", reverse("inspections:sheet", args=[case.no]), words))
    return found
