"""Reads of the public register and of what the public reports."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

# Who answers reports: staff of the body that owns the data.
REPORT_STAFF = frozenset({Role.REGISTRAR, Role.REVIEWER, Role.CHIEF})
# Who reads reports of their area besides the body that answers them.
REPORT_READERS = frozenset({Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER})


class PublicEntryQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """Registered, filed, in being: what a search finds (the others only by exact name or code)."""
        return self.filter(listed=True)


class PublicReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """The owning department's registrars and reviewers; health chiefs and the city those of their area."""
        if not user.is_authenticated:
            return self.none()
        departments = [d.department_id for d in user.duties_as(*(roles & REPORT_STAFF))]
        own = Q(owner__in=[code for code in departments if code])
        regions = Q(pk__in=[])
        for duty in user.duties_as(*(roles & {Role.REVIEWER, Role.CHIEF})):
            if duty.region is not None:
                regions |= Q(owner__kind="HEALTH", owner__region=duty.region)
        return self.filter(own | regions | region_scope(user, REPORT_READERS & roles))

    def handled_by(self, user: Any) -> Self:
        """Those this person may answer: `report_workflow.handles` as a filter (a test holds both together)."""
        departments = [duty.department_id for duty in user.duties_as(*REPORT_STAFF) if duty.department_id]
        regions = [duty.region_id for duty in user.duties_as(Role.REVIEWER, Role.CHIEF) if duty.region_id]
        return self.filter(Q(owner__in=departments) | Q(owner__kind="HEALTH", owner__region__in=regions))

    def open(self) -> Self:
        """Not answered yet."""
        return self.filter(status="OPEN")
