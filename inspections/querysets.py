"""Officers and items in the words of the trade."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

from .powers import POWERS

SOON = 60  # days before a certificate ends at which its head is told ([A])


def departments_of(user: Any, roles: AbstractSet[str]) -> list[str]:
    """The departments in which this person holds one of these roles."""
    return [duty.department_id for duty in user.duties_as(*roles) if duty.department_id]


# Who sees the registers of one body; who sees those of an area.
OF_BODY = frozenset({Role.HEAD.value, Role.INSPECTOR.value, Role.PLANNER.value})
OF_AREA = frozenset(
    {Role.JUSTICE.value, Role.AUDITOR.value, Role.HEALTH_CITY.value, Role.LEGAL.value, Role.LEADER.value}
)


class OfficerQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Officers of the person's own body, or of the bodies of their area."""
        own = Q(subject__department__in=departments_of(user, roles & OF_BODY))
        return self.filter(own | region_scope(user, roles & OF_AREA, "subject__department__region__prefix"))

    def in_force(self) -> Self:
        """Approved and not ended; the dates of the certificate are another matter."""
        return self.filter(approved_by__isnull=False, ended_on__isnull=True)

    def ending(self, today: date) -> Self:
        """Whose certificate ends within `SOON` days from today on."""
        return self.in_force().filter(valid_to__gte=today, valid_to__lte=today + timedelta(days=SOON))

    def expired(self, today: date) -> Self:
        """Whose certificate ended, still entered as an officer."""
        return self.in_force().filter(valid_to__lt=today)

    def certified(self, day: date) -> Self:
        """Approved, with a certificate valid on that day, of a subject that stands that day."""
        mine = Q(approved_by__isnull=False, valid_from__lte=day, valid_to__gte=day)
        announced = Q(subject__approved_by__isnull=False, subject__announced_on__lte=day)
        going = Q(ended_on__isnull=True) | Q(ended_on__gt=day)
        standing = Q(subject__ended_on__isnull=True) | Q(subject__ended_on__gt=day)
        return self.filter(mine & announced & going & standing, user__is_active=True)

    def without_tie(self, uscc: str) -> Self:
        """Who has no tie to this institution (行政处罚法 第四十三条)."""
        from .models import Tie  # the model names this queryset

        return self.exclude(user__ties__in=Tie.objects.standing().filter(uscc=uscc))


# A visit that was refused or called off was none.
NO_VISIT = ("NOT_APPROVED", "CALLED_OFF")
# What counts for the cap (`powers.meter`), as a query asks it.
COUNTS = Q(kind__in=[kind for kind, power in POWERS.items() if power.counts], from_above="")


class VisitQuerySet(models.QuerySet[Any]):
    def approved_for(self, year: int) -> Self:
        """Visits of that year that were approved and neither refused nor called off: what a meter counts."""
        rows = self.filter(planned_on__year=year).exclude(case__result__in=NO_VISIT)
        return rows.exclude(case__status="REQUESTED")


class TieQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Not ended."""
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """One's own; for the head those of the officers of their body, for the supervisors those of their area."""
        own = Q(user=user) if Role.INSPECTOR in roles else Q(pk__in=[])
        led = Q(user__certificates__subject__department__in=departments_of(user, roles & {Role.HEAD.value}))
        watched = region_scope(
            user,
            roles & {Role.JUSTICE.value, Role.AUDITOR.value},
            "user__certificates__subject__department__region__prefix",
        )
        return self.filter(own | led | watched).distinct()


class CheckItemQuerySet(models.QuerySet[Any]):
    def judged_by(self, field: str) -> Self:
        """The items a body of this field of law may judge."""
        return self.filter(fields__contains=[field])
