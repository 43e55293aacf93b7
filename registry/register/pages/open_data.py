"""The open data page, the files, the dictionary and the files of each year."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import structlog
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.http import require_safe

from yancheng_childcare.cross_origin import open_to_all
from yancheng_childcare.exports import export_name
from yancheng_childcare.workdays import local_day

from ...models import OpenDataSnapshot
from ...registration.forms import areas
from ..caching import edition, shared
from ..feeds import followed_area
from ..kept_files import open_kept
from ..open_data import COLUMNS, FORMATS, TITLE, cards, dictionary_file, pieces, read_state, sizes
from ..wording import filed_note

logger = structlog.get_logger("registry.register")
CITY = "320900"
FOREVER = "public, max-age=31536000, immutable"


@require_safe
def open_data(request: HttpRequest) -> HttpResponseBase:
    """What there is, how fresh, under which terms, in which columns. Three queries."""
    state = read_state()
    about = sizes(state)
    kept = OpenDataSnapshot.objects.order_by("-year", "format").values_list("year", "format", "rows", "made_at")
    context = {
        "state": state,
        "count_note": filed_note(state.rows - state.wrong, state.wrong),
        "files": [
            {"kind": kind, "label": label, "hint": hint, "size": about[kind]}
            for kind, (label, _, hint) in FORMATS.items()
        ],
        "columns": COLUMNS,
        "licence": settings.OPEN_DATA_LICENCE,
        "portal": settings.PORTAL_URL,
        "years": [
            {"year": year, "rows": rows[0][2], "made_at": rows[0][3], "formats": [row[1] for row in rows]}
            for year, rows in ((year, list(found)) for year, found in groupby(kept, key=lambda row: row[0]))
        ],
        "feeds": [followed_area(code) for code, _ in [(CITY, ""), *areas()]],
    }
    return shared(request, render(request, "registry/register/open_data.html", context))


@require_safe
def download(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The whole register as a file. One query for the mark, then the file that is kept of this state.

    Without a disk to keep it on the file is made for this visitor alone: one walk over the rows.
    """
    state = read_state()
    etag = f'"{state.mark}-{kind}"'
    changed = int(state.changed_at.timestamp()) if state.changed_at else None
    name = None
    if state.changed_at:
        name = export_name("盐城市", "托育机构名录", local_day(state.changed_at).isoformat(), state.changed_at, kind)
    cache = f"public, max-age={settings.PUBLIC_MAX_AGE}, must-revalidate"

    def content() -> HttpResponseBase:
        try:
            return FileResponse(open_kept(kind, state))
        except OSError as fault:
            logger.warning("open_data_not_kept", kind=kind, fault=type(fault).__name__)
            return StreamingHttpResponse(pieces(kind, cards(), state.changed_at))

    return _file(request, kind, content, etag, changed, cache, name)


@require_safe
def dictionary(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The columns and what they mean, as a file. No query."""
    etag = f'"{edition()}-{kind}"'
    cache = f"public, max-age={settings.PUBLIC_MAX_AGE}, must-revalidate"
    return _file(
        request, kind, lambda: HttpResponse(dictionary_file(kind)), etag, None, cache, f"{TITLE}字段说明.{kind}"
    )


@require_safe
def snapshot(request: HttpRequest, year: int, kind: str) -> HttpResponseBase:
    """The file of a year as it was kept; it never changes. Two queries, one when the reader has it."""
    rows: Any = OpenDataSnapshot.objects.filter(year=year, format=kind) if year < 32_768 else None
    found = rows.values("pk", "sha256", "made_at").first() if rows is not None else None
    if found is None:
        raise Http404
    made = int(found["made_at"].timestamp())

    def content() -> HttpResponseBase:
        return HttpResponse(OpenDataSnapshot.objects.values_list("content", flat=True).get(pk=found["pk"]))

    return _file(request, kind, content, f'"{found["sha256"]}"', made, FOREVER, f"{TITLE}_{year}.{kind}")


def _file(
    request: HttpRequest,
    kind: str,
    content: Callable[[], HttpResponseBase],
    etag: str,
    changed: int | None,
    cache: str,
    name: str | None,
) -> HttpResponseBase:
    """A file for everybody, also for scripts of other sites; 304 before anything is read when the reader has it."""
    # A change can be stamped before another and be committed after it: of what still changes, only the mark is proof.
    dated = changed if cache == FOREVER else None
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag, last_modified=dated)
    if answer is None:
        answer = content()
        answer.headers["Content-Type"] = FORMATS[kind][1]
        answer.headers["Content-Disposition"] = content_disposition_header(True, name or f"{TITLE}.{kind}") or ""
    answer.headers["ETag"] = etag
    if changed is not None:
        answer.headers["Last-Modified"] = http_date(changed)
    answer.headers["Cache-Control"] = cache
    patch_vary_headers(answer, ["Cookie"])
    open_to_all(answer)
    answer.headers["Link"] = f'<{settings.PORTAL_URL}{reverse("public:open-data")}>; rel="describedby"'
    return answer
