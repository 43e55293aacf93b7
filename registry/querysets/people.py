"""Reads of the people ledger."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

# Staff who read the people of institutions in their area.
PEOPLE_READERS = frozenset({Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY})


class PostQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Operators: the posts of their own institutions; health staff: those of their area."""
        if not user.is_authenticated:
            return self.none()
        scope = region_scope(user, PEOPLE_READERS & roles, "institution__region__prefix")
        own = [duty.uscc for duty in user.duties_as(*(roles & {Role.OPERATOR}))]
        if own:
            scope |= Q(institution__uscc__in=own)
        return self.filter(scope)

    def current(self) -> Self:
        """Not ended."""
        return self.filter(ended_on__isnull=True)


class CredentialQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Not replaced."""
        return self.filter(replaced_at__isnull=True)

    def expired(self, today: date) -> Self:
        """Current ones past their last day."""
        return self.current().filter(valid_to__lt=today)
