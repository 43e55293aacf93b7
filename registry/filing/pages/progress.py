"""A case that lies with the authority, or that came back: who has it, since when, until when, what happens next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yancheng_childcare.models import Event

from ...models import Filing
from ..acts import acts_on_filing
from ..services import available_steps
from ..states import AUTHORITY, INSTITUTION, state_of
from ..visits import names_of, open_check
from ..workflow import FILING, hands_in
from .case_words import matter_of, status_context
from .lookup import act_rows, clock_rows, operator_crumbs
from .plans import plans_waiting, without_plan_steps

ACTS = 30


def progress_page(request: HttpRequest, filing: Filing, today: date) -> HttpResponse:
    """The progress page. Queries: the case, clocks, acts, letters, plans, and the visit while there is one (2)."""
    acts = list(acts_on_filing(filing.subject, inside=False)[:ACTS])
    steps = {step.name: step for step in available_steps(filing, request.user)}
    hand_in = steps.pop(hands_in(filing), None)
    plans = plans_waiting(filing, request.user)
    steps = without_plan_steps(steps, plans)
    notices = list(filing.notices.all())
    clocks = clock_rows(filing)
    context = {
        "heading": matter_of(filing),
        "lead": filing.institution.name,
        **status_context(filing),
        "breadcrumbs": operator_crumbs(filing, to_case=False),
        "filing": filing,
        "facts": _facts(filing, acts),
        "clocks": [row for row in clocks if row["deadline"].closed_on is None],
        "plans": plans,
        "visit": _visit(filing),
        "words": state_of(filing),
        "hand_in": hand_in,
        "come_back": state_of(filing).answered and bool(notices),
        "steps": [
            {"text": step.label, "url": reverse("filing:step", args=[filing.no, name])} for name, step in steps.items()
        ],
        "notices": notices,
        "acts": act_rows(filing, acts, notices=notices),
        "receipt_url": reverse("filing:receipt", args=[filing.no]) if filing.receipt_no else "",
    }
    return render(request, "registry/filing/progress.html", context)


def _facts(filing: Filing, acts: list[Event]) -> list[dict[str, Any]]:
    """Who has it, since when; the pause and its reason; the end and its reason."""
    rows: list[dict[str, Any]] = [{"label": "办件编号", "value": filing.no}]
    if state_of(filing).turn == AUTHORITY:
        person = filing.assigned_to.display_name if filing.assigned_to else "还没有分配到人，按先后顺序办理"
        rows.append({"label": "现在由谁办理", "value": filing.authority.name, "note": person})
    elif state_of(filing).turn == INSTITUTION:
        rows.append({"label": "现在由谁办理", "value": "本机构", "note": state_of(filing).todo})
    rows.append({"label": "进入这一步", "at": _since(filing, acts)})
    if filing.pause_reason:
        rows.append(
            {"label": "暂停原因", "value": filing.pause_reason, "note": "暂停期间不计入办理时限，恢复后继续计时"}
        )
    if filing.receipt_no:
        rows.append({"label": "备案回执", "value": filing.receipt_no})
    if filing.suspended_until:
        rows.append({"label": "预计停业至", "value": filing.suspended_until.isoformat()})
    if filing.confirmed_on:
        rows.append({"label": "年度确认", "value": filing.confirmed_on.isoformat()})
    if filing.ended_on:
        rows.append({"label": "终止日期", "value": filing.ended_on.isoformat(), "note": filing.end_reason})
    return rows


def _since(filing: Filing, acts: list[Event]) -> Any:
    """When the case came into its state: the newest step of the table that leads there."""
    for act in acts:
        step = FILING.steps.get(str((act.data or {}).get("step", "")))
        if step is not None and step.target == filing.status:
            return act.at
    return filing.submitted_at or filing.created_at


def _visit(filing: Filing) -> dict[str, Any] | None:
    """The visit that is planned: the day and who comes."""
    if not state_of(filing).visited:
        return None
    check = open_check(filing)
    return {"on": check.planned_on, "who": names_of(check.officers.all())} if check else None
