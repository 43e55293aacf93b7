"""Reads of filings and their materials."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, FilteredRelation, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Deadline
from yancheng_childcare.querysets import region_scope

from ..choices import FILING_IN_REVIEW, LIVE_FILING, OPEN_FILING, FilingStatus

# Staff who read the filings of their region; drafts are the institution's own.
FILING_READERS = frozenset(
    {Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.INSPECTOR, Role.LEGAL, Role.LEADER, Role.AUDITOR}
)

# A draft is the institution's own, also one it gave up before it was ever handed in.
HANDED_IN = ~Q(status=FilingStatus.DRAFT) & ~Q(status=FilingStatus.CANCELLED, submitted_at=None)


def _of_case(model: str) -> models.QuerySet[Any]:
    found: models.QuerySet[Any] = apps.get_model("registry", model)._default_manager.filter(filing=OuterRef("pk"))
    return found


class FilingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, roles: frozenset[str]) -> Self:
        """Staff: filings of their area once handed in; operators: all of their own institutions."""
        if not user.is_authenticated:
            return self.none()
        scope = region_scope(user, FILING_READERS & roles, "institution__region__prefix") & HANDED_IN
        own = [duty.uscc for duty in user.duties_as(*(roles & {Role.OPERATOR}))]
        if own:
            scope |= Q(institution__uscc__in=own)
        return self.filter(scope)

    def begun(self) -> Self:
        """Beyond the institution's own draft."""
        return self.exclude(status=FilingStatus.DRAFT)

    def open(self) -> Self:
        """Before the receipt."""
        return self.filter(status__in=OPEN_FILING)

    def live(self) -> Self:
        """On the public register: receipt issued, not ended."""
        return self.filter(status__in=LIVE_FILING)

    def in_review(self) -> Self:
        """Waiting for the reviewing authority."""
        return self.filter(status__in=FILING_IN_REVIEW)

    def for_a_step(self) -> Self:
        """With what a step needs to know of the case, in one query; true under the lock of the institution.

        `last_number` handed in, `receipts_issued`, the proposal that is `waiting` for a signature, and whether the
        institution has another filing in force, `another_live`.
        """
        numbers = _of_case("FilingVersion").order_by("-number")
        others = self.model._default_manager.live().filter(institution=OuterRef("institution"))
        related = ("institution__region", "authority", "assigned_to", "waiting__proposed_by")
        return self.select_related(*related).annotate(
            last_number=Coalesce(Subquery(numbers.values("number")[:1]), 0),
            receipts_issued=Func(
                ArraySubquery(_of_case("FilingReceipt").values("pk")),
                function="cardinality",
                output_field=models.IntegerField(),
            ),
            waiting=FilteredRelation("proposals", condition=Q(proposals__outcome="PENDING")),
            another_live=Exists(others.exclude(pk=OuterRef("pk"))),
        )

    def with_clock(self) -> Self:
        """Annotated with the nearest running clock, one that stands still only when no other runs: `due_on`, `started_on`, `paused_on`, `pause_reason` of it."""
        clocks = (
            Deadline.objects.running()
            .filter(subject=Concat(Value("registry.filing:"), OuterRef("no")))
            .order_by(models.F("paused_on").asc(nulls_first=True), "due_on", "id")
        )
        return self.annotate(
            due_on=Subquery(clocks.values("due_on")[:1]),
            clock_started=Subquery(clocks.values("started_on")[:1]),
            paused_on=Subquery(clocks.values("paused_on")[:1]),
        )

    def by_urgency(self) -> Self:
        """What breaks first stands first; paused cases last."""
        return self.with_clock().order_by(
            models.F("paused_on").asc(nulls_first=True), models.F("due_on").asc(nulls_last=True), "id"
        )


class MaterialQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Not replaced."""
        return self.filter(replaced_at__isnull=True)

    def with_pages(self) -> Self:
        """With `page_files`, the ids of the files of its pages in order."""
        pages = apps.get_model("registry", "MaterialPage").objects.filter(material=OuterRef("pk"))
        return self.annotate(page_files=ArraySubquery(pages.order_by("position", "id").values("file_id")))

    def expired(self, today: date) -> Self:
        """Current ones past their last day."""
        return self.current().filter(valid_to__lt=today)
