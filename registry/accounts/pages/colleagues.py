"""The people who act for an institution: seen, invited and parted with by themselves, parted with by the county's reviewer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...models import AccountOpening, Institution
from ..confirming import confirm, waiting_clock
from ..entered import read_facts
from ..forms import RepresentativeForm
from ..opening import INVITATION_DAYS, invite
from ..parting import part_with
from ..people import duties_for


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def colleagues(request: HttpRequest) -> HttpResponse:
    """The own institutions with their people; `act`: invite, part, confirm."""
    places = list(_reached(request).select_related("region").order_by("name"))
    invited: dict[str, Any] = {}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            place = next((place for place in places if place.uscc == request.POST.get("uscc")), None)
            if place is None:
                words = "您不是这家机构的经办人，或者已被解除。请刷新页面。"
                raise Rejected(Problem("GEN-404", "", words), status=404)
            if request.POST.get("act") == "invite":
                opening, secret = invite(place, actor=request.user)
                link = request.build_absolute_uri(reverse("accounts:join", args=[secret]))
                invited = {"link": link, "until": opening.expires_on, "place": place}
            elif request.POST.get("act") == "confirm":
                facts = read_facts({**request.POST.dict(), "uscc": place.uscc}, problems)
                if facts is not None:
                    confirm(institution=place, facts=facts, actor=request.user)
                    messages.success(request, "已确认，经办人名单不变。")
                    return redirect("accounts:colleagues")
            else:
                return _part(request, place, "accounts:colleagues")
        except Rejected as rejected:
            if rejected.status == 429:
                raise
            problems = rejected.problems
    rows = [_row(request, place) for place in places]
    form = RepresentativeForm(request.POST if problems else None)
    context = {"rows": rows, "invited": invited, "problems": problems, "days": INVITATION_DAYS, "form": form}
    return render(request, "registry/accounts/colleagues.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, uscc: str) -> HttpResponse:
    """The same for the county's health authority: who acts for this institution, and parting with somebody."""
    place = _reached(request).select_related("region").filter(uscc=uscc).first()
    if place is None:
        raise Http404
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            return _part(request, place, "accounts:people", place.uscc)
        except Rejected as rejected:
            problems = rejected.problems
    may_part = may_enter(request.user, "accounts:people", "POST")
    context = {"rows": [_row(request, place)], "may_part": may_part, "problems": problems, "place": place}
    return render(request, "registry/accounts/people.html", context, status=422 if problems else 200)


def _reached(request: HttpRequest) -> Any:
    return Institution.objects.visible_to(request.user, opening_roles(request))


def _part(request: HttpRequest, place: Institution, route: str, *args: str) -> HttpResponse:
    gone = part_with(uscc=place.uscc, user_id=as_key(request.POST.get("user")) or 0, actor=request.user)
    messages.success(request, f"已解除{gone.display_name}，即刻生效。")
    return redirect("desk") if gone.pk == request.user.pk else redirect(route, *args)


def _row(request: HttpRequest, place: Institution) -> dict[str, Any]:
    """One institution: its people, and whether a confirmation is due."""
    duties = list(duties_for(place.uscc).order_by("valid_from", "pk"))
    opened = AccountOpening.objects.filter(no__in=[duty.opened_by for duty in duties if duty.opened_by])
    ways = {opening.no: opening.get_path_display() for opening in opened}
    return {
        "place": place,
        "people": [
            {"duty": duty, "way": ways.get(duty.opened_by, "平台管理员授予"), "self": duty.user_id == request.user.pk}
            for duty in duties
        ],
        "clock": waiting_clock(place),
    }
