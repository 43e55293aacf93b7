"""The pages of the desk that duties open: a menu of them, the lists somebody works off there, and the duties themselves.

Each app adds its own when it is ready. What a person must do, case by case, is `casework.inbox`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.urls import reverse

from .permissions import may_enter, roles_for


@dataclass(frozen=True, slots=True)
class Card:
    """One entrance. `roles`: who is offered it (None = whoever may enter the page); `group`: under which heading.

    `doers` (None = all of those) do something there and read `text`, the others read `viewing`. `query` is for doers.
    `count` asks how many rows of the list behind `query` these doers must work off, in the roles of theirs that open the
    page: with `task` and `unit` one line of what they have to do. The entrance then leads to the whole list.
    """

    route: str
    title: str
    text: str
    count: Callable[[Any, frozenset[str]], int] | None = None
    task: str = ""
    unit: str = "件"
    query: str = ""
    group: str = "其他"
    order: int = 50
    roles: AbstractSet[str] | None = None
    doers: frozenset[str] | None = None
    viewing: str = ""
    in_nav: bool = True

    def offered_to(self, user: Any) -> bool:
        """Whether this person gets the entrance at all."""
        return may_enter(user, self.route, "GET") and (self.roles is None or bool(user.roles & self.roles))

    def doing(self, user: Any) -> frozenset[str]:
        """The roles in which this person does something there."""
        opening = roles_for(user, self.route, "GET")
        return opening if self.doers is None else opening & self.doers

    def shown_to(self, user: Any) -> dict[str, Any]:
        """What the entrance says to this person."""
        doing = self.doing(user)
        return {
            "title": self.title,
            "text": self.text if doing else self.viewing or self.text,
            "url": reverse(self.route) + (self.query if doing and self.count is None else ""),
        }


class Worklist(NamedTuple):
    """A list somebody works off: what is done there, how many rows (`unit` in words), and its address."""

    task: str
    rows: int
    unit: str
    url: str


# What the institutions of these codes are called, and where their record is: code → (name, url).
Namer = Callable[[list[str]], Mapping[str, tuple[str, str]]]
_cards: list[Card] = []
_namers: list[Namer] = []


def add_card(card: Card) -> None:
    """Called by an app's `desks` module when the app is ready."""
    if card not in _cards:
        _cards.append(card)


def add_namer(namer: Namer) -> None:
    """The kernel knows institutions by their codes only; who keeps them says their names."""
    if namer not in _namers:
        _namers.append(namer)


def institution_names(codes: list[str]) -> dict[str, tuple[str, str]]:
    """code → (name, url of its record) of the institutions that are known; nothing is asked for no codes."""
    return {code: found for namer in _namers for code, found in namer(codes).items()} if codes else {}


def duties_of(user: Any) -> list[dict[str, Any]]:
    """The duties in force, those for an institution with its name and the way to its record."""
    duties = user.active_duties
    names = institution_names([duty.uscc for duty in duties if duty.uscc])
    return [
        {"duty": duty, "name": names.get(duty.uscc, ("", ""))[0], "url": names.get(duty.uscc, ("", ""))[1]}
        for duty in duties
    ]


def _offered(user: Any) -> list[Card]:
    return [card for card in sorted(_cards, key=lambda card: card.order) if card.offered_to(user)]


def menu_of(user: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, entrances) of what this person is offered; the group of the first entrance comes first."""
    cards = _offered(user)
    groups = list(dict.fromkeys(card.group for card in cards))
    together = sorted(cards, key=lambda card: groups.index(card.group))
    return [
        (group, [card.shown_to(user) for card in part]) for group, part in groupby(together, lambda card: card.group)
    ]


def lists_of(user: Any) -> list[Worklist]:
    """The lists this person works off, also those that are empty now. One query each."""
    return [
        Worklist(card.task, card.count(user, doing), card.unit, reverse(card.route) + card.query)
        for card in _offered(user)
        if card.count is not None and (doing := card.doing(user))
    ]


def links_for(user: Any) -> list[tuple[str, str]]:
    """(title, url) of the desk pages offered to this user: the desk's navigation."""
    return [(card.title, reverse(card.route)) for card in _offered(user) if card.in_nav]
