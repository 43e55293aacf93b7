"""Reconciliation of the three ledgers: registered, running, filed; each number opens the worklist behind it."""

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
from yancheng_childcare.filters import Choices, ListFilter, choice, tab
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.places import counties_seen_by

from ...ledgers.listing import Shown, difference_page
from ...models import Institution
from ...registration.pages.export import table_response
from ...registration.pages.lookup import listed, place_name
from .. import figures

HEADER = ["机构名称", "统一社会信用代码", "县（市、区）", "镇（街道）", "机构性质", "登记状态", "备案状态", "国家系统备案编号",
          "成立日期", "不一致的内容"]  # fmt: skip
WORDS = {"red": "应处理", "yellow": "应提醒"}
WIDTH = 100  # of the drawing: centred bars of one scale, in user units of their viewBox


@require_GET
def board(request: HttpRequest) -> HttpResponseBase:
    """Funnel, table twin and worklists; `?list=` the institutions behind one number, `&format=csv` as a file."""
    today, roles = today_here(), opening_roles(request)
    counties = counties_seen_by(request.user, roles)
    narrowed = BoardFilter(request.GET, Institution.objects.visible_to(request.user, roles), counties=counties)
    if narrowed.chosen("list"):
        return _worklist(request, narrowed)
    rows, total = figures.area_figures(request.user, roles, counties, today=today)
    if request.GET.get("format") in {"csv", "xlsx"}:
        return _counts_file(request, rows, total)
    context = {
        "heading": "登记、运营、备案对账",
        "lead": "同一家机构的登记、人员和备案三本台账是否一致；每个数字都能打开清单。",
        "as_of": timezone.localtime(),
        "rows": [_cells(row) for row in rows],
        "total": _cells(total),
        "bars": _bars(total),
        "columns": figures.FIGURES,
        "worklists": [
            {
                "kind": figure,
                "number": total.counts[figure.key],
                "word": WORDS.get(figure.colour, ""),
                "url": f"?list={figure.key}",
            }
            for figure in figures.WORKLISTS
        ],
        "summary": _words(total),
    }
    return render(request, "registry/filing/board.html", context)


def _cells(row: figures.AreaFigures) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "cells": [{"figure": figure, "number": row.counts[figure.key]} for figure in figures.FIGURES],
    }


def _bars(total: figures.AreaFigures) -> list[dict[str, Any]]:
    """The stages of the funnel as centred bars; the share is of those registered."""
    most = max(total.counts["registered"], 1)
    bars = []
    for figure in figures.FUNNEL:
        count = total.counts[figure.key]
        wide = WIDTH * count / most
        bars.append(
            {
                "figure": figure,
                "number": count,
                "share": round(100 * count / most),
                "x": f"{(WIDTH - wide) / 2:.1f}",
                "width": f"{wide:.1f}",
            }
        )
    return bars


def _words(total: figures.AreaFigures) -> str:
    """The drawing in one sentence."""
    counts = total.counts
    return f"登记存续 {counts['registered']} 家，其中运营 {counts['running']} 家，备案有效 {counts['filed']} 家"


class BoardFilter(ListFilter):
    """The institutions behind one number, and their area."""

    list = tab([(figure.key, figure.title) for figure in figures.FIGURES], method="behind")
    region = choice("县（市、区）", everything="全部地区")

    def __init__(self, *args: Any, counties: Choices, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("region", counties)

    def behind(self, rows: Any, name: str, value: str) -> Any:
        """Counted by this number today."""
        return figures.behind(rows, value, today_here())


def _worklist(request: HttpRequest, narrowed: BoardFilter) -> HttpResponseBase:
    """The institutions behind one number."""
    figure = figures.BY_KEY[narrowed.chosen("list")]
    if request.GET.get("format") in {"csv", "xlsx"}:
        rows = listed(narrowed.qs)
        return table_response(
            request, _file_rows(rows), HEADER, name=f"对账清单_{figure.title}", count=rows.count(),
            text_columns={HEADER[1], HEADER[7]},
        )  # fmt: skip
    return difference_page(
        request,
        narrowed,
        _shown,
        heading=figure.title,
        lead=f"{figure.meaning}。",
        back={"label": "登记、运营、备案对账", "url": reverse("filing:board")},
        export=True,
    )


def _shown(row: Any) -> Shown:
    """What there is to look into, and what stands behind it."""
    held = {name: getattr(row, name) for name in figures.FLAGS}
    staffed = "人员台账有在岗人员" if row.staffed else ""
    filed = f"国家系统 {row.national_filing_no}" if row.national else row.get_filing_state_display() or "没有备案"
    return Shown(
        [figure for figure in figures.WORKLISTS if figure.holds(held)],
        filed,
        tuple(words for words in (staffed, figures.shown_difference(row)) if words),
    )


def _file_rows(rows: Any) -> Iterable[list[Any]]:
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
            figures.shown_difference(row),
        ]


def _counts_file(request: HttpRequest, rows: list[figures.AreaFigures], total: figures.AreaFigures) -> HttpResponseBase:
    header = ["县（市、区）", *(figure.title for figure in figures.FIGURES)]
    table = [[row.name, *(row.counts[figure.key] for figure in figures.FIGURES)] for row in (*rows, total)]
    return table_response(request, table, header, name="登记运营备案对账", count=total.counts["registered"])
