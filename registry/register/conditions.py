"""A question as SQL: one condition a dimension, so that a list, its count and the counts per option agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings

from yancheng_childcare.deadlines import today_here

from .frequency import leading, share_of
from .query import FILTERS, SearchQuery

Where = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL over `registry_publicentry` and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


def bigrams(text: str) -> list[str]:
    """The two-character pieces of a text, each once; as the SQL function `registry_pieces` makes them."""
    return sorted({text[i : i + 2] for i in range(len(text) - 1)})


def like(text: str) -> str:
    """The text for LIKE: its own wildcards taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def is_latin(term: str) -> bool:
    """Whether a term is looked for among pinyin, initials and codes."""
    return term.isascii()


def pieces_condition(column: str, pieces: list[str], query: SearchQuery) -> Condition:
    """The index's own condition: these pieces, and the county if one is chosen."""
    found = leading(column, pieces)
    if query.region:
        found.append(f"@{query.region}")
    return Condition(f"registry_pieces({column}, region_id, grade) @> %s::text[]", (found,))


def word_conditions(query: SearchQuery, *, indexed: bool = True) -> list[Condition]:
    """Every term must occur. With `indexed` the pieces lead through the GIN index, LIKE decides.

    A single character has no pieces: LIKE alone reads on until the cap.
    """
    found = []
    for latin in (False, True):
        column = "latin" if latin else "words"
        mine = [term for term in query.terms if is_latin(term) is latin]
        pieces = sorted({piece for term in mine for piece in bigrams(term)})
        if pieces and indexed:
            found.append(pieces_condition(column, pieces, query))
        if indexed:
            found += [Condition(f"{column} LIKE %s", (f"%{like(term)}%",)) for term in mine]
        else:
            # Not LIKE: its estimate (a handful of rows) makes the planner sort the whole table instead of walking.
            found += [Condition(f"strpos({column}, %s) > 0", (term,)) for term in mine]
    return found


def share_of_words(query: SearchQuery) -> float:
    """The share of entries (0–1) that can hold all the words: that of their rarest piece; 1 where there is none."""
    shares = []
    for term in query.terms:
        pieces = bigrams(term)
        shares.append(share_of("latin" if is_latin(term) else "words", pieces) if pieces else 1.0)
    return min(shares, default=1.0)


def walkable(query: SearchQuery) -> bool:
    """Whether the standing order itself can follow the filters (county): another one could make a walk endless."""
    others = FILTERS - {"region"}
    read = {part.name for part in query.understood}
    return bool(query.terms) and not (query.given.keys() | read) & others


def filters(query: SearchQuery) -> dict[str, Condition]:
    """The chosen filters by dimension; a dimension without a choice is absent."""
    found: dict[str, Condition] = {}

    def among(name: str, column: str, values: tuple[str, ...]) -> None:
        if len(values) == 1:
            found[name] = Condition(f"{column} = %s", values)
        elif values:
            found[name] = Condition(f"{column} = ANY(%s)", (list(values),))

    if query.region:
        found["region"] = Condition("region_id = %s", (query.region,))
    if query.town:
        found["town"] = Condition("town_id = %s", (query.town,))
    among("nature", "nature", query.nature)
    among("status", "status", query.status)
    among("meals", "meal_mode", query.meals)
    if query.months is not None:
        found["months"] = Condition("(months_mask >> %s) & 1 = 1", (query.months,))
    if query.service:
        found["service"] = Condition("service_modes && %s::varchar[]", (list(query.service),))
    if query.inclusive:
        found["inclusive"] = Condition("inclusive")
    if query.fee_from is not None or query.fee_to is not None:
        low, high = query.fee_from or 0, query.fee_to if query.fee_to is not None else 999_999
        found["fee"] = Condition("fee_month BETWEEN %s AND %s", (low, high))
    if query.free:
        found["free"] = Condition("places_free > 0")
    if query.checked:
        since = today_here() - timedelta(days=settings.PUBLIC_CHECKED_DAYS)
        found["checked"] = Condition("last_checked_on >= %s", (since,))
    return found


def joined(conditions: list[Condition]) -> Where:
    """All of them with AND, after `listed`, and their parameters in order."""
    sql = " AND ".join(["listed", *(condition.sql for condition in conditions)])
    return sql, [value for condition in conditions for value in condition.params]


class Conditions:
    """A question as SQL, each form made when it is first asked for: rows, count and options share them."""

    def __init__(self, query: SearchQuery):
        self._query = query

    @cached_property
    def chosen(self) -> dict[str, Condition]:
        """`filters`."""
        return filters(self._query)

    @cached_property
    def texts(self) -> list[Condition]:
        """The words without the index."""
        return word_conditions(self._query, indexed=False)

    @cached_property
    def share(self) -> float:
        """`share_of_words`."""
        return share_of_words(self._query)

    @cached_property
    def all(self) -> Where:
        """Filters and words, led by the index of pieces."""
        return joined([*self.chosen.values(), *word_conditions(self._query)])

    @cached_property
    def walked(self) -> Where:
        """Filters and words for a walk along the standing order."""
        return joined([*self.chosen.values(), *self.texts])

    @cached_property
    def filtered(self) -> Where:
        """The filters alone."""
        return joined([*self.chosen.values()])

    @cached_property
    def said(self) -> Where:
        """The words alone, in every county."""
        return joined(word_conditions(replace(self._query, region="")))


def of(query: SearchQuery) -> Conditions:
    """The conditions of this question, made once however many statements ask it."""
    found: Conditions | None = query.made.get("conditions")
    if found is None:
        found = query.made["conditions"] = Conditions(query)
    return found
