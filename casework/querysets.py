"""Which cases a person sees, in the words of the trade. The scope of each type stands in its declaration (`readers`)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from yancheng_childcare.models import Deadline
from yancheng_childcare.querysets import region_scope

from .kinds import case_types

if TYPE_CHECKING:
    from .types import Reach


def scope_of(user: Any, roles: frozenset[str], reach: Reach, inside: list[str]) -> Q:
    """The cases duties with one of `roles` reach: in their area, of their department, of their own institution.

    The institution sees nothing of it in the states `inside`.
    """
    scope = region_scope(user, roles & reach.area)
    for role, condition in reach.some:
        scope |= region_scope(user, roles & {role}) & condition
    departments = [duty.department_id for duty in user.duties_as(*(roles & reach.department)) if duty.department_id]
    codes = [duty.uscc for duty in user.duties_as(*(roles & reach.own)) if duty.uscc]
    scope |= Q(authority__in=departments) if departments else Q(pk__in=[])
    scope |= Q(uscc__in=codes) & ~Q(status__in=inside) if codes else Q(pk__in=[])
    return scope | (Q(opened_by=user) if roles & reach.opened else Q(pk__in=[]))


class CaseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """The cases of every type that this person's duties with one of `roles` reach."""
        if not user.is_authenticated:
            return self.none()
        scope = Q(pk__in=[])
        for kind in case_types():
            if roles & kind.readers.roles:
                scope |= Q(type=kind.name) & scope_of(user, roles, kind.readers, kind.inside)
        return self.filter(scope)

    def open(self) -> Self:
        """Not closed."""
        return self.filter(closed_on__isnull=True)

    def with_clock(self) -> Self:
        """`due_on`, `paused_on`, `pause_reason` of the running clock that ends first."""
        clocks = Deadline.objects.running().filter(subject=OuterRef("subject_key")).order_by("due_on")
        rows = self.annotate(subject_key=models.functions.Concat(models.Value("casework.case:"), "no"))
        return rows.annotate(
            **{name: Subquery(clocks.values(name)[:1]) for name in ("due_on", "paused_on", "pause_reason")}
        )


class LetterQuerySet(models.QuerySet[Any]):
    def stand(self) -> Self:
        """Not recalled."""
        return self.filter(recalled_at__isnull=True)

    def released(self) -> Self:
        """Sent on their way: the addressee may read them."""
        return self.filter(released_at__isnull=False)

    def to_release(self) -> Self:
        """Whose hold is over."""
        return self.stand().filter(released_at__isnull=True, held_until__lte=timezone.now())


class DeputyQuerySet(models.QuerySet[Any]):
    def in_force(self, today: date | None = None) -> Self:
        """Those that hold on that day (乙代甲)."""
        day = today or timezone.localdate()
        return self.filter(from_day__lte=day, until_day__gte=day, ended_at__isnull=True)
