"""The reviewers' queue: what breaks first stands first, the filters are remembered, a chief shares the work out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.places import counties_seen_by
from yancheng_childcare.problems import Problem, Rejected

from ...choices import FILING_IN_REVIEW
from ...models import Filing, ReviewArea
from ...registration.pages.lookup import place_name
from .. import services, worklist
from ..review_areas import divide_areas, reviewers_of, towns_led_by
from .queue_filter import QueueFilter

PAGE = 20
REMEMBERED = "filing_queue"
MOST_ASSIGNED = 100


@require_http_methods(["GET", "HEAD"])
def queue(request: HttpRequest) -> HttpResponse:
    """The list. One query carries the lines and every count; states nobody waits for are asked page by page."""
    if "all" in request.GET:
        request.session.pop(REMEMBERED, None)
        return redirect("filing:queue")
    if not request.GET and (kept := request.session.get(REMEMBERED)):
        return redirect(f"{reverse('filing:queue')}?{kept}")
    return _page(request)


def _page(
    request: HttpRequest, *, problems: list[Problem] | None = None, picked: Iterable[str] = (), to: str = ""
) -> HttpResponse:
    user: Any = request.user
    today = today_here()
    roles = opening_roles(request)
    counties = [code for code, _ in counties_seen_by(user, roles)]
    scope = worklist.reviewed(user, roles)
    narrowed = QueueFilter(request.GET, scope, request=request, counties=counties)
    everything = worklist.entries_of(worklist.waiting(scope), today)
    view, elsewhere = narrowed.chosen("view"), narrowed.waits_for_nobody
    rows: Any
    if elsewhere:
        rows = worklist.ordered(narrowed.qs)
    else:
        rows = [entry for entry in everything if entry.is_in(view) and narrowed.keeps(entry)]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if elsewhere:
        page.object_list = worklist.as_entries(page.object_list, today)  # type: ignore[assignment]  # rows become lines
    counts = worklist.counts_of(everything)
    _remember(request, narrowed)
    chief = may_enter(user, "filing:assign", "POST")
    context = {
        "heading": "备案审查",
        "lead": "按最先到期排列。时限由工作日历计算，暂停的排在最后。",
        "actions": [{"text": "片区分工", "url": reverse("filing:areas"), "kind": "secondary"}] if chief else [],
        "form": narrowed.form,
        "tabs": _tabs(narrowed, counts, sign_first=chief),
        "page": page,
        "rows": [
            {
                "entry": entry,
                "town": place_name(entry.town),
                "county": place_name(entry.region) if len(counties) > 1 else "",
                "picked": entry.no in picked,
            }
            for entry in page
        ],
        "narrowed": narrowed.narrowed,
        "view_label": dict(worklist.VIEWS)[view] if view else "",
        "may_take": may_enter(user, "filing:take-next", "POST"),
        "unassigned": sum(1 for entry in everything if entry.assigned_to is None and entry.status in FILING_IN_REVIEW),
        "reviewers": _reviewers(user) if chief else [],
        "chief": chief,
        "to": to,
        "problems": problems or [],
    }
    return render(request, "registry/filing/queue.html", context, status=422 if problems else 200)


def _tabs(narrowed: QueueFilter, counts: dict[str, int], *, sign_first: bool) -> list[dict[str, Any]]:
    """One tab per view; a tab drops the state, which would contradict it, and keeps the other filters.

    For a chief what waits for a signature comes first: nobody else can go on with it.
    """
    kept = {name: value for name, value in narrowed.everything().items() if value and name not in {"view", "status"}}
    tabs = []
    views = sorted(worklist.VIEWS, key=lambda pair: pair[0] != "sign") if sign_first else worklist.VIEWS
    for view, label in views:
        query = QueryDict(mutable=True)
        query.update({**kept, "view": view})
        current = narrowed.chosen("view") == view and not (view == "" and narrowed.chosen("status"))
        tabs.append({"label": label, "url": f"?{query.urlencode()}", "current": current, "count": counts[view]})
    return tabs


def _remember(request: HttpRequest, narrowed: QueueFilter) -> None:
    """Keep the filters for this person until they sign out; an unfiltered list is kept as nothing."""
    chosen = narrowed.everything()
    if not any(chosen.values()):
        if request.GET and REMEMBERED in request.session:
            del request.session[REMEMBERED]
        return
    query = QueryDict(mutable=True)
    query.update(chosen)
    if request.session.get(REMEMBERED) != query.urlencode():
        request.session[REMEMBERED] = query.urlencode()


def _reviewers(user: Any) -> list[Any]:
    """The reviewers a chief may give cases to, each once. One query."""
    prefixes = [duty.region.prefix for duty in user.duties_as(Role.CHIEF) if duty.region]
    found = reviewers_of(prefixes)
    return list({person.pk: person for people in found.values() for person in people}.values())


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """取下一件: the most urgent case of the area nobody has; no cherry-picking (product.md C4)."""
    taken = services.take_next(request.user)
    if taken is None:
        messages.info(request, "没有等待承办的备案。已经指派的请在列表中打开。")
        return redirect("filing:queue")
    messages.success(request, f"已由您承办：{taken.institution.name}（{taken.no}）。")
    return redirect("filing:review", no=taken.no)


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked cases to one reviewer: all or none."""
    user: Any = request.user
    picked = [no for no in request.POST.getlist("filing") if len(no) <= 20][:MOST_ASSIGNED]
    key = request.POST.get("to", "")
    person = next((reviewer for reviewer in _reviewers(user) if str(reviewer.pk) == key), None)
    problems: list[Problem] = []
    if not picked:
        problems.append(Problem("GEN-422", "filing", "请先勾选要指派的备案。"))
    if person is None:
        problems.append(Problem("GEN-422", "to", "请选择承办人。"))
    if not problems:
        filings = list(
            Filing.objects.visible_to(user, opening_roles(request))
            .filter(no__in=picked)
            .select_related("institution__region")
            .order_by("no")
        )
        try:
            if len(filings) != len(set(picked)):
                raise Rejected(Problem("GEN-404", "filing", "有勾选的备案已不在您的辖区，请刷新后重选。"))
            count = services.assign_many(filings, to=person, actor=user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, f"已把 {count} 件指派给{person.display_name if person else ''}。")
            return redirect("filing:queue")
    return _page(request, problems=problems, picked=picked, to=key)


