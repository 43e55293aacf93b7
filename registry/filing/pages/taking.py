"""What every decision page shares: taking the step once, who may open it, obstacles with links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from ...models import Filing
from .. import review
from ..services import available_steps, take_step
from ..workflow import FILING, second_reviewer
from .decision_forms import letter_items
from .lookup import expected_version


def crumbs(filing: Filing) -> list[dict[str, str]]:
    """Breadcrumbs of the reviewers' pages."""
    return [
        {"label": "备案审查", "url": reverse("filing:queue")},
        {"label": filing.no, "url": reverse("filing:review", args=[filing.no])},
    ]


def steps_of(filing: Filing, user: Any) -> set[str]:
    """The names of the steps this person may take now."""
    return {t.name for t in available_steps(filing, user)}


def take(
    request: HttpRequest, filing: Filing, step: str, problems: list[Problem], said: str = "", **data: Any
) -> HttpResponse | None:
    """Take the step and lead back to the case; None with the reasons in `problems` when the form must be mended.

    A second click of the same person on the same version is no error: the step is done, and the page says so.
    Raises Rejected 403, 404, 409, 412 with a page of their own.
    """
    seen = expected_version(request.POST.get("record_version"))
    try:
        take_step(filing, step, actor=request.user, expected_version=seen, **data)
    except Rejected as rejected:
        if rejected.status == 422:
            problems += rejected.problems
            return None
        if not _just_done(filing, step, request.user, seen):
            raise
        messages.info(request, "这一步刚才已经办好，没有重复办理。")
    else:
        messages.success(request, f"已办理：{said or FILING.steps[step].label}。")
    return redirect("filing:review", no=filing.no)


def _just_done(filing: Filing, step: str, user: Any, seen: int) -> bool:
    """Whether the last act on the case is this step, taken by this person on the version the form was built on."""
    last = Event.objects.of(filing.subject).first()
    now = Filing.objects.values_list("record_version", flat=True).get(pk=filing.pk)
    return last is not None and last.actor_id == user.pk and last.data.get("step") == step and now == seen + 1


def require_step(filing: Filing, step: str, user: Any) -> None:
    """A page is only opened for a step this person may take now. Raises Rejected 403 or 409 with the reason."""
    transition = FILING.steps[step]
    if not user.has_role(*transition.by) or not transition.may(user, filing):
        words = f"您的职责不能办理“{transition.label}”，请联系有权办理的同事。"
        if transition.may is second_reviewer and filing.receipted_by_id == user.pk:
            words = f"这件备案的回执由您出具。“{transition.label}”须由另一名复核人员办理。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    if filing.status not in transition.sources:
        words = f"当前状态为“{filing.get_status_display()}”，不能办理“{transition.label}”。请返回办理页面查看最新情况。"
        raise Rejected(Problem("GEN-409", "", words), status=409)


def linked(filing: Filing, found: list[Problem]) -> list[dict[str, str]]:
    """Obstacles with a link to where each is put right."""
    page = reverse("filing:review", args=[filing.no])
    known = {*(name for name, _ in letter_items()), review.REGISTRATION}
    rows = []
    for problem in found:
        url = ""
        if problem.code == codes.PAUSED:
            url = reverse("filing:decide", args=[filing.no, "resume"])
        elif problem.code == codes.ITEM_OPEN or problem.field in known:
            url = f"{page}#item-{problem.field}"
        rows.append({"message": problem.message, "code": problem.code, "url": url})
    return rows
