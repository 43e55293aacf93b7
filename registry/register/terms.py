"""What was typed or pasted into the one box: as terms to look for, as a code, as whole names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_TERMS = 20
# Marks between the parts of a pasted line; brackets and hyphens belong to names and door numbers.
_BETWEEN = re.compile(r"[\s,;:、。!?\"'“”‘’“”『』《》〈〉【】<>|]+")
_GAP = r"[\s.\-‐-―−]{0,2}"
# 18 characters with digits where the division stands: loose enough for dashes, too strict for pinyin with blanks.
_CODE = re.compile(
    rf"(?<![0-9A-Z])[1-9ANY]{_GAP}[1-9](?:{_GAP}[0-9]){{6}}(?:{_GAP}[0-9A-Z]){{10}}(?![0-9A-Z])", re.IGNORECASE
)
# What stands before a value on a certificate and says nothing about it.
_LABELS = frozenset({"名称", "机构名称", "地址", "机构地址", "住所", "统一社会信用代码", "信用代码"})
_WIDE_BRACKETS = str.maketrans("()", "（）")


@lru_cache(maxsize=512)
def _plain(words: str) -> str:
    """Plain width, without marks nobody sees (they come along with text from chats), codes without their gaps."""
    text = "".join(mark for mark in unicodedata.normalize("NFKC", words) if unicodedata.category(mark) != "Cf")
    return _CODE.sub(lambda found: f" {_joined(found[0])} ", text)


def _joined(code: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", code).upper()


def _parts(words: str) -> list[str]:
    found = [part for part in _BETWEEN.split(_plain(words)) if part]
    return [part for part in found if part not in _LABELS] or found


@lru_cache(maxsize=512)
def terms_of(words: str) -> tuple[str, ...]:
    """The terms to look for: lower case, each once; () for no words, the words themselves when they are only marks."""
    found = [part.lower() for part in _parts(words)] or words.lower().split()
    return tuple(dict.fromkeys(found))[:MAX_TERMS]


def code_of(words: str) -> str:
    """The first unified social credit code in the words, as it is stored; "" when there is none."""
    found = _CODE.search(_plain(words))
    return _joined(found[0]) if found else ""


def names_of(words: str) -> list[str]:
    """Whole names the words may be: all of them, or one part of a pasted line; brackets of either width."""
    plain = _plain(words)
    found = [words.strip(), plain.strip(), "".join(plain.split()), *_parts(words)]
    found += [name.translate(_WIDE_BRACKETS) for name in found if "(" in name]
    return [name for name in dict.fromkeys(found) if len(name) >= 4]