@require_http_methods(["GET", "HEAD", "POST"])
def areas(request: HttpRequest) -> HttpResponse:
    """片区分工: per town the reviewer who gets its new cases; towns without one wait for “取下一件”."""
    user: Any = request.user
    towns = towns_led_by(user)
    problems: list[Problem] = []
    typed = {town.code: request.POST.get(f"town-{town.code}", "") for town in towns}
    if request.method == "POST":
        try:
            changed = divide_areas(wanted=typed, actor=user)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            words = f"已保存，{changed} 个镇（街道）有调整。新提交的备案按此分派。" if changed else "没有改动。"
            messages.success(request, words)
            return redirect("filing:areas")
    else:
        held = ReviewArea.objects.filter(town__in=towns).values_list("town_id", "reviewer_id")
        typed = {code: str(reviewer) for code, reviewer in held}
    able = reviewers_of(town.prefix for town in towns)
    context = {
        "heading": "片区分工",
        "lead": "机构提交后，按所在镇（街道）自动指派给片区承办人；已在办的不变。",
        "breadcrumbs": [{"label": "备案审查", "url": reverse("filing:queue")}],
        "rows": [
            {
                "town": town,
                "county": place_name(town.parent_id or ""),
                "reviewers": able[town.prefix],
                "chosen": typed.get(town.code, ""),
                "wrong": [p.message for p in problems if p.field == f"town-{town.code}"],
            }
            for town in towns
        ],
        "problems": problems,
    }
    return render(request, "registry/filing/areas.html", context, status=422 if problems else 200)
