"""Reads the text of a letter back out of its PDF, as a screen reader or a search would: by each font's ToUnicode map."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def page_texts(pdf: pikepdf.Pdf) -> list[str]:
    """The characters of each page in drawing order, blanks and zero-width spaces left out."""
    return [re.sub(r"[\s\u200b]", "", _page_text(page)) for page in pdf.pages]


def _page_text(page: pikepdf.Page) -> str:
    maps = {name: _to_unicode(font) for name, font in page.Resources.Font.items()}
    found: list[str] = []
    current: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        words = str(operator)
        if words == "Tf":
            current = maps[str(operands[0])]
        elif words == "Tj":
            found.append(_decode(bytes(operands[0]), current))
        elif words == "TJ":
            found += [_decode(bytes(part), current) for part in operands[0] if isinstance(part, pikepdf.String)]
    return "".join(found)


def _decode(codes: bytes, characters: dict[bytes, str]) -> str:
    return "".join(characters[codes[place : place + 2]] for place in range(0, len(codes), 2))


def _to_unicode(font: Any) -> dict[bytes, str]:
    assert str(font.Encoding) == "/Identity-H"
    table = font.ToUnicode.read_bytes()
    found: dict[bytes, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in _PAIR.findall(block):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in _RANGE.findall(block):
            start = int.from_bytes(bytes.fromhex(text.decode()), "big")
            for place, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code.to_bytes(2, "big")] = chr(start + place)
    return found
