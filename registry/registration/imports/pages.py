"""The pages of batch import: upload, watch, read the problems, take the good rows, get the bad ones back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.imports.codes import IMPORT_STATE
from casework.imports.pages import bad_rows_answer, template_answer
from yancheng_childcare.choices import Role
from yancheng_childcare.filters import ListFilter, choice, search
from yancheng_childcare.models import Department
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.tasks import hand_over

from ...models import ImportJob
from ..services import registry_department
from .columns import REGISTRATION
from .jobs import AT_ONCE_LINES, State, check_import, create_import, is_short, mark, progress_of, row_limit, take_import
from .taking import MAX_LISTED
from .tasks import check_job, take_job

LISTED = 50
_BUSY = (State.WAITING, State.CHECKING, State.TAKING)
LIGHTS = {
    State.WAITING: "grey", State.CHECKING: "grey", State.CHECKED: "yellow", State.TAKING: "grey", State.DONE: "green",
    State.FAILED: "red",
}  # fmt: skip
_AWAY = Problem("GEN-503", "", "后台服务暂时不可用，文件已保存。请过一会儿打开这次导入，点“重新检查”。")


class UploadForm(forms.Form):
    """The file and, for people of several authorities, in whose name."""

    file = forms.FileField(
        label="登记信息表格",
        help_text="xlsx 或 csv，不超过 20 MB。先检查，确认后才入库。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    registry_org_id = forms.ChoiceField(label="登记机关")

    def __init__(self, *args: Any, departments: list[Department], **kwargs: Any):
        super().__init__(*args, **kwargs)
        choice = self.fields["registry_org_id"]
        if len(departments) > 1 and isinstance(choice, forms.ChoiceField):
            choice.choices = [("", "请选择"), *((d.code, d.name) for d in departments)]
        else:
            del self.fields["registry_org_id"]


class JobFilter(ListFilter):
    """By a part of the file's name, and by state."""

    q = search("文件或上传人", "file__original_name__icontains", "created_by__display_name__contains")
    state = choice("状态", State.choices)


def _departments(user: Any) -> list[Department]:
    return list({d.department_id: d.department for d in user.duties_as(Role.REGISTRAR) if d.department}.values())


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """My authority's imports, newest first, and the form for the next."""
    departments = _departments(request.user)
    problems: list[Problem] = []
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, departments=departments)
        try:
            if "file" not in request.FILES:
                raise Rejected(Problem("REG-201", "file", "请选择要上传的 xlsx 或 csv 文件。"))
            department = registry_department(request.user, request.POST.get("registry_org_id", ""))
            job = create_import(uploaded=request.FILES["file"], actor=request.user, department=department)
            start_check(request, job)
            return redirect("registry:import", pk=job.pk)
        except Rejected as rejected:
            problems = rejected.problems
    else:
        form = UploadForm(departments=departments)
    rows = ImportJob.objects.visible_to(request.user, opening_roles(request)).select_related(
        "file", "department", "created_by"
    )
    narrowed = JobFilter(request.GET, rows.order_by("-created_at"))
    context = {
        "heading": "批量导入",
        "lead": "一次录入或变更多家机构。先逐行检查，正确的行可以先入库，有误的行下载改好再传，不会重复。",
        "breadcrumbs": [{"label": "机构登记", "url": reverse("registry:list")}],
        "form": form,
        "problems": problems,
        "jobs": [{"job": job, "light": LIGHTS[State(job.state)]} for job in narrowed.qs[:LISTED]],
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "limit": row_limit(),
        "keep_days": settings.IMPORT_KEEP_DAYS,
        "no_department": not departments,
    }
    return render(request, "registry/registration/imports.html", context, status=422 if problems else 200)


def start_check(request: HttpRequest, job: ImportJob) -> None:
    """Check a short file now, a long one in the background; the page of the job says how far it is."""
    if is_short(job):
        check_import(job.pk)
        return
    if job.state == State.CHECKING and progress_of(job):
        return
    mark(job, State.CHECKING, expected=(State.WAITING, State.CHECKING, State.CHECKED, State.FAILED))
    if not hand_over(check_job, str(job.pk)):
        mark(job, State.WAITING, expected=(State.CHECKING,))
        messages.warning(request, _AWAY.message)


@require_GET
def import_template(request: HttpRequest) -> HttpResponse | FileResponse:
    """The template, as a workbook or (`?format=csv`) as csv."""
    return template_answer(request, REGISTRATION)


