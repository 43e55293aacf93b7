"""One row of a table → the fields of a registration and everything that is wrong with them.

A good row is the common case and leaves early: it is proved good by the rules' fast path and one set of known places.
Only a row that is not goes the long way, where cells a spreadsheet has bent (scientific notation, slashes in dates,
the apostrophe an export put before a sign) are straightened before they are judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models

from yancheng_childcare.exports import safe_cell
from yancheng_childcare.models import Department
from yancheng_childcare.places import places
from yancheng_childcare.problems import Level, Problem

from ...codes import registration as codes
from ...models import Institution
from ...rules import check_registration, clean_registration, is_certainly_good
from ...rules.registration import preset_capital_kind
from ...rules.values import is_open_ended
from ..checks import check_authority, check_places
from ..fields import COLUMN, DATES, ENTERED, LABELS
from .columns import CAPITAL_KINDS, NATURES, Header, plain

Data = dict[str, Any]
_TEXTS = tuple(name for name in ENTERED if name not in DATES and name != "registered_capital")
_PLACE_CODES = ("region_code", "town_code", "contact_phone")
#: Texts without a form of their own: only here an apostrophe put before a sign could pass for content.
_FREE_TEXTS = ("name", "registered_address", "legal_rep_name", "business_scope", "purpose", "supervising_unit")
_EXACT = 10**15
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+\d{1,3}", re.IGNORECASE)
_WRITTEN_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?")
_MOST_PROBLEMS = 20


def _column_limits() -> dict[str, int]:
    """Lengths of the columns themselves: no row may fail in the database after it was called good."""
    limits = {}
    for name in _TEXTS:
        field = Institution._meta.get_field(COLUMN.get(name, name))
        if isinstance(field, models.CharField) and field.max_length:
            limits[name] = field.max_length
    return limits


class RowChecker:
    """Judges rows for one authority on one day. Build once per file; calling it costs no query."""

    def __init__(self, header: Header, department: Department, today: date):
        self.department, self.today, self.kind = department, today, department.kind
        self._columns = tuple(header.columns)
        self._positions = tuple(header.columns.values())
        self._width = max(self._positions) + 1
        self._absent: Data = {name: "" for name in ENTERED if name not in header.columns}
        self._limits = _column_limits()
        known = places()
        self._regions = {plain(name): code for code, (level, _, name) in known.items() if level in {"COUNTY", "ZONE"}}
        self._towns = {(parent, plain(name)): code for code, (level, parent, name) in known.items() if level == "TOWN"}
        own = department.region_id
        self._allowed = {
            (parent, code)
            for code, (level, parent, _) in known.items()
            if level == "TOWN" and (parent == own or (parent in known and known[parent][1] == own))
        }

    def data(self, cells: Sequence[Any]) -> Data:
        """The row's fields, blanks trimmed, labels turned into codes; values may still be wrong."""
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        values = [value.strip() if type(value) is str else value for value in map(cells.__getitem__, self._positions)]
        data: Data = dict(zip(self._columns, values, strict=True))
        data.update(self._absent)
        nature, kind, region, town = data["nature"], data["capital_kind"], data["region_code"], data["town_code"]
        data["nature"] = NATURES.get(nature, nature)
        data["capital_kind"] = CAPITAL_KINDS.get(kind, kind) or preset_capital_kind(data["nature"], str(data["uscc"]))
        data["region_code"] = region = self._regions.get(region, region)
        data["town_code"] = self._towns.get((region, town), town)  # type: ignore[arg-type]  # any cell may be looked up
        if is_open_ended(data["valid_to"]):
            data["valid_to"] = ""
        return data

    def check(self, data: Data) -> tuple[Data, tuple[Problem, ...]]:
        """The typed values to store and the problems; with a blocking problem the values mean nothing.

        No message repeats an ID number, a person's name or a telephone number.
        """
        if (
            (data["region_code"], data["town_code"]) in self._allowed
            and not any(type(data[name]) is str and data[name][:1] == "'" for name in _FREE_TEXTS)
            and is_certainly_good(data, today=self.today, authority_kind=self.kind)
            and len(data["purpose"]) <= self._limits["purpose"]
        ):
            return _typed(data), ()
        data = straightened(data, self._regions, self._towns)
        found = self._all_problems(data)
        if any(problem.level is Level.BLOCK for problem in found):
            return data, tuple(found[:_MOST_PROBLEMS])
        return clean_registration(data), tuple(found)

    def _all_problems(self, data: Data) -> list[Problem]:
        found = check_registration(data, today=self.today, authority_kind=self.kind)
        texts = {name: str(data[name] or "") for name in ("region_code", "town_code")}
        if not any(problem.field in texts for problem in found if problem.level is Level.BLOCK):
            found += check_places(texts)
            found += check_authority(texts, self.department)
        named = {problem.field for problem in found if problem.level is Level.BLOCK}
        for name, limit in self._limits.items():
            value = data[name]
            if (
                name not in named
                and isinstance(value, str)
                and len(value) > limit
                and name not in ("uscc", "legal_rep_id_no")
            ):
                message = f"{LABELS[name]}最多 {limit} 个字，现在是 {len(value)} 个，请精简后重填。"
                found.append(Problem(codes.TOO_LONG, name, message))
        return sorted(found, key=lambda problem: problem.level is not Level.BLOCK)


def straightened(data: Data, regions: Mapping[str, str], towns: Mapping[tuple[str, str], str]) -> Data:
    """What a spreadsheet bent, unbent where that is certain; everything else is left for the rules to name."""
    data = dict(data)
    for name in _TEXTS:
        data[name] = _text(name, data[name])
    for name in DATES:
        data[name] = _day(data[name])
    data["nature"] = _known(NATURES, data["nature"])
    data["capital_kind"] = _known(CAPITAL_KINDS, data["capital_kind"])
    data["region_code"] = region = _known(regions, data["region_code"])
    town = data["town_code"]
    data["town_code"] = towns.get((region, plain(town)), town) if isinstance(town, str) else town
    if is_open_ended(data["valid_to"]):
        data["valid_to"] = ""
    amount = data["registered_capital"]
    if isinstance(amount, str):
        data["registered_capital"] = _unquoted(amount)
    return data


def _known(words: Mapping[str, str], value: Any) -> Any:
    return words.get(plain(value), value) if isinstance(value, str) else value


def _text(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if name in ("uscc", "legal_rep_id_no") and _SCIENTIFIC.fullmatch(value):
            return float(value)  # digits are lost: the rules say what to do about a number in a text cell
        return _unquoted(value)
    if name in _PLACE_CODES and type(value) in (int, float) and abs(value) < _EXACT and value == int(value):
        return str(int(value))  # short codes survive as numbers without a loss
    return value


def _unquoted(text: str) -> str:
    """Without the apostrophe that `safe_cell` put before a text a spreadsheet would execute."""
    return text[1:].strip() if text[:1] == "'" and safe_cell(text[1:]) == text else text


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str) and (read := _WRITTEN_DAY.fullmatch(_unquoted(value))):
        return f"{read[1]}-{int(read[2]):02d}-{int(read[3]):02d}"
    return value


def _typed(data: Data) -> Data:
    """The typed values of a row the fast path proved good: its texts are already in the form that is stored."""
    for name in DATES:
        value = data[name]
        if type(value) is str:
            data[name] = date.fromisoformat(value) if value else None
    return data
