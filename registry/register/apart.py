"""Institutions outside the register, registered but not filed or ended: found by their code or a part of their name.

Whoever looks for one of these must meet it before any similar name on the register. Shown of it: name, code, area, status.
"""

from __future__ import annotations

from typing import Any

from yancheng_childcare.places import place_name

from ..choices import PublicStatus
from .conditions import bigrams, is_latin, like
from .frequency import FREQUENT, share_of
from .query import SearchQuery
from .rows import TABLE, run
from .sources import public_status
from .terms import code_of, names_of
from .typos import guesses, suspects
from .understanding import understand

MOST = 5
SHORTEST = 2
# Two letters say far less than two characters: 太阳 alone has most of haiyan in it.
FREQUENT_LATIN = 0.6
# Ways from this one on are guesses: by the whole name, by a part of it, then with a slip.
SLIPS = 2
# The words of the partial index `institution_outside`: more than are outside, the join decides.
OUTSIDE = "(status <> 'ACTIVE' OR filed_on IS NULL OR filing_state IN ('CANCELLED', 'RESCINDED'))"
COLUMNS = {"words": "lower(name)", "latin": "name_pinyin"}
_WIDE_BRACKETS = str.maketrans("()", "（）")
Where = tuple[str, list[Any]]


def unlisted(query: SearchQuery, *, slips: bool = False) -> list[dict[str, Any]]:
    """Cards of what was meant outside the register, those of the area asked for first; at most five.

    By the whole name or code, else by a distinctive part of the name; with `slips` (nothing on the register is found as
    typed) also with one wrong character, which what holds the words outweighs and which the card calls `similar`.
    One query when there is none.
    """
    if code := code_of(query.words):
        return _cards(query, [("uscc = %s", [code])])
    if not query.words:
        return []
    terms = _name_of(query)
    wanted: list[Where] = [("name = ANY(%s)", [names_of(query.words)]), _holding(terms) if terms else ("false", [])]
    if slips and terms:
        wanted += _slipped(terms)
    return _cards(query, wanted)


def _name_of(query: SearchQuery) -> tuple[str, ...]:
    """The name looked for, () where there is none or only words that every third name has.

    A bare town may be part of a name as well (花园街道, 木马花园).
    """
    reading = understand(query)
    terms = query.terms if reading is None else reading.terms
    if reading is not None and not terms and len(query.terms) == 1 and [p.name for p in reading.understood] == ["town"]:
        terms = query.terms
    if not any(len(term) >= SHORTEST for term in terms):
        return ()
    if all(_common(term) for term in terms if len(term) >= SHORTEST):
        return ()
    return tuple(term.translate(_WIDE_BRACKETS) for term in terms)


def _common(term: str) -> bool:
    if is_latin(term):
        return share_of("latin", bigrams(term)) >= FREQUENT_LATIN
    return share_of("words", bigrams(term)) >= FREQUENT


def _pieces(column: str, pieces: list[str]) -> Where:
    return f"registry_pieces({COLUMNS[column]}, region_id, '') @> %s::text[]", [pieces]


def _holding(terms: tuple[str, ...]) -> Where:
    parts: list[Where] = [(OUTSIDE, [])]
    for term in terms:
        column = "latin" if is_latin(term) else "words"
        if pieces := bigrams(term):
            parts.append(_pieces(column, pieces))
        pattern = f"%{like(term)}%"
        if column == "latin":
            # Initials are short and in no index: the pinyin's pieces lead, a digit or letter may stand in the name itself.
            parts.append((f"({COLUMNS['latin']} LIKE %s OR {COLUMNS['words']} LIKE %s)", [pattern, pattern]))
        else:
            parts.append((f"{COLUMNS['words']} LIKE %s", [pattern]))
    return _all(parts)


def _slipped(terms: tuple[str, ...]) -> list[Where]:
    groups: dict[tuple[tuple[str, ...], str, str, tuple[str, ...]], list[str]] = {}
    for kept, term in suspects(terms):
        for guess in guesses(term):
            if "\n" not in guess.pattern:
                groups.setdefault((kept, guess.column, guess.index, tuple(guess.pieces)), []).append(guess.pattern)
    found = []
    for (kept, column, index, pieces), patterns in groups.items():
        right = [_holding(kept)] if kept else []
        like_any: Where = (f"{COLUMNS[column]} LIKE ANY(%s)", [patterns])
        found.append(_all([(OUTSIDE, []), *right, _pieces(index, list(pieces)), like_any]))
    return found


def _all(parts: list[Where]) -> Where:
    return " AND ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def _cards(query: SearchQuery, wanted: list[Where]) -> list[dict[str, Any]]:
    """The cards of what fulfils any of these, whole names first, then the area asked for."""
    # Nearly every question ends here; planning the join would cost more than this look-up.
    parts = [
        f"(SELECT id, {place} AS way FROM registry_institution WHERE {sql} LIMIT {10 * MOST})"
        for place, (sql, _) in enumerate(wanted)
    ]
    if not parts:
        return []
    found = run(" UNION ALL ".join(parts), [value for _, values in wanted for value in values])
    if not found:
        return []
    ways: dict[int, int] = {}
    for key, way in found:
        ways[key] = min(way, ways.get(key, way))
    reading = understand(query) or query
    rows = run(
        f"SELECT i.id, i.uscc, i.name, i.region_id, i.status, i.filing_state, i.filed_on FROM registry_institution i"
        f" LEFT JOIN {TABLE} e ON e.institution_id = i.id WHERE i.id = ANY(%s) AND e.listed IS NOT TRUE ORDER BY i.id DESC",
        [list(ways)],
    )
    exact = set(names_of(query.words))
    rows.sort(key=lambda row: (row[2] not in exact, reading.region not in {"", row[3]}, ways[row[0]]))
    if rows and rows[0][2] in exact:
        rows = [row for row in rows if row[2] in exact]
    elif any(ways[row[0]] < SLIPS for row in rows):
        rows = [row for row in rows if ways[row[0]] < SLIPS]
    return [_card(*row[1:], similar=ways[row[0]] >= SLIPS) for row in rows[:MOST]]


def _card(
    uscc: str, name: str, region: str, registration: str, filing_state: str, filed_on: Any, *, similar: bool
) -> dict[str, Any]:
    status = public_status(registration, filing_state, filed_on)
    return {
        "uscc": uscc,
        "name": name,
        "status": status,
        "status_text": str(PublicStatus(status).label),
        "region_code": region,
        "region": place_name(region),
        "similar": similar,
        "links": {"self": f"/api/v1/institutions/{uscc}/", "page": f"/institutions/{uscc}/"},
    }
