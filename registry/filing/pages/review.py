"""The review page: claims, documents, rules and outside evidence side by side; a verdict per item writes the letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...models import Filing
from .. import judging
from ..contact import may_look
from ..outside import evidence
from ..review import DOCUMENTS, covers, title_of
from ..services import available_steps
from ..states import state_of
from ..workflow.rows import ISSUE, NOTICE
from .case_words import matter_of, status_context
from .dossier import Dossier, reviewed_filing
from .lookup import clock_rows, history_rows, papers_of
from .plans import plans_waiting

REST = "rest"
WORDS = ("reason", "clause", "how_to_fix", "rule_id")
View = TypeVar("View", bound=Callable[..., HttpResponse])


def framing(view: View) -> View:
    """For the one page with frames: the PDFs of the materials, beside the answers they prove."""
    allow: Any = csp_update({"frame-src": [SELF]})
    framed: View = allow(view)
    return framed


@framing
@require_http_methods(["GET", "HEAD"])
def review(request: HttpRequest, no: str) -> HttpResponse:
    """The case; `?pane=evidence` and `?pane=history` are asked for by themselves, as parts or as pages."""
    filing = reviewed_filing(request, no)
    pane = request.GET.get("pane", "")
    if pane in {"evidence", "history"}:
        return _pane(request, filing, pane)
    dossier = Dossier(filing, request.user, opening_roles(request))
    dossier.asking = request.GET.get("ask", "")
    return _page(request, dossier)


def _page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    item: str = "",
    typed: dict[str, str] | None = None,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    filing = dossier.filing
    items = [
        dossier.item(name, typed=typed if name == item else None, problems=problems if name == item else None)
        for name in dossier.items
    ]
    context = {
        **_frame(request, filing),
        **_bar(request, dossier),
        "items": items,
        "changes": sum(row["changed"] for row in items),
        "carried": sum(row["carried"] for row in items),
        "absent": dossier.absent,
        "viewer": dossier.viewer(),
        "watermark": f"{_name(request)} {timezone.localtime():%Y-%m-%d %H:%M}",
        "problems": problems or [],
        "lost": (typed or {}) if problems and not item else {},
    }
    return render(request, "registry/filing/review.html", context, status=status)


def _frame(request: HttpRequest, filing: Filing) -> dict[str, Any]:
    user: Any = request.user
    assignee = filing.assigned_to.display_name if filing.assigned_to else "未指派"
    return {
        "heading": filing.institution.name,
        "lead": f"{matter_of(filing)} {filing.no}，{filing.institution.town.name}，承办：{assignee}",
        "breadcrumbs": [{"label": "备案审查", "url": reverse("filing:queue")}],
        **status_context(filing),
        "status_number": "",
        "filing": filing,
        "plans": plans_waiting(filing) if getattr(filing, "planned", False) else [],
        "may_waive": may_enter(user, "filing:waive", "POST") and covers(user, filing, "CHIEF"),
    }


def _bar(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """What the fixed bar and the items share: verdict controls, progress, clock and the steps of the table."""
    user: Any = request.user
    filing, version = dossier.filing, dossier.version
    judging_now = (
        dossier.under_review and may_enter(user, "filing:verdict", "POST") and covers(user, filing, "REVIEWER", "CHIEF")
    )
    running = [row for row in clock_rows(filing) if row["deadline"].closed_on is None]
    main, more = _buttons(user, dossier)
    return {
        "filing": filing,
        "version": version,
        "baseline": dossier.baseline,
        "judging": judging_now,
        "judged": dossier.judged,
        "all_items": len(dossier.items),
        "to_correct": dossier.to_correct,
        "unread": len(dossier.items) - dossier.judged if judging_now else 0,
        "waits_for_another": _waits_for_another(user, dossier.filing),
        "rest": [(name, title_of(name)) for name in dossier.passing_rest] if judging_now else [],
        "clock": running[0] if running else None,
        "clocks": running,
        "contact_url": reverse("filing:contact", args=[filing.no]) if may_look(user, filing) else "",
        "main": main,
        "more": more,
        "people_url": f"{reverse('people:list')}?uscc={filing.institution.uscc}"
        if may_enter(user, "people:list", "GET")
        else "",
    }


def _waits_for_another(user: Any, filing: Filing) -> str:
    """Why the next step is missing for the one who issued the receipt: two persons decide (domain.md §12.2)."""
    return state_of(filing).awaits if filing.receipted_by_id == user.pk else ""


def _buttons(user: Any, dossier: Dossier) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The steps this person may take now: those that lead on, and the others. The table decides, this only words it."""
    filing = dossier.filing
    pending = getattr(filing, "pending", None) or {}
    found: list[tuple[int, dict[str, str]]] = []
    # What nobody has read to its end can neither be sent back nor issued: nothing to click first, so nothing filled.
    letter, read = False, dossier.judged == len(dossier.items)
    for step in available_steps(filing, user):
        if step.fits is not None and not step.fits(filing, pending):
            continue
        label, rank, route = step.label, step.rank, step.route or "filing:decide"
        if step.route == NOTICE:
            if letter:
                continue
            letter = True
            if not step.signs:
                label = f"一次性告知（{dossier.to_correct} 项）" if dossier.to_correct else "一次性告知"
        elif step.route == ISSUE:
            rank = 0 if read and not dossier.to_correct else 2
        if not may_enter(user, route, "POST"):
            continue
        args = [filing.no] if step.route else [filing.no, step.name]
        kind = "danger" if step.danger and rank == 0 else "primary" if rank <= 1 else "secondary"
        if step.route == NOTICE and not step.signs and not (read and dossier.to_correct):
            kind = "secondary"
        found.append((rank, {"name": step.name, "label": label, "url": reverse(route, args=args), "kind": kind}))
    ranked = sorted(found, key=lambda pair: pair[0])
    main = [row for rank, row in ranked if rank <= 1]
    for later in main[1:]:
        later["kind"] = "secondary"
    return main, [row for rank, row in ranked if rank > 1]


