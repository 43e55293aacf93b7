"""Words with one wrong, missing or superfluous character, words that only sound right, lines run together.

Nothing here reads the database: it says what the words may have meant, as patterns and the pieces that lead to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..rules.pinyin import romanise
from .conditions import bigrams, is_latin, like

SHORTEST, LONGEST = 3, 60
SHORTEST_LINE = 6
MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing a term may have meant: a LIKE pattern over `column`, and pieces of `index` that every hit holds."""

    column: str
    pattern: str
    index: str
    pieces: list[str]


def suspects(terms: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(the terms taken as right, the one that may be wrong): all as one word, then each of at most four."""
    yield (), "".join(terms)
    if 1 < len(terms) <= MOST_WORDS:
        for place, term in enumerate(terms):
            yield (*terms[:place], *terms[place + 1 :]), term


def guesses(term: str) -> Iterator[Guess]:
    """What a term may have meant; nothing for one that is too short or longer than a line."""
    if len(term) > LONGEST:
        return
    if sound := sounds_like(term):
        yield Guess("latin", f"%{like(sound)}%", "latin", bigrams(sound))
    column = "latin" if is_latin(term) else "words"
    for pattern, pieces in one_edit(term):
        yield Guess(column, pattern, column, pieces)
    if column == "words":
        for pattern, pieces in run_together(term):
            yield Guess(column, pattern, column, pieces)
        if len(term) == SHORTEST and (pieces := sounds_around(term)):
            yield Guess(column, f"%{like(term[0])}_{like(term[2])}%", "latin", pieces)


def sounds_like(term: str) -> str:
    """The pinyin of a Chinese term of at least two characters, else ""; most wrong characters are homophones."""
    if len(term) < 2 or not any(map(_is_chinese, term)):
        return ""
    return romanise(term)[0].lower()


def sounds_around(term: str) -> list[str]:
    """Pieces of the pinyin of both ends of three characters: with the middle one wrong, the term itself has no piece left."""
    if not (_is_chinese(term[0]) and _is_chinese(term[2])):
        return []
    return sorted({piece for end in (term[0], term[2]) for piece in bigrams(romanise(end)[0].lower())})


def one_edit(term: str) -> Iterator[tuple[str, list[str]]]:
    """(LIKE pattern, its two-character pieces) for each place where one character may be wrong, missing or too many.

    Only patterns with at least one piece to look up; terms of at least three characters.
    """
    if len(term) < SHORTEST:
        return
    seen = set()
    for position in range(len(term) + 1):
        head, tail, rest = term[:position], term[position:], term[position + 1 :]
        for pattern, parts in (
            (f"%{like(head)}_{like(rest)}%", (head, rest)),  # a wrong character
            (f"%{like(head)}_{like(tail)}%", (head, tail)),  # one is missing
            (f"%{like(head + rest)}%", (head + rest,) if len(term) > SHORTEST else ()),  # one too many
        ):
            pieces = sorted({piece for part in parts for piece in bigrams(part)})
            if pieces and pattern not in seen and sum(map(len, parts)) >= SHORTEST - 1:
                seen.add(pattern)
                yield pattern, pieces


def run_together(term: str) -> Iterator[tuple[str, list[str]]]:
    """(LIKE pattern, its pieces) for each place where one line may end and another begin: a name and its address."""
    if len(term) < SHORTEST_LINE:
        return
    for cut in range(2, len(term) - 1):
        head, tail = term[:cut], term[cut:]
        pieces = sorted({*bigrams(head), *bigrams(tail)})
        yield f"%{like(head)}%\n%{like(tail)}%", pieces
        yield f"%{like(tail)}%\n%{like(head)}%", pieces


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
