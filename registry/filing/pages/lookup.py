"""What several pages of filing need: one case in the reader's scope, its clocks with lights, the history of its acts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.permissions import opening_roles

from ...models import Filing
from ...pages.lookup import storable
from ...pages.record import clock_light
from ..drafts import is_own

__all__ = [
    "clock_rows",
    "expected_version",
    "history_rows",
    "operator_crumbs",
    "own_filing",
    "storable",
    "visible_filing",
]


def visible_filing(request: HttpRequest, no: str) -> Filing:
    """The case with institution and authority; 404 outside the reader's scope. One query."""
    found = (
        Filing.objects.visible_to(request.user, opening_roles(request))
        .select_related("institution__region", "institution__town", "authority", "assigned_to")
        .filter(no=no)
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_filing(request: HttpRequest, no: str) -> Filing:
    """A case of the reader's own institution; 404 otherwise. One query."""
    found = visible_filing(request, no)
    if not is_own(request.user, found.institution):
        raise Http404
    return found


def clock_rows(filing: Filing) -> list[dict[str, Any]]:
    """The clocks of the case: deadline and light. One query."""
    today = today_here()
    return [{"deadline": clock, "light": clock_light(clock, today)} for clock in Deadline.objects.of(filing.subject)]


def history_rows(filing: Filing, limit: int = 30) -> list[dict[str, Any]]:
    """The acts on the case, newest first, as components/timeline.html draws them. One query."""
    acts = Event.objects.of(filing.subject)[:limit]
    return [{"at": act.at, "title": act.summary, "who": act.actor_label} for act in acts]


def operator_crumbs(filing: Filing, *, to_case: bool = True) -> list[dict[str, str]]:
    """Breadcrumbs of the institution's pages."""
    crumbs = [{"label": "我的备案", "url": reverse("filing:cases")}]
    if to_case:
        crumbs.append({"label": filing.no, "url": reverse("filing:case", args=[filing.no])})
    return crumbs


def expected_version(value: Any) -> int:
    """The record version a form was built on; anything that is no number matches no version."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
