"""What every row has that one person asks for and another approves (reliability.md T2). The service is `approvals.py`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ..choices import Role

# The columns in which a row says when it ended.
_ENDED = frozenset({"closed_at", "ended_at", "ended_on", "revoked_at"})


class TwoPersons(models.Model):
    """One person asked (`granted_by`; none = a command on the server), another approved.

    `NOT_SHOWN` names columns an approval does not cover: what the portal itself writes afterwards. All others are shown
    to the approving person and are part of the fingerprint, so a column added later is covered without a word here.
    """

    NOT_SHOWN: ClassVar[frozenset[str]] = frozenset()
    ACT: ClassVar[str] = ""
    # Which rows can still be approved, as far as a query can say; `why_closed` has the last word.
    OPEN: ClassVar[Q] = Q()
    # Dotted path of what the approval sets going: called with (row, actor) in its transaction, under the row's lock.
    EFFECT: ClassVar[str] = ""
    # The same for a refusal or withdrawal, called with (row).
    REFUSED: ClassVar[str] = ""
    # Approved on a page of its own, never together with others.
    ALONE: ClassVar[bool] = False
    # The column that is a table of its own (`shown_rows`), and whether a refusal must say why.
    AS_ROWS: ClassVar[str] = ""
    REFUSED_WITH_REASON: ClassVar[bool] = False

    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="授予人",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准人",
    )

    class Meta:
        abstract = True

    def for_whom(self) -> int | None:
        """The person who gains by it and so may not approve it."""
        return None

    def gained_by(self, person: Any) -> bool:
        """Whether this person gains by it and so may not approve it."""
        return self.for_whom() == person.pk

    def shown_rows(self) -> tuple[list[str], list[list[str]]]:
        """Header and rows of the column `AS_ROWS`, as the approving person reads them."""
        return [], []

    def page(self) -> str:
        """The address of the page that shows what came of it; "" for most kinds."""
        return ""

    def may_be_approved_by(self, person: Any) -> bool:
        """Whether the person's duties let them approve such a row at all."""
        return bool(person.has_role(Role.ADMIN))

    def why_closed(self) -> str:
        """Why it cannot be approved any more; empty while it can."""
        return ""

    def end_unapproved(self, reason: str = "") -> None:
        """Refused (with a `reason`) or withdrawn before anybody approved it: the row says when it ended.

        A kind without such a column (an allowed host) is deleted; the history of its table keeps it.
        """
        column = next((f for f in self._meta.concrete_fields if f.name in _ENDED), None)
        if column is None:
            self.delete()
            return
        setattr(self, column.name, column.to_python(timezone.now()))
        self.save(update_fields=[column.name])

    def act_subject(self) -> str:
        """The subject its acts are kept under."""
        return f"{self._meta.label_lower}:{self.pk}"

    def act_region(self) -> str:
        """The region path of its acts."""
        return ""


def two_persons(name: str, *, for_whom: str = "") -> list[models.CheckConstraint]:
    """The same rule in the database: who approves is neither who granted nor, with `for_whom`, who gains."""
    constraints = [
        models.CheckConstraint(
            condition=Q(approved_by__isnull=True) | Q(granted_by__isnull=True) | ~Q(approved_by=F("granted_by")),
            name=f"{name}_two_persons",
            violation_error_message="授予人与批准人不能是同一人。",
        )
    ]
    if for_whom:
        constraints.append(
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F(for_whom)),
                name=f"{name}_not_own",
                violation_error_message="不能批准授予本人的申请。",
            )
        )
    return constraints


def counts() -> Q:
    """Approved; on a local installation (`DEBUG=1`) also what a command made, for which nobody is there to ask."""
    approved = Q(approved_by__isnull=False)
    return approved | Q(granted_by__isnull=True) if settings.LOCAL else approved
