"""The head of an institution's page: what parents ask first, in one look, and how to reach the place."""

from __future__ import annotations

from typing import Any

from ...choices import PublicStatus
from ..detail import Detail
from ..places import distance_words
from ..wording import NO_DOOR, not_connected, route_url
from .shown import ShownBlock, fee_words, row

MISSING = "没有填报"
# Blocks of authorities of which nothing is known where the filing lies in the national system.
SILENT = ("safety", "inspections")


def glance(detail: Detail, near: tuple[float, float] | None) -> list[dict[str, Any]]:
    """Rows like those of a summary list: price, free places, ages, carers, last visit, distance; only what can be known."""
    card = detail.card
    rows = []
    if is_connected(detail):
        ratio = detail.content.get("classes", {}).get("facts", {}).get("children_per_carer")
        ages = f"{card['age_from']}–{card['age_to']} 个月" if card.get("age_to") else ""
        rows = [
            row("全日托保育费", f"{fee_words(card['fee_month'])} 元/月" if card["fee_month"] else MISSING),
            row("余位", *_free(card)),
            row("收托月龄", ages or MISSING),
            row("保育人员与婴幼儿", f"1:{ratio}" if ratio else MISSING),
        ]
    elif card["filed_on"]:
        rows = [row("备案日期", card["filed_on"])]
    if is_connected(detail) or card["last_checked_on"]:
        rows.append(row("最近检查", card["last_checked_on"] or "暂无记录"))
    if distance := distance_words(card, near):
        rows.append(row("距离", distance, "按镇（街道）中心估算"))
    return rows


def _free(card: dict[str, Any]) -> tuple[str, str]:
    if card["places_free"] is None:
        return MISSING, ""
    total = f"共 {card['capacity_total']} 个托位"
    return f"{card['places_free']} 个", "停业期间不收托" if card["status"] == PublicStatus.SUSPENDED else total


def reach(detail: Detail) -> dict[str, str]:
    """Telephone and opening hours the institution gave, and a route for those whose door may be known (product.md C2)."""
    card = detail.card
    known = detail.listed and NO_DOOR not in card["address"]
    route = route_url(card["address"], card["name"]) if known else ""
    return {"phone": card.get("phone", ""), "hours": card.get("opening_hours", ""), "route_url": route}


def is_connected(detail: Detail) -> bool:
    """Whether the portal holds an accepted filing; else nothing below the registration is known here."""
    return bool(detail.content.get("fees", {}).get("confirmed_on"))


def apart(detail: Detail, blocks: list[ShownBlock]) -> tuple[list[ShownBlock], str]:
    """The blocks to show, and one sentence for all those of which nothing is connected ("" when all are)."""
    if is_connected(detail):
        return blocks, ""
    quiet = [block for block in blocks if block.confirmed_on is None and (block.reported or block.name in SILENT)]
    titles = "、".join(block.title for block in quiet)
    return [block for block in blocks if block not in quiet], not_connected(detail.status, f"{titles}等信息")
