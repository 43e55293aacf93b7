"""查看记录: the auditors read who looked at whose personal data, when, at which item, and why; nobody else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yancheng_childcare.models import Event
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles

from ..registration.pages.export import table_response
from .filters import LookFilter
from .looks import Look, described

PAGE, PIECE = 50, 1_000
HEADER = ["时间", "查看人", "职责", "查看的内容", "机构", "统一社会信用代码", "人员", "公众报错编号", "事由"]


@never_cache
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """The looks, newest first; `?format=` takes them along, which is kept as an act like any other export."""
    narrowed = LookFilter(request.GET, Event.objects.visible_to(request.user, opening_roles(request)))
    rows = narrowed.qs
    if request.GET.get("format") in {"csv", "xlsx"}:
        return table_response(
            request, _cells(rows), HEADER, name="个人信息查看记录", count=rows.count(),
            text_columns={HEADER[5], HEADER[7]}, unit="条",
        )  # fmt: skip
    page = keyset_page(rows, request.GET.get("before"), size=PAGE)
    context = {
        "heading": "个人信息查看记录",
        "lead": "谁在什么时候查看了谁的个人信息、为了什么。只有审计管理员可以看到；记录不能修改和删除。",
        "filter": narrowed.form,
        "page": page,
        "looks": described(page.rows),
        "total": rows.count() if page else 0,
        "narrowed": narrowed.narrowed,
    }
    return render(request, "registry/audit/audit.html", context)


def _cells(rows: Any) -> Iterator[list[Any]]:
    """Described in pieces, so that a long list costs few queries and little memory."""
    acts = rows.order_by("-id").iterator(chunk_size=PIECE)
    while piece := list(islice(acts, PIECE)):
        yield from _lines(described(piece))


def _lines(looks: Iterable[Look]) -> Iterator[list[Any]]:
    for look in looks:
        yield [
            timezone.localtime(look.at).strftime("%Y-%m-%d %H:%M:%S"), look.viewer, look.label, look.item,
            look.institution, look.uscc, look.whom, look.case, look.reason,
        ]  # fmt: skip
