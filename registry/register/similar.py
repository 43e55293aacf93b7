"""What words that are found nowhere may have meant: the second try of a search."""

from __future__ import annotations

from dataclasses import replace

from . import conditions
from .conditions import joined, pieces_condition, word_conditions
from .frequency import leading
from .query import SearchQuery
from .rows import TABLE, Page, Row, run, texts_of
from .typos import guesses, suspects

# Entries looked at for one guess of what the words meant: all of a city, a bounded part of a million.
MOST_GUESSED = 5_000
# Words in at least this share of the entries are met within so many of them, else they hardly occur at all.
COMMON, SAMPLE = 0.01, 3_000


def _occurs(query: SearchQuery) -> bool:
    """Whether the words stand in any entry, whatever the filters. Common words are met in a handful of entries."""
    names, texts, params = texts_of(query)
    near = f"(SELECT {names} FROM {TABLE} WHERE listed LIMIT {SAMPLE}) near"
    if conditions.of(query).share >= COMMON and run(f"SELECT 1 FROM {near} WHERE {texts} LIMIT 1", params):
        return True
    where, params = conditions.of(query).said
    return bool(run(f"SELECT 1 FROM {TABLE} WHERE {where} LIMIT 1", params))


def similar(query: SearchQuery) -> Page:
    """What the words may have meant (one slip, the same sound, a name and its address run together); one page, filters hold.

    Words that occur somewhere are no mistake: then the filters left nothing, and the page says so.
    """
    nothing = Page([], count=0)
    chosen = list(conditions.of(query).chosen.values())
    if chosen and _occurs(query):
        return nothing
    groups: dict[tuple[tuple[str, ...], str, str, tuple[str, ...]], list[str]] = {}
    for kept, term in suspects(query.terms):
        for guess in guesses(term):
            lead = tuple(leading(guess.index, guess.pieces))
            groups.setdefault((kept, guess.column, guess.index, lead), []).append(guess.pattern)
    if not groups:
        return replace(nothing, nowhere=True)
    parts, values = [], []
    for (kept, column, index, lead), patterns in groups.items():
        right = word_conditions(replace(query, words=" ".join(kept)))
        where, params = joined([*chosen, *right, pieces_condition(index, list(lead), query)])
        # One look-up for all patterns that share their rarest pieces; an OR over all would make the pieces of every row again.
        parts.append(
            f"(SELECT institution_id FROM (SELECT institution_id, {column} FROM {TABLE} WHERE {where} LIMIT {MOST_GUESSED}) near"
            f" WHERE {column} LIKE ANY(%s) LIMIT {query.size})"
        )
        values += [*params, patterns]
    sql = f"""SELECT card::text, 0, order_key FROM {TABLE} WHERE institution_id IN ({" UNION ALL ".join(parts)})
ORDER BY order_key LIMIT {query.size}"""
    rows = [Row(*row) for row in run(sql, values)]
    return Page(rows, count=len(rows), similar=bool(rows), nowhere=True)
