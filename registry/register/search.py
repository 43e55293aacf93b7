"""The search of the public register: one statement a page, rows as the JSON they were stored as.

Frequent words are never sorted: at most `PUBLIC_SEARCH_CAP` hits come from the index; when there are more, the standing
order is walked until the page is full (performance.md §1.1). Pages follow by key, so page 3,000 costs what page 1 costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings

from . import conditions
from .conditions import like, walkable
from .frequency import FREQUENT
from .order import FIRST_OF_LAST
from .query import Cursor, SearchQuery
from .rows import TABLE, Page, Row, run, texts_of
from .similar import similar
from .understanding import understand

NO_FEE, FAR = 1e7, 1e5
# Added to the distance of those that stopped or must mend their filing: the nearest open one comes first.
LAST_KM = 2e5


def find(query: SearchQuery) -> Page:
    """One page of what was meant.

    Area and filter words alone are filters. With a name: as typed, else as understood, else what is similar, else the
    name anywhere in the city, else the area alone. One statement where something is found as typed; a second one when
    the words are too frequent to sort.
    """
    if query.cursor is not None and not query.cursor.read:
        return _exactly(query)
    reading = understand(query)
    if reading is not None and (query.cursor is not None or not reading.terms):
        page = _exactly(reading)
        # A town without its ending may be a word of a name instead: 花园.
        if page.rows or query.cursor is not None or [part.name for part in reading.understood] != ["town"]:
            return page
        reading = None
    page = _exactly(query)
    if page.rows or not query.terms:
        return page
    if reading is None:
        return _similar(query)
    return next((page for page in _tries(query, reading) if page.rows), replace(page, nowhere=True))


def _tries(query: SearchQuery, reading: SearchQuery) -> Iterator[Page]:
    """What a name may mean that is not found as typed, the best guess first."""
    yield _exactly(reading)
    yield _similar(query)
    yield _similar(reading)
    if reading.understood:
        # The name is right, the area or filter said with it is not.
        anywhere = replace(query, words=reading.words, given={**query.given, "q": [reading.words]})
        yield replace(_exactly(anywhere), similar=True, next=None)
        area = replace(_exactly(replace(reading, words="")), instead=True)
        yield replace(area, next=None)


def _exactly(query: SearchQuery) -> Page:
    cursor = query.cursor
    if query.ordering in {"fee", "distance"}:
        page = _sorted(query)
    elif cursor is None:
        page = _first(query)
    elif cursor.many:
        page = _walk(query, cursor)
    else:
        page = _few(query, cursor)
    return replace(page, query=query)


def _similar(query: SearchQuery) -> Page:
    return replace(similar(query), query=query)


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
    share = conditions.of(query).share
    if share >= FREQUENT and walkable(query) and (page := _along(query, share)).capped:
        return page
    where, params = conditions.of(query).all
    rank, rank_params = _rank(query)
    searched = "latin" if "latin" in rank else "words"
    # How well each fits is looked at only when there are few enough to be sorted by it.
    sql = f"""WITH hits AS MATERIALIZED (
 SELECT institution_id, order_key, {searched} FROM {TABLE} WHERE {where} LIMIT {cap + 1})
SELECT t.card::text, k.v, k.order_key, n.c FROM (SELECT count(*) AS c FROM hits) n
LEFT JOIN LATERAL (SELECT institution_id, order_key, {rank} AS v FROM hits WHERE n.c <= {cap}
 ORDER BY v, order_key LIMIT {query.size + 1}) k ON true
LEFT JOIN {TABLE} t USING (institution_id) ORDER BY k.v, k.order_key"""
    found = run(sql, [*params, *rank_params])
    count = found[0][3]
    if count > cap:
        return replace(_walk(query, None), count=cap, capped=True)
    return _page([Row(*row[:3]) for row in found if row[0] is not None], query, None, False, count=count)


def _along(query: SearchQuery, share: float) -> Page:
    """The first page for frequent words: the order is walked until the cap is passed, which counts them too.

    The walk ends at twice the length it should take: the words may be frequent in the city and rare in this county.
    """
    cap = settings.PUBLIC_SEARCH_CAP
    where, params = conditions.of(query).filtered
    names, texts, wanted = texts_of(query)
    sql = f"""WITH walk AS MATERIALIZED (
 SELECT institution_id, order_key FROM (SELECT institution_id, order_key, {names} FROM {TABLE} WHERE {where}
 ORDER BY order_key LIMIT {int(2 * (cap + 1) / share)}) near WHERE {texts} LIMIT {cap + 1})
SELECT t.card::text, 0, k.order_key, n.c FROM (SELECT count(*) AS c FROM walk) n
CROSS JOIN LATERAL (SELECT * FROM walk WHERE n.c > {cap} ORDER BY order_key LIMIT {query.size + 1}) k
JOIN {TABLE} t USING (institution_id) ORDER BY k.order_key"""
    found = run(sql, [*params, *wanted])
    return _page([Row(*row[:3]) for row in found], query, None, True, count=cap, capped=bool(found))


def _few(query: SearchQuery, cursor: Cursor) -> Page:
    """A later page of few hits."""
    where, params = conditions.of(query).all
    rank, rank_params = _rank(query)
    return _after(query, cursor, f"{rank}", rank_params, where, params, f"LIMIT {settings.PUBLIC_SEARCH_CAP + 1}")


def _sorted(query: SearchQuery) -> Page:
    """By fee or distance: every hit is valued, the database keeps the smallest."""
    where, params = conditions.of(query).all
    if query.ordering == "fee":
        value, value_params = f"coalesce(fee_month, {NO_FEE})::float8", []
    else:
        latitude, longitude = query.near or (0.0, 0.0)
        # On the scale of a city the earth is flat: 111.2 km a degree, less along the parallels.
        value = (
            f"round(coalesce(111.2 * sqrt(power(latitude - %s, 2) + power((longitude - %s) * cos(radians(%s)), 2)),"
            f" {FAR})::numeric, 2)::float8 + CASE WHEN order_key >= '{FIRST_OF_LAST}' THEN {LAST_KM} ELSE 0 END"
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
    rows = [Row(*row) for row in run(sql, [*value_params, *params, *after])]
    return _page(rows, query, cursor, many=False)


def _walk(query: SearchQuery, cursor: Cursor | None) -> Page:
    """A page in the standing order: for words so frequent that the next twenty are never far."""
    where, params = conditions.of(query).walked
    sign, way = ("<", "DESC") if cursor is not None and cursor.back else (">", "ASC")
    if cursor is not None:
        where, params = f"{where} AND order_key {sign} %s", [*params, cursor.key]
    # The rows themselves are read only for what is shown: the index of the order holds the words.
    sql = f"""SELECT t.card::text, 0, k.order_key FROM (SELECT institution_id, order_key FROM {TABLE} WHERE {where}
 ORDER BY order_key {way} LIMIT {query.size + 1}) k JOIN {TABLE} t USING (institution_id) ORDER BY k.order_key {way}"""
    return _page([Row(*row) for row in run(sql, params)], query, cursor, many=True)


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
        Cursor(last.value, last.key, False, many, query.read) if following else None,
        Cursor(first.value, first.key, True, many, query.read) if preceding else None,
        count,
        capped,
    )


def count_of(query: SearchQuery) -> tuple[int, bool]:
    """How many there are, up to the cap, and whether there are more."""
    cap = settings.PUBLIC_SEARCH_CAP
    where, params = conditions.of(query).all
    found = run(f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {where} LIMIT {cap + 1}) x", params)[0][0]
    return min(found, cap), found > cap
