"""What was found not met before: the same item at the same institution within twelve months."""

from __future__ import annotations

from casework.models import Case
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import same_day

from .choices import Verdict
from .models import VisitItem


def found_before(case: Case) -> set[str]:
    """Codes of items found not met there in another visit concluded within twelve months. One query."""
    since = same_day(today_here(), -12)
    rows = VisitItem.objects.filter(
        visit__case__uscc=case.uscc, visit__concluded_on__gte=since, verdict=Verdict.NOT_MET
    )
    return set(rows.exclude(visit=case.pk).values_list("item__code", flat=True))