def _pane(request: HttpRequest, filing: Filing, pane: str) -> HttpResponse:
    """A part of the page by itself: in place with htmx, as a page without."""
    context = _frame(request, filing)
    if pane == "history":
        notices = list(filing.notices.all())
        context["history"] = history_rows(filing, notices, limit=60)
        context["papers"] = papers_of(filing, notices)
    else:
        version = Dossier(filing, request.user, opening_roles(request)).version
        context["evidence"] = evidence(filing, version, today_here())
    context["pane"] = pane
    whole = not getattr(request, "htmx", False)
    return render(
        request, "registry/filing/review_pane.html" if whole else f"registry/filing/review_{pane}.html", context
    )


@framing
@require_POST
def verdict(request: HttpRequest, no: str, item: str) -> HttpResponse:
    """One verdict; `item` "rest" judges the open items no rule speaks against."""
    filing = reviewed_filing(request, no)
    if item == REST:
        return _rest(request, filing)
    dossier = Dossier(filing, request.user, opening_roles(request))
    dossier.asking = item
    if item not in dossier.items and item not in DOCUMENTS:
        raise Rejected(Problem("GEN-404", "", "没有这个审查项。"), status=404)
    typed = {name: request.POST.get(name, "")[:1000] for name in ("verdict", *WORDS)}
    if "use_phrase" in request.POST:
        return _phrase(request, dossier, item, typed)
    try:
        judging.judge_item(
            filing,
            item,
            seen=request.POST.get("seen", ""),
            submission=request.POST.get("submission", ""),
            actor=request.user,
            **typed,
        )
    except Rejected as rejected:
        if rejected.status not in {409, 422}:
            raise
        return _refused(request, no, item, typed, rejected)
    if getattr(request, "htmx", False):
        return _part(request, Dossier(filing, request.user, opening_roles(request)), item)
    messages.success(request, f"已保存：{title_of(item)}。")
    return redirect(f"{reverse('filing:review', args=[no])}#item-{item}")


def _refused(request: HttpRequest, no: str, item: str, typed: dict[str, str], rejected: Rejected) -> HttpResponse:
    """Everything typed is still there, beside what stands now and who did it."""
    dossier = Dossier(reviewed_filing(request, no), request.user, opening_roles(request))
    dossier.asking = item
    problems = [replace(p, field=f"{item}-{p.field or 'verdict'}") for p in rejected.problems]
    if not dossier.under_review:
        last = Event.objects.of(dossier.filing.subject).first()
        if last is not None:
            at = timezone.localtime(last.at)
            problems = [
                *problems,
                Problem("GEN-409", "", f"最近办理：{last.actor_label}，{at:%Y-%m-%d %H:%M}，{last.summary}"),
            ]
        item = ""
    if getattr(request, "htmx", False) and item:
        return _part(request, dossier, item, typed=typed, problems=problems, status=rejected.status)
    return _page(request, dossier, item=item, typed=typed, problems=problems, status=rejected.status)


def _phrase(request: HttpRequest, dossier: Dossier, item: str, typed: dict[str, str]) -> HttpResponse:
    """取用 without JavaScript: the phrase fills the form, nothing is saved yet."""
    chosen = dossier.phrase(item, request.POST.get("phrase", ""))
    if chosen is not None:
        typed |= {name: chosen[name] for name in WORDS}
        typed["verdict"] = chosen["verdict"] or typed["verdict"] or "SUPPLEMENT"
    if getattr(request, "htmx", False):
        return _part(request, dossier, item, typed=typed)
    return _page(request, dossier, item=item, typed=typed)


def _part(
    request: HttpRequest,
    dossier: Dossier,
    item: str,
    *,
    typed: dict[str, str] | None = None,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The item again, with the bar and the rest beside it."""
    context = {
        **_bar(request, dossier),
        "item": dossier.item(item, typed=typed, problems=problems),
        "may_waive": False,
        "oob": True,
    }
    return render(request, "registry/filing/review_item.html", context, status=status)


def _rest(request: HttpRequest, filing: Filing) -> HttpResponse:
    try:
        count = judging.pass_rest(
            filing,
            items=request.POST.getlist("item"),
            submission=request.POST.get("submission", ""),
            actor=request.user,
        )
    except Rejected as rejected:
        if rejected.status != 409:
            raise
        return _refused(request, filing.no, "", {}, rejected)
    messages.success(request, f"已把 {count} 项记为符合。" if count else "没有可以一并记为符合的项。")
    return redirect("filing:review", no=filing.no)


def _name(request: HttpRequest) -> str:
    user: Any = request.user
    return str(user.display_name)
