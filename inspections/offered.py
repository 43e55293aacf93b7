"""What the questions of inspections and plans offer: the actor's own body, its matters and officers, the parts of the list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from casework.models import Case
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here

from .checklist import EDITION
from .crews import officers_for
from .models import CheckItem, EnforcementSubject, Matter


def subject_of(actor: Any, *roles: str) -> EnforcementSubject | None:
    """The announced body for which this person holds a duty with one of `roles` (inspector or planner)."""
    duties = actor.duties_as(*(roles or (Role.INSPECTOR, Role.PLANNER)))
    departments, today = [duty.department_id for duty in duties if duty.department_id], today_here()
    standing = Q(ended_on__isnull=True) | Q(ended_on__gt=today)
    rows = EnforcementSubject.objects.filter(standing, department__in=departments, approved_by__isnull=False)
    return rows.filter(announced_on__lte=today).first()


def matters(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Published matters of the own field, each with its basis."""
    mine = subject_of(actor)
    rows = Matter.objects.filter(field=mine.field, approved_by__isnull=False) if mine else Matter.objects.none()
    return [(row.code, f"{row.name}（{row.basis}）") for row in rows if row.usable_on(today_here())]


def crew(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """Officers of the own body whose certificates hold today."""
    mine = subject_of(actor, Role.INSPECTOR)
    return [(str(one.pk), str(one)) for one in officers_for(mine)] if mine else []


def dimensions(case: Case | None, actor: Any) -> list[tuple[str, str]]:
    """The parts of the checklist."""
    names = CheckItem.objects.filter(edition=EDITION).order_by("position").values_list("dimension", flat=True)
    return [(name, name) for name in dict.fromkeys(names)]
