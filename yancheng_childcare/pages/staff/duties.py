"""Granting a duty (the role first, then what that role needs) and ending one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ...accounts.duties import end, grant
from ...choices import Role
from ...models import Duty, User
from ...problems import Problem, Rejected
from ...requests import SignedInRequest
from .forms import DutyForm, RoleForm
from .shown import crumbs, duty_rows


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def grant_duty(request: SignedInRequest, pk: int) -> HttpResponse:
    """`?role=` chosen: its fields; not yet: the roles. Works by plain links and forms."""
    person = get_object_or_404(User, pk=pk)
    role = request.GET.get("role", "")
    there = reverse("staff:person", args=[person.pk])
    context = {"breadcrumbs": crumbs((person.display_name, there)), "person": person, "back": there}
    if role not in Role.values:
        # A first visit is no mistake; going on without a choice is.
        failed = request.method == "POST" or "next" in request.GET
        context |= {"heading": "授予职责：选择角色", "form": RoleForm(request.GET if failed else None)}
        return render(request, "staff/role.html", context, status=422 if failed else 200)
    data = request.POST if request.method == "POST" else None
    typed = DutyForm(data, role=role)
    problems: list[Problem] = []
    if data is not None and typed.is_valid():
        try:
            grant(user=person, role=role, actor=request.user, **typed.cleaned_data)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, f"已授予{Role(role).label}，须由另一名管理员批准后生效。")
            return redirect(there)
    context |= {
        "heading": f"授予职责：{Role(role).label}",
        "lead": f"{person.display_name}（{person.username}）",
        "form": typed,
        "problems": problems,
        "submit_text": "授予，等待批准",
        "other_url": reverse("staff:grant", args=[person.pk]),
    }
    return render(request, "staff/form.html", context, status=422 if data is not None else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_duty(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a duty today (the day included) or at once."""
    duty = get_object_or_404(Duty.objects.select_related("user", "region", "department"), pk=pk)
    there = reverse("staff:person", args=[duty.user_id])
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            end(duty, at_once=request.POST.get("when") == "now", actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, f"已结束职责：{duty}。")
            return redirect(there)
    context = {
        "heading": "结束职责",
        "breadcrumbs": crumbs((duty.user.display_name, there)),
        "row": duty_rows([duty])[0],
        "person": duty.user,
        "problems": problems,
        "back": there,
    }
    return render(request, "staff/end.html", context, status=422 if problems else 200)
