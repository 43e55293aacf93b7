"""A case of any type: what it says, what may be done with it, and each step as a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.file_answers import sent
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.requests import SignedInRequest
from yancheng_childcare.workdays import light

from ..asking import form_of, given
from ..cases import CaseType, open_case, steps_for, take
from ..documents.render import render_html
from ..kinds import type_named, type_of
from ..letters import preview
from ..models import Case
from ..second import proposed
from ..types import SYSTEM, CaseStep
from .lookup import crumbs, is_outside, visible_case, visible_files


@require_GET
def case(request: SignedInRequest, no: str) -> HttpResponse:
    """One case: where it stands, until when, what to do, its letters, its history."""
    found = visible_case(request, no)
    kind, outside = type_of(found), is_outside(request, found)
    letters = found.letters.select_related("signed_by").prefetch_related("services", "replies__replied_by")
    context = {
        "case": found,
        "kind": kind,
        "state": kind.states[found.status],
        "result": kind.results.get(found.result),
        "facts": [{"label": label, "value": value} for label, value in _facts(kind, found, outside=outside)],
        "pages": [page for page in kind.pages if page.shown(found, request.user)],
        "steps": _in_order(steps_for(found, request.user)),
        "clocks": [(clock, light(clock.started_on, clock.due_on, today_here())) for clock in _clocks(found)],
        "letters": list(letters.released() if outside else letters),
        "files": list(visible_files(request, found)),
        "proposals": [] if outside else proposed(found, kind.workflow.steps, request.user),
        "history": [] if outside else _history(found),
        "outside": outside,
        "now": timezone.now(),
        "heading": found.subject_name,
        "lead": kind.label,
        "breadcrumbs": crumbs(found)[:1],
    }
    return render(request, "casework/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def take_step(request: SignedInRequest, no: str, step: str) -> HttpResponse:
    """One step: what it brings about, what it asks, and that it was done."""
    found = visible_case(request, no)
    offered = {one.name: one for one in steps_for(found, request.user)}
    known = type_of(found).workflow.steps.get(step)
    if known is None or SYSTEM in known.by:
        raise Http404
    if not request.user.has_role(*known.by):
        raise PermissionDenied
    if step not in offered and request.method != "POST":
        words = f"现在不能办理“{known.label}”：这件事已经有变化。请查看最新情况。"
        messages.warning(request, words)
        return redirect("cases:case", no)

    def go_on(answers: Any, version: int) -> HttpResponse:
        moved = take(
            found, step, answers, actor=request.user, expected_version=version, files=request.FILES.getlist("files")
        )
        messages.success(request, known.done or f"已办理：{known.label}。")
        return redirect("cases:case", moved.no)

    return _asked(request, known, found, go_on)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, kind: str) -> HttpResponse:
    """Open a case of a type."""
    found = type_named(kind.upper())
    if found is None:
        raise Http404
    if not found.opened_by(request.user.roles):
        raise PermissionDenied
    step = found.opening

    def go_on(answers: Any, version: int) -> HttpResponse:
        made = open_case(found, answers, actor=request.user, files=request.FILES.getlist("files"))
        messages.success(request, step.done or f"已提交，编号 {made.no}。")
        return redirect("cases:case", made.no)

    return _asked(request, step, None, go_on)


def _asked(request: SignedInRequest, step: CaseStep, found: Case | None, go_on: Any) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = form_of(step.asks)(data, case=found, actor=request.user) if step.asks else None
    problems: list[Problem] = []
    version = found.record_version if found else 0
    if request.method == "POST":
        sent = str(request.POST.get("record_version") or "")
        answers = given(form, request.POST) if form else {}
        try:
            return go_on(answers, int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else version)  # type: ignore[no-any-return]
        except Rejected as rejected:
            if rejected.status in {403, 404}:
                raise
            problems = rejected.problems
    letter = render_html(preview(found, step)) if found and step.letter and not problems else ""
    context = {
        "case": found,
        "step": step,
        "form": form,
        "problems": problems,
        "letter": letter,
        "proposals": _to_decide(found, step, request.user) if found else [],
        "version": version,
        "back": reverse("cases:case", args=[found.no]) if found else reverse("desk"),
        "heading": step.label,
        "lead": f"{found.subject_name}　{found.no}" if found else "",
        "breadcrumbs": crumbs(found) if found else [],
    }
    return render(request, "casework/step.html", context, status=422 if problems else 200)


@require_GET
def file(request: SignedInRequest, no: str, pk: int) -> FileResponse:
    """A file handed in with the case, for whoever sees the case; the reading is kept."""
    found = visible_case(request, no)
    row = visible_files(request, found).filter(pk=pk, file__scan_state="CLEAN").first()
    if row is None:
        raise Http404
    log_event(
        "file.read", subject=f"file:{row.file_id}", summary=f"打开文件：{type_of(found).label} {found.no}",
        actor=request.user, region_prefix=found.region.prefix, data={"purpose": row.file.purpose, "uscc": found.uscc},
    )  # fmt: skip
    return sent(row.file, download="download" in request.GET)


def _to_decide(found: Case, step: CaseStep, actor: Any) -> list[dict[str, Any]]:
    """What this step signs or refuses: nobody decides what they have not read."""
    waiting = proposed(found, type_of(found).workflow.steps, actor) if found.pending else []
    return [row for row in waiting if step.name in {f"sign_{row['step'].name}", f"refuse_{row['step'].name}"}]


def _in_order(steps: list[CaseStep]) -> list[CaseStep]:
    """What goes on first, then what only changes hands, then what cannot be undone."""
    return sorted(steps, key=lambda step: (step.danger, step.name in {"hand_over", "put_back"}))


def _clocks(found: Case) -> Any:
    return Deadline.objects.running().of(found.subject).filter(paused_on__isnull=True).order_by("due_on")


def _facts(kind: CaseType, found: Case, *, outside: bool) -> list[tuple[str, str]]:
    rows = [*kind.facts(found), ("承办单位", found.authority.name)]
    if not outside:
        rows.append(("承办人", found.assignee.display_name if found.assignee else "还没有，谁先办理由谁承办"))
    return [(label, text) for label, text in rows if text]


def _history(found: Case) -> list[dict[str, Any]]:
    acts = Event.objects.of(found.subject).select_related("actor")[:100]
    return [
        {
            "at": act.at,
            "title": act.data.get("label") or act.summary,
            "who": act.actor_label,
            "text": act.data.get("reason", ""),
        }
        for act in acts
    ]
