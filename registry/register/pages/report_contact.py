"""How to reach the reporter: masked, and shown once for a reason that is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from casework.models import Case
from casework.pages.lookup import crumbs, visible_case
from yancheng_childcare.masking import mask_phone
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.requests import SignedInRequest
from yancheng_childcare.unmasking import keep_look

from ...codes import register as codes
from ...registration.forms import RawForm
from ...registration.pages.lookup import storable
from ..report_type import REPORT, handles

REASON_MIN, REASON_MAX = 4, 200


class LookForm(RawForm):
    """Why the reporter's contact must be read."""

    look = forms.CharField(
        label="查看事由",
        help_text="4 到 200 个字，例如“回电核实收费”；事由、时间和查看人会留存备查",
        widget=forms.TextInput(attrs={"maxlength": REASON_MAX + 20, "autocomplete": "off"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedInRequest, no: str) -> HttpResponse:
    """The contact is masked; the owner's staff see it on one answer, after the reason was kept."""
    found = visible_case(request, no, REPORT.name)
    _may_look(found, request.user)
    form = LookForm(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    clear = ""
    if request.method == "POST":
        form.full_clean()
        reason = storable("look", form.cleaned_data["look"], "查看事由", REASON_MAX, problems)
        try:
            clear = "" if problems else reveal_contact(case=found, reason=reason, actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
    context: dict[str, Any] = {
        "case": found,
        "shown": clear or masked_contact(found.body.contact),
        "clear": bool(clear),
        "form": form,
        "problems": problems,
        "heading": "报错人的联系方式",
        "lead": f"{found.subject_name}　{found.no}",
        "breadcrumbs": crumbs(found),
    }
    return render(request, "registry/register/report_contact.html", context, status=422 if problems else 200)


def reveal_contact(*, case: Case, reason: str, actor: Any) -> str:
    """How to reach the reporter, after the look was kept with its reason. Raises Rejected 403, 404 or 422."""
    _may_look(case, actor)
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        raise Rejected(Problem(codes.LOOK, "look", "请写明查看联系方式的事由，4 到 200 个字，事由会留存备查。"))
    keep_look(
        subject=case.subject,
        summary=f"查看公众报错 {case.no} 的联系方式",
        actor=actor,
        region_prefix=case.region.prefix,
        data={"field": "contact", "reason": reason.strip()},
    )
    return str(case.body.contact)


def masked_contact(contact: str) -> str:
    """What shows that there is a contact and of which kind, without giving it."""
    local, at, domain = contact.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}" if at else mask_phone(contact)


def _may_look(case: Case, actor: Any) -> None:
    if not handles(actor, case):
        raise Rejected(Problem("GEN-403", "", "只有承办单位的经办人可以查看报错人的联系方式。"), status=403)
    if not case.body.contact:
        raise Rejected(Problem("GEN-404", "", "报错人没有留联系方式。"), status=404)
