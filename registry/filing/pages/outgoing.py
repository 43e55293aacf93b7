"""Letters that grant or ask: the one-time notice and the receipt, shown whole before they go out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from casework.documents.render import render_html
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from .. import previews, review
from ..guards import pending
from ..states import state_of
from ..workflow import FILING, on_page
from ..workflow.rows import ISSUE, NOTICE
from .decision_forms import DecisionForm
from .lookup import visible_filing
from .taking import crumbs, linked, require_step, steps_of, take

# Why it was not said the first time: asked on the page of the letter itself.
CAUSE = next(step.asks for step in FILING.steps.values() if step.route == NOTICE and step.proposes)


@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, no: str) -> HttpResponse:
    """《一次性告知书》: preview and send; the second time a recorded cause, a proposal, and the chief's signature."""
    filing, today = visible_filing(request, no), today_here()
    user: Any = request.user
    problems: list[Problem] = []
    cause = ""
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in FILING.steps or FILING.steps[step].route != NOTICE:
            raise Rejected(Problem(codes.STEP_UNKNOWN, "", "没有这个办理步骤。"), status=404)
        form = DecisionForm(CAUSE, request.POST)
        form.full_clean()
        cause = form.read(problems)["reason"]
        if not problems and not request.POST.get("preview"):
            done = take(request, filing, step, problems, reason=cause)
            if done is not None:
                return done
    else:
        form = DecisionForm(CAUSE)
    if not state_of(filing).judged:
        words = f"当前状态为“{filing.get_status_display()}”，不在审查中，不能发出一次性告知。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    proposal, sent, steps = pending(filing, "return_again"), review.corrections_sent(filing), steps_of(filing, user)
    # What the table offers here: the signature that waits, a first letter, or after one the proposal of another.
    offered = on_page(NOTICE, filing)
    if proposal is not None:
        offered = [found for found in offered if found.signs]
    else:
        again = bool(sent) and any(found.proposes for found in offered)
        offered = [found for found in offered if not found.signs and bool(found.proposes) == again]
    step = offered[0].name
    found, data = previews.obstacles(filing, step, user, today)
    items = proposal.items if proposal is not None else data.get("items") or []
    approver = user.display_name if proposal is not None and step in steps else ""
    letter = previews.correction(
        filing, items, today, cause=proposal.reason if proposal else cause, approved_by=approver
    )
    context = {
        "heading": letter.title,
        "lead": f"{filing.institution.name}（{filing.no}）",
        "breadcrumbs": crumbs(filing),
        "filing": filing,
        "form": form,
        "problems": problems,
        "obstacles": linked(filing, found),
        "step": step,
        "may": step in steps,
        "label": FILING.steps[step].label,
        "proposal": proposal,
        "sent": sent,
        "items": items,
        "letter": render_html(letter),
        "version": request.POST.get("record_version") or filing.record_version,
    }
    return render(request, "registry/filing/notice.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, no: str) -> HttpResponse:
    """Receipt and notice of basic conditions, or the receipt of a change: shown whole, then issued."""
    filing, today = visible_filing(request, no), today_here()
    problems: list[Problem] = []
    if request.method == "POST":
        step = request.POST.get("step", "")
        if step not in FILING.steps or FILING.steps[step].route != ISSUE:
            raise Rejected(Problem(codes.STEP_UNKNOWN, "", "没有这个办理步骤。"), status=404)
        done = take(request, filing, step, problems)
        if done is not None:
            return done
    # Where none is due, `require_step` says why not.
    step = next(iter(on_page(ISSUE, filing)), FILING.steps["receipt"]).name
    require_step(filing, step, request.user)
    found, data = previews.obstacles(filing, step, request.user, today)
    version = data.get("version") or review.last_version(filing)
    letter, conditions = previews.receipt(filing, version, today)
    context = {
        "heading": FILING.steps[step].label,
        "lead": f"{filing.institution.name}（{filing.no}）",
        "breadcrumbs": crumbs(filing),
        "filing": filing,
        "problems": problems,
        "obstacles": [] if problems else linked(filing, found),
        "can": not found,
        "step": step,
        "receipt": render_html(letter),
        "conditions": render_html(conditions),
        "version": filing.record_version,
    }
    return render(request, "registry/filing/issue.html", context, status=422 if problems else 200)
