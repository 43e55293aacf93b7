"""All answers of a case as summary lists by section, each row with the way to change it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ...people.facts import gaps
from ...rules.filing.answers import shown_answer
from ...rules.filing.materials import spec_of
from ...rules.filing.sections import CLASSES, FORM_SECTIONS, MATERIALS, PEOPLE, SectionSpec
from ..casefile import CaseFile
from ..drafts import open_items
from .class_rows import class_words, classes_of
from .section_form import answer_url


def answer_sections(file: CaseFile) -> list[dict[str, Any]]:
    """The registration, every section, the people and the materials; “修改” only where the case is open."""
    filing, items = file.filing, open_items(file.filing)
    sections = [
        {
            "title": section.title,
            "name": section.name,
            "rows": _rows(file, section, items is None or section.name in items),
        }
        for section in FORM_SECTIONS
    ]
    people = [
        {
            "label": entry.post.name,
            "value": entry.post.get_role_display(),
            "note": "；".join(gaps(entry, file.today)),
        }
        for entry in file.staff
    ]
    sections.append({"title": PEOPLE.title, "name": PEOPLE.name, "rows": people, "url": reverse("people:list")})
    sections.append({"title": MATERIALS.title, "name": MATERIALS.name, "rows": _material_rows(file, items)})
    registered = [
        {"label": "机构名称", "value": filing.institution.name},
        {"label": "统一社会信用代码", "value": filing.institution.uscc},
        {"label": "住所", "value": filing.institution.registered_address},
        {"label": "法定代表人（负责人）", "value": filing.institution.legal_rep_name},
    ]
    words = "由登记机关推送；有误的请联系登记机关更正"
    return [{"title": "登记信息", "name": "registration", "rows": registered, "text": words}, *sections]


def _rows(file: CaseFile, section: SectionSpec, may_change: bool) -> list[dict[str, Any]]:
    answers = file.answers.get(section.name, {})
    rows: list[dict[str, Any]] = [
        {
            "label": spec.label,
            "value": shown_answer(spec, answers.get(spec.name)) or ("" if spec.required else "没有填写（选填）"),
            "change_url": answer_url(file.filing, section.name, spec.name) if may_change else "",
        }
        for spec in section.fields
        if spec.asked(answers)
    ]
    if section is CLASSES:
        for number, row in enumerate(classes_of(answers), 1):
            url = reverse("filing:class", args=[file.filing.no, number]) if may_change else ""
            label = str(row.get("class_name") or "").strip() or f"第 {number} 个班"
            rows.append({"label": label, "value": class_words(row), "change_url": url})
    return rows


def _material_rows(file: CaseFile, items: frozenset[str] | None) -> list[dict[str, Any]]:
    rows = []
    for code, material in file.materials.items():
        until = f"有效期至 {material.valid_to}" if material.valid_to else ""
        url = answer_url(file.filing, MATERIALS.name, code) if items is None or code in items else ""
        value = f"{len(material.pages.all())} 个文件"
        rows.append({"label": spec_of(code).name, "value": value, "note": until, "change_url": url})
    rows += [
        {
            "label": spec.name,
            "value": "",
            "note": "还没有上传",
            "change_url": answer_url(file.filing, "materials", spec.code),
        }
        for spec in file.missing
    ]
    return rows
