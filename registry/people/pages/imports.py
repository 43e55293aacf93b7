"""Batch import of people as one page: hand a table in, read what is wrong, take the good rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from casework.imports.pages import bad_rows_answer, handed_in, report_context, template_answer
from casework.imports.report import KNOWN, NEW, WRONG, Report
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ...codes import people as codes
from ...file_purposes import PERSON_IMPORT
from ..forms import ImportForm
from ..imports import COLUMNS, MAX_ROWS, check_import, keep_import, report_banned, take_import
from .lookup import crumbs, own_institutions


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_people(request: HttpRequest) -> HttpResponse | FileResponse:
    """The form; with `?file=` what that table holds (`&bad=csv|xlsx`: its bad rows); POST hands in or takes."""
    institutions = list(own_institutions(request.user))
    if request.method == "POST":
        if request.POST.get("action") == "take":
            return _take(request, institutions)
        return _hand_in(request, institutions)
    key = request.GET.get("file")
    if not key:
        return _form_page(request, ImportForm(institutions=institutions))
    file, institution = _handed_in(request, key, institutions)
    report = check_import(file, institution, today=today_here())
    if kind := request.GET.get("bad"):
        return bad_rows_answer(file, COLUMNS, report.wrong(), kind, MAX_ROWS)
    return _report_page(request, file, institution, report)


def _form_page(
    request: HttpRequest, form: ImportForm, *, problems: list[Problem] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "heading": "批量导入人员",
        "lead": "一次登记多个人。先逐行检查，正确的行可以先登记，有误的行下载改好再传，不会重复。",
        "breadcrumbs": crumbs(),
        "form": form,
        "problems": problems or [],
        "limit": MAX_ROWS,
        "keep_days": settings.IMPORT_KEEP_DAYS,
    }
    return render(request, "registry/people/import.html", context, status=status)


def _hand_in(request: HttpRequest, institutions: list[Any]) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES, institutions=institutions)
    chosen = request.POST.get("uscc", "") if len(institutions) != 1 else institutions[0].uscc
    institution = next((row for row in institutions if row.uscc == chosen), None)
    found = []
    if institution is None:
        found.append(Problem(codes.REQUIRED, "uscc", "请选择机构。"))
    if "file" not in request.FILES:
        found.append(Problem(codes.IMPORT, "file", "请选择要上传的 xlsx 或 csv 文件。"))
    try:
        if found or institution is None:
            raise Rejected(found)
        file = keep_import(request.FILES["file"], institution=institution, actor=request.user)
        report = check_import(file, institution, today=today_here())
    except Rejected as rejected:
        return _form_page(request, form, problems=rejected.problems, status=rejected.status)
    report_banned(report, institution, actor=request.user)
    return redirect(f"{reverse('people:import')}?file={file.pk}")


def _handed_in(request: HttpRequest, key: Any, institutions: list[Any]) -> tuple[StoredFile, Any]:
    """A table that was handed in for one of the own institutions; 404 for anything else."""
    file = handed_in(request, key, PERSON_IMPORT)
    institution = next((row for row in institutions if row.uscc == file.uscc), None)
    if institution is None:
        raise Http404
    return file, institution


def _take(request: HttpRequest, institutions: list[Any]) -> HttpResponse:
    file, institution = _handed_in(request, request.POST.get("file"), institutions)
    today = today_here()
    done = take_import(check_import(file, institution, today=today), institution, actor=request.user, today=today)
    log_event(
        "person.imported",
        subject=institution.subject,
        summary=f"批量登记人员：新登记 {done[NEW]} 人，已有 {done[KNOWN]} 人，有误 {done[WRONG]} 行",
        actor=request.user,
        region_prefix=institution.region.prefix,
        data={"file": str(file.pk)},
    )
    words = f"已登记 {done[NEW]} 人。" if done[NEW] else "没有新登记的人员。"
    messages.success(request, words + (f"另有 {done[WRONG]} 行有误，没有登记。" if done[WRONG] else ""))
    return redirect(f"{reverse('people:import')}?file={file.pk}" if done[WRONG] else reverse("people:list"))


def _report_page(request: HttpRequest, file: StoredFile, institution: Any, report: Report) -> HttpResponse:
    here = reverse("people:import")
    new, known, wrong = (len(report.in_state(state)) for state in (NEW, KNOWN, WRONG))
    context = {
        "heading": "检查结果",
        "lead": f"{file.original_name}，{institution.name}",
        "breadcrumbs": [*crumbs(), {"label": "批量导入人员", "url": here}],
        "figures": [
            {"label": "将登记", "value": new, "unit": "人"},
            {"label": "已有，略过", "value": known, "unit": "人"},
            {"label": "有误，不登记", "value": wrong, "unit": "行"},
        ],
        "new": new,
        **report_context(report, file, named="name", url=here),
    }
    return render(request, "registry/people/import_report.html", context)


@require_GET
def template(request: HttpRequest) -> HttpResponse | FileResponse:
    """The table to fill in, as a workbook or (`?format=csv`) as csv."""
    return template_answer(request, COLUMNS)
