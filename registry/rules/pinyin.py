"""Pinyin of institution names, the same as `pypinyin.lazy_pinyin` gives but some ten times faster.

Names of institutions share their words (盐城市, 托育服务, 有限公司): each word is looked up once, in the phrase it stands
in, so a character with several readings keeps the reading of its phrase. The city's own place names have a table
(`data/place_readings.csv`) that the library learns first: it reads 盐都 as yandou.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_CHINESE = re.compile(r"([\u4e00-\u9fff]+)")
_ODD = re.compile(r"[^\u4e00-\u9fff0-9A-Za-z（）()·&.-]")
MAX_PINYIN, MAX_INITIALS = 400, 100
_SOURCE = Path(__file__).resolve().parents[1] / "data" / "place_readings.csv"


class _Library(NamedTuple):
    """What of pypinyin is used; its tables of phrases take half a second to load, and most processes never ask."""

    pinyin: Callable[..., list[str]]
    first_letter: Any
    beginnings: Any
    cutter: Any


@cache
def _library() -> _Library:
    from pypinyin import Style, lazy_pinyin, load_phrases_dict
    from pypinyin.seg.mmseg import p_set, seg

    load_phrases_dict({row["word"]: [[syllable] for syllable in row["reading"].split()] for row in _places()})
    return _Library(lazy_pinyin, Style.FIRST_LETTER, p_set, seg)


@cache
def _places() -> list[dict[str, str]]:
    with _SOURCE.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> tuple[str, str]:
    library = _library()
    return "".join(library.pinyin(word)), "".join(library.pinyin(word, style=library.first_letter))


def romanise(name: str) -> tuple[str, str]:
    """Pinyin without tones and initials of a name, cut to the length of their columns (400 and 100 characters)."""
    if _ODD.search(name):  # rare characters: the library alone knows whether they are Chinese
        full, short = _of_word(name)
    else:
        parts = [_of_word(word) for run in _CHINESE.split(name) if run for word in _words(run)]
        full, short = "".join([part[0] for part in parts]), "".join([part[1] for part in parts])
    return full[:MAX_PINYIN], short[:MAX_INITIALS]


def other_readings(text: str) -> list[str]:
    """Pinyin of a text with the place name in it read the other way that is in use: 盐都 as yandou; [] for most."""
    found = []
    for row in _places():
        if row["word"] in text:
            before, after = text.split(row["word"], 1)
            found.append(romanise(before)[0] + row["also"].replace(" ", "") + romanise(after)[0])
    return found


def _words(run: str) -> Iterator[str]:
    """The words of a Chinese run as the library cuts them; Latin letters, digits and brackets stand for themselves.

    Most characters begin no phrase with the one after them: that is seen at once. Only the others are left to the
    library's cutter.
    """
    if not "\u4e00" <= run[0] <= "\u9fff":
        yield run
        return
    position, length, library = 0, len(run), _library()
    while position < length:
        word = run[position]
        if run[position : position + 2] in library.beginnings:
            word = next(library.cutter.cut(run[position:]))
        yield word
        position += len(word)
