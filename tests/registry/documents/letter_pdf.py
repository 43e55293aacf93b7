"""Reads the text of a letter back out of its PDF, as a screen reader or a search would: by each font's ToUnicode map."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pikepdf

MM = 72 / 25.4

_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


class Run(NamedTuple):
    """Characters drawn at once: where they begin, in mm from the upper left corner of the page, and how large (pt)."""

    x: float
    y: float
    size: float
    text: str
    artifact: bool


def page_texts(pdf: pikepdf.Pdf) -> list[str]:
    """The characters of each page in drawing order, blanks and zero-width spaces left out."""
    return [_bare("".join(run.text for run in runs(page))) for page in pdf.pages]


def letter_text(pdf: pikepdf.Pdf) -> str:
    """The text of the whole letter without what only the pages bear (page numbers, marks): artifacts of the tagged PDF."""
    return _bare("".join(run.text for page in pdf.pages for run in runs(page) if not run.artifact))


def lines(page: list[Run]) -> list[tuple[float, str]]:
    """The lines of a page from top to bottom as (mm of the baseline from the upper edge, characters), artifacts left out."""
    found: dict[float, list[Run]] = {}
    for run in page:
        if not run.artifact:
            found.setdefault(round(run.y, 1), []).append(run)
    return [(y, _bare("".join(run.text for run in sorted(found[y])))) for y in sorted(found)]


def runs(page: pikepdf.Page) -> list[Run]:
    """What is drawn as text on a page, in drawing order."""
    height = float(page.MediaBox[3])
    maps = {name: _to_unicode(font) for name, font in page.Resources.Font.items()}
    out: list[Run] = []
    current: dict[bytes, str] = {}
    marked, saved = [], []
    matrix, size = pikepdf.Matrix(), 0.0
    place = matrix
    for operands, operator in pikepdf.parse_content_stream(page):
        words = str(operator)
        if words in {"BDC", "BMC"}:
            marked.append(str(operands[0]) == "/Artifact")
        elif words == "EMC":
            marked.pop()
        elif words == "q":
            saved.append(matrix)
        elif words == "Q":
            matrix = saved.pop()
        elif words == "cm":
            matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
        elif words == "Tf":
            current, size = maps[str(operands[0])], float(operands[1])
        elif words == "Tm":
            place = pikepdf.Matrix(*map(float, operands)) @ matrix
        elif words in {"Tj", "TJ"}:
            parts = operands if words == "Tj" else [part for part in operands[0] if isinstance(part, pikepdf.String)]
            text = "".join(_decode(bytes(part), current) for part in parts)
            out.append(Run(place.e / MM, (height - place.f) / MM, size, text, any(marked)))
    return out


def _bare(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


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
