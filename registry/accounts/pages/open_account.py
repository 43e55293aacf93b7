"""为机构开通账号: what is entered, the number and code to keep, and what became of the request. No account needed."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from yancheng_childcare.callers import caller_network
from yancheng_childcare.models import Deadline
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.receipt_cookies import ReceiptCookie
from yancheng_childcare.secret_codes import grouped

from ...codes.accounts import TRACK
from ...models import AccountOpening
from ...register.pages.reports import TrackForm
from ...register.reporting import check_looks, is_nonce
from ...registration.pages.lookup import storable
from ..attending import REVIEW_WORKDAYS
from ..entered import read_facts, read_person
from ..forms import OpenForm
from ..opening import find
from ..opening import open_account as open_for
from ..workflow import CLOCK, OPENED, STATES

COOKIE = ReceiptCookie("opening", "/accounts/open/done/")
methods = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters()
@methods
def open_account(request: HttpRequest) -> HttpResponse:
    """Enter the institution's facts and who is to act for it."""
    known = request.user.is_authenticated
    problems: list[Problem] = []
    if request.method != "POST":
        form = OpenForm(known=known, initial={"nonce": token_urlsafe(32), "uscc": request.GET.get("uscc", "")[:18]})
    else:
        form = OpenForm(request.POST, known=known)
        form.full_clean()
        facts = read_facts(form.cleaned_data, problems)
        person = read_person(form.cleaned_data, signed_in=request.user, found=problems)
        nonce = str(form.cleaned_data["nonce"] or "")
        if facts is not None and person is not None:
            try:
                opening, code = open_for(
                    facts=facts,
                    person=person,
                    nonce=nonce if is_nonce(nonce) else token_urlsafe(32),
                    caller=caller_network(request),
                )
            except Rejected as rejected:
                if rejected.status == 429:
                    raise
                problems = rejected.problems
            else:
                return COOKIE.keep(redirect("accounts:done"), opening.no, code)
    context = {"form": form, "problems": problems, "known": known, "days": REVIEW_WORKDAYS}
    return render(request, "registry/accounts/open.html", context, status=422 if problems else 200)


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """The account that was opened, or number and query code of the request; for ten minutes, in this browser only."""
    no, code = COOKIE.parts(request, 2) or ("", "")
    opening = AccountOpening.objects.select_related("institution", "user").filter(no=no).first() if no else None
    opened = opening is not None and opening.status == OPENED
    context = {
        "opening": opening,
        "opened": opened,
        # Whose name it is, is told only to those who had the code: a match is still to be looked at.
        "place": opening.place.name if opening is not None and opened else "",
        "code": grouped(code),
        "days": REVIEW_WORKDAYS,
    }
    return render(request, "registry/accounts/done.html", context)


@never_cache
@methods
def track(request: HttpRequest) -> HttpResponse:
    """What became of a request, for those who have its number and query code."""
    form = TrackForm(request.POST if request.method == "POST" else None)
    form.fields["no"].help_text = "例如 YC-KT-2026-000001"
    context: dict[str, Any] = {"form": form, "problems": [], "opening": None}
    if form.is_bound:
        form.full_clean()
        check_looks(caller_network(request))
        no = storable("no", form.cleaned_data["no"], "申请编号", 20, [])
        found = find(no=no, code=str(form.cleaned_data["code"] or ""))
        if found is None:
            words = "申请编号或查询码不正确。请核对后再试；查询码丢失的，可以重新申请。"
            context["problems"] = [Problem(TRACK, "no", words)]
        else:
            state = STATES[found.status]
            context |= {"opening": found, "state": state, "opened": found.status == OPENED}
            context["due_on"] = (
                Deadline.objects.running().of(found.subject).filter(code=CLOCK).values_list("due_on", flat=True).first()
            )
    return render(request, "registry/accounts/track.html", context, status=422 if context["problems"] else 200)
