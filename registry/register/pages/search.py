"""The search page and the map: the question stands in the address, so it can be shared, and works without scripts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from yancheng_childcare.fragments import placed
from yancheng_childcare.places import places
from yancheng_childcare.problems import Rejected

from ...choices import PublicStatus
from ...rules import uscc as uscc_rules
from ...rules.characters import compact
from ..apart import unlisted
from ..caching import shared
from ..facets import Facets, facets
from ..query import SearchQuery, read_search
from ..rows import Page
from ..search import find
from ..terms import code_of
from ..understanding import understand
from ..wording import STANDINGS, filed_note
from .cards import cards_of
from .filter_form import LABELS, FilterForm, counties, towns_of
from .map_shapes import HEIGHT, WIDTH, Tile, tiles
from .search_chips import area_words, chips_of, orderings_of, plain_address, understood_of
from .tray import tray_context

# On a phone the form fills more than a screen: every link that changes the list leads to the list.
RESULTS = "#found"
FEES = ("fee_from", "fee_to")
_CODE = re.compile(r"[0-9A-Z]{15,20}")
_UNITS = re.compile(r"[\s,元]")


@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """Institutions on the register by words and filters; what is only registered, by its exact name or code."""
    if request.GET.get("view") == "map":
        return city_map(request)
    params = _fitting(request.GET)
    try:
        query = read_search(params, strict=False)
    except Rejected as refused:
        return _refused(request, "registry/register/search.html", refused, params)
    path = reverse("public:search") + RESULTS
    page = find(query)
    answered = page.query
    apart = unlisted(query, slips=page.unsure) if query.cursor is None and query.words else []
    # What only resembles the words is not what the options would count; words that occur nowhere leave nothing to count.
    found = None if page.similar or page.instead else Facets() if page.nowhere else facets(answered)
    words = answered.words if answered.read and not page.instead else query.words
    near = str(params.get("near") or answered.town or answered.region) if query.near else ""
    tray = tray_context(request, near)
    context = {
        "heading": "查机构",
        "form": FilterForm(params, found),
        "cards": placed("".join(cards_of(page.rows, answered, tray["tray"])), request.get_full_path()),
        "page": None,
        "result": page,
        "count_text": _count_text(page, found),
        "count_note": _count_note(found, answered.status),
        "apart": [{**card, "standing": STANDINGS[card["status"]]} for card in apart],
        "understood": understood_of(query, answered, path),
        "chips": chips_of(query, path),
        "orderings": [] if page.unsure else orderings_of(answered, path),
        "next_url": query.address(path, page=page.next.text()) if page.next else "",
        "previous_url": query.address(path, page=page.previous.text()) if page.previous else "",
        "map_url": "" if page.similar else query.address(reverse("public:map")),
        **tray,
        "words": query.words,
        "name": words,
        "code_problem": _code_problem(query) if page.unsure and not apart else None,
        "report_url": f"{reverse('public:report-unfiled')}?{urlencode({'name': query.words})}",
    }
    return shared(request, render(request, "registry/register/search.html", context))


@require_safe
def city_map(request: HttpRequest) -> HttpResponseBase:
    """The same question as numbers per county, drawn and as a table; each leads to the list of that county."""
    params = _fitting(request.GET)
    try:
        query = read_search(params, strict=False)
    except Rejected as refused:
        return _refused(request, "registry/register/map.html", refused, params)
    path, names = reverse("public:search"), counties()
    reading = understand(query)
    query = query if reading is None or reading.terms else replace(reading, given=plain_address(reading))
    # Every county stands there, whichever was chosen in the list.
    found = facets(replace(query, region="", town=""))
    urls = {code: query.address(path, region=code, town="") for code in names}
    shown = tiles(found.counts.get("region", {}) if found.known else None, names, urls)
    context = {
        "heading": "机构分布图",
        "lead": "点一个县（市、区）或镇（街道），看那里的机构。",
        "breadcrumbs": [{"label": "查机构", "url": path}],
        "tiles": shown,
        "areas": [_area(tile, found, query, path) for tile in shown if tile.count],
        "width": WIDTH,
        "height": HEIGHT,
        # Every county is counted, whichever was chosen in the list.
        "chips": [chip for chip in chips_of(query, reverse("public:map")) if chip["name"] not in {"region", "town"}],
        "list_url": query.address(path),
        "uncounted": not found.known,
        "count_note": _count_note(found, query.status),
        "total": found.total,
        "columns": [{"label": "县（市、区）"}, {"label": "机构（家）", "num": True}],
        "rows": [
            {
                "url": tile.url,
                "cells": [{"value": tile.name}, {"value": _number(tile.count), "label": "机构（家）", "num": True}],
            }
            for tile in shown
        ],
    }
    return shared(request, render(request, "registry/register/map.html", context))


def _area(tile: Tile, found: Facets, query: SearchQuery, path: str) -> dict[str, Any]:
    """A county and those of its towns that have institutions, each with the list of its own."""
    counts = found.counts.get("town", {})
    towns = [
        {"name": name, "count": counts[code], "url": query.address(path, region=tile.code, town=code)}
        for code, name in towns_of(tile.code).items()
        if counts.get(code)
    ]
    return {"name": tile.name, "count": tile.count, "towns": towns}


def _fitting(given: QueryDict) -> QueryDict:
    """The parameters without what the form leaves behind when something else is changed.

    A town in another county than the one chosen, and the order by distance when there is no place to measure from:
    it travels in a hidden field that nobody could mend. Fees are read as they are typed on a phone: １５００, 1,500 元.
    """
    kept = given.copy()
    for name in FEES:
        if name in kept:
            kept[name] = _UNITS.sub("", unicodedata.normalize("NFKC", str(kept[name])))
    region, town = given.get("region", "").upper(), given.get("town", "").upper()
    place = places().get(town)
    if region and place is not None and place[0] == "TOWN" and place[1] != region:
        del kept["town"]
    if given.get("ordering") == "distance" and not any(given.get(name) for name in ("near", "region", "town")):
        del kept["ordering"]
    return kept


def _refused(request: HttpRequest, template: str, refused: Rejected, params: QueryDict) -> HttpResponse:
    """The page with what is wrong and everything that was typed. Never cached."""
    heading = "查机构" if template == "registry/register/search.html" else "机构分布图"
    problems = [_named(problem) for problem in refused.problems]
    context = {
        "heading": heading,
        "problems": problems,
        "form": FilterForm(params, errors={problem.field: problem.message for problem in problems}),
        "refused": True,
        "list_url": reverse("public:search"),
    }
    response = render(request, template, context, status=refused.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _named(problem: Any) -> Any:
    """The problem with the field's name on the page in place of the parameter's."""
    label = LABELS.get(problem.field)
    if label is None or not problem.message.startswith(f"{problem.field} "):
        return problem
    words = problem.message.removeprefix(f"{problem.field} ").replace("999999", "999,999")
    return type(problem)(problem.code, problem.field, label + words)


def _count_text(page: Page, found: Facets | None) -> str:
    """`118 家机构`, `超过 1,000 家`; on later pages the number comes from the facets."""
    if page.similar:
        return "没有完全一致的，以下是名称相近的其他机构"
    if page.instead:
        return f"{area_words(page.query)}共 {page.count:,} 家机构"
    if page.capped:
        return f"超过 {page.count:,} 家"
    count = page.count
    if count is None and found is not None and found.known:
        count = found.total
    if count is None or count > settings.PUBLIC_SEARCH_CAP:
        return f"超过 {settings.PUBLIC_SEARCH_CAP:,} 家"
    return f"{count:,} 家机构"


def _count_note(found: Facets | None, status: tuple[str, ...]) -> str:
    """How many of the hits are told to mend their filing: they are on the list and not counted as filed.

    The options of the status count what each would leave: where others are chosen, these are no hits.
    """
    if status and PublicStatus.NONCONFORMING not in status:
        return ""
    wrong = found.of("status", PublicStatus.NONCONFORMING) if found is not None and found.total else None
    return filed_note(found.filed, wrong) if found is not None and wrong else ""


def _code_problem(query: SearchQuery) -> str:
    """That a credit code is mistyped (GB 32100-2015), in one sentence, else "".

    Which character it is nobody can know: one slip among the first 17 breaks the check character at the end, and among
    the organisation code its own as well.
    """
    code = code_of(query.words) or compact(query.words)
    if not _CODE.fullmatch(code):
        return ""
    if len(code) != uscc_rules.LENGTH:
        return f"统一社会信用代码应为 {uscc_rules.LENGTH} 位，现在是 {len(code)} 位，请对照证照核对。"
    found = [problem.message for problem in uscc_rules.check_uscc(code)]
    if not found:
        return ""
    if any("第17位" in message for message in found) and any("第18位" in message for message in found):
        return "代码的校验没有通过，前 17 位中可能有一位有误，请对照证照逐位核对。"
    return "代码的校验没有通过，可能有一位有误，请对照证照逐位核对。" if "应为" in found[0] else found[0]


def _number(count: int | None) -> str:
    return "未统计" if count is None else f"{count:,}"
