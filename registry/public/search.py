"""The search of the public register: one statement a page, rows as the JSON they were stored as.

Frequent words are never sorted: at most `PUBLIC_SEARCH_CAP` hits come from the index; when there are more, the standing
order is walked until the page is full (performance.md §1.1). Pages follow by key, so page 3,000 costs what page 1 costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from yancheng_childcare.replica import public_cursor

from .conditions import filters, is_latin, joined, like, pieces_condition, share_of_words, walkable, word_conditions
from .entry import columns
from .frequency import FREQUENT, leading
from .query import Cursor, SearchQuery
from .sources import gather
from .terms import code_of, names_of
from .typos import guesses, suspects

TABLE = "registry_publicentry"
NO_FEE, FAR = 1e7, 1e5
MOST_UNLISTED = 5
# Entries looked at for one guess of what the words meant: all of a city, a bounded part of a million.
MOST_GUESSED = 5_000
# Words in at least this share of the entries are met within so many of them, else they hardly occur at all.
COMMON, SAMPLE = 0.01, 3_000


@dataclass(frozen=True, slots=True)
class Row:
    """One hit: its stored card as JSON text, the value it was sorted by (kilometres, yuan or rank) and its key."""

    card: str
    value: float
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits. `count` is None on later pages; `capped` says there are more than the cap.

    `similar`: nothing matches as typed, these differ in one character or only sound alike. `nowhere`: the words as typed
    occur in no entry at all, with or without the filters.
    """

    rows: list[Row]
    next: Cursor | None = None
    previous: Cursor | None = None
    count: int | None = None
    capped: bool = False
    similar: bool = False
    nowhere: bool = False


def find(query: SearchQuery) -> Page:
    """One page. One statement; a second one when the words are too frequent to sort, or nothing is found as typed."""
    cursor = query.cursor
    if query.ordering in {"fee", "distance"}:
        page = _sorted(query)
    elif cursor is None:
        page = _first(query)
    elif cursor.many:
        page = _walk(query, cursor)
    else:
        page = _few(query, cursor)
    if cursor is None and not page.rows and query.terms:
        return _similar(query)
    return page


def unlisted(query: SearchQuery) -> list[dict[str, Any]]:
    """Cards of institutions outside the register whose whole name or code was typed: registered, not filed or ended.

    They are found by nothing less (a wrong name must not look like an answer), also within a pasted line. One query when
    there is none.
    """
    code, names = code_of(query.words), names_of(query.words)
    if not code and not names:
        return []
    condition, values = ("(uscc = %s OR name = ANY(%s))", [code, names]) if code else ("name = ANY(%s)", [names])
    # Nearly every question ends here; planning the join would cost more than this look-up.
    found = [key for (key,) in _run(f"SELECT id FROM registry_institution WHERE {condition}", values)]
    if not found:
        return []
    rows = _run(
        f"SELECT i.id FROM registry_institution i LEFT JOIN {TABLE} e ON e.institution_id = i.id"
        f" WHERE i.id = ANY(%s) AND e.listed IS NOT TRUE ORDER BY i.id DESC LIMIT {MOST_UNLISTED}",
        [found],
    )
    return [card_of(key) for (key,) in rows]


def card_of(institution_id: int) -> dict[str, Any]:
    """The card of any institution, made now. Eight queries: for exact look-ups, not for lists."""
    made: dict[str, Any] = columns(gather(institution_id))["card"]
    return made


