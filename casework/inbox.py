"""“我的工作台”: what a person must do, what is under way elsewhere, what was done lately; for cases of every type.

An app says once, with `add_source`, which of its cases concern a person; the words come from their states. What is no
case but a list somebody works off (`desks.Card.count`) is one line with its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import lists_of
from yancheng_childcare.workdays import SHANGHAI, Colour, light

from .types import AUTHORITY, SYSTEM, State

SOON = 2  # working days left from which on a line is yellow
RECENT_DAYS = 30  # natural days for which something done is shown
RECENT = 8  # lines of it

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One case as it concerns one person; `state` says in words what is done there, by whom, and what follows.

    `mine`: this person acts now; `first`: before all others, whatever its day. `day` is the last day in time, None when
    no clock runs; `paused` is why it stands still. `holder` has the case when it is somebody else, "" whoever holds the
    role. With `ended_on` it is done, and `matter` says what was decided.
    """

    state: State
    matter: str
    whose: str
    url: str
    day: date | None = None
    mine: bool = False
    first: bool = False
    holder: str = ""
    paused: str = ""
    ended_on: date | None = None

    @property
    def follows(self) -> str:
        """What follows once it is done, for the one who does it."""
        return self.state.then or self.state.following

    @property
    def turn(self) -> str:
        """Whose turn it is, in words."""
        if self.holder or not self.state.turn:
            return self.holder
        words = {SYSTEM: "到期自动办理", AUTHORITY: "承办单位"}
        return words.get(self.state.turn) or str(Role(self.state.turn).label)

    def on(self, today: date) -> Row:
        """As the page shows it: with its light, and the working days left as every list and clock counts them."""
        if self.paused:
            return {"item": self, "light": Colour.GREY.value, "word": "暂停计时"}
        if self.day is None:
            return {"item": self, "light": "plain", "word": "没有时限"}
        lamp = light(today, self.day, today)
        colour = lamp.colour if lamp.colour is Colour.RED or lamp.remaining > SOON else Colour.YELLOW
        return {"item": self, "light": colour.value, "word": lamp.number or lamp.word}


@dataclass(frozen=True, slots=True)
class Source:
    """One type of case: whom its cases concern (`roles`), and which those are: (user, today, since) → items.

    It is asked only for somebody who holds one of the roles. `since`: what ended earlier is not shown.
    """

    roles: AbstractSet[str]
    items: Callable[[Any, date, datetime], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Inbox:
    """The three lists of one person, most urgent first, the done ones newest first.

    `cases`: somebody who works on cases; `works`: on these or on lists. The others only read.
    """

    todo: list[Row]
    under_way: list[Row]
    ended: list[Item]
    cases: bool
    works: bool


_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Called once by an app when it is ready."""
    if source not in _sources:
        _sources.append(source)


def inbox_for(user: Any, today: date | None = None) -> Inbox:
    """What concerns this person on that day. Queries: those of the sources and lists of the roles held."""
    day = today or today_here()
    asked = [source for source in _sources if source.roles & user.roles]
    since = datetime.combine(day - timedelta(days=RECENT_DAYS), time.min, SHANGHAI)
    # Two roles of one person may bring the same case.
    items = list(dict.fromkeys(item for source in asked for item in source.items(user, day, since)))
    lists = lists_of(user)
    todo = sorted((item for item in items if item.mine), key=_urgency)
    todo += [
        Item(State("plain", task=row.task), "", f"{row.rows:,} {row.unit}", row.url, mine=True)
        for row in lists
        if row.rows
    ]
    acting = {item.url for item in todo}
    under_way = [item for item in items if not item.mine and item.ended_on is None and item.url not in acting]
    ended = sorted((item for item in items if item.ended_on), key=lambda item: item.ended_on or day, reverse=True)
    return Inbox(
        todo=[item.on(day) for item in todo],
        under_way=[item.on(day) for item in sorted(under_way, key=_urgency)],
        ended=ended[:RECENT],
        cases=bool(asked),
        works=bool(asked or lists),
    )


def _urgency(item: Item) -> tuple[Any, ...]:
    return (not item.first, bool(item.paused), item.day or date.max, item.state.task, item.whose)
