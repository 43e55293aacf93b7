"""Who looks after my cases while I am on leave, and whose cases I look after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import choice, day, form_of, line, read
from yancheng_childcare.models import User
from yancheng_childcare.notifications import holders
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.requests import SignedInRequest

from .. import codes
from ..handing import end_early, name_deputy
from ..models import Deputy


def _colleagues(case: Any, actor: Any) -> list[tuple[str, str]]:
    """Who holds one of my roles for one of my areas."""
    found = {
        one.pk: one.display_name
        for duty in actor.active_duties
        if duty.region is not None and not duty.uscc
        for one in holders(duty.role, region_prefix=duty.region.prefix)
    }
    found.pop(actor.pk, None)
    return [(str(pk), name) for pk, name in sorted(found.items(), key=lambda pair: pair[1])]


@dataclass(frozen=True, slots=True)
class Leave:
    """Who, from when, until when, why."""

    deputy: Annotated[str, choice("代理人", _colleagues, "与您职责相同、辖区相同的同事")]
    from_day: Annotated[date, day("自")]
    until_day: Annotated[date, day("至", "含当日；格式：2026-11-23")]
    reason: Annotated[str, line("事由", 100, "例如年休假、外出培训", at_least=2)]


@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: SignedInRequest) -> HttpResponse:
    """Name a deputy, end it early, see who stands in for whom."""
    user, today = request.user, today_here()
    problems: list[Problem] = []
    ends = request.POST.get("end", "")
    form = form_of(Leave)(request.POST if request.method == "POST" and not ends else None, case=None, actor=user)
    if ends:
        row = Deputy.objects.filter(person=user, ended_at=None, until_day__gte=today, pk=_key(ends)).first()
        if row is not None:
            end_early(row, actor=user)
            messages.success(request, "代理已结束，您的办件由您自己办理。")
        return redirect("cases:deputies")
    if request.method == "POST":
        asked, problems = read(form, codes.ANSWER)
        try:
            if not problems:
                deputy = User.objects.filter(pk=asked.deputy).first()
                days = {"from_day": asked.from_day, "until_day": asked.until_day}
                name_deputy(person=user, deputy=deputy, reason=asked.reason, today=today, **days)
                messages.success(request, "已登记，代理人会收到消息，期间您的办件也出现在其工作台上。")
                return redirect("cases:deputies")
        except Rejected as rejected:
            problems = rejected.problems
    coming = Deputy.objects.filter(ended_at=None, until_day__gte=today)
    context = {
        "form": form if form.fields["deputy"].choices else None,  # type: ignore[attr-defined]
        "problems": problems,
        "mine": list(coming.filter(person=user).select_related("deputy")),
        "others": list(coming.filter(deputy=user).select_related("person")),
        "heading": "请人代理",
        "lead": "休假或外出时，请一位职责相同的同事照看您承办的办件。",
    }
    return render(request, "casework/deputies.html", context, status=422 if problems else 200)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
