"""What cannot wait of incidents: the line first in the chief's list, and who is told once when the hours are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils import timezone

from casework.inbox import Item, Source, add_source
from casework.models import Case
from casework.telling import page_of, say
from casework.types import State, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.querysets import region_scope

from .incident_terms import DUTIES
from .incidents import INCIDENT
from .models import Incident

URGENT = [kind for kind, duty in DUTIES.items() if duty.hours <= 2]
SEE = State("red", Role.CHIEF, "查看紧急事件并登记知悉", then="由承办人跟进，您可以随时办结。")
LATE = (
    Tell(Role.OPERATOR, "事件报告已到时限", "{no} 还有单位没有登记报告，请立即报告并登记。"),
    Tell(Role.REVIEWER, "事件报告已到时限", "{no}（{name}）还有单位没有登记报告，请督促。"),
    Tell(Role.CHIEF, "事件报告已到时限", "{no}（{name}）还有单位没有登记报告，请督促。"),
)


def urgent_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """Urgent incidents of the chief's area that the chief has not noted yet. One query."""
    rows = Case.objects.open().filter(region_scope(user, {Role.CHIEF.value}), type=INCIDENT.name)
    rows = rows.filter(incident__kind__in=URGENT, incident__seen_at=None).select_related("incident")
    for case in rows.order_by("pk"):
        matter = case.body.get_kind_display()
        yield Item(SEE, matter, case.subject_name, page_of(case), today, mine=True, first=True)


def tell_late(now: datetime | None = None) -> Tally:
    """Say once that the hours are over and somebody is still to be told. How many, and what failed."""
    moment = now or timezone.now()
    late = Incident.objects.filter(due_at__lte=moment, all_told_at=None, late_told_at=None, case__closed_on=None)
    return each("late reports of incidents", late.values_list("pk", flat=True), partial(_tell, moment=moment))


def _tell(pk: int, *, moment: datetime) -> int:
    case = Case.objects.select_for_update(of=("self",)).select_related("region", "assignee", "opened_by").get(pk=pk)
    body = case.body
    # Looked at again under the lock: it may have been told, or closed, meanwhile.
    if case.closed_on is not None or body.late_told_at is not None or not body.untold:
        return 0
    Incident.objects.filter(pk=pk).update(late_told_at=moment)
    for tell in LATE:
        say(case, tell)
    return 1


def add_lines() -> None:
    """Called once when the app is ready."""
    add_source(Source({Role.CHIEF.value}, urgent_items))
