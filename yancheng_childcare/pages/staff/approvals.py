"""待批准: everything that waits for a second person, and one of them with all that an approval covers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ... import secret_once
from ...approvals import approve, approve_all, fingerprint, forbidden, shown
from ...filters import ListFilter, choice, text, together
from ...models import User
from ...models.approvals import TwoPersons
from ...paging import as_key
from ...problems import Problem, Rejected
from ...requests import SignedInRequest
from ...waiting import for_whom, kinds, refuse, waiting_for, waiting_rows, with_people
from .forms import RefusalForm
from .shown import crumbs, tabs

# Rows on one page [A]: what a person can still read line by line.
AT_ONCE = 100


class ApprovalFilter(ListFilter):
    """By kind, and by a part of what is asked, for whom or by whom: lines of the page, of many models."""

    q = text("申请、为谁或提出人", 50, method=together)
    what = choice("种类", lambda: [(k, model._meta.verbose_name) for k, model in kinds().items()], method=together)

    def narrow(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The lines for which what was chosen is true."""
        q, what = self.chosen("q"), self.chosen("what")
        said = [row for row in rows if any(q in row[key] for key in ("words", "whom", "asked_by"))]
        return [row for row in said if what in ("", row["what"])]


@never_cache
@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """What this administrator may approve, and apart from it what another must."""
    narrowed = ApprovalFilter(request.GET, User.objects.none())
    rows = narrowed.narrow([_row(waiting) for waiting in waiting_for(request.user)])
    context = {
        "heading": "待批准",
        "lead": "一人提出、另一人批准。打开后看到的就是批准的全部内容。",
        "breadcrumbs": crumbs(),
        "tabs": tabs("staff:approvals"),
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "mine": [row for row in rows if not row["why_not"]],
        "others": [row for row in rows if row["why_not"]],
        "together": _together(rows),
    }
    return render(request, "staff/approvals.html", context)


def _row(waiting: Any) -> dict[str, Any]:
    row = waiting.row
    return {
        "what": waiting.what,
        "kind": row._meta.verbose_name,
        "alone": row.ALONE,
        "by": row.granted_by_id,
        "words": str(row),
        "whom": for_whom(row),
        "asked_by": row.granted_by.display_name if row.granted_by else "服务器上的命令",
        "asked_at": waiting.asked_at,
        "why_not": waiting.why_not,
        "url": reverse("staff:approval", args=[waiting.what, row.pk]),
    }


def _together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What one person asked for several times, to be approved on one page; some kinds stand alone."""
    counted = Counter(
        (row["what"], row["kind"], row["by"], row["asked_by"])
        for row in rows
        if not row["why_not"] and row["by"] and not row["alone"]
    )
    return [
        {"kind": kind, "asked_by": name, "count": count, "url": f"{reverse('staff:approve-many')}?what={what}&by={by}"}
        for (what, kind, by, name), count in counted.items()
        if count > 1
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approve_many(request: SignedInRequest) -> HttpResponse:
    """All that one person asked for of one kind, every value of every row; approved as shown, all or none."""
    what, by = request.GET.get("what", ""), as_key(request.GET.get("by"))
    model = kinds().get(what)
    if model is None or model.ALONE:
        return redirect("staff:approvals")
    problems: list[Problem] = []
    if request.method == "POST":
        seen = {name.removeprefix("seen-"): str(v) for name, v in request.POST.items() if name.startswith("seen-")}
        try:
            done = approve_all(model, seen=seen, actor=request.user)
            messages.success(request, f"已批准 {len(done)} 项，即时生效。")
            return redirect("staff:approvals")
        except Rejected as rejected:
            problems = rejected.problems
    waiting = waiting_rows(model)
    rows = [row for row in waiting if row.granted_by_id == by and forbidden(row, request.user) is None][:AT_ONCE]
    context = {
        "heading": f"一并核对{model._meta.verbose_name}",
        "lead": f"{rows[0].granted_by.display_name}提出的 {len(rows)} 项，逐项核对后一次批准。" if rows else "",
        "breadcrumbs": crumbs(("待批准", reverse("staff:approvals"))),
        "labels": [label for label, _ in shown(rows[0])] if rows else [],
        "rows": [{"pk": row.pk, "values": shown(row), "seen": fingerprint(row)} for row in rows],
        "problems": problems,
        "cancel_url": reverse("staff:approvals"),
    }
    return render(request, "staff/approve_many.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approval(request: SignedInRequest, what: str, pk: int) -> HttpResponse:
    """One row with every value; approve, refuse or withdraw exactly what was shown."""
    row = _found(what, pk)
    if waiting := secret_once.take(request, _about(row)):
        return _show_code(request, row, waiting[0])
    problems: list[Problem] = []
    if request.method == "POST":
        seen, to = request.POST.get("seen", ""), request.POST.get("to", "")
        try:
            if to == "approve":
                return _approved(request, approve(row, seen=seen, actor=request.user))
            if to == "refuse":
                verb = refuse(row, seen=seen, actor=request.user, reason=request.POST.get("reason", ""))
                messages.success(request, f"已{verb}：{row}。")
                return redirect("staff:approvals")
            raise Rejected(Problem("GEN-422", "", "请选择批准或者不予批准。"))
        except Rejected as rejected:
            problems = rejected.problems
            row = _found(what, pk)
    refusal = forbidden(row, request.user)
    labels, lines = row.shown_rows()
    context = {
        "heading": f"核对{row._meta.verbose_name}",
        "breadcrumbs": crumbs(("待批准", reverse("staff:approvals"))),
        "rows": [{"label": label, "value": value} for label, value in shown(row)],
        "labels": labels,
        "lines": [list(zip(labels, line, strict=True)) for line in lines],
        "form": RefusalForm(request.POST or None) if row.REFUSED_WITH_REASON else None,
        "seen": fingerprint(row),
        "whom": for_whom(row),
        "closed": "已经批准" if row.approved_by_id else row.why_closed(),
        "why_not": refusal.problems[0].message if refusal else "",
        "own": row.granted_by_id == request.user.pk,
        "problems": problems,
        "cancel_url": reverse("staff:approvals"),
    }
    return render(request, "staff/approval.html", context, status=422 if problems else 200)


def _found(what: str, pk: int) -> Any:
    model = kinds().get(what)
    row = with_people(model).filter(pk=pk).first() if model else None
    if row is None:
        raise Http404
    return row


def _approved(request: SignedInRequest, row: TwoPersons) -> HttpResponse:
    """Back to the list; to the page again for the code of a link (left on the row by `accounts.carry_out`)."""
    if code := getattr(row, "code", ""):
        secret_once.keep(request, _about(row), code)
        return redirect("staff:approval", str(row._meta.model_name), row.pk)
    page = row.page()
    messages.success(request, f"已批准：{row}。" if page else f"已批准：{row}，即时生效。")
    return redirect(page or "staff:approvals")


def _about(row: TwoPersons) -> str:
    return f"code of {row._meta.model_name} {row.pk}"


def _show_code(request: SignedInRequest, row: TwoPersons, code: str) -> HttpResponse:
    """The one time the code of a link is shown."""
    context = {"heading": "已批准：一次性链接的批准码", "breadcrumbs": crumbs(), "code": code, "whom": for_whom(row)}
    return render(request, "staff/code.html", context)
