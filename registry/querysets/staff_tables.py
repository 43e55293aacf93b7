"""Reads of the tables of people and duties."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from yancheng_childcare.choices import Role


class StaffTableQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """All of them for administrators, as accounts and duties are; nothing for anybody else."""
        return self.all() if user.duties_as(*(roles & {Role.ADMIN})) else self.none()

    def to_take(self) -> Self:
        """Approved, and nothing was made of them yet."""
        return self.filter(approved_by__isnull=False, taken_at__isnull=True)
