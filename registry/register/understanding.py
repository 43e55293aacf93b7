"""A question as people type it: area and filters are split off, words that say nothing dropped; what is left is a name.

Pure: nothing here reads the register. One reading serves page and API alike. `亭湖区普惠托育` asks for the filters 亭湖区 and
普惠 and for no name; `盐城小太阳托育中心` asks for the name 小太阳. What the reader chose in the form is never overruled:
words that say otherwise stay words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from yancheng_childcare.places import places

from .query import SEVERAL, SearchQuery, Understood
from .terms import code_of, terms_of
from .vocabulary import Lexicon, filter_in, lexicon, without_city, without_generic


def understand(query: SearchQuery) -> SearchQuery | None:
    """The question as understood; None when it is a code, nothing was typed, or it says no more than its letters.

    The words of the answer are the name; `understood` says what was read from which words.
    """
    if query.literal or not query.words or code_of(query.words):
        return None
    reading = _Reading(query, lexicon())
    names = reading.names_in(terms_of(query.words))
    if not reading.parts and names == list(query.terms):
        return None
    changed: dict[str, Any] = {**reading.changed, "words": " ".join(names), "understood": tuple(reading.parts)}
    if not names and query.near and "ordering" not in query.given:
        changed["ordering"] = "distance"
    return replace(query, **changed, read=True)


@dataclass(slots=True)
class _Reading:
    query: SearchQuery
    known: Lexicon
    parts: list[Understood] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)

    def names_in(self, terms: tuple[str, ...]) -> list[str]:
        """The names left of the terms. A bare town (五星, xinxing) is an area only where nothing else is left."""
        # Pinyin is typed with blanks or without.
        if terms and all(term.isascii() and term.isalpha() for term in terms):
            terms = ("".join(terms),)
        left = [found for term in terms if (found := self._left(term))]
        if len(left) == 1 and self._bare_town(left[0]):
            return []
        return left

    def _left(self, term: str) -> str:
        if not term.isascii():
            while found := self.known.full.search(term):
                rest = self._without(term, found[1], self._place(found[1], self.known.counties, self.known.towns))
                if rest is None:
                    break
                term = rest
            while said := filter_in(term):
                words, name, values = said
                rest = self._without(term, words, self._take(words, name, values))
                if rest is None:
                    break
                term = rest
        term = without_city(term)
        starts = [self.known.latin] if term.isascii() else [self.known.bare_start, self.known.bare_end]
        for pattern in starts:
            if found := pattern.search(term):
                rest = self._without(term, found[0], self._county(found[1], found[0]))
                term = term if rest is None else rest
        return without_generic(term)

    def _without(self, term: str, words: str, taken: bool) -> str | None:
        return term.replace(words, "", 1) if taken else None

    def _county(self, word: str, words: str) -> bool:
        latin = word.isascii()
        return self._place(word, self.known.latin_counties if latin else self.known.bare_counties, {}, words)

    def _bare_town(self, word: str) -> bool:
        latin = word.isascii()
        if latin and (found := self.known.latin.fullmatch(word)):
            return self._place(found[1], {}, self.known.latin_towns, word)
        return self._place(word, {}, self.known.bare_towns)

    def _place(self, word: str, counties: dict[str, list[str]], towns: dict[str, list[str]], words: str = "") -> bool:
        """Take a county, or a town that is the only one of its name (in the county, if one is known)."""
        region = self.changed.get("region") or self.query.region
        town = self.changed.get("town") or self.query.town
        codes = set(counties.get(word, []))
        if len(codes) == 1:
            (code,) = codes
            if region not in {"", code} or (town and places()[town][1] != code):
                return False
            return self._keep(words or word, "region", code)
        codes = {code for code in towns.get(word, []) if not region or places()[code][1] == region}
        if len(codes) != 1 or town not in {"", *codes}:
            return False
        return self._keep(words or word, "town", codes.pop())

    def _take(self, words: str, name: str, values: tuple[str, ...]) -> bool:
        given = getattr(self.query, name)
        if name in SEVERAL:
            if given:
                return False
            known = self.changed.get(name, ())
            self.changed[name] = (*known, *(value for value in values if value not in known))
        elif name == "months":
            if given is not None and given != int(values[0]):
                return False
            self.changed[name] = int(values[0])
        else:
            self.changed[name] = True
        self.parts += [Understood(words, name, value) for value in values]
        return True

    def _keep(self, words: str, name: str, value: str) -> bool:
        self.changed[name] = value
        self.parts.append(Understood(words, name, value))
        return True
