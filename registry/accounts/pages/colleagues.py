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

from yancheng_childcare import secret_once
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...choices import OpeningPath
from ...models import AccountOpening, Institution
from ..confirming import confirm, waiting_clock
from ..entered import read_facts
from ..forms import RepresentativeForm
from ..opening import INVITATION_DAYS, invitation, invite
from ..parting import part_with
from ..people import duties_for

# What the one secret in the session is about.
INVITATION = "colleague's invitation"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def colleagues(request: HttpRequest) -> HttpResponse:
    """The own institutions with their people; `act`: invite, part, confirm. An invitation's address is shown once."""
    places = list(_reached(request).select_related("region").order_by("name"))
    problems: list[Problem] = []
    if "part" in request.GET and request.method != "POST":
        place = next((place for place in places if place.uscc == request.GET.get("uscc")), None)
        return _ask_to_part(request, place, reverse("accounts:colleagues"))
    if request.method == "POST":
        try:
            place = next((place for place in places if place.uscc == request.POST.get("uscc")), None)
            if place is None:
                words = "您不是这家机构的经办人，或者已被解除。请刷新页面。"
                raise Rejected(Problem("GEN-404", "", words), status=404)
            if request.POST.get("act") == "invite":
                secret_once.keep(request, INVITATION, invite(place, actor=request.user)[1])
                return redirect("accounts:colleagues")
            if request.POST.get("act") == "confirm":
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
    context = {"rows": rows, "invited": _invited(request), "problems": problems, "days": INVITATION_DAYS, "form": form}
    return render(request, "registry/accounts/colleagues.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, uscc: str) -> HttpResponse:
    """The same for the county's health authority: who acts for this institution, and parting with somebody."""
    place = _reached(request).select_related("region").filter(uscc=uscc).first()
    if place is None:
        raise Http404
    may_part = may_enter(request.user, "accounts:people", "POST")
    if "part" in request.GET and request.method != "POST" and may_part:
        return _ask_to_part(request, place, reverse("accounts:people", args=[uscc]))
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            return _part(request, place, "accounts:people", place.uscc)
        except Rejected as rejected:
            problems = rejected.problems
    context = {"rows": [_row(request, place)], "may_part": may_part, "problems": problems, "place": place}
    return render(request, "registry/accounts/people.html", context, status=422 if problems else 200)


def _invited(request: HttpRequest) -> dict[str, Any]:
    """The invitation that was just made, this once."""
    secret, _ = secret_once.take(request, INVITATION) or ("", "")
    opening = invitation(secret) if secret else None
    return (
        {"link": request.build_absolute_uri(reverse("accounts:join", args=[secret])), "opening": opening}
        if opening
        else {}
    )


def _reached(request: HttpRequest) -> Any:
    return Institution.objects.visible_to(request.user, opening_roles(request))


def _ask_to_part(request: HttpRequest, place: Institution | None, back: str) -> HttpResponse:
    """The question before somebody is parted with; sent to the list's own address."""
    key = as_key(request.GET.get("part"))
    duty = duties_for(place.uscc).filter(user=key).first() if place is not None and key else None
    if duty is None or place is None:
        messages.info(request, "没有这名经办人，或者已经解除。")
        return redirect(back)
    context = {
        "heading": "解除经办人",
        "breadcrumbs": [{"label": "经办人", "url": back}],
        "rows": [
            {"label": "经办人", "value": duty.user.display_name, "note": f"用户名 {duty.user.username}"},
            {"label": "机构", "value": place.name},
        ],
        "consequence": "即刻生效：本人不能再办理这家机构的事项，账号保留；还没有用的开通码一并作废。以后可以再邀请。",
        "confirm_text": f"解除{duty.user.display_name}",
        "hidden": {"act": "part", "uscc": place.uscc, "user": duty.user_id},
        "danger": True,
        "action": back,
        "cancel_url": back,
    }
    return render(request, "registry/accounts/confirm.html", context)


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
        "unused": list(AccountOpening.objects.unused(place, OpeningPath.INVITED)),
    }
