"""Reads of the kernel in the words of the trade. `visible_to(user, roles)` is the only scope anywhere.

`roles` are those that opened the route (`permissions.opening_roles`): only duties with one of them give scope.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from .choices import LOOKS, RegionLevel, Role
from .file_purposes import OWN_COLUMNS, Purpose, purposes, reach

if TYPE_CHECKING:
    from .models import User


def region_scope(user: Any, roles: AbstractSet[str], path: str = "region__prefix") -> Q:
    """Rows whose region lies in one of the user's duties with one of `roles`; nothing when there is none."""
    scope = Q(pk__in=[])
    for duty in user.duties_as(*roles):
        if duty.region is None:
            return ~Q(pk__in=[])  # everything, in words: an empty Q would vanish beside another one
        scope |= Q(**{f"{path}__startswith": duty.region.prefix})
    return scope


def second_factors() -> models.QuerySet[Any]:
    """What counts as a second factor; recovery codes alone are none."""
    return apps.get_model("mfa", "Authenticator")._default_manager.exclude(type="recovery_codes")


class UserManager(BaseUserManager["User"]):
    """Users; `signed_in` brings along what every page asks, so that the person costs one query."""

    def create_user(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> User:
        """A new account, without any right; without `password` nobody can sign in until a link sets one."""
        user = self.model(username=self.model.normalize_username(username), email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def signed_in(self, pk: Any) -> User | None:
        """The active user with `unread_count` and `second_factors`, or None."""
        unread = Count("notifications", filter=Q(notifications__read_at__isnull=True))
        factors = second_factors().filter(user_id=OuterRef("pk"))
        rows = self.filter(pk=pk, is_active=True).annotate(unread_count=unread, second_factors=Exists(factors))
        return rows.first()


class DutyQuerySet(models.QuerySet[Any]):
    def in_force(self, today: date | None = None) -> Self:
        """Approved by a second person, or opened by its institution, and valid today."""
        day = today or timezone.localdate()
        granted = Q(approved_by__isnull=False) | Q(opened_by__gt="")
        return self.filter(granted, Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class LinkedIdentityQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """Approved by a second administrator and not ended."""
        return self.filter(approved_by__isnull=False, ended_at__isnull=True)


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
        """The acts on one case, newest first. Who looked at personal data is for the auditors alone."""
        return self.filter(subject=subject).exclude(action__in=LOOKS).order_by("-id")

    def looks(self) -> Self:
        """Looks at personal data, files opened, tables taken along; served by indexes of their own."""
        return self.filter(action__in=LOOKS)

    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """The looks an auditor may read: all with a duty for the city, else those at objects of the area."""
        if not user.is_authenticated:
            return self.none()
        scope = Q(pk__in=[])
        for duty in user.duties_as(*(roles & {Role.AUDITOR})):
            if duty.region is None or duty.region.level == RegionLevel.CITY:
                return self.looks()
            scope |= Q(region_prefix__startswith=duty.region.prefix)
        return self.looks().filter(scope)


class StoredFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Files that the case they belong to opens to duties in force with one of `roles`.

        One's own upload is open without a case for UPLOAD_MINUTES, while the form it belongs to is being filled in.
        """
        if not user.is_authenticated:
            return self.none()
        held = user.roles & roles
        fresh = Q(uploaded_by=user, created_at__gt=timezone.now() - timedelta(minutes=settings.UPLOAD_MINUTES))
        scope = Q(pk__in=[])
        for purpose in purposes():
            if not held & purpose.roles:
                continue
            opened = Q(pk__in=[]) if purpose.uses else reach(user, purpose, held, OWN_COLUMNS)
            for use in purpose.uses:
                cases = apps.get_model(use.model)._base_manager.filter(**{use.field: OuterRef("pk")})
                if use.leads_to_case:
                    opened |= Q(Exists(cases.filter(reach(user, purpose, held, use))))
                else:
                    opened |= Q(Exists(cases)) & reach(user, purpose, held, OWN_COLUMNS)
            scope |= Q(purpose=purpose.code) & (opened | fresh & self._without_case(purpose))
        return self.filter(scope, deleted_at__isnull=True)

    @staticmethod
    def _without_case(purpose: Purpose) -> Q:
        """No case refers to the file yet."""
        free = Q()
        for use in purpose.uses:
            free &= ~Q(Exists(apps.get_model(use.model)._base_manager.filter(**{use.field: OuterRef("pk")})))
        return free
