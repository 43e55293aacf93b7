"""Who may take a step of a case: by area, by department, by institution; and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.notifications import holders
from yancheng_childcare.places import reaches

from .kinds import type_of
from .models import Case, CaseProposal, Deputy
from .types import AUTHORITY

May = Callable[[Any, Case], bool]


def in_area(*roles: str) -> May:
    """A duty with one of these roles whose area holds the case."""
    return lambda actor, case: reaches(actor, case.region.prefix, *roles)


def of_department(*roles: str) -> May:
    """A duty with one of these roles in the department that has the case."""
    return lambda actor, case: any(duty.department_id == case.authority_id for duty in actor.duties_as(*roles))


def on_duty(actor: Any, case: Case, *roles: str) -> bool:
    """A duty with one of these roles: in the department that has the case where the type says so, else in its area.

    AUTHORITY: any of the department's roles.
    """
    bound = type_of(case).readers.department
    if AUTHORITY in roles:
        return of_department(*bound)(actor, case)
    return of_department(*(bound & set(roles)))(actor, case) or in_area(*(set(roles) - bound))(actor, case)


def leads(actor: Any, case: Case) -> bool:
    """Whether this person leads those who work on it: the head of the enforcing body, else the county's chief."""
    known = type_of(case).readers.roles
    leader = Role.HEAD.value if Role.HEAD.value in known else Role.CHIEF.value
    return leader in known and on_duty(actor, case, leader)


def on_duty_for(case: Case, role: str) -> list[Any]:
    """Who holds this role for the case: in its department where the type says so, else in its area."""
    bound = type_of(case).readers.department
    if role == AUTHORITY or role in bound:
        return holders(*(bound if role == AUTHORITY else (role,)), department=case.authority_id)
    return holders(role, region_prefix=case.region.prefix)


def own(actor: Any, case: Case) -> bool:
    """The institution the case is about."""
    return bool(case.uscc) and any(duty.uscc == case.uscc for duty in actor.duties_as(Role.OPERATOR))


def opener(actor: Any, case: Case) -> bool:
    """Whoever opened the case."""
    return bool(actor.pk) and case.opened_by_id == actor.pk


def by_the_table(actor: Any, case: Case) -> bool:
    """The system acts by the table."""
    return True


def leaves_of(user: Any) -> list[Deputy]:
    """Every time this person stood in for somebody, or somebody for them. One query per person and request."""
    if not getattr(user, "pk", None):
        return []
    if not hasattr(user, "leaves"):
        user.leaves = list(Deputy.objects.filter(Q(person=user.pk) | Q(deputy=user.pk)))
    found: list[Deputy] = user.leaves
    return found


def principals_of(user: Any) -> set[int]:
    """The people this person stands in for today (乙代甲)."""
    today = timezone.localdate()
    return {
        row.person_id
        for row in leaves_of(user)
        if row.person_id != user.pk and row.ended_at is None and row.held_within(today, today)
    }


def may_go_on(actor: Any, case: Case) -> bool:
    """Nobody has the case, or this person has it, or stands in for who does."""
    return case.assignee_id is None or case.assignee_id == actor.pk or case.assignee_id in principals_of(actor)


def are_two_persons(one: Any, other: Any, *, since: date) -> bool:
    """Two persons in fact: neither acted for the other from `since` to today (two signatures of one person are one)."""
    if one is None or other is None or one.pk == other.pk:
        return False
    leaves = [row for row in leaves_of(other) if one.pk in {row.person_id, row.deputy_id}]
    return not any(row.held_within(since, timezone.localdate()) for row in leaves)


def may_sign(actor: Any, case: Case, proposal: CaseProposal, roles: frozenset[str]) -> bool:
    """Another person than the one who proposed it, with a duty of one of `roles` where the case is."""
    since = timezone.localdate(proposal.proposed_at)
    return are_two_persons(proposal.proposed_by, actor, since=since) and on_duty(actor, case, *roles)
