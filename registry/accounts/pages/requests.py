"""The county reviewer's requests for accounts: what fits the register is decided here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, search
from yancheng_childcare.models import Deadline
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import light

from ...choices import OpeningPath
from ...models import AccountOpening
from ...registration.pages.lookup import storable
from ..people import duties_for
from ..workflow import CLOCK, OPENING, REASON_MAX, STATES, SUBMITTED

SIZE = 20
MOST = 200  # the oldest first; few wait at a time


class RequestFilter(ListFilter):
    """By the institution, the request's number or who asks."""

    q = search(
        "机构、信用代码、编号或申请人",
        "institution__name__contains",
        "uscc__iexact",
        "no__icontains",
        "display_name__contains",
    )


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """Those that wait, and those decided."""
    rows = AccountOpening.objects.visible_to(request.user, opening_roles(request)).select_related("institution__region")
    narrowed = RequestFilter(request.GET, rows.filter(path=OpeningPath.MATCH))
    rows = narrowed.qs
    page = keyset_page(rows.exclude(status=SUBMITTED), request.GET.get("before"), size=SIZE)
    context = {
        "waiting": [{"opening": row, "lamp": _light(row)} for row in rows.waiting().order_by("pk")[:MOST]],
        "decided": [{"opening": row, "light": STATES[row.status].light} for row in page.rows],
        "page": page,
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
    }
    return render(request, "registry/accounts/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, no: str) -> HttpResponse:
    """One request: what fits, who acts for the institution already, and the two ways to decide."""
    rows = AccountOpening.objects.visible_to(request.user, opening_roles(request))
    found = (
        rows.select_related("institution__region", "institution__registry_org", "user", "decided_by")
        .filter(no=no)
        .first()
    )
    if found is None:
        raise Http404
    problems: list[Problem] = []
    if request.method == "POST":
        reason = storable("reason", request.POST.get("reason"), "理由", REASON_MAX, problems)
        step = "approve" if request.POST.get("step") == "approve" else "refuse"
        try:
            if not problems:
                OPENING.run(found, step, request.user, reason=reason if step == "refuse" else "")
                messages.success(request, "已开通，申请人可以登录。" if step == "approve" else "已告知不予开通。")
                return redirect("accounts:requests")
        except Rejected as rejected:
            if rejected.status in {403, 409}:
                raise
            problems = rejected.problems
    steps = {step.name for step in OPENING.available(found, request.user)}
    if request.GET.get("ask") == "approve" and "approve" in steps and request.method != "POST":
        return _ask_to_approve(request, found)
    context = {
        "opening": found,
        "state": STATES[found.status],
        "steps": steps,
        "people": list(duties_for(found.uscc)),
        "lamp": _light(found),
        "problems": problems,
        "reason": request.POST.get("reason", ""),
        "breadcrumbs": [{"label": "机构账号申请", "url": reverse("accounts:requests")}],
    }
    return render(request, "registry/accounts/review.html", context, status=422 if problems else 200)


def _ask_to_approve(request: HttpRequest, opening: AccountOpening) -> HttpResponse:
    """The question before an account is opened."""
    place = opening.place
    there = reverse("accounts:review", args=[opening.no])
    context = {
        "heading": "同意开通账号",
        "breadcrumbs": [
            {"label": "机构账号申请", "url": reverse("accounts:requests")},
            {"label": opening.no, "url": there},
        ],
        "rows": [
            {"label": "机构", "value": place.name, "note": place.uscc},
            {"label": "申请人", "value": opening.display_name},
            {
                "label": "现有经办人",
                "value": "、".join(d.user.display_name for d in duties_for(place.uscc)) or "还没有",
            },
        ],
        "consequence": "即刻生效：申请人可以登录，办理这家机构的全部事项，并告知机构现有经办人。"
        "请确认已通过登记的联系电话向法定代表人核实。",
        "confirm_text": "已核实，同意开通",
        "hidden": {"step": "approve"},
        "action": there,
        "cancel_url": there,
    }
    return render(request, "registry/accounts/confirm.html", context)


def _light(opening: AccountOpening) -> object:
    clock = Deadline.objects.running().of(opening.subject).filter(code=CLOCK).first()
    return light(clock.started_on, clock.due_on, today_here()) if clock else None
