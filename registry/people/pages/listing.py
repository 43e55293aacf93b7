"""The list of people: one's own institutions with the ratio of carers, or the people of an area, read-only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles

from ...models import Institution, Post
from ...rules.characters import folded
from ..attention import needs
from ..facts import Staff, describe
from ..filters import OwnPeopleFilter, PeopleFilter
from ..ratio import ratio_of, with_classes
from .lookup import duty_state, is_operator, own_institutions, paper_tags, threads

PAGE = 50
AREA_PAGE = 20
# A page of many people never decrypts.
SEALED = ("person__id_no", "phone", "institution__legal_rep_id_no", "institution__contact_phone")


def person_list(request: HttpRequest) -> HttpResponse:
    """Everybody in scope. Queries: institutions, posts, papers, hours, bans (area: number of people, posts …)."""
    posts = Post.objects.visible_to(request.user, opening_roles(request))
    posts = posts.select_related("person", "institution").defer(*SEALED)
    if is_operator(request):
        own = list(with_classes(own_institutions(request.user)))
        mine = OwnPeopleFilter(request.GET, posts, institutions=own)
        chosen = mine.chosen("uscc")
        return _of_institutions(request, mine, [row for row in own if not chosen or row.uscc == chosen], own=True)
    narrowed = PeopleFilter(request.GET, posts)
    if code := narrowed.chosen("uscc").upper()[:18]:
        seen = Institution.objects.visible_to(request.user, opening_roles(request)).filter(uscc=code)
        return _of_institutions(request, narrowed, list(with_classes(seen)), own=False)
    return _of_area(request, narrowed)


def _of_institutions(
    request: HttpRequest, narrowed: PeopleFilter, institutions: list[Institution], *, own: bool
) -> HttpResponse:
    today, show = today_here(), narrowed.chosen("show")
    if show == "former":
        staff: list[Staff] = []
        former = narrowed.qs.filter(institution__in=institutions, ended_on__isnull=False).order_by("-ended_on", "-id")
        page = Paginator(former, PAGE).get_page(request.GET.get("page"))
        rows = [former_row(post) for post in page]
    else:
        # Everybody is looked at: the ratio counts all carers, whatever the filter shows.
        posts = narrowed.queryset.filter(institution__in=institutions).current().described(today)
        staff = describe(posts.order_by("institution__name", "role", "id"))
        page = Paginator(_chosen(staff, narrowed, today), PAGE).get_page(request.GET.get("page"))
        rows = [row_of(entry, today) for entry in page]
    by_place: dict[int, list[Staff]] = {}
    for entry in staff:
        by_place.setdefault(entry.post.institution_id, []).append(entry)
    context = {
        "ratios": [ratio_of(row, by_place.get(row.pk, ()), today) for row in institutions] if show != "former" else [],
        "page": page,
        "rows": rows,
        "many": len(institutions) > 1,
        "lacking": sum(1 for entry in staff if needs(entry, today)),
        "staff_count": len(staff),
        "threads": threads(request.user, institutions) if own else [],
    }
    return _page(request, narrowed, context, own=own)


def _chosen(staff: Iterable[Staff], narrowed: PeopleFilter, today: date) -> list[Staff]:
    """Those the filter asks for; done here because all of them were read already."""
    name, role = folded(narrowed.chosen("q")), narrowed.chosen("role")
    lacking = narrowed.chosen("show") == "gaps"
    return [
        entry
        for entry in staff
        if name in entry.post.name and (not role or entry.post.role == role) and (not lacking or needs(entry, today))
    ]


def _of_area(request: HttpRequest, narrowed: PeopleFilter) -> HttpResponse:
    today, former = today_here(), narrowed.chosen("show") == "former"
    posts = narrowed.qs.filter(ended_on__isnull=not former).described(today)
    page = keyset_page(posts, request.GET.get("before"), size=AREA_PAGE)
    rows = [former_row(p) for p in page] if former else [row_of(entry, today) for entry in describe(page.rows)]
    context = {"area_page": page, "rows": rows, "many": True, "total": posts.count() if page else 0}
    return _page(request, narrowed, context, own=False)


def row_of(staff: Staff, today: date) -> dict[str, Any]:
    """One line for somebody in post."""
    light, words = duty_state(staff, today)
    return {
        "post": staff.post,
        "tags": paper_tags(staff, today),
        "gaps": needs(staff, today),
        "light": light,
        "words": words,
    }


def former_row(post: Post) -> dict[str, Any]:
    """One line for somebody who left: when and why, no papers."""
    return {"post": post, "former": True}


def _page(request: HttpRequest, narrowed: PeopleFilter, context: dict[str, Any], *, own: bool) -> HttpResponse:
    actions = [
        {"text": "登记人员", "url": reverse("people:new"), "kind": "primary", "icon_name": "plus"},
        {"text": "批量导入", "url": reverse("people:import"), "kind": "secondary", "icon_name": "upload"},
    ]
    checks = [
        {"text": "待核实的人员信息", "url": reverse("people:discrepancies"), "kind": "secondary", "icon_name": ""}
    ]
    lead = "人员、证件和培训登记一次，备案、检查都用它。" if own else "职责范围内机构的从业人员，只能查看。"
    context |= {
        "heading": "从业人员",
        "lead": lead,
        "actions": actions if own else checks,
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "former": narrowed.chosen("show") == "former",
        "own": own,
    }
    return render(request, "registry/people/list.html", context)
