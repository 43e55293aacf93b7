"""“我的工作台”: what is due for a person, and the cards of what the duties allow. Each app adds its own when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from .deadlines import today_here
from .permissions import may_enter, roles_for
from .workdays import Colour, light

SHOWN = 12  # lines of the agenda; what is further off is found behind the cards
AHEAD = 7  # natural days an agenda looks ahead
SOON = 2  # working days left from which on a line is yellow


@dataclass(frozen=True, slots=True)
class Card:
    """One entrance. `roles`: who is offered it (None = whoever may enter the page).

    `count` asks how many things these `doers` must do now, in the roles of theirs that open the page: exactly the rows
    of the list behind `query`. The others read `viewing` and no number.
    """

    route: str
    title: str
    text: str
    count: Callable[[Any, frozenset[str]], int] | None = None
    unit: str = "件待办"
    query: str = ""
    icon: str = "file"
    order: int = 50
    roles: frozenset[str] | None = None
    doers: frozenset[str] | None = None
    viewing: str = ""
    in_nav: bool = True

    def offered_to(self, user: Any) -> bool:
        """Whether this person gets the card at all."""
        return may_enter(user, self.route, "GET") and (self.roles is None or bool(user.roles & self.roles))

    def shown_to(self, user: Any) -> dict[str, Any]:
        """What the card says to this person."""
        opening = roles_for(user, self.route, "GET")
        doing = opening if self.doers is None else opening & self.doers
        return {
            "title": self.title,
            "text": self.text if doing else self.viewing or self.text,
            "url": reverse(self.route) + (self.query if doing else ""),
            "count": self.count(user, doing) if self.count is not None and doing else None,
            "unit": self.unit,
            "icon": self.icon,
        }


@dataclass(frozen=True, slots=True)
class Due:
    """One thing a person has to do. `first`: stands before all others, whatever its day (what only this person can do).

    `day` is the last day on which it is in time, None when no clock runs.
    """

    title: str
    whose: str
    url: str
    day: date | None = None
    first: bool = False

    def on(self, today: date) -> Mapping[str, Any]:
        """As the page shows it: with its light, and the working days left as every list and clock counts them."""
        if self.day is None:
            return {"due": self, "light": "plain", "word": "待办"}
        lamp = light(today, self.day, today)
        colour = lamp.colour if lamp.colour is Colour.RED or lamp.remaining > SOON else Colour.YELLOW
        word = lamp.number or lamp.word
        return {"due": self, "light": colour.value, "word": word}


# What the institutions of these codes are called, and where their record is: code → (name, url).
Namer = Callable[[list[str]], Mapping[str, tuple[str, str]]]
Agenda = Callable[[Any, date, date], Iterable[Due]]
_cards: list[Card] = []
_agendas: list[Agenda] = []
_namers: list[Namer] = []


def add_card(card: Card) -> None:
    """Called by an app's `desks` module when the app is ready."""
    if card not in _cards:
        _cards.append(card)


def add_agenda(agenda: Agenda) -> None:
    """An app's answer to: what must this person do between today and that day? (user, today, until)."""
    if agenda not in _agendas:
        _agendas.append(agenda)


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


def cards_for(user: Any) -> list[dict[str, Any]]:
    """The cards offered to this user, with link and waiting number."""
    return [card.shown_to(user) for card in sorted(_cards, key=lambda c: c.order) if card.offered_to(user)]


def agenda_for(user: Any, today: date | None = None) -> tuple[list[Mapping[str, Any]], bool]:
    """What this person has to do, most urgent first, and whether there is more."""
    day = today or today_here()
    found = [due for agenda in _agendas for due in agenda(user, day, day + timedelta(days=AHEAD))]
    found.sort(key=lambda due: (not due.first, due.day or date.max, due.title, due.whose))
    return [due.on(day) for due in found[:SHOWN]], len(found) > SHOWN


def links_for(user: Any) -> list[tuple[str, str]]:
    """(title, url) of the desk pages offered to this user: the desk's navigation."""
    return [
        (card.title, reverse(card.route))
        for card in sorted(_cards, key=lambda c: c.order)
        if card.in_nav and card.offered_to(user)
    ]
