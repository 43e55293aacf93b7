"""Two to four institutions side by side, by what parents ask: lawful, safe, dear, near, enough people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem

from ...models import PublicEntry
from ...rules import uscc as uscc_rules
from .. import codes
from ..caching import shared
from ..city_figures import city_figures
from ..detail import Detail
from ..places import distance_km, position_of
from ..wording import STANDINGS
from .shown import ShownBlock, shown_blocks

MOST = 4
# (question, [(label, block, row of the block or key of the card)])
QUESTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("合法吗", (("备案状态", "card", "status_text"), ("备案日期", "standing", "备案日期"))),
    (
        "安全吗",
        (
            ("消防", "safety", "消防"),
            ("卫生评价", "safety", "卫生评价"),
            ("食品经营许可", "safety", "食品经营许可"),
            ("监控全覆盖", "service", "监控全覆盖"),
            ("一键式报警", "service", "一键式报警"),
            ("最近检查", "card", "last_checked_on"),
        ),
    ),
    (
        "贵吗",
        (
            ("全日托保育费", "fees", "全日托保育费"),
            ("膳食费", "fees", "膳食费"),
            ("一次最多预收", "fees", "一次最多预收"),
            ("普惠", "service", "普惠"),
        ),
    ),
    ("近吗", (("县（市、区）", "card", "region"), ("镇（街道）", "card", "town"), ("距离", "card", "distance"))),
    (
        "人够吗",
        (
            ("保育人员与婴幼儿", "classes", "保育人员与婴幼儿"),
            ("在岗人员", "staff", "在岗人员"),
            ("持证保育人员", "staff", "持证保育人员"),
        ),
    ),
    (
        "孩子能去吗",
        (
            ("收托月龄", "card", "ages"),
            ("服务形式", "service", "服务形式"),
            ("托位", "card", "capacity_total"),
            ("余位", "card", "places_free"),
            ("评价", "card", "grade"),
        ),
    ),
)


@require_safe
def compare(request: HttpRequest) -> HttpResponseBase:
    """`?uscc=…&uscc=…` (at most four), `?different=1` only what differs, `?near=code` distances. Two queries.

    Status 400 for what is no code and for more than four; with fewer than two it says how to add one.
    """
    given = list(dict.fromkeys(text.strip().upper() for text in request.GET.getlist("uscc") if text.strip()))
    problems = _problems(given)
    chosen = (
        given[:MOST] if not problems or len(given) > MOST else [code for code in given if uscc_rules.is_valid(code)]
    )
    entries = {entry.uscc: entry for entry in PublicEntry.objects.filter(uscc__in=chosen[:MOST])} if chosen else {}
    details = [_detail(entries[code]) for code in chosen if code in entries]
    unknown = [code for code in chosen if code not in entries]
    different = request.GET.get("different") == "1"
    near = position_of("", request.GET.get("near", "")[:12].upper())
    columns = [_column(request, detail, near, [d.uscc for d in details]) for detail in details]
    codes_now = [("uscc", detail.uscc) for detail in details]
    path = reverse("public:compare")
    context: dict[str, Any] = {
        "heading": "机构对比",
        "lead": "最多四家，按家长关心的问题排列。官方信息和机构填报分别注明。",
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "problems": problems,
        "columns": columns,
        "unknown": unknown,
        "groups": _groups(columns, different) if len(columns) >= 2 else [],
        "different": different,
        "toggle_url": f"{path}?{urlencode(codes_now + ([] if different else [('different', '1')]))}",
        "as_of": city_figures()["as_of"],
        "codes": [detail.uscc for detail in details],
        "room": len(details) < MOST,
    }
    response = render(request, "register/compare.html", context, status=400 if problems else 200)
    return response if problems else shared(request, response)


def _problems(given: list[str]) -> list[Problem]:
    found = []
    if len(given) > MOST:
        found.append(Problem(codes.COMPARE, "uscc", f"一次最多对比 {MOST} 家，下面只列出前 {MOST} 家。"))
    if any(not uscc_rules.is_valid(code) for code in given[:MOST]):
        found.append(Problem(codes.COMPARE, "uscc", "有的代码不是有效的统一社会信用代码，请从查询结果里选择。"))
    return found


def _detail(entry: PublicEntry) -> Detail:
    return Detail(
        entry.uscc, entry.status, entry.listed, entry.card, entry.content, str(entry.version), entry.changed_at
    )


def _column(request: HttpRequest, detail: Detail, near: tuple[Any, Any], chosen: list[str]) -> dict[str, Any]:
    """One institution: its name, link, and every value by (block, label)."""
    card = detail.card
    values: dict[tuple[str, str], tuple[str, str]] = {}
    for block in shown_blocks(detail, today_here(), []):
        for line in block.rows:
            values[block.name, line["label"]] = (line["value"], _source(block))
        if block.empty and not block.rows:
            values[block.name, ""] = ("", _source(block))
    ages = f"{card['age_from']} 至 {card['age_to']} 个月" if card["age_from"] is not None else ""
    there = position_of(card["town_code"], card["region_code"])
    distance = ""
    if near[0] is not None and there[0] is not None and there[1] is not None and near[1] is not None:
        distance = f"约 {distance_km((near[0], near[1]), (there[0], there[1])):.1f} 公里"
    own = {**card, "ages": ages, "distance": distance, "grade": card["grade"] or "未评价"}
    for key in (
        "status_text",
        "last_checked_on",
        "region",
        "town",
        "distance",
        "ages",
        "capacity_total",
        "places_free",
        "grade",
    ):
        value = own[key]
        values["card", key] = ("" if value is None else str(value), "")
    others = [("uscc", code) for code in chosen if code != detail.uscc]
    return {
        "name": card["name"],
        "url": reverse("public:institution", args=[detail.uscc]),
        "remove_url": f"{reverse('public:compare')}?{urlencode(others)}" if others else reverse("public:compare"),
        "standing": STANDINGS[detail.status],
        "values": values,
    }


def _source(block: ShownBlock) -> str:
    day = f" {block.confirmed_on.isoformat()}" if block.confirmed_on else ""
    return f"{'机构填报' if block.reported else '官方'}{day}{'，未按期更新' if block.stale else ''}"


def _city(block: str, label: str) -> str:
    figures = city_figures()
    known = {
        "全日托保育费": f"{figures['fee_median']:,} 元/月（中位数）" if figures["fee_median"] else "",
        "保育人员与婴幼儿": f"1:{figures['children_per_carer']}" if figures["children_per_carer"] else "",
        "持证保育人员": f"{figures['certified_share']:.0%}" if figures["certified_share"] is not None else "",
        "capacity_total": f"{figures['capacity']} 个" if figures["capacity"] else "",
    }
    return known.get(label, "")


def _groups(columns: list[dict[str, Any]], different: bool) -> list[dict[str, Any]]:
    groups = []
    for question, lines in QUESTIONS:
        rows = []
        for label, block, key in lines:
            cells = [column["values"].get((block, key), ("", "")) for column in columns]
            if key == "distance" and not any(value for value, _ in cells):
                continue
            if different and len({value for value, _ in cells}) == 1:
                continue
            shown = [
                {"name": column["name"], "value": value or "没有信息", "source": source}
                for column, (value, source) in zip(columns, cells, strict=True)
            ]
            rows.append({"label": label, "cells": shown, "city": _city(block, key)})
        if rows:
            groups.append({"question": question, "rows": rows})
    return groups
