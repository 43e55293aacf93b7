"""Reads of the public register."""

from __future__ import annotations

from typing import Any, Self

from django.db import models


class PublicEntryQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """Registered, filed, in being: what a search finds (the others only by exact name or code)."""
        return self.filter(listed=True)
