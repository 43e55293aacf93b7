"""What was found not met before: the same item at the same institution within twelve months."""

from __future__ import annotations

from datetime import date

from casework.models import Case
from yancheng_childcare.deadlines import today_here

from .choices import Verdict
from .models import VisitItem


def year_before(day: date) -> date:
    """The same day of the year before; the 28th for 29 February."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def found_before(case: Case) -> set[str]:
    """Codes of items found not met there in another visit concluded within twelve months. One query."""
    since = year_before(today_here())
    rows = VisitItem.objects.filter(
        visit__case__uscc=case.uscc, visit__concluded_on__gte=since, verdict=Verdict.NOT_MET
    )
    return set(rows.exclude(visit=case.pk).values_list("item__code", flat=True))
