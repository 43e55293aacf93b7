"""A case in the scope of the one who asks; outside of it, it looks as if it did not exist."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse

from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.requests import SignedInRequest

from ..kinds import type_of
from ..models import Case, Letter
from ..reach import in_area, of_department


def visible_case(request: SignedInRequest, no: str, kind: str = "") -> Case:
    """The case (of this type only, where one is named) with what its page shows of it. Raises Http404."""
    rows = Case.objects.visible_to(request.user, opening_roles(request)).with_clock()
    found = rows.select_related("region", "authority", "assignee", "opened_by", "parent").filter(no=no).first()
    if found is None or kind not in {"", found.type}:
        raise Http404
    case: Case = found
    return case


def is_outside(request: SignedInRequest, case: Case) -> bool:
    """Whether no duty for the area or the department brings this person here: it reads nothing that stays inside."""
    readers, user = type_of(case).readers, request.user
    return not in_area(*readers.area)(user, case) and not of_department(*readers.department)(user, case)


def visible_files(request: SignedInRequest, case: Case) -> Any:
    """The files of a visible case; without those of steps that stay inside the authority, for whoever is outside."""
    rows = case.attachments.select_related("file")
    if not is_outside(request, case):
        return rows
    return rows.exclude(step__in=[step.name for step in type_of(case).workflow.steps.values() if step.inside])


def visible_letter(request: SignedInRequest, no: str, pk: int) -> Letter:
    """A letter of a visible case; who is outside reads it once it is on its way. Raises Http404."""
    case = visible_case(request, no)
    letters = case.letters.select_related("document", "signed_by", "recalled_by", "replaces")
    if is_outside(request, case):
        letters = letters.released()
    found: Letter | None = letters.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.case = case
    return found


def crumbs(case: Case) -> list[dict[str, str]]:
    """The way back."""
    return [
        {"label": "办件", "url": reverse("cases:list")},
        {"label": f"{type_of(case).label} {case.no}", "url": reverse("cases:case", args=[case.no])},
    ]
