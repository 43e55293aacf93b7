"""How answers of a filing are read: typed text goes in, typed values and problems come out. Nothing is stored here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from yancheng_childcare.blanks import BLANKS
from yancheng_childcare.id_numbers import HIDDEN_ID_NUMBER, hide_id_numbers
from yancheng_childcare.problems import ID_NUMBER_IN_TEXT, Problem

from ...codes.filing import FILING_CHOICE, FILING_NUMBER_RANGE, FILING_REQUIRED, FILING_VALUE
from ..characters import compact
from ..values import PHONE, TextRule, read_day, read_text
from .sections import CLASS_FIELDS, MAX_CLASSES, FieldSpec, SectionSpec

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_MANY = re.compile(r"[0-9]{10,}")  # a number, and out of every range
_WHOLE = re.compile(r"[0-9]{1,6}")
_FIGURES = re.compile(r"[0-9.,/:+-]*")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
LONGEST = 1000
TOP = {"area": Decimal(100_000), "money": Decimal(1_000_000), "percent": Decimal(100)}
WHOLE_TOP = 100_000
COMPACTED = frozenset({"day", "area", "money", "percent", "whole", "phone"})


def is_empty(value: Any) -> bool:
    """Nothing answered."""
    return value in (None, "", []) or (isinstance(value, str) and not value.strip(BLANKS))


def keepable(section: SectionSpec, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request may be kept as typed: known fields, text or lists of text the database can store."""
    kept: dict[str, Any] = {}
    for spec in section.fields:
        if spec.name in typed:
            kept[spec.name] = _keepable(spec, typed[spec.name])
    if section.name == "classes" and isinstance(typed.get("classes"), list):
        kept["classes"] = [
            {spec.name: _keepable(spec, row.get(spec.name)) for spec in CLASS_FIELDS}
            for row in typed["classes"][:MAX_CLASSES]
            if isinstance(row, Mapping)
        ]
    return kept


def _keepable(spec: FieldSpec, value: Any) -> Any:
    if spec.kind == "choices":
        values = value if isinstance(value, list | tuple) else [value]
        known = {str(key) for key, _ in spec.choices}
        return [str(v) for v in values if str(v) in known]
    text = "" if value is None else str(value)
    text = "".join(c for c in text[:LONGEST] if c.isprintable() or c in "\n\t")
    if spec.kind in COMPACTED and _FIGURES.fullmatch(compact(text)):
        # As every reader of the submission counts with it: no blank before or after, no full-width digit.
        text = compact(text)
    # A draft keeps what was typed, right or wrong; but only personal answers are encrypted.
    return text if spec.personal else hide_id_numbers(text)


def read_answers(section: SectionSpec, answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The typed values of a section (None = not answered or not readable) and everything wrong with the answers."""
    found: list[Problem] = []
    values = {
        spec.name: read_value(spec, answers.get(spec.name), found) if spec.asked(dict(answers)) else None
        for spec in section.fields
    }
    if section.name == "classes":
        rows = answers.get("classes") or []
        values["classes"] = [read_class(row, found, number) for number, row in enumerate(rows, 1)]
        if not rows:
            found.append(Problem(FILING_REQUIRED, "classes", "还没有班级。请至少添加一个班。"))
    return values, found


def read_class(row: Mapping[str, Any], found: list[Problem], number: int = 0) -> dict[str, Any]:
    """The typed values of one class; problems name the class by its number."""
    own: list[Problem] = []
    values = {spec.name: read_value(spec, row.get(spec.name), own) for spec in CLASS_FIELDS}
    name = str(row.get("class_name") or "").strip(BLANKS)[:30]
    place = f"第 {number} 个班（{name}）：" if number and name else f"第 {number} 个班：" if number else ""
    found += [Problem(p.code, f"classes-{number}" if number else p.field, place + p.message, p.level) for p in own]
    return values


def read_value(spec: FieldSpec, raw: Any, found: list[Problem]) -> Any:
    """One typed value; None with the reason appended when it is missing or wrong."""
    if is_empty(raw):
        if spec.required:
            words = "请选择" if spec.kind in {"choice", "choices", "yesno"} else "请填写"
            found.append(Problem(FILING_REQUIRED, spec.name, f"{words}{spec.label}。"))
        return None
    if spec.kind == "choices":
        return [str(v) for v in raw]
    text = str(raw) if spec.kind == "text" else str(raw).strip(BLANKS)
    if spec.kind in COMPACTED:
        text = compact(text)  # half-width, no blanks; not for answers whose letters count
    match spec.kind:
        case "choice" | "yesno":
            if text not in {str(key) for key, _ in spec.choices}:
                found.append(Problem(FILING_CHOICE, spec.name, f"{spec.label}：请从列表中选择。"))
                return None
            return text == "yes" if spec.kind == "yesno" else text
        case "day":
            return read_day(spec.name, text, spec.label, found)
        case "area" | "money" | "percent":
            return _amount(spec, text, found)
        case "whole":
            return _whole(spec, text, found)
        case "phone":
            if not PHONE.fullmatch(text):
                found.append(Problem(FILING_VALUE, spec.name, f"{spec.label}请填手机号，或带区号的座机号。"))
                return None
            return text
        case "email":
            if not _EMAIL.fullmatch(text):
                found.append(Problem(FILING_VALUE, spec.name, f"{spec.label}的格式不对，例如 name@example.com。"))
                return None
            return text
    if HIDDEN_ID_NUMBER.search(text):
        words = f"{spec.label}里的身份证号码已自动隐去，请删去这一段。号码只填在“人员”里。"
        found.append(Problem(ID_NUMBER_IN_TEXT, spec.name, words))
        return None
    return read_text(spec.name, text, TextRule(spec.label, spec.limit, lines=True), found)


def _amount(spec: FieldSpec, text: str, found: list[Problem]) -> Decimal | None:
    if not _NUMBER.fullmatch(text) and not _MANY.fullmatch(text):
        words = f"{spec.label}只填数字，单位{spec.unit}，例如 35 或 35.5。"
        found.append(Problem(FILING_VALUE, spec.name, words))
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount <= TOP[spec.kind]:
        found.append(
            Problem(FILING_NUMBER_RANGE, spec.name, f"{spec.label}应在 0 至 {TOP[spec.kind]:,f} {spec.unit}之间。")
        )
        return None
    return amount


def _whole(spec: FieldSpec, text: str, found: list[Problem]) -> int | None:
    if not _WHOLE.fullmatch(text) or int(text) > WHOLE_TOP:
        found.append(Problem(FILING_VALUE, spec.name, f"{spec.label}请填整数，例如 4（单位：{spec.unit}）。"))
        return None
    return int(text)


def shown_answer(spec: FieldSpec, raw: Any) -> str:
    """An answer as it is read on screen; "" when there is none."""
    if is_empty(raw):
        return ""
    if spec.choices:
        words = {str(key): str(label) for key, label in spec.choices}
        return "、".join(words.get(str(v), str(v)) for v in (raw if isinstance(raw, list) else [raw]))
    return f"{raw} {spec.unit}" if spec.unit else str(raw)
