"""查看记录: the auditors read who looked at whose personal data, when, at which item, and why; nobody else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yancheng_childcare.models import Event
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import opening_roles

from ..registration.forms import FilterForm
from ..registration.pages.export import table_response
from ..rules.values import as_day
from .looks import ITEMS, Look, chosen, described

PAGE, PIECE = 50, 1_000
HEADER = ["时间", "查看人", "职责", "查看的内容", "机构", "统一社会信用代码", "人员", "公众报错编号", "事由"]


def _day(label: str) -> forms.CharField:
    words = {"maxlength": 10, "autocomplete": "off", "class": "input--w12"}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=words))


class LookFilter(FilterForm):
    """Who looked, at whom, at what, and when."""

    who = forms.CharField(
        label="查看人（姓名或用户名）", required=False, widget=forms.TextInput(attrs={"maxlength": 60})
    )
    whom = forms.CharField(
        label="被查看的机构或人员", required=False, help_text="机构名称、信用代码、人员姓名或公众报错编号",
        widget=forms.TextInput(attrs={"maxlength": 100}),
    )  # fmt: skip
    item = forms.ChoiceField(
        label="查看的内容", required=False, choices=[("", "全部"), *((key, words) for key, (words, _) in ITEMS.items())]
    )
    since = _day("从哪天起（如 2026-11-23）")
    until = _day("到哪天止（如 2026-11-23）")


@never_cache
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """The looks, newest first; `?format=` takes them along, which is kept as an act like any other export."""
    form = LookFilter(request.GET)
    since, until = (as_day(form.chosen(name)) for name in ("since", "until"))
    rows = chosen(
        Event.objects.visible_to(request.user, opening_roles(request)),
        who=form.chosen("who"),
        whom=form.chosen("whom"),
        item=form.chosen("item"),
        since=since,
        until=until,
    )
    if (form.chosen("since") and since is None) or (form.chosen("until") and until is None):
        rows = rows.none()  # a day nobody can read limits to nothing: never a longer list, or file, than was asked for
    if request.GET.get("format") in {"csv", "xlsx"}:
        return table_response(
            request, _cells(rows), HEADER, name="个人信息查看记录", count=rows.count(),
            text_columns={HEADER[5], HEADER[7]}, unit="条",
        )  # fmt: skip
    page = keyset_page(rows, request.GET.get("before"), size=PAGE)
    context = {
        "heading": "个人信息查看记录",
        "lead": "谁在什么时候查看了谁的个人信息、为了什么。只有审计管理员可以看到；记录不能修改和删除。",
        "filter": form,
        "page": page,
        "looks": described(page.rows),
        "total": rows.count() if page else 0,
        "narrowed": any(form.chosen(name) for name in form.fields),
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
            look.institution, look.uscc, look.whom, look.report, look.reason,
        ]  # fmt: skip
