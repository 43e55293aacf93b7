"""Who may take a step of a case: by area, by department, by institution; and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yancheng_childcare.choices import Role
from yancheng_childcare.places import reaches

from .models import Case, Deputy

May = Callable[[Any, Case], bool]


def in_area(*roles: str) -> May:
    """A duty with one of these roles whose area holds the case."""
    return lambda actor, case: reaches(actor, case.region.prefix, *roles)


def of_department(*roles: str) -> May:
    """A duty with one of these roles in the department that has the case."""
    return lambda actor, case: any(duty.department_id == case.authority_id for duty in actor.duties_as(*roles))


def own(actor: Any, case: Case) -> bool:
    """The institution the case is about."""
    return bool(case.uscc) and any(duty.uscc == case.uscc for duty in actor.duties_as(Role.OPERATOR))


def opener(actor: Any, case: Case) -> bool:
    """Whoever opened the case."""
    return bool(actor.pk) and case.opened_by_id == actor.pk


def by_the_table(actor: Any, case: Case) -> bool:
    """The system acts by the table."""
    return True


def principals_of(user: Any) -> set[int]:
    """The people this person stands in for today (乙代甲). One query per person and request."""
    if not getattr(user, "pk", None):
        return set()
    if not hasattr(user, "principals"):
        user.principals = set(Deputy.objects.in_force().filter(deputy=user.pk).values_list("person", flat=True))
    found: set[int] = user.principals
    return found


def may_go_on(actor: Any, case: Case) -> bool:
    """Nobody has the case, or this person has it, or stands in for who does."""
    return case.assignee_id is None or case.assignee_id == actor.pk or case.assignee_id in principals_of(actor)


def are_two_persons(one: Any, other: Any) -> bool:
    """Two persons in fact: neither acts for the other today (two signatures of one person are one)."""
    if one is None or other is None:
        return False
    return one.pk != other.pk and one.pk not in principals_of(other) and other.pk not in principals_of(one)
