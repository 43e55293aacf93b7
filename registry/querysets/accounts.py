"""Reads of openings of accounts."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.querysets import region_scope

READERS = frozenset({Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY})


class AccountOpeningQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """The health authority of the institution's area. What fits no registration is nobody's."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            region_scope(user, READERS & roles, "institution__region__prefix"), institution__isnull=False
        )

    def unused(self, institution: Any, path: str) -> Self:
        """Codes or invitations that were handed out and can still be used, the one that lasts longest first."""
        found = self.filter(institution=institution, path=path, status="ISSUED", expires_on__gte=today_here())
        return found.order_by("-expires_on", "-pk")

    def waiting(self) -> Self:
        """What fits a registration and waits for the reviewer."""
        return self.filter(status="SUBMITTED", institution__isnull=False)
