"""The cases of every type that a person sees, by type, state, area and number."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, choice, search
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.requests import SignedInRequest
from yancheng_childcare.workdays import light

from ..kinds import case_types, type_of
from ..models import Case

SIZE = 20
STATES = [("open", "办理中"), ("mine", "由我承办"), ("late", "已超期"), ("closed", "已办结")]


def _types() -> list[tuple[str, str]]:
    return [(kind.name, kind.label) for kind in case_types()]


class CaseFilter(ListFilter):
    """Type, state, and a part of the number or of the name."""

    q = search("编号或名称", "no__icontains", "subject_name__icontains")
    type = choice("类型", _types)
    state = choice("状态", STATES, method="by_state")

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Open, one's own, late, closed."""
        if value == "closed":
            return rows.filter(closed_on__isnull=False)
        rows = rows.open()
        if value == "mine":
            return rows.filter(assignee=self.request.user)
        return rows.filter(due_on__lt=today_here(), paused_on__isnull=True) if value == "late" else rows


@require_GET
def case_list(request: SignedInRequest) -> HttpResponse:
    """The newest first, with their light."""
    seen = Case.objects.visible_to(request.user, opening_roles(request)).select_related("assignee", "region")
    found = CaseFilter(request.GET or None, queryset=seen.with_clock(), request=request)
    page = keyset_page(found.qs, request.GET.get("before"), size=SIZE)
    today = today_here()
    context = {
        "form": found.form,
        "narrowed": found.narrowed,
        "page": page,
        "rows": [
            {
                "case": row,
                "kind": type_of(row),
                "state": type_of(row).states[row.status],
                "result": type_of(row).results.get(row.result),
                "lamp": light(today, row.due_on, today) if row.due_on and not row.closed_on else None,
            }
            for row in page.rows
        ],
        "opens": [kind for kind in case_types() if kind.opened_by(request.user.roles)],
        "heading": "办件",
        "lead": "各类办件在这里按类型、状态查找；今天要办的在“我的工作台”。",
    }
    return render(request, "casework/list.html", context)
