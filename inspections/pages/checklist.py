"""检查表: every item an inspection looks at, for officers and for institutions that look themselves over."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from registry.register.caching import shared
from yancheng_childcare.filters import ListFilter, choice, text

from ..checklist import EDITION
from ..choices import Field, Severity
from ..models import CheckItem

METHODS = {"V": "现场查看", "D": "查阅资料", "T": "测量或者试用", "Q": "询问"}
LIGHTS = {Severity.RED: "red", Severity.CRITICAL: "red", Severity.MAJOR: "yellow", Severity.MINOR: "plain"}
FORCE = [("yes", "可以责令改正"), ("no", "只提改进建议")]


class ItemFilter(ListFilter):
    """A part of the text, the severity, who judges, whether its basis binds."""

    q = text("检查内容或编号", 40, method="named")
    severity = choice("严重度", Severity.choices)
    field = choice("谁来判定", Field.choices, method="judged")
    force = choice("效力", FORCE, method="binds")

    def named(self, rows: Any, name: str, value: str) -> Any:
        """A part of the text or the basis, or the code."""
        found = Q(text__icontains=value) | Q(code__iexact=value) | Q(basis__icontains=value)
        return rows.filter(found) if value else rows

    def judged(self, rows: Any, name: str, value: str) -> Any:
        """What a body of this field may judge."""
        return rows.judged_by(value) if value else rows

    def binds(self, rows: Any, name: str, value: str) -> Any:
        """With a binding basis, or advice."""
        return rows.filter(binding=value == "yes") if value else rows


@require_safe
def checklist(request: HttpRequest) -> HttpResponseBase:
    """The items of the edition in use, by dimension; one query."""
    narrowed = ItemFilter(request.GET or None, queryset=CheckItem.objects.filter(edition=EDITION))
    rows = list(narrowed.qs.order_by("position"))
    context = {
        "heading": "托育机构检查表",
        "lead": "执法人员上门看什么、怎么看、由谁判定。机构可以对照自查，也可以打印。",
        "form": narrowed.form,
        "total": len(rows),
        "edition": EDITION,
        "groups": [
            {"title": title, "rows": [_row(item) for item in items]}
            for title, items in groupby(rows, key=lambda item: item.dimension)
        ],
        "own_url": reverse("checklist:list"),
    }
    return shared(request, render(request, "inspections/checklist.html", context))


def _row(item: CheckItem) -> dict[str, Any]:
    return {
        "item": item,
        "light": LIGHTS[Severity(item.severity)],
        "who": "、".join(Field(one).label for one in item.fields),
        "methods": "、".join(METHODS[one] for one in item.methods),
    }
