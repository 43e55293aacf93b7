"""The cards of 「我的工作台」. Each app adds its own with `add_card`; the desk shows those the duties allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from .permissions import may_enter, roles_for


@dataclass(frozen=True, slots=True)
class Card:
    """One entrance: `count` asks how many things wait for this person in the roles that open the page (None = no number)."""

    route: str
    title: str
    text: str
    count: Callable[[Any, frozenset[str]], int | None] | None = None
    unit: str = "件"
    order: int = 50


_cards: list[Card] = []


def add_card(card: Card) -> None:
    """Called by an app's `desks` module when the app is ready."""
    if card not in _cards:
        _cards.append(card)


def cards_for(user: Any) -> list[dict[str, Any]]:
    """The cards whose page this user may enter, with link and waiting number."""
    return [
        {
            "title": card.title,
            "text": card.text,
            "url": reverse(card.route),
            "count": card.count(user, roles_for(user, card.route, "GET")) if card.count else None,
            "unit": card.unit,
        }
        for card in sorted(_cards, key=lambda c: c.order)
        if may_enter(user, card.route, "GET")
    ]


def links_for(user: Any) -> list[tuple[str, str]]:
    """(title, url) of the desk pages this user may enter: the desk's navigation."""
    return [
        (card.title, reverse(card.route))
        for card in sorted(_cards, key=lambda c: c.order)
        if may_enter(user, card.route, "GET")
    ]
