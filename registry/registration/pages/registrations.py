"""The registrar's lists: registrations with what became of their pushes, and those with kept warnings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.choices import Role
from yancheng_childcare.masking import mask_text
from yancheng_childcare.models import Event
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem
from yancheng_childcare.records import log_event

from ...models import Institution
from ..filters import IrregularFilter, RegistrationFilter
from .lookup import listed, place_name, storable
from .pushes import push_states

PAGE = 20
ANSWERED = "warning.answered"


@require_GET
def registration_list(request: HttpRequest) -> HttpResponse:
    """Registrations in the reader's scope, newest first. Queries: rows, number of rows, pushes."""
    user: Any = request.user
    roles = opening_roles(request)
    narrowed = RegistrationFilter(request.GET, Institution.objects.visible_to(user, roles), request=request)
    rows = narrowed.qs
    page = keyset_page(listed(rows), request.GET.get("before"), size=PAGE)
    states = push_states(page, user, roles)
    for row in page:
        row.area, row.town_name, row.pushes = place_name(row.region_id), place_name(row.town_id), states[row.uscc]
    registrar = user.has_role(Role.REGISTRAR)
    actions = (
        [
            {"text": "录入新登记", "url": reverse("registry:create"), "icon_name": "plus"},
        ]
        if registrar
        else []
    )
    export = reverse("registry:export") if may_enter(request.user, "registry:export", "GET") else ""
    return render(
        request,
        "registry/registration/list.html",
        {
            "heading": "机构登记",
            "lead": "登记信息和推送卫健、公安的情况。" if registrar else "职责范围内的机构登记和推送情况。",
            "actions": actions,
            "filter": narrowed.form,
            "page": page,
            "total": rows.count() if page else 0,
            "narrowed": narrowed.narrowed,
            "export_url": export,
            "registrar": registrar,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def irregular(request: HttpRequest) -> HttpResponse:
    """Registrations of the own authority with kept warnings; each can be answered with a note."""
    rows = Institution.objects.registered_by(request.user).irregular_scope()
    problems: list[Problem] = []
    if request.method == "POST":
        institution = rows.select_related("region").filter(uscc=request.POST.get("uscc", "")).first()
        text = storable("text", request.POST.get("text"), "说明", 250, problems)
        if institution is not None and not problems and len(text) < 4:
            problems.append(Problem("REG-541", "text", "请写明处理情况，不少于 4 个字。"))
        if institution is None:
            problems.append(Problem("GEN-404", "", "没有找到这家机构，或它的提示已经消除。请刷新页面。"))
        if institution is not None and not problems:
            log_event(
                ANSWERED,
                subject=institution.subject,
                summary=f"说明提示的处理情况：{institution.name}",
                actor=request.user,
                region_prefix=institution.region.prefix,
                data={
                    "text": mask_text(text),
                    "codes": [w["code"] for w in institution.warnings],
                    "version": institution.record_version,
                },
            )
            messages.success(request, f"已保存对“{institution.name}”的说明。")
            return redirect(request.get_full_path())
    narrowed = IrregularFilter(request.GET, rows)
    only_open = bool(narrowed.chosen("show"))
    page = keyset_page(listed(narrowed.qs), request.GET.get("before"), size=PAGE)
    answers: dict[str, Event] = {}
    for event in Event.objects.filter(action=ANSWERED, subject__in=[row.subject for row in page]).order_by("id"):
        answers[event.subject] = event
    for row in page:
        row.area, row.answer = place_name(row.region_id), answers.get(row.subject)
    return render(
        request,
        "registry/registration/irregular.html",
        {
            "heading": "名称或范围待规范",
            "lead": "法规只作建议的事项：可以录入，提示会保留，等待核对、变更或说明。",
            "tabs": [
                {"label": "全部", "url": "?", "current": not only_open},
                {"label": "待处理", "url": "?show=open", "current": only_open},
            ],
            "page": page,
            "problems": problems,
            "typed": request.POST.get("text", "")[:250] if problems else "",
            "typed_for": request.POST.get("uscc", "") if problems else "",
        },
        status=422 if problems else 200,
    )
