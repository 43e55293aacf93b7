"""How often a subject inspected an institution this year."""

from __future__ import annotations

from yancheng_childcare.deadlines import today_here

from .models import EnforcementSubject, Visit
from .powers import Meter, meter
from .terms import terms_on


def meter_of(uscc: str, subject: EnforcementSubject, year: int, *, but: int | None = None) -> Meter:
    """The meter of the year, approved visits to come included; `but` leaves one case out. One query."""
    rows = Visit.objects.approved_for(year).filter(case__uscc=uscc, subject=subject).exclude(case=but)
    seen = [(kind, bool(above)) for kind, above in rows.values_list("kind", "from_above")]
    return meter(seen, cap=terms_on(today_here()).cap)
