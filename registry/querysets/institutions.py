"""Reads of institutions in the words of the trade. `visible_to(user, roles)` is the only scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from yancheng_childcare.choices import Role
from yancheng_childcare.querysets import region_scope

from ..choices import FILED_STATES, PUBLIC_STATES

# Staff whose duty covers a region read every registration in it.
REGION_READERS = frozenset(
    {
        Role.REVIEWER,
        Role.CHIEF,
        Role.HEALTH_CITY,
        Role.INSPECTOR,
        Role.CREDIT,
        Role.LEGAL,
        Role.POLICE,
        Role.LEADER,
        Role.AUDITOR,
    }
)


class InstitutionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """What the user's duties in force with one of `roles` let them read in full (never the public view).

        A registrar reads what its trade registered in its area (a city bureau reads its counties'); an operator
        its own institutions.
        """
        if not user.is_authenticated:
            return self.none()
        scope = region_scope(user, REGION_READERS & roles)
        for duty in user.duties_as(*(roles & {Role.REGISTRAR})):
            if duty.department and duty.region:
                scope |= Q(
                    registry_org__kind=duty.department.kind, registry_org__region__prefix__startswith=duty.region.prefix
                )
        own = [duty.uscc for duty in user.duties_as(*(roles & {Role.OPERATOR}))]
        if own:
            scope |= Q(uscc__in=own)
        return self.filter(scope)

    def registered_by(self, user: Any) -> Self:
        """Those whose registration authority is one of the user's own departments: the ones it may change."""
        departments = [duty.department_id for duty in user.duties_as(Role.REGISTRAR)]
        return self.filter(registry_org__in=departments)

    def active(self) -> Self:
        """存续."""
        return self.filter(status="ACTIVE")

    def filed(self) -> Self:
        """已备案, the one definition (domain-2.md): a receipt in force, also while stopped, or filed in the national system.

        What was told to mend its filing is counted apart.
        """
        elsewhere = Q(filed_on__isnull=False) & ~Q(filing_state__in=PUBLIC_STATES)
        return self.active().filter(Q(filing_state__in=FILED_STATES) | elsewhere)

    def unfiled(self) -> Self:
        """已登记未备案: registered, in being, no filing (方案 三(三)1)."""
        return self.active().filter(filed_on__isnull=True)

    def unfiled_for(self, days: int, today: date) -> Self:
        """Registered at least this many days ago and still not filed."""
        return self.unfiled().filter(established_on__lte=today - timedelta(days=days))

    def irregular_scope(self) -> Self:
        """With kept warnings on name, scope or region: the registrar's worklist."""
        return self.active().exclude(warnings=[])

    def unanswered(self) -> Self:
        """Whose warnings nobody has explained in their present version."""
        acts = apps.get_model("yancheng_childcare", "Event")._default_manager.annotate(
            version=KeyTextTransform("version", "data")
        )
        answers = acts.filter(
            action="warning.answered",
            subject=Concat(Value("registry.institution:"), OuterRef("uscc")),
            version=Cast(OuterRef("record_version"), models.TextField()),
        )
        return self.filter(~Exists(answers))


class ImportJobQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Not taken yet, whatever became of the check; the same table handed in again goes on with it."""
        return self.exclude(state="DONE").exclude(fingerprint="")

    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Imports of the user's own registration departments."""
        if not user.is_authenticated:
            return self.none()
        duties = user.duties_as(*(roles & {Role.REGISTRAR}))
        return self.filter(department__in=[duty.department_id for duty in duties if duty.department_id])
