"""设立登记 by form: everything wrong is said at once, nothing typed is lost, a double click makes one record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department, StoredFile
from yancheng_childcare.problems import Problem, Rejected

from ...models import Institution
from ...rules import uscc as uscc_rules
from ...rules.characters import compact
from ..checks import full_check
from ..fields import current_values, typed
from ..forms import BLANK, RegistrationForm, towns_of
from ..services import register_institution, registry_department
from .uploads import keep_certificate, kept_certificate


def own_departments(user: Any) -> list[Department]:
    """The registration authorities this person acts for."""
    return list({d.department_id: d.department for d in user.duties_as(Role.REGISTRAR) if d.department}.values())


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The form of a new registration; two small answers for htmx: a check of the code, the towns of a county."""
    departments = own_departments(request.user)
    if request.method == "POST":
        return _save(request, departments)
    if "check" in request.GET:
        return _uscc_remark(request)
    if "towns" in request.GET:
        return _towns(request, departments)
    return _page(request, RegistrationForm(departments=departments))


def _page(
    request: HttpRequest,
    form: RegistrationForm,
    *,
    problems: list[Problem] | None = None,
    certificate: StoredFile | None = None,
    taken: Institution | None = None,
    status: int = 200,
) -> HttpResponse:
    own = taken is not None and taken.registry_org_id in {d.code for d in form.departments}
    return render(
        request,
        "registry/registration/create.html",
        {
            "heading": "录入新登记",
            "lead": "对照证照填写。保存后立即推送卫生健康部门和公安机关。",
            "breadcrumbs": [{"label": "机构登记", "url": reverse("registry:list")}],
            "form": form,
            "problems": problems or [],
            "certificate": certificate,
            "taken": taken,
            "taken_is_own": own,
        },
        status=status,
    )


def _save(request: HttpRequest, departments: list[Department]) -> HttpResponse:
    form = RegistrationForm(request.POST, request.FILES, departments=departments)
    form.full_clean()
    certificate = kept_certificate(request.POST.get("certificate_id"), actor=request.user)
    problems: list[Problem] = []
    data = form.entered()
    department: Department | None = None
    try:
        department = registry_department(request.user, request.POST.get("registry_org_id", ""))
        if request.FILES.get("certificate"):
            certificate = keep_certificate(request.FILES["certificate"], actor=request.user, department=department)
    except Rejected as rejected:
        problems += rejected.problems
    try:
        if department is not None and not problems:
            saved = register_institution(
                data=data, actor=request.user, registry_org=department, certificate=certificate
            )
            return _done(request, saved)
        if department is not None:
            problems += full_check(data, registry_org=department)
    except Rejected as rejected:
        if rejected.status == 409:
            return _already(request, form, data, rejected, certificate)
        # The service stops at what blocks; the page shows the advice as well.
        problems = (
            full_check(data, registry_org=department) if department and rejected.status == 422 else rejected.problems
        )
    return _page(request, form, problems=problems, certificate=certificate, status=422)


def _done(request: HttpRequest, saved: Institution) -> HttpResponse:
    remark = f"，有 {len(saved.warnings)} 条提示" if saved.warnings else ""
    messages.success(request, f"已保存{remark}，正在推送卫生健康部门和公安机关。")
    return redirect("registry:detail", uscc=saved.uscc)


def _already(
    request: HttpRequest,
    form: RegistrationForm,
    data: dict[str, Any],
    rejected: Rejected,
    certificate: StoredFile | None,
) -> HttpResponse:
    """A second identical submission leads to the record; another registration of the code is led to the change."""
    code = uscc_rules.normalise(data["uscc"])
    taken = Institution.objects.select_related("registry_org").filter(uscc=code).first()
    if taken is not None and taken.registry_org_id in {d.code for d in form.departments} and _same(taken, data):
        messages.info(request, "这份登记刚才已经保存，没有重复录入。")
        return redirect("registry:detail", uscc=taken.uscc)
    return _page(request, form, problems=rejected.problems, certificate=certificate, taken=taken, status=409)


def _same(institution: Institution, data: dict[str, Any]) -> bool:
    now = current_values(institution)
    wanted = {**typed(data), "uscc": institution.uscc, "legal_rep_id_no": compact(data["legal_rep_id_no"])}
    return all(now[name] == value for name, value in wanted.items())


def _uscc_remark(request: HttpRequest) -> HttpResponse:
    """What is to be said of a code as soon as it is typed: its first problem, already registered, or fine."""
    typed_code = request.GET.get("uscc", "")[:100]
    code = uscc_rules.normalise(typed_code)
    found = uscc_rules.check_uscc(typed_code) if code else []
    taken = None
    if code and not found:
        taken = Institution.objects.select_related("registry_org").filter(uscc=code).first()
    own = taken is not None and taken.registry_org in own_departments(request.user)
    context = {"code": code, "found": found[:1], "taken": taken, "taken_is_own": own}
    return render(request, "registry/registration/uscc_remark.html", context)


def _towns(request: HttpRequest, departments: list[Department]) -> HttpResponse:
    """The options of the town select for one county; all of them when no county is chosen."""
    form = RegistrationForm(departments=departments)
    field: Any = form.fields["region_code"]
    county = request.GET.get("region_code", "")
    known = [code for code, _ in field.choices if code]
    groups = towns_of([county] if county in known else known)
    return render(request, "registry/registration/town_options.html", {"blank": BLANK, "groups": groups})
