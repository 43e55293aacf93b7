"""The city's view: three ledgers side by side, and the list behind every difference."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yancheng_childcare.filters import Choices, ListFilter, choice, together
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.places import counties_seen_by

from ..models import Institution
from .differences import KIND_BY_KEY, KINDS, kinds_of, ledger_rows, with_difference
from .listing import Shown, difference_page


@require_GET
def ledgers(request: HttpRequest) -> HttpResponse:
    """One row per area and the total; every number of a difference leads to its list. One query."""
    roles = opening_roles(request)
    rows, total = ledger_rows(request.user, roles, counties_seen_by(request.user, roles))
    list_url = reverse("registry:ledger-differences")
    counted = [
        {
            "kind": kind,
            "number": total.kinds[kind.key],
            "word": "对不上" if kind.hard else "待处置",
            "url": f"{list_url}?kind={kind.key}",
        }
        for kind in KINDS
    ]
    context = {
        "heading": "三本台账对照",
        "lead": "登记机关登记的、卫健部门收到和备案的、公安机关收到和指导的，逐区对照。",
        "as_of": timezone.localtime(),
        "rows": rows,
        "total": total,
        "kinds": counted,
        "most": max((row.registered for row in rows), default=0),
        "list_url": list_url,
    }
    return render(request, "registry/ledgers/ledgers.html", context)


class DifferenceFilter(ListFilter):
    """Area and kind of difference; without a kind all in which ledgers disagree."""

    region = choice("县（市、区）", everything="全市")
    kind = choice("差异", [(kind.key, kind.title) for kind in KINDS], "全部差异", method=together)

    def __init__(self, *args: Any, counties: Choices, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("region", counties)

    def filter_queryset(self, queryset: Any) -> Any:
        """With the facts by which they differ."""
        return with_difference(super().filter_queryset(queryset), self.chosen("kind"))


@require_GET
def differences(request: HttpRequest) -> HttpResponse:
    """The institutions behind a number."""
    roles = opening_roles(request)
    seen = Institution.objects.visible_to(request.user, roles)
    narrowed = DifferenceFilter(request.GET, seen, counties=counties_seen_by(request.user, roles))
    kind = KIND_BY_KEY.get(narrowed.chosen("kind"))
    return difference_page(
        request,
        narrowed,
        _shown,
        heading=kind.title if kind else "台账差异",
        lead=f"{kind.meaning}。" if kind else "三本台账对不上的机构。",
        back={"label": "三本台账对照", "url": reverse("registry:ledgers")},
    )


def _shown(row: Any) -> Shown:
    filed = row.get_filing_state_display() or (f"国家系统 {row.national_filing_no}" if row.filed_on else "没有备案")
    return Shown(kinds_of(row), filed)
