"""Reads of applicants that are no institution yet."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

from .filings import FILING_READERS


class ApplicantQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Staff who read the filings of the region; an operator what it entered itself: there is no credit code yet."""
        if not user.is_authenticated:
            return self.none()
        scope = region_scope(user, FILING_READERS & roles)
        if user.duties_as(*(roles & {Role.OPERATOR})):
            scope |= Q(created_by=user)
        return self.filter(scope)

    def unregistered(self) -> Self:
        """Not an institution yet."""
        return self.filter(institution__isnull=True)
