"""What is handed in, whole, as it was that day; and what differs between two of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..people.facts import snapshot as staff_snapshot
from ..registration.fields import LABELS, PERSONAL, current_values
from ..rules.filing.answers import is_empty, shown_answer
from ..rules.filing.materials import spec_of
from ..rules.filing.sections import BY_NAME, CLASS_FIELDS, FORM_SECTIONS
from .casefile import CaseFile


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: `item` is the review item, `before` and `after` as they are read on screen."""

    item: str
    label: str
    before: str
    after: str


def snapshot(case: CaseFile) -> dict[str, Any]:
    """Sections as typed, materials, people and registration; no personal numbers (those are sealed apart)."""
    institution = case.filing.institution
    return {
        "registration": {
            name: str(value if value is not None else "")
            for name, value in current_values(institution).items()
            if name not in PERSONAL
        },
        "sections": {name: row.data for name, row in case.rows.items()},
        "materials": [
            {
                "id": material.pk,
                "code": material.code,
                "kind": material.kind,
                "number": material.number,
                "issuer": material.issuer,
                "issued_on": str(material.issued_on or ""),
                "valid_to": str(material.valid_to or ""),
                "conclusion_ok": material.conclusion_ok,
                "version": material.version,
                "pages": [str(file) for file in material.page_files],
            }
            for material in sorted(case.papers, key=lambda material: material.code)
        ],
        "staff": staff_snapshot(case.staff),
    }


def sealed(case: CaseFile) -> str:
    """The personal answers of all sections as one text, to be kept encrypted; "" when there are none."""
    found = {name: json.loads(row.sealed) for name, row in case.rows.items() if row.sealed}
    return json.dumps(found, ensure_ascii=False) if found else ""


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """What changed between two snapshots, in reading order: answers, classes, materials, people."""
    found = [
        Difference("registration", LABELS.get(name, name), str(before["registration"].get(name, "")), str(value))
        for name, value in after["registration"].items()
        if before["registration"].get(name, "") != value
    ]
    for section in FORM_SECTIONS:
        old, new = before["sections"].get(section.name, {}), after["sections"].get(section.name, {})
        for spec in section.fields:
            was, now = old.get(spec.name), new.get(spec.name)
            if was != now and not (is_empty(was) and is_empty(now)):
                found.append(Difference(section.name, spec.label, shown_answer(spec, was), shown_answer(spec, now)))
        if section.name == "classes" and old.get("classes") != new.get("classes"):
            found.append(Difference("classes", "班级", class_words(old), class_words(new)))
    return [*found, *_materials(before, after), *_staff(before, after)]


def submission_differences(before: Any, after: Any) -> list[Difference]:
    """What changed between two submissions: the contents, and who signed."""
    found = differences(before.content, after.content)
    if before.signed_name != after.signed_name:
        found.append(Difference("pledge", "签署人", before.signed_name, after.signed_name))
    return found


def class_words(answers: dict[str, Any]) -> str:
    """The classes of a snapshot in one line."""
    name, kind, places = CLASS_FIELDS[0], CLASS_FIELDS[1], CLASS_FIELDS[2]
    rows = [
        f"{shown_answer(name, row.get('class_name'))}（{shown_answer(kind, row.get('class_type'))}，"
        f"{shown_answer(places, row.get('places'))}）"
        for row in answers.get("classes") or []
    ]
    return "；".join(rows)


def _materials(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    old = {row["code"]: row for row in before["materials"]}
    new = {row["code"]: row for row in after["materials"]}
    watched = ("pages", "kind", "number", "issuer", "issued_on", "valid_to", "conclusion_ok")
    return [
        Difference(code, spec_of(code).name, _material_words(old.get(code)), _material_words(new.get(code)))
        for code in sorted(old.keys() | new.keys())
        if any((old.get(code) or {}).get(key) != (new.get(code) or {}).get(key) for key in watched)
    ]


def _material_words(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    until = f"，有效期至 {row['valid_to']}" if row["valid_to"] else ""
    return f"第 {row['version']} 版，{len(row['pages'])} 个文件{until}"


def _staff(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    def names(content: dict[str, Any]) -> dict[int, str]:
        return {row["post"]: row["name"] for row in content["staff"]}

    old, new = names(before), names(after)
    gone, come = [old[key] for key in old.keys() - new.keys()], [new[key] for key in new.keys() - old.keys()]
    if not gone and not come:
        return []
    return [Difference("people", "人员", f"{len(old)} 人", f"{len(new)} 人；{_moves(gone, come)}")]


def _moves(gone: list[str], come: list[str]) -> str:
    parts = [f"新增 {'、'.join(sorted(come))}"] if come else []
    return "，".join([*parts, f"离岗 {'、'.join(sorted(gone))}"] if gone else parts)


def section_rows(content: dict[str, Any], name: str) -> list[dict[str, str]]:
    """The answers of one section of a snapshot as rows label → value, for check-your-answers and the review page."""
    section, answers = BY_NAME[name], content["sections"].get(name, {})
    rows = [
        {"label": spec.label, "value": shown_answer(spec, answers.get(spec.name)), "name": spec.name}
        for spec in section.fields
        if not spec.personal and spec.asked(answers)
    ]
    for number, row in enumerate(answers.get("classes") or [], 1):
        words = "，".join(
            f"{spec.label} {shown_answer(spec, row.get(spec.name))}"
            for spec in CLASS_FIELDS[1:]
            if not is_empty(row.get(spec.name))
        )
        rows.append({"label": f"{number}. {row.get('class_name') or '未命名班级'}", "value": words, "name": "classes"})
    return rows
