"""Answers every import page gives: the template, the bad rows, and a report a person can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from yancheng_childcare.models import StoredFile
from yancheng_childcare.permissions import opening_roles

from .bad_rows import bad_rows_file
from .columns import Columns
from .report import WRONG, Report
from .template import template_csv, template_xlsx

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
#: Problems one page lists; the file of bad rows has them all.
LISTED = 200


def as_file(content: Any, name: str, kind: str) -> FileResponse:
    """A table to save, `name` without its ending."""
    return FileResponse(content, as_attachment=True, filename=f"{name}.{kind}", content_type=_TYPES[kind])


def template_answer(request: HttpRequest, columns: Columns) -> HttpResponse | FileResponse:
    """The template, as a workbook or (`?format=csv`) as csv."""
    if request.GET.get("format") == "csv":
        response = HttpResponse(template_csv(columns), content_type=_TYPES["csv"])
        response.headers["Content-Disposition"] = content_disposition_header(True, f"{columns.name}.csv") or ""
        return response
    return as_file(template_xlsx(columns), columns.name, "xlsx")


def bad_rows_answer(
    file: StoredFile, columns: Columns, wrong: Mapping[int, str], kind: str, limit: int | None = None
) -> FileResponse:
    """The bad rows as a file that can be corrected and uploaded again."""
    name = f"{file.original_name.rpartition('.')[0]}-需改正"
    kind = "xlsx" if kind == "xlsx" else "csv"
    return as_file(bad_rows_file(file, columns, wrong, kind, limit), name, kind)


def handed_in(request: HttpRequest, key: Any, purpose: str) -> StoredFile:
    """A table of this kind that was handed in and the reader's duties reach; 404 for anything else."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        raise Http404 from None
    files = StoredFile.objects.visible_to(request.user, opening_roles(request))
    file = files.filter(pk=wanted, purpose=purpose).first()
    if file is None:
        raise Http404
    return file


def report_context(report: Report, file: StoredFile, *, named: str, url: str) -> dict[str, Any]:
    """What `casework/imports/report.html` says of a dry run; `url` is the page of the kind of table."""
    rows = report.problem_rows(named)
    return {
        "file": file,
        "total": len(report.lines),
        "wrong": len(report.in_state(WRONG)),
        "remarks": report.remarks,
        "rows": rows[:LISTED],
        "more": max(len(rows) - LISTED, 0),
        "named": report.columns.labels[named],
        "here": url,
        "bad_url": f"{url}?file={file.pk}&bad=",
        "keep_days": settings.IMPORT_KEEP_DAYS,
    }
