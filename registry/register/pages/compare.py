"""Two to four institutions side by side, by what parents ask: lawful, safe, dear, near, enough people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected

from ...codes import register as codes
from ...models import PublicEntry
from ...rules import uscc as uscc_rules
from ..caching import shared
from ..city_figures import city_figures
from ..detail import Detail
from ..places import distance_words
from ..query import LONGEST_NEAR, read_position, read_search
from ..search import find
from ..wording import STANDINGS
from .filter_form import FilterForm
from .shown import day_of, is_stale, shown_blocks
from .tray import MOST, chosen_codes, compare_address, short_names

MOST_FOUND = 6
# (question, [(label, block, row of the block or key of the card)])
QUESTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("合法吗", (("备案状态", "card", "status_text"), ("备案日期", "standing", "备案日期"))),
    (
        "安全吗",
        (
            ("消防", "safety", "消防"),
            ("卫生评价", "safety", "卫生评价"),
            ("室内空气", "safety", "室内空气"),
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
            ("平均每班在托", "classes", "平均每班在托"),
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
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, who says so since when, and its light; "" is no information."""

    value: str = ""
    source: str = ""
    light: str = ""


@require_safe
def compare(request: HttpRequest) -> HttpResponseBase:
    """`?uscc=…&uscc=…` (at most four), `?different=1` only what differs, `?near=code` distances, `?name=` whom to add.

    Two queries, up to three more to find a name. Without codes it goes on to what the visitor chose on other pages.
    Status 400 for what is no code and for more than four; with fewer than two it says how to add one.
    """
    given = list(dict.fromkeys(text.strip().upper() for text in request.GET.getlist("uscc") if text.strip()))
    if not given and (chosen := chosen_codes(request)):
        asked = [(name, request.GET[name]) for name in ("near", "different", "name") if name in request.GET]
        onward = redirect(compare_address(chosen, asked))
        onward.headers["Cache-Control"] = "private, no-store"
        return onward
    problems = _problems(given)
    chosen = (
        given[:MOST] if not problems or len(given) > MOST else [code for code in given if uscc_rules.is_valid(code)]
    )
    entries = {entry.uscc: entry for entry in PublicEntry.objects.filter(uscc__in=chosen[:MOST])} if chosen else {}
    details = [_detail(entries[code]) for code in chosen if code in entries]
    different = request.GET.get("different") == "1"
    start = request.GET.get("near", "")[:LONGEST_NEAR]
    near = read_position(start) if start else None
    # What was chosen on this page stays chosen when an institution comes or goes.
    kept = ([("near", start)] if near else []) + ([("different", "1")] if different else [])
    codes_now = [detail.uscc for detail in details]
    columns = [
        _column(detail, near, short)
        for detail, short in zip(details, short_names([detail.card["name"] for detail in details]), strict=True)
    ]
    words = request.GET.get("name", "").strip()
    found, found_problems = _found(words, codes_now) if words and len(details) < MOST else ([], [])
    problems += found_problems
    turned = kept[:1] if near else []
    context: dict[str, Any] = {
        "heading": "机构对比",
        "lead": "最多四家，按家长关心的问题排列。官方信息和机构填报分别注明。",
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "problems": problems,
        "columns": columns,
        "unknown": [code for code in chosen if code not in entries],
        "groups": _groups(columns, different) if len(columns) >= 2 else [],
        "different": different,
        "toggle_url": compare_address(codes_now, turned + ([] if different else [("different", "1")])),
        "as_of": city_figures()["as_of"],
        "codes": codes_now,
        "kept": kept,
        "starts": FilterForm(request.GET).starts if len(columns) >= 2 else [],
        "room": len(details) < MOST,
        "words": words,
        "found": found,
    }
    response = render(request, "registry/register/compare.html", context, status=400 if problems else 200)
    return response if problems else shared(request, response)


