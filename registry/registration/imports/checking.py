"""One row of a table → the fields of a registration and everything that is wrong with them.

Cells a spreadsheet has bent (scientific notation, slashes in dates, the apostrophe an export put before a sign) are
straightened, labels become codes; then the rules of a single entry judge the row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from casework.imports.cells import EXACT, straight_day, unquoted
from casework.imports.columns import Header, plain
from yancheng_childcare.models import Department
from yancheng_childcare.places import places
from yancheng_childcare.problems import Level, Problem

from ...rules import read_registration
from ...rules.values import is_open_ended
from ..checks import check_authority, check_places
from ..fields import DATES, ENTERED
from .columns import CAPITAL_KINDS, NATURES

Data = dict[str, Any]
_PLACE_CODES = ("region_code", "town_code", "contact_phone")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+\d{1,3}", re.IGNORECASE)
_MOST_PROBLEMS = 20


class RowChecker:
    """Judges rows for one authority on one day. Build once per file; calling it costs no query."""

    def __init__(self, header: Header, department: Department, today: date):
        self.department, self.today, self.kind = department, today, department.kind
        self._positions = [header.columns.get(name) for name in ENTERED]
        known = places()
        self._regions = {plain(name): code for code, (level, _, name) in known.items() if level in {"COUNTY", "ZONE"}}
        self._towns = {(parent, plain(name)): code for code, (level, parent, name) in known.items() if level == "TOWN"}
        #: (field, word as it stands in a cell) → code: a table repeats a few words.
        self._words: dict[tuple[str, str, str], str] = {}
        self._judged: dict[tuple[str, str], list[Problem]] = {}

    def data(self, cells: Sequence[Any]) -> Data:
        """The row's fields, straightened and with labels turned into codes; values may still be wrong."""
        width = len(cells)
        data: Data = {}
        for name, place in zip(ENTERED, self._positions, strict=True):
            value = cells[place] if place is not None and place < width else ""
            data[name] = _straight(name, value.strip() if type(value) is str else value)
        for name in ("nature", "capital_kind", "region_code"):
            if type(data[name]) is str:
                data[name] = self._code(name, data[name])
        if type(data["town_code"]) is str and type(data["region_code"]) is str:
            data["town_code"] = self._code("town_code", data["town_code"], data["region_code"])
        return data

    def _code(self, name: str, word: str, region: str = "") -> str:
        key = name, word, region
        if key not in self._words:
            label = plain(word)
            match name:
                case "nature":
                    code = NATURES.get(label)
                case "capital_kind":
                    code = CAPITAL_KINDS.get(label)
                case "region_code":
                    code = self._regions.get(label)
                case _:
                    code = self._towns.get((region, label))
            self._words[key] = code or word
        return self._words[key]

    def check(self, data: Data) -> tuple[Data, tuple[Problem, ...]]:
        """The typed values to store and the problems; with a blocking problem the values mean nothing.

        No message repeats an ID number, a person's name or a telephone number.
        """
        read, found = read_registration(data, today=self.today, authority_kind=self.kind)
        key = read["region_code"], read["town_code"]
        if None not in key and not any(
            p.field in ("region_code", "town_code") for p in found if p.level is Level.BLOCK
        ):
            if key not in self._judged:
                place = {"region_code": key[0], "town_code": key[1]}
                self._judged[key] = [*check_places(place), *check_authority(place, self.department)]
            found += self._judged[key]
        if not found:
            return read, ()
        found.sort(key=lambda problem: problem.level is not Level.BLOCK)
        blocked = found[0].level is Level.BLOCK
        return read, tuple(found[:_MOST_PROBLEMS] if blocked else found)


def _straight(name: str, value: Any) -> Any:
    """What a spreadsheet bent, unbent where that is certain; everything else is left for the rules to name."""
    if name in DATES:
        value = straight_day(value)
        return "" if name == "valid_to" and is_open_ended(value) else value
    if type(value) is str:
        if name in ("uscc", "legal_rep_id_no") and _SCIENTIFIC.fullmatch(value):
            return float(value)  # digits are lost: the rules say what to do about a number in a text cell
        return unquoted(value) if value[:1] == "'" else value
    if name in _PLACE_CODES and type(value) in (int, float) and abs(value) < EXACT and value == int(value):
        return str(int(value))  # short codes survive as numbers without a loss
    return value
