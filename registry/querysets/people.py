"""Reads of the people ledger."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.apps import apps
from django.contrib.postgres.aggregates import JSONBAgg
from django.db import models
from django.db.models import Exists, JSONField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

# Staff who read the people of institutions in their area.
PEOPLE_READERS = frozenset({Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY})


# What is read of a paper together with the post.
HELD = ("kind", "number", "issuer", "issued_on", "valid_to", "record_found", "cleared_at", "file_id")


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

    def described(self, today: date) -> Self:
        """With what its own institution entered of its person, and what counts wherever it was entered.

        `trained_hours` and the current papers `held`; whether a ban holds on this day, `barred`, and whether a record
        was found that nobody has cleared, `record_waits`.
        """
        trainings, credentials = (
            apps.get_model("registry", name).objects.filter(person=OuterRef("person"))
            for name in ("Training", "Credential")
        )
        trainings = trainings.filter(institution=OuterRef("institution"))
        paper = JSONObject(**{name: name for name in HELD})
        hours = trainings.order_by().values("person").annotate(sum=Sum("hours")).values("sum")
        # As one value for a post: one by one, reading the papers was a tenth of the nightly run.
        papers = credentials.current().filter(institution=OuterRef("institution")).order_by().values("person")
        bans = apps.get_model("registry", "PersonBan").objects.holding(today)
        return self.annotate(
            trained_hours=Coalesce(Subquery(hours), 0),
            held=Coalesce(Subquery(papers.annotate(all=JSONBAgg(paper)).values("all")), Value([], JSONField())),
            record_waits=Exists(credentials.found()),
            barred=Exists(bans.filter(id_index=OuterRef("person__id_index"))),
        )

    def named(self, words: str) -> Self:
        """Those whose name holds these words: as confirmed, or as their own institution wrote it."""
        confirmed = Q(person__name_confirmed=True, person__name__contains=words)
        return self.filter(confirmed | Q(person__name_confirmed=False, written_name__contains=words))


class PersonBanQuerySet(models.QuerySet[Any]):
    def holding(self, today: date) -> Self:
        """In force on this day (人口与计划生育法 第41条)."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=today), since__lte=today)


class CredentialQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Not replaced."""
        return self.filter(replaced_at__isnull=True)

    def found(self) -> Self:
        """Found records that nobody has cleared, replaced or not."""
        return self.filter(record_found=True, cleared_at__isnull=True)

    def expired(self, today: date) -> Self:
        """Current ones past their last day."""
        return self.current().filter(valid_to__lt=today)


class PersonDiscrepancyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Health staff of the area of one of the institutions; no institution ever sees what another stated."""
        if not user.is_authenticated:
            return self.none()
        parties = self.model.institutions.through.objects.filter(
            region_scope(user, PEOPLE_READERS & roles, "institution__region__prefix"), persondiscrepancy=OuterRef("pk")
        )
        return self.filter(Exists(parties))

    def waiting(self) -> Self:
        """Not decided."""
        return self.filter(decided_at__isnull=True)
