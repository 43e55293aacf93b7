"""What health staff have to decide of people: the list, and one point with what each institution entered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.masking import mask_id
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...choices import DiscrepancyKind, Education
from ...models import PersonDiscrepancy
from ...registration.pages.lookup import storable
from ..discrepancies import decide_discrepancy, may_decide, options, statements
from ..filters import DiscrepancyFilter
from ..forms import DecisionForm
from .lookup import crumbs

CRUMB = "待核实的人员信息"


@never_cache
@require_GET
def discrepancies(request: HttpRequest) -> HttpResponse:
    """Those of the area that wait, or (`?show=decided`) those decided, newest first."""
    seen = PersonDiscrepancy.objects.visible_to(request.user, opening_roles(request))
    narrowed = DiscrepancyFilter(request.GET, seen)
    rows = narrowed.qs.select_related("person", "decided_by").prefetch_related("institutions").defer("person__id_no")
    context = {
        "heading": CRUMB,
        "lead": "不同机构对同一个人填写不一致，或登记了违法犯罪记录的，由卫生健康部门核实后生效。",
        "breadcrumbs": crumbs(),
        "page": keyset_page(rows, request.GET.get("before")),
        "decided": bool(narrowed.chosen("show")),
    }
    return render(request, "registry/people/discrepancies.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discrepancy(request: HttpRequest, pk: int) -> HttpResponse:
    """One point: who, what each institution entered, and the decision with its reason."""
    rows = PersonDiscrepancy.objects.visible_to(request.user, opening_roles(request))
    rows = rows.select_related("person", "decided_by")
    found = rows.prefetch_related("institutions__region").filter(pk=pk).first()
    if found is None:
        raise Http404
    stated = statements(found)
    choices = options(found, stated)
    form = DecisionForm(request.POST or None, choices=choices)
    form.full_clean()
    problems: list[Problem] = []
    if request.method == "POST":
        reason = storable("reason", form.cleaned_data.get("reason"), "核实的依据", 300, problems)
        try:
            if problems:
                raise Rejected(problems)
            decide_discrepancy(
                found, choice=str(form.cleaned_data.get("choice") or ""), reason=reason, actor=request.user
            )
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            messages.success(request, f"已核实{found.person.name}的{found.get_kind_display()}，并已告知所涉机构。")
            return redirect("people:discrepancies")
    context = {
        "heading": found.get_kind_display(),
        "lead": f"{found.person.name}，{mask_id(found.person.id_no)}",
        "breadcrumbs": [*crumbs(), {"label": CRUMB, "url": reverse("people:discrepancies")}],
        "found": found,
        "rows": [_row(found, row) for row in stated],
        "outcome": choices.get(found.outcome, found.outcome),
        "form": form if found.decided_at is None and may_decide(request.user, found) else None,
        "problems": problems,
    }
    return render(request, "registry/people/discrepancy.html", context, status=422 if problems else 200)


def _row(found: PersonDiscrepancy, row: Any) -> dict[str, Any]:
    """What one institution entered on this point, in words."""
    common = {
        "institution": row.institution,
        "by": row.created_by.display_name if row.created_by else "",
        "at": row.created_at,
    }
    if found.kind == DiscrepancyKind.RECORD:
        words = "查有记录" if row.record_found else "查无记录"
        kept = f"{row.issued_on}查询" + (f"，文号 {row.number}" if row.number else "")
        return {**common, "value": words, "note": kept + ("，已解除" if row.cleared_at else "")}
    note = f"{row.get_role_display()}，{row.started_on} 上岗" + (f"，{row.ended_on} 离岗" if row.ended_on else "")
    values = {
        DiscrepancyKind.NAME: row.written_name,
        DiscrepancyKind.EDUCATION: str(dict(Education.choices).get(row.stated_education, "未填写")),
        DiscrepancyKind.FULL_TIME: "全职" if row.full_time else "兼职",
    }
    return {**common, "value": values[DiscrepancyKind(found.kind)], "note": note}
