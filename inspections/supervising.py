"""What the supervisors of enforcement look at (行政执法监督条例; domain-2.md A1 rows 12, 15): one query for each list.

Everything lies in what the person's duties reach; none of it holds a child's data.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from casework.models import Case, CaseProposal
from yancheng_childcare.models import Deadline

from .choices import Entry
from .inspection import INSPECTION, PUBLISH
from .models import Officer, Visit
from .querysets import COUNTS
from .terms import terms_on


def inspections(user: Any, roles: frozenset[str]) -> Any:
    """The inspections this person reads."""
    return Case.objects.visible_to(user, roles).filter(type=INSPECTION.name)


def visits(user: Any, roles: frozenset[str], today: date) -> Any:
    """The visits of this year that were approved and neither refused nor called off: what a meter counts."""
    return Visit.objects.approved_for(today.year).filter(case__in=inspections(user, roles))


def meters(user: Any, roles: frozenset[str], today: date) -> Any:
    """Each institution and body with how often it came: `counted` for the cap, `exempt`, `total`; most often first."""
    rows = visits(user, roles, today).values("case__uscc", "subject", "subject__department__name")
    named = rows.annotate(name=F("case__subject_name"))
    found = named.annotate(counted=Count("pk", filter=COUNTS), exempt=Count("pk", filter=~COUNTS), total=Count("pk"))
    return found.order_by("-total", "case__uscc", "subject")


def alarms(user: Any, roles: frozenset[str], today: date) -> Any:
    """The meters clearly above what is reasonable (`powers.Meter.alarm`)."""
    return meters(user, roles, today).filter(total__gt=2 * terms_on(today).cap)


def over_cap(user: Any, roles: frozenset[str], today: date) -> Any:
    """Second approvals over the cap, signed this year."""
    rows = CaseProposal.objects.filter(step="approve_over_cap", outcome="SIGNED", decided_at__year=today.year)
    return rows.filter(case__in=inspections(user, roles)).order_by("-decided_at")


def unpublished(user: Any, roles: frozenset[str], today: date) -> Any:
    """Inspections whose result is late, or was published late this year."""
    clocks = Deadline.objects.filter(code=PUBLISH.code, subject=OuterRef("subject_key"))
    late = Q(closed_on__isnull=True, paused_on__isnull=True, due_on__lt=today)
    was_late = Q(closed_on__gt=F("due_on"), closed_on__year=today.year)
    rows = inspections(user, roles).with_clock()
    return rows.filter(Exists(clocks.filter(late | was_late))).order_by("-id")


def unscanned(user: Any, roles: frozenset[str], today: date) -> Any:
    """Visits of the year entered without a scan (扫码入企), each with its reason."""
    return visits(user, roles, today).filter(entry=Entry.NONE).order_by("-arrived_at")


def expired(user: Any, roles: frozenset[str], today: date) -> Any:
    """Officers whose certificate ended and who are entered still."""
    return Officer.objects.visible_to(user, roles).expired(today).order_by("valid_to", "pk")
