"""What the reader of a workbook does not tell: cells whose value is an error or missing, and rows nobody sees.

The reader gives an empty text for an error cell and for a formula that was never worked out: taken for "nothing", it
would erase what is stored. So these are looked up in the raw XML, only where a first look found any.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from measure import column_number

#: Stands for the value of a formula without one; `registry.rules.characters.UNREADABLE` knows it.
NO_RESULT = "#公式没有结果"
#: Any of these in a sheet's XML is worth the second look.
_WORTH_A_LOOK = re.compile(rb"""\bt\s*=\s*["']e["']|\bhidden\s*=\s*["'](?:1|true)["']|<(?:\w+:)?f[\s>/]""")
_POSITION = re.compile(r"([A-Za-z]+)([0-9]+)")
_PIECE = 1 << 20


@dataclass(slots=True)
class Unseen:
    """Of one sheet, all numbers counted from 1: (row, column) → what Excel shows there, and the hidden rows."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def sheet_parts(data: bytes) -> dict[str, str]:
    """Name of a sheet → its part of the file, as the workbook relates them."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        relations = _parsed(book, "xl/_rels/workbook.xml.rels")
        targets = {one.get("Id"): str(one.get("Target")) for one in relations}
        parts = {}
        for one in _parsed(book, "xl/workbook.xml").iter():
            if one.tag.rpartition("}")[2] != "sheet":
                continue
            relation = next((value for name, value in one.items() if name.endswith("}id")), "")
            target = targets.get(relation, "")
            parts[str(one.get("name"))] = target.lstrip("/") if target.startswith("/") else _under_xl(target)
        return parts


def unseen(data: bytes, part: str) -> Unseen:
    """What stands unseen in one sheet. Raises KeyError and expat.ExpatError for a file that is not what it says."""
    found = Unseen()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        if not _worth_a_look(book, part):
            return found
        look = _Look(found)
        with book.open(part) as sheet:
            while piece := sheet.read(_PIECE):
                look.parser.Parse(piece, False)
        look.parser.Parse(b"", True)
    return found


def _parsed(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(part))  # noqa: S314  no DTD passes the door, and this process has limits


def _under_xl(target: str) -> str:
    return str(PurePosixPath("xl") / target)


def _worth_a_look(book: zipfile.ZipFile, part: str) -> bool:
    rest = b""
    with book.open(part) as sheet:
        while piece := sheet.read(_PIECE):
            text = rest + piece
            if _WORTH_A_LOOK.search(text):
                return True
            rest = text[-64:]
    return False


class _Look:
    """One pass over the XML of a sheet."""

    def __init__(self, found: Unseen):
        self.found = found
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self._row = self._column = 0
        self._kind, self._formula = "", False
        self._value: list[str] | None = None

    def _start(self, name: str, about: dict[str, Any]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._row = int(about.get("r") or self._row + 1)
                self._column = 0
                if about.get("hidden") in ("1", "true"):
                    self.found.hidden.add(self._row)
            case "c":
                if place := _POSITION.fullmatch(about.get("r") or ""):
                    self._column, self._row = column_number(place[1].encode()), int(place[2])
                else:
                    self._column += 1
                self._kind, self._formula, self._value = about.get("t", "n"), False, None
            case "f":
                self._formula = True
            case "v":
                self._value = []
                if self._kind == "e":
                    self.parser.CharacterDataHandler = self._value.append

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v":
                self.parser.CharacterDataHandler = None
            case "c":
                if self._kind == "e":
                    self._note("".join(self._value or []).strip() or "#N/A")
                elif self._formula and self._value is None:
                    self._note(NO_RESULT)

    def _note(self, text: str) -> None:
        self.found.errors.setdefault(self._row, {})[self._column] = text[:20]
