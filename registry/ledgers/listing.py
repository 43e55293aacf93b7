"""The page behind a number of a reconciliation, the same for every reconciliation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles

from ..registration.pages.lookup import listed, place_name
from ..registration.pages.pushes import push_states
from .difference import Difference

PAGE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reconciliation says of one institution: its differences, the filing in words, details in small print."""

    kinds: Iterable[Difference]
    filing: str
    details: tuple[str, ...] = ()


def difference_page(
    request: HttpRequest,
    narrowed: ListFilter,
    show: Callable[[Any], Shown],
    *,
    heading: str,
    lead: str,
    back: dict[str, str],
    export: bool = False,
) -> HttpResponse:
    """The institutions, newest entry first. Queries: rows with their facts, number of rows, pushes."""
    rows = listed(narrowed.qs)
    page = keyset_page(rows, request.GET.get("before"), size=PAGE)
    states = push_states(page, request.user, opening_roles(request))
    today = today_here()
    for row in page:
        row.area, row.place, row.pushes = place_name(row.region_id), place_name(row.town_id), states[row.uscc]
        row.shown, row.days = show(row), (today - row.established_on).days
    context = {
        "heading": heading,
        "lead": lead,
        "breadcrumbs": [back],
        "back": back,
        "filter": narrowed.form,
        "page": page,
        "total": rows.count() if page else 0,
        "export": export,
    }
    return render(request, "registry/ledgers/difference_list.html", context)
