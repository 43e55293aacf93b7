"""The page on which the officers look at the items on the spot: one part of the list at a time, with or without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from casework.models import Case
from casework.pages.lookup import crumbs, visible_case
from yancheng_childcare.problems import Rejected
from yancheng_childcare.requests import SignedInRequest

from ..choices import Verdict
from ..found import Found
from ..inspection import INSPECTION
from ..models import VisitItem
from ..record import may_record, save_items
from ..repeats import found_before
from ..showing import may_read
from .rows import progress_of, rows_of, stamp

LONGEST = 1000  # characters looked at of one answer; what is too long is refused with its number


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: SignedInRequest, no: str) -> HttpResponse:
    """The items of one part; saving goes on to the next part or stays."""
    case = visible_case(request, no, INSPECTION.name)
    parts = list(dict.fromkeys(line.item.dimension for line in case.body.items))
    part = _part(request, parts)
    lines = [line for line in case.body.items if line.item.dimension == part]
    if request.method != "POST":
        if not may_record(case, request.user):
            messages.info(request, "现在不能记录检查项目，这里是最新情况。")
            return redirect("inspections:sheet" if may_read(case, request.user) else "cases:case", no)
        return _shown(request, case, parts, part)
    typed = _touched(request, lines)
    version = _number(request.POST.get("record_version"), case.record_version)
    try:
        save_items(case, typed, actor=request.user, expected_version=version)
    except Rejected as rejected:
        if rejected.status == 403:
            raise
        if rejected.status == 409:
            messages.warning(request, rejected.problems[0].message)
            return redirect("cases:case", no)
        return _shown(
            request,
            visible_case(request, no, INSPECTION.name),
            parts,
            part,
            typed=typed,
            rejected=rejected,
            version=version,
        )
    messages.success(request, f"已保存：{part}。" if typed else f"{part}没有改动。")
    after = parts[parts.index(part) + 1 :] if "next" in request.POST else []
    return redirect(_address(no, after[0] if after else part))


def _shown(
    request: SignedInRequest,
    case: Case,
    parts: Sequence[str],
    part: str,
    *,
    typed: Mapping[str, Found] | None = None,
    rejected: Rejected | None = None,
    version: int | None = None,
) -> HttpResponse:
    conflict = rejected is not None and rejected.status == 412
    problems = rejected.problems if rejected else []
    field, items = case.body.subject.field, case.body.items
    lines = [line for line in items if line.item.dimension == part]
    context = {
        "case": case,
        "part": part,
        "tabs": [_tab(case, one, part) for one in parts],
        "last": part == parts[-1],
        "total": progress_of(items, field),
        "rows": rows_of(lines, field, typed=typed, problems=problems, conflict=conflict, before=found_before(case)),
        "verdicts": Verdict.choices,
        "problems": problems,
        "conflict": conflict,
        "files_again": any(found.photos for found in (typed or {}).values()),
        # After a conflict both are on the page: what is saved next is meant to hold.
        "version": case.record_version if conflict or version is None else version,
        "here": _address(case.no, part),
        "heading": "逐项检查",
        "lead": f"{case.subject_name}　{case.no}",
        "breadcrumbs": crumbs(case),
    }
    status = rejected.status if rejected else 200
    return render(request, "inspections/record.html", context, status=status)


def _tab(case: Case, one: str, part: str) -> dict[str, Any]:
    done = progress_of((line for line in case.body.items if line.item.dimension == one), case.body.subject.field)
    label = f"{one} {done['done']}/{done['all']}" if done["all"] else one
    return {"label": label, "url": _address(case.no, one), "current": one == part, "count": None}


def _address(no: str, part: str) -> str:
    return f"{reverse('inspections:record', args=[no])}?{urlencode({'part': part})}"


def _part(request: SignedInRequest, parts: Sequence[str]) -> str:
    asked = str(request.GET.get("part") or "")
    return asked if asked in parts else parts[0]


def _touched(request: SignedInRequest, lines: Sequence[VisitItem]) -> dict[str, Found]:
    """What the officer changed: an item that comes back as it was shown is left alone, a colleague may be at it."""
    found = {line.item.code: _typed(request, line.item.code) for line in lines}
    return {code: one for code, one in found.items() if one.photos or request.POST.get(f"was-{code}", "") != stamp(one)}


def _typed(request: SignedInRequest, code: str) -> Found:
    def text(name: str) -> str:
        return str(request.POST.get(f"{name}-{code}") or "").replace("\r\n", "\n").strip()[:LONGEST]

    return Found(
        verdict=text("verdict"),
        note=text("note"),
        fixed_on_spot=f"fixed-{code}" in request.POST,
        photos=tuple(request.FILES.getlist(f"photos-{code}")),
        taken_at=text("taken"),
    )


def _number(text: Any, otherwise: int) -> int:
    sent = str(text or "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else otherwise
