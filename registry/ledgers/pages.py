"""A reconciliation as a page: numbers by area, every one of which opens the list of its institutions; both as files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, choice, together
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.places import counties_seen_by

from ..models import Institution
from ..registration.pages.export import table_response
from ..registration.pages.lookup import listed, place_name
from ..registration.pages.pushes import push_states
from .differences import AUTHORITIES, DIFFERENT
from .reconciliation import Area, Reconciliation

PAGE = 20
FILES = frozenset({"csv", "xlsx"})
TABS = (("registry:ledgers", "登记、卫健、公安"), ("filing:board", "登记、运营、备案"))
WORDS = {"red": "应处理", "yellow": "应提醒"}
HEADER = ["机构名称", "统一社会信用代码", "县（市、区）", "镇（街道）", "机构性质", "登记状态", "备案状态", "国家系统备案编号",
          "成立日期", "对账结果"]  # fmt: skip


@require_GET
def ledgers(request: HttpRequest) -> HttpResponseBase:
    """The ledgers of three authorities."""
    return reconcile(request, AUTHORITIES)


@require_GET
def differences(request: HttpRequest) -> HttpResponseBase:
    """The institutions in which they differ, or behind one number."""
    return reconcile(request, AUTHORITIES, kind=DIFFERENT.key)


class InstitutionFilter(ListFilter):
    """The institutions behind one number, and their area."""

    region = choice("县（市、区）", everything="全部地区")
    kind = choice("数字", method=together)

    def __init__(self, *args: Any, counties: Iterable[tuple[str, str]], of: Reconciliation, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("region", counties)
        self.offer("kind", [(figure.key, figure.title) for figure in of.figures.values()])


def reconcile(request: HttpRequest, of: Reconciliation, *, kind: str = "") -> HttpResponseBase:
    """The numbers; `?kind=`, or the given one, the institutions behind one of them. `&format=csv` the same as a file."""
    roles = opening_roles(request)
    counties = list(counties_seen_by(request.user, roles))
    narrowed = InstitutionFilter(
        request.GET, Institution.objects.visible_to(request.user, roles), counties=counties, of=of
    )
    if kind := narrowed.chosen("kind") or kind:
        return _institutions(request, of, narrowed, kind)
    rows, total = of.by_area(request.user, roles, counties)
    if request.GET.get("format") in FILES:
        header = ["县（市、区）", *(figure.title for figure in of.figures.values())]
        table = [[row.name, *row.counts.values()] for row in (*rows, total)]
        return table_response(request, table, header, name=of.heading, count=total.counts["registered"])
    list_url = reverse(of.listing)
    context = {
        "heading": of.heading,
        "lead": of.lead,
        "as_of": timezone.localtime(),
        "tabs": [
            {"label": label, "url": reverse(route), "current": route == of.route}
            for route, label in TABS
            if may_enter(request.user, route, "GET")
        ],
        "note": of.note(total.counts),
        "list_url": list_url,
        "columns": of.figures.values(),
        "rows": [_cells(of, row) for row in rows],
        "total": _cells(of, total),
        "stages": [
            {"figure": figure, "number": number, "share": round(100 * number / max(total.counts["registered"], 1))}
            for figure in of.stages
            for number in [total.counts[figure.key]]
        ],
        "worklists": [
            {
                "kind": figure,
                "number": total.counts[figure.key],
                "word": WORDS.get(figure.colour, ""),
                "url": f"{list_url}?kind={figure.key}",
            }
            for figure in of.worklists
        ],
        "nothing": not any(total.counts.values()),
    }
    return render(request, "registry/ledgers/overview.html", context)


def _cells(of: Reconciliation, row: Area) -> dict[str, Any]:
    cells = [{"figure": figure, "number": row.counts[key]} for key, figure in of.figures.items()]
    return {"code": row.code, "name": row.name, "cells": cells}


def _institutions(request: HttpRequest, of: Reconciliation, narrowed: ListFilter, kind: str) -> HttpResponseBase:
    """Newest entry first. Queries: rows with their facts, number of rows, pushes."""
    figure, rows = of.figures[kind], listed(of.behind(narrowed.qs, kind))
    if request.GET.get("format") in FILES:
        return table_response(
            request, _file_rows(of, rows), HEADER, name=f"对账清单_{figure.title}", count=rows.count(),
            text_columns={HEADER[1], HEADER[7]},
        )  # fmt: skip
    page = keyset_page(rows, request.GET.get("before"), size=PAGE)
    states = push_states(page, request.user, opening_roles(request))
    today = today_here()
    for row in page:
        row.area, row.place, row.pushes = place_name(row.region_id), place_name(row.town_id), states[row.uscc]
        row.differences, row.details, row.filing = of.differences(row), of.details(row), of.filing(row)
        row.days = (today - row.established_on).days
    back = {"label": of.heading, "url": reverse(of.route)}
    context = {
        "heading": figure.title,
        "lead": f"{figure.meaning}。",
        "breadcrumbs": [back],
        "back": back,
        "filter": narrowed.form,
        "page": page,
        "total": rows.count() if page else 0,
    }
    return render(request, "registry/ledgers/institutions.html", context)


def _file_rows(of: Reconciliation, rows: Any) -> Iterable[list[Any]]:
    for row in rows.order_by("-id").iterator(chunk_size=1000):
        yield [
            row.name,
            row.uscc,
            place_name(row.region_id),
            place_name(row.town_id),
            row.get_nature_display(),
            row.get_status_display(),
            row.get_filing_state_display(),
            row.national_filing_no,
            row.established_on,
            "；".join([*(figure.title for figure in of.differences(row)), *of.details(row)]),
        ]
