"""The front page: look an institution up, key figures with their date, ways in, the last changes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from yancheng_childcare.figures import public_figures

from ...models import PublicChange
from ..caching import shared
from .filter_form import FilterForm

LATEST = 6

ENTRANCES = [
    {
        "title": "查机构",
        "text": "按名称、地区、月龄、收费找备案机构，核对登记与备案状态。",
        "route": "public:search",
        "icon": "search",
    },
    {
        "title": "办前自查",
        "text": "不用账号，对照同一套规则，看场地、人员和材料还差什么。",
        "route": "registry:self-check",
        "icon": "list-check",
    },
    {
        "title": "办理备案",
        "text": "办事指南：要什么材料、谁出具、几天办结；机构登录后在线办理。",
        "route": "filing:guide",
        "icon": "file",
    },
    {
        "title": "看懂评价与状态",
        "text": "备案状态、评价等级、安全底线各是什么意思，用大白话说清楚。",
        "route": "public:how-to-read",
        "icon": "scale",
    },
    {
        "title": "开放数据",
        "text": "下载全市托育机构名录，附字段说明和更新时间，可以自由使用。",
        "route": "public:open-data",
        "icon": "download",
    },
    {
        "title": "标准与规则",
        "text": "备案对照的每一条标准：数值、条款和来源。",
        "route": "registry:standards",
        "icon": "building",
    },
    {
        "title": "登记机关办理",
        "text": "录入、批量导入、变更和注销托育机构登记，查看推送情况。",
        "route": "registry:list",
        "icon": "building",
    },
    {
        "title": "部门对接",
        "text": "卫健、公安等部门接收登记信息，回告处置结果。",
        "route": "exchange:guide",
        "icon": "send",
    },
]


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The front page: look an institution up, key figures with their date, ways in, the last changes. Two queries."""
    entrances = [{**entrance, "url": reverse(entrance["route"])} for entrance in ENTRANCES]
    figures = public_figures()
    context = {
        "figures": figures["tiles"],
        "as_of": figures["at"],
        "entrances": entrances,
        "form": FilterForm(QueryDict()),
        "notices": latest_changes(),
    }
    return shared(request, render(request, "public/home.html", context))


def latest_changes(most: int = LATEST) -> list[dict[str, Any]]:
    """The last changes the public was told of: `title`, `date`, `url` of the institution. One query."""
    rows = PublicChange.objects.order_by("-id").values_list("uscc", "title", "occurred_at")[:most]
    return [
        {"title": title, "date": day, "url": reverse("public:institution", args=[uscc])} for uscc, title, day in rows
    ]
