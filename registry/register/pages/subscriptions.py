"""Follow by e-mail: ask, confirm, leave. The answer to asking is always the same; a GET never changes anything."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yancheng_childcare.callers import caller_network
from yancheng_childcare.places import place_name
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.tasks import hand_over

from ...codes import register as codes
from ...models import PublicSubscription
from ...registration.forms import BLANK, RawForm, areas
from .. import tasks
from ..feeds import Followed, followed_area, followed_institution
from ..subscriptions import (
    check_caller,
    confirm_subscription,
    find_by_token,
    followed_by,
    leave_subscription,
    read_email,
    request_subscription,
)

CITY = "320900"
methods = require_http_methods(["GET", "HEAD", "POST"])


class SubscribeForm(RawForm):
    """The address, and the area where no institution was chosen before."""

    area = forms.ChoiceField(label="关注的地区")
    email = forms.CharField(
        label="邮箱地址",
        max_length=254,
        help_text="例如 name@example.com",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, followed: Followed | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if followed is not None:
            del self.fields["area"]
        else:
            choice: Any = self.fields["area"]
            choice.choices = [BLANK, (CITY, place_name(CITY)), *areas()]


@never_cache
@methods
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form; what was asked for stands in the address (`uscc` or `area`). 404 for what cannot be followed."""
    followed = _asked_for(request)
    form = SubscribeForm(request.POST if request.method == "POST" else None, followed=followed)
    problems: list[Problem] = []
    if request.method == "POST":
        form.full_clean()
        if followed is None:
            followed_now = followed_area(str(form.cleaned_data.get("area") or ""))
            if followed_now is None:
                problems.append(Problem(codes.TARGET, "area", "请选择要关注的地区。"))
        else:
            followed_now = followed
        found: list[Problem] = []
        email = read_email(form.cleaned_data.get("email"), found)
        problems += found
        if followed_now is not None and not problems:
            check_caller(caller_network(request))
            row = request_subscription(email=email, followed=followed_now)
            if row is not None and not hand_over(tasks.send_confirmation, row.pk):
                words = "邮件服务暂时不可用，确认邮件还没有发出。请过几分钟再提交一次。"
                raise Rejected(Problem("GEN-503", "", words), status=503)
            return render(
                request, "registry/register/subscribe_done.html", {"hours": settings.SUBSCRIPTION_CONFIRM_HOURS}
            )
    context = {
        "form": form,
        "problems": problems,
        "followed": followed,
        "hours": settings.SUBSCRIPTION_CONFIRM_HOURS,
        "city_feed": followed_area(CITY),
    }
    return render(request, "registry/register/subscribe.html", context, status=422 if problems else 200)


@never_cache
@methods
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """One button. Programs that check mails open every link, so opening it is not a yes."""
    row = find_by_token(token)
    if row is None or row.ended_at is not None:
        return _gone(request)
    if request.method == "POST":
        confirm_subscription(subscription=row)
    done = request.method == "POST" or row.confirmed_at is not None
    return _page(request, row, token, "confirmed" if done else "confirm")


@csrf_exempt
@never_cache
@methods
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """One button, or one POST of the mail program (RFC 8058): whoever has the secret may leave, no cookie is needed."""
    row = find_by_token(token)
    if row is None:
        return _gone(request)
    if request.method == "POST":
        leave_subscription(subscription=row)
    done = request.method == "POST" or row.ended_at is not None
    return _page(request, row, token, "left" if done else "leave")


def _asked_for(request: HttpRequest) -> Followed | None:
    uscc, area = request.GET.get("uscc", ""), request.GET.get("area", "")
    if not uscc and not area:
        return None
    found = followed_institution(uscc) if uscc else followed_area(area)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, row: PublicSubscription, token: str, step: str) -> HttpResponse:
    context = {"step": step, "token": token, "followed": followed_by(row)}
    return render(request, "registry/register/subscription.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    problem = Problem(codes.LINK, "", "链接无效或已过期，没有做任何更改。")
    return render(request, "registry/register/subscription.html", {"step": "gone", "problem": problem}, status=404)