def _found(words: str, chosen: list[str]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Institutions of the register with this name or code, as far as they are not compared yet; or what is wrong."""
    asked = QueryDict(mutable=True)
    asked["q"], asked["limit"] = words, str(MOST_FOUND + MOST)
    try:
        rows = find(read_search(asked)).rows
    except Rejected as refused:
        return [], [Problem(problem.code, "name", f"机构名称或代码：{problem.message}") for problem in refused.problems]
    cards: list[dict[str, Any]] = [orjson.loads(row.card) for row in rows]
    left = [card for card in cards if card["uscc"] not in chosen][:MOST_FOUND]
    return [{**card, "standing": STANDINGS[card["status"]]} for card in left], []


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


def _column(detail: Detail, near: tuple[float, float] | None, short: str) -> dict[str, Any]:
    """One institution: its names, link, and every value by (block, label)."""
    card, standing, today = detail.card, STANDINGS[detail.status], today_here()
    values: dict[tuple[str, str], Cell] = {}
    for block in shown_blocks(detail, today, []):
        source = _source(block.reported, block.confirmed_on, stale=block.stale)
        for line in block.rows:
            values[block.name, line["label"]] = Cell(line["value"], source, line["light"])
    if (bought := values.get(("safety", "外购配餐"))) is not None:
        values["safety", "食品经营许可"] = replace(bought, value=f"外购配餐，{bought.value}")
    said = day_of(card["reported_on"])
    own = _source(True, said, stale=is_stale(said, today))
    values |= {
        ("card", "status_text"): Cell(standing.word, "官方", standing.colour),
        ("card", "last_checked_on"): Cell(card["last_checked_on"] or "", "官方"),
        ("card", "region"): Cell(card["region"], "官方"),
        ("card", "town"): Cell(card["town"], "官方"),
        ("card", "distance"): Cell(distance_words(card, near), "按镇（街道）中心估算"),
        ("card", "ages"): Cell(_counted(card["age_from"], f"至 {card['age_to']} 个月"), own),
        ("card", "capacity_total"): Cell(_counted(card["capacity_total"], "个"), own),
        ("card", "places_free"): Cell(_counted(card["places_free"], "个"), own),
    }
    return {
        "uscc": detail.uscc,
        "name": card["name"],
        "short": short,
        "url": reverse("public:institution", args=[detail.uscc]),
        "standing": standing,
        "values": values,
    }


def _counted(number: int | None, unit: str) -> str:
    return "" if number is None else f"{number} {unit}"


def _source(reported: bool, day: date | None, *, stale: bool) -> str:
    words = f"{'机构填报' if reported else '官方'} {day.isoformat() if day else ''}".strip()
    return f"{words}，未按期更新" if stale else words


def _city(label: str) -> str:
    figures = city_figures()
    known = {
        "全日托保育费": f"中位数 {figures['fee_median']:,} 元/月" if figures["fee_median"] else "",
        "保育人员与婴幼儿": f"平均 1:{figures['children_per_carer']}" if figures["children_per_carer"] else "",
        "平均每班在托": f"平均 {figures['children_per_class']} 人" if figures["children_per_class"] else "",
        "持证保育人员": f"平均 {figures['certified_share']:.0%}" if figures["certified_share"] is not None else "",
        "capacity_total": f"平均 {figures['capacity']} 个" if figures["capacity"] else "",
    }
    return known.get(label, "")


def _all(cells: list[Cell]) -> Cell | None:
    """The one cell that says it for all, where they say the same; its source without days, which differ."""
    if len({cell.value for cell in cells}) > 1:
        return None
    sources = list(dict.fromkeys(cell.source.partition(" ")[0].partition("，")[0] for cell in cells if cell.value))
    return replace(cells[0], source="、".join(sources))


def _groups(columns: list[dict[str, Any]], different: bool) -> list[dict[str, Any]]:
    groups = []
    for question, lines in QUESTIONS:
        rows = []
        for label, block, key in lines:
            cells = [column["values"].get((block, key), Cell()) for column in columns]
            if key == "distance" and not any(cell.value for cell in cells):
                continue
            if different and len({cell.value for cell in cells}) == 1:
                continue
            shown = [
                {
                    "short": column["short"],
                    "value": cell.value,
                    "source": cell.source if cell.value else "",
                    "light": cell.light,
                }
                for column, cell in zip(columns, cells, strict=True)
            ]
            rows.append({"label": label, "cells": shown, "all": _all(cells), "city": _city(key)})
        if rows:
            groups.append({"question": question, "rows": rows})
    return groups
