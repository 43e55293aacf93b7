"""执法监督: figures of the year, and the list behind each (domain-2.md A1 row 15). Reads only; holds no child's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, TextFilter, tab, text
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.requests import SignedInRequest

from .. import supervising
from ..powers import POWERS, Meter
from ..terms import terms_on
from .register_rows import cell, certificate_state

SIZE = 20


@dataclass(frozen=True, slots=True)
class Looked:
    """One list: its figure, its columns, how a row is shown, which columns `q` looks in, what it needs beside its row."""

    label: str
    unit: str
    hint: str
    rows: Callable[..., Any]
    columns: tuple[str, ...]
    shown: Callable[[Any], dict[str, Any]]
    names: tuple[str, ...]
    related: tuple[str, ...] = ()


def _case(no: str) -> str:
    return reverse("cases:case", args=[no])


def _link(show: str, **query: str) -> str:
    return f"{reverse('inspections:supervision')}?{urlencode({'show': show, **query})}#list-title"


def _meter(row: dict[str, Any]) -> dict[str, Any]:
    seen = Meter(row["counted"], row["exempt"], terms_on(today_here()).cap)
    of = {"q": row["case__uscc"], "body": str(row["subject"])}
    if seen.alarm:
        state = "red", "明显偏多"
    else:
        state = ("yellow", "达到上限") if seen.counted >= seen.cap else ("green", "上限以内")
    cells = [
        cell("检查单位", row["subject__department__name"]),
        cell("计入上限", f"{seen.counted} 次", f"每年上限 {seen.cap} 次")
        | {"url": _link("visits", meter="counted", **of)},
        cell("不计入", f"{seen.exempt} 次") | {"url": _link("visits", meter="exempt", **of)},
    ]
    return {"head": row["name"], "small": row["case__uscc"], "cells": cells, "state": state}


def _of(case: Any, cells: list[dict[str, Any]], state: tuple[str, str]) -> dict[str, Any]:
    """A row about a case: its institution, its number, the way to it."""
    return {"head": case.subject_name, "small": case.no, "url": _case(case.no), "cells": cells, "state": state}


def _visit(row: Any) -> dict[str, Any]:
    counted = POWERS[row.kind].counts and not row.from_above
    cells = [
        cell("检查单位", row.subject.department.name),
        cell("类型", row.get_kind_display(), row.from_above or row.source_ref),
        cell("日期", row.planned_on, row.entry_reason and f"没有扫码：{row.entry_reason}"),
    ]
    state = ("blue", "计入上限") if counted else ("plain", "不计入")
    return _of(row.case, cells, state)


def _approval(row: Any) -> dict[str, Any]:
    cells = [
        cell("检查单位", row.case.authority.name),
        cell("理由", row.answers.get("reason", "")),
        cell(
            "提出和签批",
            f"{row.proposed_by.display_name}、{row.decided_by.display_name}",
            f"{timezone.localdate(row.decided_at)}",
        ),
    ]
    state = "yellow", "超频次"
    return _of(row.case, cells, state)


def _late(row: Any) -> dict[str, Any]:
    cells = [
        cell("检查单位", row.authority.name),
        cell("结果形成", row.visit.concluded_on or ""),
        cell("公开", row.visit.published_on or "还没有公开"),
    ]
    state = ("yellow", "超期公开") if row.visit.published_on else ("red", "超期未公开")
    return _of(row, cells, state)


def _officer(row: Any) -> dict[str, Any]:
    cells = [cell("检查主体", row.subject.department.name), cell("有效期至", row.valid_to)]
    return {"head": row.user.display_name, "small": row.certificate_no, "cells": cells, "state": certificate_state(row)}


VISIT = ("机构", "检查单位", "类型", "日期"), _visit, ("case__subject_name", "case__uscc", "case__no")
VISIT_WITH = ("case", "subject__department")
LOOKED: dict[str, Looked] = {
    "meters": Looked(
        "检查频次", "组", "一家机构和一个检查单位为一组，按次数排列", supervising.meters,
        ("机构", "检查单位", "计入上限", "不计入"), _meter, ("case__subject_name", "case__uscc"),
    ),
    "alarms": Looked(
        "明显偏多", "组", "计入和不计入的合计超过上限的两倍", supervising.alarms,
        ("机构", "检查单位", "计入上限", "不计入"), _meter, ("case__subject_name", "case__uscc"),
    ),
    "over": Looked(
        "超频次批准", "件", "超过上限、由另一名负责人签批", supervising.over_cap,
        ("机构", "检查单位", "理由", "提出和签批"), _approval, ("case__subject_name", "case__uscc", "case__no"),
        ("case__authority", "proposed_by", "decided_by"),
    ),
    "late": Looked(
        "结果超期公开", "件", "超期未公开，或者今年超期后才公开", supervising.unpublished,
        ("机构", "检查单位", "结果形成", "公开"), _late, ("subject_name", "uscc", "no"), ("authority", "visit"),
    ),
    "unscanned": Looked("没有扫码入企", "次", "每次都有原因", supervising.unscanned, *VISIT, VISIT_WITH),
    "expired": Looked(
        "执法证已到期", "人", "到期后仍在执法人员名录", supervising.expired,
        ("人员", "检查主体", "有效期至"), _officer, ("user__display_name", "certificate_no"), ("user", "subject__department"),
    ),
    "visits": Looked("今年的检查", "次", "批准的检查，含计划中的", supervising.visits, *VISIT, VISIT_WITH),
}  # fmt: skip


class Narrowed(ListFilter):
    """Which list, and a part of a name in it."""

    show = tab([(name, one.label) for name, one in LOOKED.items()], method="here")
    body = TextFilter(widget=forms.HiddenInput, cut=9, method="here")
    meter = tab([("counted", "计入上限"), ("exempt", "不计入")], method="here")
    q = text("名称、代码或编号", 40, method="here")

    def here(self, rows: Any, name: str, value: str) -> Any:
        """Asked by the page: each list has columns of its own."""
        return rows


@never_cache
@require_safe
def supervision(request: SignedInRequest) -> HttpResponse:
    """Seven figures, one query each, and one list."""
    user, roles, today = request.user, opening_roles(request), today_here()
    narrowed = Narrowed(request.GET or None, queryset=supervising.visits(user, roles, today))
    show = narrowed.chosen("show") or "meters"
    looked = LOOKED[show]
    rows = looked.rows(user, roles, today)
    if words := narrowed.chosen("q"):
        found = Q(pk__in=[])
        for path in looked.names:
            found |= Q(**{f"{path}__icontains": words})
        rows = rows.filter(found)
    if show == "visits" and (body := as_key(narrowed.chosen("body"))):
        rows = rows.filter(subject=body)
    if show == "visits" and (meter := narrowed.chosen("meter")):
        rows = rows.filter(supervising.COUNTS if meter == "counted" else ~supervising.COUNTS)
    if looked.related:
        rows = rows.select_related(*looked.related)
    page = Paginator(rows if rows.ordered else rows.order_by("-pk"), SIZE).get_page(request.GET.get("page"))
    context = {
        "heading": "执法监督",
        "lead": f"{today.year} 年行政检查的频次、批准和公开。数字都可以点开看清单。",
        "figures": [
            {"label": one.label, "value": one.rows(user, roles, today).count(), "unit": one.unit, "hint": one.hint,
             "url": _link(name)}
            for name, one in LOOKED.items()
        ],
        "form": narrowed.form,
        "narrowed": narrowed.narrowed,
        "label": looked.label,
        "columns": looked.columns,
        "rows": [looked.shown(row) for row in page],
        "page": page,
        "unit": looked.unit,
        "list_url": _link(show),
    }  # fmt: skip
    return render(request, "inspections/supervision.html", context)
