"""Words with one wrong, missing or superfluous character, and words that only sound right."""

from __future__ import annotations

from collections.abc import Iterator

from ..pinyin import romanise
from .conditions import bigrams, like

SHORTEST, LONGEST = 3, 12


def sounds_like(term: str) -> str:
    """The pinyin of a Chinese term of at least two characters, else ""; most wrong characters are homophones."""
    if not 2 <= len(term) <= LONGEST or not any("\u4e00" <= character <= "\u9fff" for character in term):
        return ""
    return romanise(term)[0].lower()


def one_edit(term: str) -> Iterator[tuple[str, list[str]]]:
    """(LIKE pattern, its two-character pieces) for each place where one character may be wrong, missing or too many.

    Only patterns with at least one piece to look up; terms of 3 to 12 characters.
    """
    if not SHORTEST <= len(term) <= LONGEST:
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
