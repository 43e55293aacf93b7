"""The cards of a list: each the same for every visitor who sees it, so it is rendered once a process and kept."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import render_to_string

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.fragments import HERE

from ..closing import tag
from ..places import distance_km, position_of
from ..query import SearchQuery
from ..rows import Row
from ..search import LAST_KM
from ..wording import STANDINGS
from .filter_form import SERVICES
from .tray import MOST, Tray


def cards_of(rows: list[Row], query: SearchQuery, tray: Tray) -> list[str]:
    """The rendered cards, in which `fragments.HERE` stands for the address of the page.

    Kept by all they show: what is stored of the institution, the distance, the place it is measured from, whether it is
    chosen or no more can be, and the day before which a report is late. With a visitor's own position nothing is kept.
    """
    oldest = today_here() - timedelta(days=settings.PUBLIC_STALE_DAYS)
    draw = _card.__wrapped__ if "," in tray.near else _card
    return [draw(row.card, distance_words(row, query), tray.near, _pick(row, tray), oldest) for row in rows]


@lru_cache(maxsize=2_048)
def _card(text: str, distance: str, near: str, pick: str, oldest: date) -> str:
    item = {**_shown(orjson.loads(text), oldest), "distance": distance}
    context = {"item": item, "near": near, "pick": pick, "most_compared": MOST, "here": HERE}
    return render_to_string("registry/register/card.html", context)


def _pick(row: Row, tray: Tray) -> str:
    return tray.pick(orjson.loads(row.card)["uscc"]) if tray.codes else ""


def _shown(card: dict[str, Any], oldest: date) -> dict[str, Any]:
    """The stored card with its words."""
    reported = card.get("reported_on") or ""
    return {
        **card,
        "standing": STANDINGS[card["status"]],
        "plan_tags": [tag(plan) for plan in card.get("plans", [])],
        "services_text": "、".join(SERVICES[mode] for mode in card["service_modes"] if mode in SERVICES),
        "ages_text": f"{card['age_from']}–{card['age_to']} 个月" if card.get("age_to") else "",
        "place": "" if card["town"] in card["address"] else f"{card['region']}{card['town']}",
        # Only who reports here can be late with it.
        "is_stale": bool(reported) and date.fromisoformat(reported) < oldest,
    }


def distance_words(row: Row, query: SearchQuery) -> str:
    """How far it is from the place chosen, between the middles of towns; "" when nothing was chosen."""
    if query.near is None:
        return ""
    card = orjson.loads(row.card)
    start = query.last_given("near").upper() or query.town or query.region
    if start == card["town_code"]:
        return "同一街道" if card["town"].endswith("街道") else "同一镇" if card["town"].endswith("镇") else "同一片区"
    latitude, longitude = position_of(card["town_code"], card["region_code"])
    if latitude is None or longitude is None:
        return "距离不详"
    # Sorted by distance, the list shows what it was sorted by.
    far = row.value % LAST_KM if query.ordering == "distance" else distance_km(query.near, (latitude, longitude))
    if far < 0.1:
        # Its town's place is not known: the county stands for it.
        return f"同在{card['region']}" if start == card["region_code"] else "不到 1 公里（按镇街中心估算）"
    return f"约 {far:.1f} 公里（按镇街中心估算）"
