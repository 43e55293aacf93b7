"""Officers and items in the words of the trade."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q


class OfficerQuerySet(models.QuerySet[Any]):
    def certified(self, day: date) -> Self:
        """Approved, with a certificate valid on that day, of a subject that stands that day."""
        mine = Q(approved_by__isnull=False, valid_from__lte=day, valid_to__gte=day)
        announced = Q(subject__approved_by__isnull=False, subject__announced_on__lte=day)
        going = Q(ended_on__isnull=True) | Q(ended_on__gt=day)
        standing = Q(subject__ended_on__isnull=True) | Q(subject__ended_on__gt=day)
        return self.filter(mine & announced & going & standing, user__is_active=True)

    def without_tie(self, uscc: str) -> Self:
        """Who has no tie to this institution (行政处罚法 第四十三条)."""
        return self.exclude(user__ties__in=self._ties(uscc))

    @staticmethod
    def _ties(uscc: str) -> Any:
        from .models import Tie

        return Tie.objects.filter(uscc=uscc, ended_on__isnull=True)


class CheckItemQuerySet(models.QuerySet[Any]):
    def judged_by(self, field: str) -> Self:
        """The items a body of this field of law may judge."""
        return self.filter(fields__contains=[field])

    def leading(self, field: str) -> Self:
        """The items for which this field stands first."""
        return self.annotate(lead=F("fields__0")).filter(lead=field)