@require_http_methods(["GET", "HEAD", "POST"])
def import_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One import: counts and problems. POST checks again; htmx asks only for the part that moves."""
    job = _own_job(request, pk)
    if request.method == "POST":
        if job.state == State.DONE:
            raise Rejected(Problem(IMPORT_STATE, "", "这次导入已经完成，不需要再检查。"), status=409)
        start_check(request, job)
        return redirect("registry:import", pk=pk)
    if request.headers.get("HX-Request"):
        response = render(request, "registry/registration/imports_progress.html", {"job": job, **_moving(job)})
        if job.state not in _BUSY:
            response.headers["HX-Refresh"] = "true"
        return response
    # Only lines after the key: the list is in the order of the file.
    after = as_key(request.GET.get("after"))
    rows = job.rows.filter(line__gt=after) if after is not None else job.rows.all()
    listed = list(rows.order_by("line")[: LISTED + 1])
    context = {
        "heading": job.file.original_name,
        "lead": f"{job.department.name}，{job.created_by.display_name}上传",
        "status_light": LIGHTS[State(job.state)],
        "status_word": job.get_state_display(),
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": "批量导入", "url": reverse("registry:imports")},
        ],
        "job": job,
        "figures": _figures(job),
        "failures": [Problem(p["code"], p["field"], p["message"]) for p in job.problem or []],
        "lines": [_line(row) for row in listed[:LISTED]],
        "next_line": listed[LISTED - 1].line if len(listed) > LISTED else None,
        "after": after,
        "takeable": job.rows_new + job.rows_changed,
        "may_take": job.state == State.CHECKED and bool(job.rows_new + job.rows_changed),
        "may_check": job.state in (State.WAITING, State.CHECKING, State.FAILED, State.CHECKED)
        and not job.file.deleted_at,
        "deleted": _deleted(job),
        "cut": job.rows_bad > MAX_LISTED,
        "most_listed": MAX_LISTED,
        **_moving(job),
    }
    return render(request, "registry/registration/imports_job.html", context)


def _deleted(job: ImportJob) -> str:
    """When and why the table is gone, or ""."""
    if not job.file.deleted_at:
        return ""
    day = timezone.localtime(job.file.deleted_at).strftime("%Y-%m-%d")
    return (
        f"{day} 自动删除（保留 {settings.IMPORT_KEEP_DAYS} 天）。处理结果和操作记录仍然保留；如需再次导入，请重新上传。"
    )


def _own_job(request: HttpRequest, pk: UUID) -> ImportJob:
    jobs = ImportJob.objects.visible_to(request.user, opening_roles(request)).select_related(
        "file", "department", "created_by"
    )
    return get_object_or_404(jobs, pk=pk)


def _moving(job: ImportJob) -> dict[str, Any]:
    return {"busy": job.state in _BUSY, "seen": progress_of(job) if job.state in _BUSY else job.rows_seen}


def _figures(job: ImportJob) -> list[dict[str, Any]]:
    done = job.state == State.DONE
    return [
        {"label": "已新增" if done else "将新增", "value": job.rows_new, "unit": "家"},
        {"label": "已变更" if done else "将变更", "value": job.rows_changed, "unit": "家"},
        {"label": "无变化", "value": job.rows_same, "unit": "家"},
        {"label": "有误，未入库" if done else "有误，不入库", "value": job.rows_bad, "unit": "行"},
        {"label": "有提示，可入库", "value": job.rows_warned, "unit": "行"},
    ]


def _line(row: Any) -> dict[str, Any]:
    found = [{**p, "label": REGISTRATION.labels.get(p["field"], "整行")} for p in row.problems]
    return {"line": row.line, "blocked": row.blocked, "problems": found}


@require_POST
def import_take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the good rows in: at once when the file is short, else in the background. Pressing twice changes nothing."""
    job = _own_job(request, pk)
    if job.rows_total <= AT_ONCE_LINES:
        done = take_import(job.pk, actor=request.user)
        if done.state == State.DONE:
            messages.success(
                request,
                f"已入库：新增 {done.rows_new} 家，变更 {done.rows_changed} 家。正在推送卫生健康部门和公安机关。",
            )
        return redirect("registry:import", pk=pk)
    if job.state not in (State.CHECKED, State.TAKING, State.DONE):
        raise Rejected(Problem(IMPORT_STATE, "", "请等检查完成后再入库。"), status=409)
    marked = mark(job, State.TAKING, expected=(State.CHECKED, State.TAKING))
    if marked and not hand_over(take_job, str(job.pk), request.user.pk):
        mark(job, State.CHECKED, expected=(State.TAKING,))
        messages.warning(request, "后台服务暂时不可用，没有入库。请稍后再点一次。")
    return redirect("registry:import", pk=pk)


@require_GET
def import_errors(request: HttpRequest, pk: UUID) -> FileResponse:
    """The bad rows as a file of the kind that was uploaded, with what is wrong beside each."""
    job = _own_job(request, pk)
    if not job.rows_bad:
        raise Rejected(Problem("GEN-404", "", "这次导入没有有误的行。"), status=404)
    found = job.rows.filter(blocked=True).values_list("line", "problems")
    wrong = {line: REGISTRATION.said([p for p in problems if p["level"] == "BLOCK"]) for line, problems in found}
    return bad_rows_answer(job.file, REGISTRATION, wrong, job.file.kind)