def _run(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with public_cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _rank(query: SearchQuery) -> tuple[str, list[Any]]:
    """How well a hit fits the first word: it begins with it, its name holds it, something else does."""
    if query.ordering != "relevance" or not query.terms:
        return "0", []
    term = query.terms[0]
    column = "latin" if term.isascii() else "words"
    return (
        f"CASE WHEN {column} LIKE %s THEN 0 WHEN strpos(split_part({column}, E'\\n', 1), %s) > 0 THEN 1 ELSE 2 END",
        [f"{like(term)}%", term],
    )


def _first(query: SearchQuery) -> Page:
    """The first page. Few hits are sorted by how well they fit; when there are more than the cap, the order is walked."""
    cap = settings.PUBLIC_SEARCH_CAP
    share = share_of_words(query)
    if share >= FREQUENT and walkable(query) and (page := _along(query, share)).capped:
        return page
    where, params = joined([*filters(query).values(), *word_conditions(query)])
    rank, rank_params = _rank(query)
    searched = "latin" if "latin" in rank else "words"
    # How well each fits is looked at only when there are few enough to be sorted by it.
    sql = f"""WITH hits AS MATERIALIZED (
 SELECT institution_id, order_key, {searched} FROM {TABLE} WHERE {where} LIMIT {cap + 1})
SELECT t.card::text, k.v, k.order_key, n.c FROM (SELECT count(*) AS c FROM hits) n
LEFT JOIN LATERAL (SELECT institution_id, order_key, {rank} AS v FROM hits WHERE n.c <= {cap}
 ORDER BY v, order_key LIMIT {query.size + 1}) k ON true
LEFT JOIN {TABLE} t USING (institution_id) ORDER BY k.v, k.order_key"""
    found = _run(sql, [*params, *rank_params])
    count = found[0][3]
    if count > cap:
        return replace(_walk(query, None), count=cap, capped=True)
    return _page([Row(*row[:3]) for row in found if row[0] is not None], query, None, False, count=count)


def _along(query: SearchQuery, share: float) -> Page:
    """The first page for frequent words: the order is walked until the cap is passed, which counts them too.

    The walk ends at twice the length it should take: the words may be frequent in the city and rare in this county.
    """
    cap = settings.PUBLIC_SEARCH_CAP
    where, params = joined([*filters(query).values()])
    names, texts, wanted = _texts(query)
    sql = f"""WITH walk AS MATERIALIZED (
 SELECT institution_id, order_key FROM (SELECT institution_id, order_key, {names} FROM {TABLE} WHERE {where}
 ORDER BY order_key LIMIT {int(2 * (cap + 1) / share)}) near WHERE {texts} LIMIT {cap + 1})
SELECT t.card::text, 0, k.order_key, n.c FROM (SELECT count(*) AS c FROM walk) n
CROSS JOIN LATERAL (SELECT * FROM walk WHERE n.c > {cap} ORDER BY order_key LIMIT {query.size + 1}) k
JOIN {TABLE} t USING (institution_id) ORDER BY k.order_key"""
    found = _run(sql, [*params, *wanted])
    return _page([Row(*row[:3]) for row in found], query, None, True, count=cap, capped=bool(found))


def _texts(query: SearchQuery) -> tuple[str, str, list[Any]]:
    """The columns the words are looked for in, their conditions without the index, and the parameters.

    `words` alone where possible: it lies in the index of the order.
    """
    latin = [is_latin(term) for term in query.terms]
    found = [name for name, used in (("words", not all(latin)), ("latin", any(latin))) if used]
    conditions = word_conditions(query, indexed=False)
    params = [value for condition in conditions for value in condition.params]
    return ", ".join(found), " AND ".join(condition.sql for condition in conditions), params


def _few(query: SearchQuery, cursor: Cursor) -> Page:
    """A later page of few hits."""
    where, params = joined([*filters(query).values(), *word_conditions(query)])
    rank, rank_params = _rank(query)
    return _after(query, cursor, f"{rank}", rank_params, where, params, f"LIMIT {settings.PUBLIC_SEARCH_CAP + 1}")


def _sorted(query: SearchQuery) -> Page:
    """By fee or distance: every hit is valued, the database keeps the smallest."""
    where, params = joined([*filters(query).values(), *word_conditions(query)])
    if query.ordering == "fee":
        value, value_params = f"coalesce(fee_month, {NO_FEE})::float8", []
    else:
        latitude, longitude = query.near or (0.0, 0.0)
        # On the scale of a city the earth is flat: 111.2 km a degree, less along the parallels.
        value = (
            f"round(coalesce(111.2 * sqrt(power(latitude - %s, 2) + power((longitude - %s) * cos(radians(%s)), 2)),"
            f" {FAR})::numeric, 2)::float8"
        )
        value_params = [latitude, longitude, latitude]
    page = _after(query, query.cursor, value, value_params, where, params, "")
    if query.cursor is None:
        count, capped = count_of(query) if page.next else (len(page.rows), False)
        return Page(page.rows, page.next, page.previous, count, capped)
    return page


def _after(
    query: SearchQuery,
    cursor: Cursor | None,
    value: str,
    value_params: list[Any],
    where: str,
    params: list[Any],
    cap: str,
) -> Page:
    back = cursor is not None and cursor.back
    sign, way = ("<", "DESC") if back else (">", "ASC")
    beyond, after = "", []
    if cursor is not None:
        beyond, after = f"WHERE (v, order_key) {sign} (%s::float8, %s)", [cursor.value, cursor.key]
    sql = f"""WITH hits AS (SELECT institution_id, order_key, ({value})::float8 AS v FROM {TABLE} WHERE {where} {cap}),
k AS MATERIALIZED (SELECT * FROM hits {beyond} ORDER BY v {way}, order_key {way} LIMIT {query.size + 1})
SELECT t.card::text, k.v, k.order_key FROM k JOIN {TABLE} t USING (institution_id) ORDER BY k.v {way}, k.order_key {way}"""
    rows = [Row(*row) for row in _run(sql, [*value_params, *params, *after])]
    return _page(rows, query, cursor, many=False)


def _walk(query: SearchQuery, cursor: Cursor | None) -> Page:
    """A page in the standing order: for words so frequent that the next twenty are never far."""
    where, params = joined([*filters(query).values(), *word_conditions(query, indexed=False)])
    sign, way = ("<", "DESC") if cursor is not None and cursor.back else (">", "ASC")
    if cursor is not None:
        where, params = f"{where} AND order_key {sign} %s", [*params, cursor.key]
    # The rows themselves are read only for what is shown: the index of the order holds the words.
    sql = f"""SELECT t.card::text, 0, k.order_key FROM (SELECT institution_id, order_key FROM {TABLE} WHERE {where}
 ORDER BY order_key {way} LIMIT {query.size + 1}) k JOIN {TABLE} t USING (institution_id) ORDER BY k.order_key {way}"""
    return _page([Row(*row) for row in _run(sql, params)], query, cursor, many=True)


def _page(
    rows: list[Row],
    query: SearchQuery,
    cursor: Cursor | None,
    many: bool,
    *,
    count: int | None = None,
    capped: bool = False,
) -> Page:
    back = cursor is not None and cursor.back
    more, rows = len(rows) > query.size, rows[: query.size]
    if back:
        rows.reverse()
    following = more if not back else True
    preceding = more if back else cursor is not None
    if not rows:
        return Page([], None, None, count, capped)
    last, first = rows[-1], rows[0]
    return Page(
        rows,
        Cursor(last.value, last.key, False, many) if following else None,
        Cursor(first.value, first.key, True, many) if preceding else None,
        count,
        capped,
    )


def count_of(query: SearchQuery) -> tuple[int, bool]:
    """How many there are, up to the cap, and whether there are more."""
    cap = settings.PUBLIC_SEARCH_CAP
    where, params = joined([*filters(query).values(), *word_conditions(query)])
    found = _run(f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {where} LIMIT {cap + 1}) x", params)[0][0]
    return min(found, cap), found > cap


def _occurs(query: SearchQuery) -> bool:
    """Whether the words stand in any entry, whatever the filters. Common words are met in a handful of entries."""
    names, texts, params = _texts(query)
    near = f"(SELECT {names} FROM {TABLE} WHERE listed LIMIT {SAMPLE}) near"
    if share_of_words(query) >= COMMON and _run(f"SELECT 1 FROM {near} WHERE {texts} LIMIT 1", params):
        return True
    where, params = joined(word_conditions(replace(query, region="", grade=())))
    return bool(_run(f"SELECT 1 FROM {TABLE} WHERE {where} LIMIT 1", params))


def _similar(query: SearchQuery) -> Page:
    """What the words may have meant (one slip, the same sound, a name and its address run together); one page, filters hold.

    Words that occur somewhere are no mistake: then the filters left nothing, and the page says so.
    """
    nothing = Page([], count=0)
    chosen = list(filters(query).values())
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
    rows = [Row(*row) for row in _run(sql, values)]
    return Page(rows, count=len(rows), similar=bool(rows), nowhere=True)
