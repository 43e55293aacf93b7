"""A question as SQL: one condition a dimension, so that a list, its count and the counts per option agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from yancheng_childcare.deadlines import today_here

from .query import UNRATED, SearchQuery


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL over `registry_publicentry` and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


def bigrams(text: str) -> list[str]:
    """The two-character pieces of a text, each once; the twin of the SQL function `registry_bigrams`."""
    return sorted({text[i : i + 2] for i in range(len(text) - 1)})


def like(text: str) -> str:
    """The text for LIKE: its own wildcards taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def is_latin(term: str) -> bool:
    """Whether a term is looked for among pinyin, initials and codes."""
    return term.isascii()


def word_conditions(terms: tuple[str, ...], *, indexed: bool = True) -> list[Condition]:
    """Every term must occur. With `indexed` the pieces lead through the GIN index, LIKE decides.

    A single character has no pieces: LIKE alone walks the standing order.
    """
    found = []
    for latin in (False, True):
        column = "latin" if latin else "words"
        mine = [term for term in terms if is_latin(term) is latin]
        pieces = sorted({piece for term in mine for piece in bigrams(term)})
        if pieces and indexed:
            found.append(Condition(f"registry_bigrams({column}) @> %s::text[]", (pieces,)))
        found += [Condition(f"{column} LIKE %s", (f"%{like(term)}%",)) for term in mine]
    return found


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
    among("grade", "grade", tuple("" if value == UNRATED else value for value in query.grade))
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


def joined(conditions: list[Condition]) -> tuple[str, list[Any]]:
    """All of them with AND, after `listed`, and their parameters in order."""
    sql = " AND ".join(["listed", *(condition.sql for condition in conditions)])
    return sql, [value for condition in conditions for value in condition.params]
