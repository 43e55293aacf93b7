"""Reads of the kernel in the words of the trade. `visible_to` is the only scope anywhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from .choices import Role

if TYPE_CHECKING:
    from .models import User


def region_scope(user: Any, roles: frozenset[str] | set[str], path: str = "region__prefix") -> Q:
    """Rows whose region lies in one of the user's duties with one of `roles`; nothing when there is none."""
    scope = Q(pk__in=[])
    for duty in user.duties_as(*roles):
        if duty.region is None:
            return Q()
        scope |= Q(**{f"{path}__startswith": duty.region.prefix})
    return scope


class UserManager(BaseUserManager["User"]):
    """Users; `signed_in` brings the unread count along, so that every page costs one query for the person."""

    def create_user(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> User:
        """A new account, without any right; without `password` nobody can sign in until a link sets one."""
        user = self.model(username=self.model.normalize_username(username), email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def signed_in(self, pk: Any) -> User | None:
        """The active user with `unread_count`, or None."""
        unread = Count("notifications", filter=Q(notifications__read_at__isnull=True))
        return self.filter(pk=pk, is_active=True).annotate(unread_count=unread).first()


class DutyQuerySet(models.QuerySet[Any]):
    def in_force(self, today: date | None = None) -> Self:
        """Approved by a second person and valid today."""
        day = today or timezone.localdate()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day, approved_by__isnull=False
        )


class DeadlineQuerySet(models.QuerySet[Any]):
    def running(self) -> Self:
        """Not closed."""
        return self.filter(closed_on__isnull=True)

    def overdue(self, today: date) -> Self:
        """Running, not paused, and past the due day."""
        return self.running().filter(paused_on__isnull=True, due_on__lt=today)

    def of(self, subject: str) -> Self:
        """The clocks of one case."""
        return self.filter(subject=subject)


class EventQuerySet(models.QuerySet[Any]):
    def of(self, subject: str) -> Self:
        """The acts on one case, newest first."""
        return self.filter(subject=subject).order_by("-id")


class StoredFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Own uploads; own institution's files; files of one's department or of the area one supervises."""
        if not user.is_authenticated:
            return self.none()
        scope = Q(uploaded_by=user)
        for duty in user.duties_as(Role.OPERATOR):
            scope |= Q(uscc=duty.uscc, uscc__gt="")
        for duty in user.duties_as(Role.REGISTRAR):
            scope |= Q(department=duty.department_id, department__isnull=False)
        scope |= region_scope(user, {Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY})
        return self.filter(scope)
