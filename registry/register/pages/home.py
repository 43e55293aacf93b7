"""The front page: look an institution up, key figures with their date, ways in, the last changes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ...choices import PublicChangeKind
from ...models import PublicChange
from ..caching import shared
from ..front_figures import public_figures
from .filter_form import FilterForm

LATEST = 6
READ = 4 * LATEST  # one act often changes several things of one institution
# What the front page tells of; fees and places are news for those who follow an institution.
NEWS = (PublicChangeKind.STATUS, PublicChangeKind.GRADE, PublicChangeKind.INSPECTION, PublicChangeKind.CREDIT)

# Parents first: they are whom the front page is for.
FOR_PARENTS = [
    {
        "title": "看懂机构信息",
        "text": "备案状态、安全底线、收费和余位各是什么意思，用大白话说清楚。",
        "route": "public:how-to-read",
        "icon": "scale",
    },
    {
        "title": "核验备案回执",
        "text": "输入墙上回执的编号，看它是不是真的、现在还算不算数。",
        "route": "filing:verify-ask",
        "icon": "qr",
    },
    {
        "title": "对比机构",
        "text": "最多四家并排看：合法吗、安全吗、贵吗、近吗、人够吗。",
        "route": "public:compare",
        "icon": "list-check",
    },
    {
        "title": "反映未备案机构",
        "text": "在收托婴幼儿、名录里又查不到的，由当地卫生健康部门核实。",
        "route": "public:report-unfiled",
        "icon": "flag",
    },
]
FOR_OTHERS = [
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
        "title": "为机构开通账号",
        "text": "凭登记机关发给的开通码当场开通；没有的，核对法定代表人信息后由卫生健康部门审核。",
        "route": "accounts:open",
        "icon": "user",
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


def entrances(given: list[dict[str, str]]) -> list[dict[str, str]]:
    """These entrances with their addresses."""
    return [{**entrance, "url": reverse(entrance["route"])} for entrance in given]


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The front page: look an institution up, key figures with their date, ways in, the last changes. Two queries."""
    figures = public_figures()
    context = {
        "figures": figures["tiles"],
        "as_of": figures["at"],
        "entrances": entrances(FOR_PARENTS),
        "others": entrances(FOR_OTHERS),
        "form": FilterForm(QueryDict()),
        "notices": latest_changes(),
    }
    return shared(request, render(request, "public/home.html", context))


def latest_changes(most: int = LATEST) -> list[dict[str, Any]]:
    """The last news, one line an institution: `title`, `date`, `url` of the institution. One query."""
    rows = PublicChange.objects.filter(kind__in=NEWS).order_by("-id").values_list("uscc", "title", "occurred_at")[:READ]
    found: dict[str, dict[str, Any]] = {}
    for uscc, title, day in rows:
        found.setdefault(uscc, {"title": title, "date": day, "url": reverse("public:institution", args=[uscc])})
    # Several may have been kept in another order than they happened.
    return sorted(found.values(), key=lambda item: item["date"], reverse=True)[:most]
