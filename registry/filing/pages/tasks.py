"""The task list of a case that is being written (product.md C3): five states, the pre-check, what is left to do."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ...models import Filing
from ...rules.filing.catalogue import Finding, Verdict
from ..casefile import NOT_YET, CaseFile, Task
from ..services import available_steps
from ..states import state_of
from ..workflow import hands_in
from .case_words import matter_of, status_context
from .lookup import operator_crumbs
from .plans import plans_waiting, without_plan_steps
from .section_form import answer_url


def task_page(request: HttpRequest, filing: Filing, today: date) -> HttpResponse:
    """The task list. Queries: the case, sections, materials with pages and files, people (4), waivers, switches, letters."""
    file = CaseFile(filing, today)
    steps = {step.name: step for step in available_steps(filing, request.user)}
    hand_in = steps.pop(hands_in(filing), None)
    plans = plans_waiting(filing, request.user) if state_of(filing).changed else []
    saved = [row.saved_at for row in file.rows.values()]
    context = {
        "heading": matter_of(filing),
        "lead": filing.institution.name,
        **status_context(filing),
        "breadcrumbs": operator_crumbs(filing, to_case=False),
        "filing": filing,
        "tasks": [_line(filing, number, task) for number, task in enumerate(file.tasks, 1)],
        "done": sum(1 for task in file.tasks if task.light == "green"),
        "saved_at": max(saved) if saved else filing.created_at,
        "precheck": precheck_counts(file),
        "hand_in": hand_in,
        "plans": plans,
        "steps": list(without_plan_steps(steps, plans).values()),
        "notices": list(filing.notices.all()),
        "following": state_of(filing).following,
    }
    return render(request, "registry/filing/case.html", context)


def _line(filing: Filing, number: int, task: Task) -> dict[str, Any]:
    url = "" if task.state == NOT_YET else answer_url(filing, task.name)
    return {
        "label": f"{number}. {task.title}",
        "url": url,
        "status": task.state,
        "light": task.light,
        "hint": task.note,
    }


def grouped(findings: list[Finding]) -> dict[str, list[Finding]]:
    """The findings as the person who files reads them: what stops, what must be put right, advice, open, fine.

    A blocking rule nobody has answered yet stops the submission as well, but there is nothing to put right: it is open.
    """
    found: dict[str, list[Finding]] = {name: [] for name in ("stops", "fails", "warns", "open", "passes", "others")}
    for finding in findings:
        if finding.verdict == Verdict.FAIL:
            found[{"BLOCK": "stops", "WARN": "warns"}.get(finding.level, "fails")].append(finding)
        elif finding.verdict == Verdict.UNKNOWN:
            found["open"].append(finding)
        else:
            found["passes" if finding.verdict == Verdict.PASS else "others"].append(finding)
    return found


def precheck_counts(file: CaseFile) -> dict[str, int]:
    """How many findings of each group."""
    return {name: len(rows) for name, rows in grouped(file.findings).items()}
