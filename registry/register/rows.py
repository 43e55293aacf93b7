"""What the statements of a search share: the table, a hit, a page of hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yancheng_childcare.replica import public_cursor

from . import conditions
from .conditions import is_latin
from .query import Cursor, SearchQuery

TABLE = "registry_publicentry"


@dataclass(frozen=True, slots=True)
class Row:
    """One hit: its stored card as JSON text, the value it was sorted by (kilometres, yuan or rank) and its key."""

    card: str
    value: float
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits. `count` is None on later pages; `capped` says there are more than the cap.

    `query`: the question these answer, as typed or as understood. `similar`: nothing matches as typed, these differ in one
    character or only sound alike. `instead`: the name is nowhere, these are all of the area or with the filters it was
    typed with. `nowhere`: the words as typed occur in no entry at all, with or without the filters.
    """

    rows: list[Row]
    next: Cursor | None = None
    previous: Cursor | None = None
    count: int | None = None
    capped: bool = False
    similar: bool = False
    instead: bool = False
    nowhere: bool = False
    query: SearchQuery = SearchQuery()

    @property
    def unsure(self) -> bool:
        """Whether nothing was found that is what the words say."""
        return self.similar or self.instead or not self.rows


def run(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement on the database the public reads."""
    with public_cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def texts_of(query: SearchQuery) -> tuple[str, str, list[Any]]:
    """The columns the words are looked for in, their conditions without the index, and the parameters.

    `words` alone where possible: it lies in the index of the order.
    """
    latin = [is_latin(term) for term in query.terms]
    found = [name for name, used in (("words", not all(latin)), ("latin", any(latin))) if used]
    texts = conditions.of(query).texts
    params = [value for condition in texts for value in condition.params]
    return ", ".join(found), " AND ".join(condition.sql for condition in texts), params
