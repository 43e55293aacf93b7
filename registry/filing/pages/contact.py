"""联系备案联系人: why, then one value on this one answer; never cached, never in an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yancheng_childcare.forms import area
from yancheng_childcare.permissions import may_enter
from yancheng_childcare.problems import Problem, Rejected

from ...models import Filing
from ...registration.forms import RawForm
from ..contact import LOOKS, REASON_MAX, label_of, may_look, reveal_contact
from ..visits import open_checks
from .lookup import storable, visible_filing


class ContactForm(RawForm):
    """What must be read, and why."""

    look = forms.ChoiceField(
        label="要查看的内容", choices=[(look, label_of(look)) for look in LOOKS], widget=forms.RadioSelect
    )
    reason = area("查看事由", REASON_MAX, "不少于 4 个字，例如“约定到场时间”；事由、时间和查看人会留存备查", rows=2)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, no: str) -> HttpResponse:
    """Ask why, keep the look, then show the contact's telephone or mail address on this one answer."""
    filing = visible_filing(request, no)
    form = ContactForm(request.POST or None, initial={"look": "filing_phone"})
    value, look, problems = "", request.POST.get("look", "filing_phone"), list[Problem]()
    if request.method == "POST":
        reason = storable("reason", request.POST.get("reason"), "查看事由", REASON_MAX, problems)
        try:
            if not problems:
                value = reveal_contact(filing, look=look, reason=reason, actor=request.user)
        except Rejected as rejected:
            if rejected.status == 403:
                raise
            problems = rejected.problems
    elif not may_look(request.user, filing):
        raise Rejected(Problem("GEN-403", "", "您的职责不能查看这件备案的联系人。"), status=403)
    back = _back(request, filing)
    context = {
        "heading": "联系备案联系人",
        "breadcrumbs": [back],
        "button": "查看（留痕）",
        "whose": _whose(filing),
        "label": label_of(look) if value else "电话和邮箱",
        "form": form,
        "problems": problems,
        "value": value,
        "dial": look == "filing_phone",
        "back": back,
    }
    return render(request, "desk/reveal.html", context, status=422 if problems else 200)


def _whose(filing: Filing) -> str:
    """The institution, and the contact's name as it was handed in last. One query."""
    content: dict[str, Any] = filing.versions.values_list("content", flat=True).first() or {}
    name = content.get("sections", {}).get("basics", {}).get("contact_name", "")
    return f"{filing.institution.name}备案联系人{name}"


def _back(request: HttpRequest, filing: Filing) -> dict[str, str]:
    """Where the reader came from: the review, or the visit for an officer who only goes there."""
    if may_enter(request.user, "filing:review", "GET"):
        return {"url": reverse("filing:review", args=[filing.no]), "label": "审查页面"}
    check = open_checks(filing).values_list("pk", flat=True).first()
    return {
        "url": reverse("filing:site-check", args=[check]) if check else reverse("filing:site-checks"),
        "label": "现场核实",
    }
