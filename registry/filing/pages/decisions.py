"""Decisions on a filing, one page for every step of the table of `decision_forms`; letters and waivers stand beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem

from ...models import Filing
from .. import previews, review
from ..officers import site_officers
from ..workflow import FILING
from ..workflow.rows import MACHINE, OPERATOR
from .decision_forms import MOST_ROWS, DecisionForm, ItemRowsForm, letter_items, row_initial
from .decision_parts import PARTS, arranged
from .lookup import expected_version, visible_filing
from .outgoing import issue, notice
from .taking import crumbs, linked, require_step, take
from .waivers import waive

__all__ = ["decide", "issue", "notice", "waive"]


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """One decision of the table: what it rests on, what is asked, what it does."""
    filing = visible_filing(request, no)
    step = FILING.steps.get(name)
    if step is None or step.by in (OPERATOR, MACHINE):
        raise Http404
    if step.route:
        return redirect(step.route, no=no)
    sends = "officers" in dict(step.asks)
    officers = site_officers(filing) if sends else []
    choices = [(str(officer.user.pk), officer.words) for officer in officers]
    initial = arranged(filing) if sends and step.part else {}
    form = DecisionForm(step.asks, request.POST or None, officers=choices, initial=initial)
    form.full_clean()
    problems: list[Problem] = []
    typed: dict[str, Any] = {}
    # The lines of a letter are written here where no letter of a decision quotes the reason.
    lines = bool(step.proposes) and not FILING.steps[step.proposes].letter
    rows, add_row = None, bool(request.POST.get("add_row"))
    if lines:
        rows = _rows_form(request, filing)
    if request.method == "POST":
        typed = form.read(problems)
        if sends:
            typed["officers"] = [officer.user for officer in officers if str(officer.user.pk) in typed["officers"]]
        if rows is not None:
            written = rows.read(problems)
            typed["items"] = [] if problems or add_row else previews.lettered(written)
        if add_row:
            problems = []
        elif not request.POST.get("preview") and not problems:
            done = take(request, filing, name, problems, **typed)
            if done is not None:
                return done
    require_step(filing, name, request.user)
    found, _ = previews.obstacles(filing, name, request.user, today_here(), agrees=True)
    part: Callable[..., dict[str, Any]] | None = PARTS.get(step.part)
    context = {
        "heading": step.label,
        "lead": f"{filing.institution.name}（{filing.no}，{filing.get_status_display()}）",
        "breadcrumbs": crumbs(filing),
        "filing": filing,
        "step": step,
        "part_template": f"registry/filing/decide_{step.part}.html" if step.part else "",
        "part": part(filing, {**typed, "step": name}) if part else {},
        "form": form,
        "rows": rows,
        "problems": problems,
        "obstacles": [] if problems else linked(filing, found),
        "can": not found,
        "version": request.POST.get("record_version") or filing.record_version,
    }
    return render(request, "registry/filing/decide.html", context, status=422 if problems else 200)


def _rows_form(request: HttpRequest, filing: Filing) -> ItemRowsForm:
    """The editable lines: as posted, or prefilled from the site check and the findings."""
    version = review.last_version(filing)
    items = letter_items()
    if request.method == "POST":
        count = expected_version(request.POST.get("rows")) + bool(request.POST.get("add_row"))
        form = ItemRowsForm(request.POST, rows=count, items=items)
        form.full_clean()
        return form
    check = filing.site_checks.order_by("-id").first()
    rows = previews.nonconforming_items(check, version)[:MOST_ROWS]
    return ItemRowsForm(rows=len(rows) or 1, items=items, initial=row_initial(rows))
