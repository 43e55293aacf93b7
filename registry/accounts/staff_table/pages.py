"""部门人员导入: hand a table in, read what each row would do, submit it; afterwards what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from casework.imports.intake import keep_table
from casework.imports.pages import as_file, bad_rows_answer, handed_in, report_context, template_answer
from casework.imports.report import KNOWN, NEW, WRONG, Line, Report
from yancheng_childcare.accounts.requests import LINK_HOURS
from yancheng_childcare.choices import RegionLevel
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.exports import write_csv
from yancheng_childcare.models import Region, StoredFile
from yancheng_childcare.pages.staff.shown import crumbs, tabs
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.requests import SignedInRequest

from ...file_purposes import STAFF_IMPORT
from ...models import StaffTable
from ...models.staff_tables import NEW_PERSON
from .checking import check_table, does
from .columns import MAX_ROWS, ROLES, STAFF
from .forms import TableForm
from .taking import links, open_links, submit

PAGE = 100
_STATES = {
    "waiting": ("yellow", "待批准"),
    "taking": ("grey", "办理中"),
    "done": ("green", "已办理"),
    "closed": ("grey", "已撤回或不予批准"),
}


def state_of(table: StaffTable) -> str:
    """Which of `_STATES` a table is in."""
    if table.closed_at is not None:
        return "closed"
    if table.approved_by_id is None:
        return "waiting"
    return "taking" if table.taken_at is None else "done"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tables(request: SignedInRequest) -> HttpResponse | FileResponse:
    """The form and the tables so far; with `?file=` what that table would do (`&bad=csv|xlsx`: its bad rows).

    POST hands a table in, or with `action=submit` asks for what it says.
    """
    if request.method == "POST" and request.POST.get("action") != "submit":
        return _hand_in(request)
    key = (request.POST if request.method == "POST" else request.GET).get("file")
    if not key:
        return _form_page(request, TableForm())
    file = handed_in(request, key, STAFF_IMPORT)
    report = check_table(file, today=today_here())
    if request.method == "POST":
        return _submit(request, report, file)
    if kind := request.GET.get("bad"):
        return bad_rows_answer(file, STAFF, report.wrong(), kind, MAX_ROWS)
    return _report_page(request, report, file)


def _hand_in(request: SignedInRequest) -> HttpResponse:
    form = TableForm(request.POST, request.FILES)
    try:
        if "file" not in request.FILES:
            raise Rejected(Problem("GEN-422", "file", "请选择要上传的 xlsx 或 csv 文件。"))
        file = keep_table(
            request.FILES["file"],
            purpose=STAFF_IMPORT,
            columns=STAFF,
            limit=MAX_ROWS,
            actor=request.user,
            once={"uscc": "", "region": Region.objects.filter(level=RegionLevel.CITY).first()},
        )
    except Rejected as rejected:
        return _form_page(request, form, rejected.problems, rejected.status)
    return redirect(f"{reverse('staff-table:tables')}?file={file.pk}")


def _submit(request: SignedInRequest, report: Report, file: StoredFile) -> HttpResponse:
    try:
        table = submit(report, file, actor=request.user)
    except Rejected as rejected:
        return _report_page(request, report, file, rejected.problems)
    messages.success(request, "已提交，须由另一名管理员在“待批准”中逐行核对后批准。")
    return redirect(table.page())


def _form_page(
    request: SignedInRequest, form: TableForm, problems: list[Problem] | None = None, status: int = 200
) -> HttpResponse:
    rows = StaffTable.objects.visible_to(request.user, opening_roles(request)).select_related("granted_by")
    page = Paginator(rows, 25).get_page(as_key(request.GET.get("page")) or 1)
    context = {
        "heading": "部门人员导入",
        "lead": "一次新建多个人、授予多项职责。先逐行检查，提交后由另一名管理员批准，批准以前什么都不会建立。",
        "breadcrumbs": crumbs(),
        "tabs": tabs("staff-table:tables"),
        "form": form,
        "problems": problems or [],
        "limit": MAX_ROWS,
        "keep_days": settings.IMPORT_KEEP_DAYS,
        "page": page,
        "rows": [{"table": table, "light": _STATES[state_of(table)]} for table in page],
    }
    return render(request, "registry/accounts/staff_tables.html", context, status=status)


def _report_page(
    request: SignedInRequest, report: Report, file: StoredFile, problems: list[Problem] | None = None
) -> HttpResponse:
    here = reverse("staff-table:tables")
    new, known, wrong = (report.in_state(state) for state in (NEW, KNOWN, WRONG))
    page = Paginator(report.lines, PAGE).get_page(as_key(request.GET.get("page")) or 1)
    context = {
        "heading": "检查结果",
        "lead": file.original_name,
        "breadcrumbs": crumbs(("部门人员导入", here)),
        "problems": problems or [],
        "figures": [
            {"label": "新建人员", "value": sum(line.data["new_person"] for line in new), "unit": "人"},
            {"label": "授予职责", "value": len(new), "unit": "项"},
            {"label": "已有，略过", "value": len(known), "unit": "行"},
            {"label": "有误，不办理", "value": len(wrong), "unit": "行"},
        ],
        "new": len(new),
        "page": page,
        "lines": [_shown(line) for line in page],
        **report_context(report, file, named="display_name", url=here),
    }
    return render(request, "registry/accounts/staff_report.html", context, status=422 if problems else 200)


def _shown(line: Line) -> dict[str, Any]:
    light = {NEW: "green", KNOWN: "grey", WRONG: "red"}[line.state]
    word = does(line) or {KNOWN: "已有，略过", WRONG: "有误，不办理"}[line.state]
    return {
        "line": line.number,
        "name": line.data["display_name"],
        "username": line.index,
        "role": ROLES.get(line.data["role"], ""),
        "light": light,
        "word": word,
        "problems": [(STAFF.labels.get(p.field, "整行"), p.message) for p in line.problems],
    }


@require_safe
def template(request: SignedInRequest) -> HttpResponse | FileResponse:
    """The table to fill in, as a workbook or (`?format=csv`) as csv."""
    return template_answer(request, STAFF)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: SignedInRequest, pk: int) -> HttpResponse | FileResponse:
    """One table: its rows and what became of each. POST gives who submitted the links, who approved the codes."""
    visible = StaffTable.objects.visible_to(request.user, opening_roles(request))
    found = get_object_or_404(visible.select_related("granted_by", "approved_by"), pk=pk)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            parts = links(found, actor=request.user)
            title = "一次性链接" if request.user.pk == found.granted_by_id else "批准码"
            return as_file(write_csv(parts, ["姓名", "用户名", title]), f"{title}-{found.pk}", "csv")
        except Rejected as rejected:
            problems = rejected.problems
    labels, lines = found.shown_rows()
    results = {result["line"]: result for result in found.outcome}
    page = Paginator(range(len(lines)), PAGE).get_page(as_key(request.GET.get("page")) or 1)
    light, word = _STATES[state_of(found)]
    own = request.user.pk == found.granted_by_id
    context = {
        "heading": found.name,
        "lead": f"{found.granted_by or ''}提交，共 {len(lines)} 行",
        "status_light": light,
        "status_word": word,
        "breadcrumbs": crumbs(("部门人员导入", reverse("staff-table:tables"))),
        "table": found,
        "problems": problems,
        "state": state_of(found),
        "figures": _figures(found),
        "part": "一次性链接" if own else "批准码" if request.user.pk == found.approved_by_id else "",
        "open_links": len(open_links(found)),
        "hours": LINK_HOURS,
        "labels": labels,
        "page": page,
        "lines": [
            (list(zip(labels, lines[place], strict=True)), results.get(found.rows[place]["line"])) for place in page
        ],
    }
    return render(request, "registry/accounts/staff_table.html", context, status=422 if problems else 200)


def _figures(table: StaffTable) -> list[dict[str, Any]]:
    """How many rows went which way, once they were taken."""
    if table.taken_at is None:
        return []
    people = {row["line"] for row in table.rows if row["does"] == NEW_PERSON}
    done = [result["line"] for result in table.outcome if result["done"]]
    return [
        {"label": "已新建人员", "value": len(people.intersection(done)), "unit": "人"},
        {"label": "已授予职责", "value": len(done), "unit": "项"},
        {"label": "没有办成", "value": len(table.rows) - len(done), "unit": "行"},
    ]
