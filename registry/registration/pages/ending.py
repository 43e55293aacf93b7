"""注销, 吊销, 撤销: one page, the available steps, the consequences, a deliberate tick."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected

from ...models import Institution
from ...rules.values import as_day
from ..forms import EndForm
from ..guards import reason_given
from ..services import end_registration
from ..workflow import REGISTRATION
from .lookup import own_institution, storable

STEPS = ("cancel", "revoke", "rescind")
MEANINGS = {
    "cancel": "注销登记：机构申请终止，清算完成",
    "revoke": "吊销登记：登记机关依法吊销执照或证书",
    "rescind": "撤销登记：登记有误或骗取登记，依法撤销",
}


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, uscc: str) -> HttpResponse:
    """End a registration for good; all findings at once."""
    found = own_institution(request, uscc, *STEPS)
    steps = [(t.name, MEANINGS[t.name]) for t in REGISTRATION.available(found, request.user) if t.name in STEPS]
    problems: list[Problem] = []
    if request.method == "POST":
        form = EndForm(request.POST, steps=steps)
        form.full_clean()
        saved = _end(request, found, form, problems)
        if saved is not None:
            messages.success(request, f"已{saved.get_status_display()}登记，正在通知卫生健康部门和公安机关。")
            return redirect("registry:detail", uscc=uscc)
    else:
        form = EndForm(initial={"terminated_on": today_here().isoformat()}, steps=steps)
    context = {
        "heading": "终止登记",
        "lead": found.name,
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": found.name, "url": reverse("registry:detail", args=[uscc])},
        ],
        "institution": found,
        "form": form,
        "problems": problems,
        "version": request.POST.get("record_version") or found.record_version,
    }
    status = 200 if not problems else 412 if any(p.code == "GEN-412" for p in problems) else 422
    return render(request, "registry/registration/end.html", context, status=status)


def _end(request: HttpRequest, found: Institution, form: EndForm, problems: list[Problem]) -> Institution | None:
    step = str(form.cleaned_data["step"] or "")
    if step not in {t.name for t in REGISTRATION.available(found, request.user)} & set(STEPS):
        problems.append(Problem("REG-201", "step", "请选择办理事项。"))
    reason = storable("reason", form.cleaned_data["reason"], "原因", 300, problems)
    day = as_day(form.cleaned_data["terminated_on"])
    known = {p.field for p in problems}
    data = {"reason": reason, "terminated_on": day}
    problems += [p for p in reason_given(found, request.user, data) if p.field not in known]
    if not form.cleaned_data["confirmed"]:
        problems.append(Problem("REG-201", "confirmed", "请勾选确认：登记终止后不能恢复。"))
    if problems:
        return None
    version = str(request.POST.get("record_version") or "")
    try:
        return end_registration(
            found,
            step=step,
            reason=reason,
            terminated_on=day,
            actor=request.user,
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
        )
    except Rejected as rejected:
        if rejected.status in {403, 409}:
            raise
        problems += rejected.problems
        return None
