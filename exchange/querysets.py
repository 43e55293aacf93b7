"""Reads of the exchange. A department sees its own endpoints; watchers see their region; an administrator all.

`roles` are those that opened the route: only duties with one of them give scope (`permissions.opening_roles`).
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty
from yancheng_childcare.models.approvals import counts
from yancheng_childcare.querysets import region_scope

from .choices import OPEN_STATUSES

# Who watches the exchange of a whole region without owning an endpoint.
WATCHERS = frozenset({Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR})
# Roles that may work with the endpoints of their own department.
OWNERS = frozenset({Role.INTEGRATOR})
# Roles that may read what was sent to their own department.
RECIPIENTS = frozenset({Role.INTEGRATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE})


def own_departments(user: Any, roles: frozenset[str]) -> list[str]:
    """Codes of the departments in which the user holds one of these roles."""
    return [duty.department_id for duty in user.duties_as(*roles) if duty.department_id]


class ApiClientQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Approved by a second person, neither revoked nor run out, of an active person who has a duty in force.

        The key of a department needs a duty there: who leaves it takes no key along.
        """
        duties = Duty.objects.in_force().filter(user=OuterRef("user"))
        there = Exists(duties.filter(department=OuterRef("department"))) | Q(department__isnull=True) & Exists(duties)
        return self.filter(
            counts(), there, revoked_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
        )

    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Keys of the departments whose integrator the user is; all for administrators."""
        if user.has_role(*(roles & {Role.ADMIN})):
            return self
        return self.filter(department__in=own_departments(user, OWNERS & roles))


class AllowedTargetQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Approved by a second person."""
        return self.filter(counts())


class EndpointChangeQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Asked, and neither approved nor withdrawn."""
        return self.filter(approved_by__isnull=True, closed_at__isnull=True)


class EndpointQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Own department's endpoints; all of the region for watchers; all for administrators."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(*(roles & {Role.ADMIN})):
            return self
        scope = Q(department__in=own_departments(user, RECIPIENTS & roles))
        scope |= region_scope(user, WATCHERS & roles, "department__region__prefix")
        return self.filter(scope)

    def owned_by(self, user: Any) -> Self:
        """Those the user may change."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(Role.ADMIN):
            return self
        return self.filter(department__in=own_departments(user, OWNERS))


class OutboxEventQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Events the user's department subscribes to or supervises; registrars see their own region's."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(*(roles & {Role.ADMIN})):
            return self
        known = RECIPIENTS | WATCHERS | {Role.REGISTRAR}
        return self.filter(region_scope(user, known & roles))

    def waiting_for_fan_out(self) -> Self:
        """Written, but deliveries not yet made."""
        return self.filter(position__isnull=True)


class DeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """To own department; of own region for watchers; a registrar sees those of the registrations it made."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(*(roles & {Role.ADMIN})):
            return self
        scope = Q(endpoint__department__in=own_departments(user, RECIPIENTS & roles))
        scope |= region_scope(user, WATCHERS & roles, "event__region__prefix")
        registrars = own_departments(user, roles & {Role.REGISTRAR})
        if registrars:
            scope |= Q(event__data__registry_org__code__in=registrars)
        return self.filter(scope)

    def open(self) -> Self:
        """Not ended: neither delivered nor skipped by decision."""
        return self.filter(closed_at__isnull=True)

    def heads(self) -> Self:
        """The oldest open delivery of each stream: the only ones that may be sent."""
        older = self.model.objects.filter(
            endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), closed_at__isnull=True, id__lt=OuterRef("id")
        )
        return self.open().filter(~Exists(older))

    def with_status(self, status: str) -> Self:
        """Deliveries in this state; OPEN means all that are not ended."""
        return self.filter(status__in=OPEN_STATUSES) if status == "OPEN" else self.filter(status=status)


class ReceiptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Own department's; of the region for watchers; all for administrators."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(*(roles & {Role.ADMIN})):
            return self
        own = Q(department__in=own_departments(user, RECIPIENTS & roles))
        return self.filter(own | region_scope(user, WATCHERS & roles, "event__region__prefix"))
