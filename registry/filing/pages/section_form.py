"""Forms made of FieldSpecs: one kind of control per kind of question, and where on the pages an answer is mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.urls import reverse

from yancheng_childcare.problems import Problem
from yancheng_childcare.templatetags.drawings import light_parts

from ...models import Filing
from ...registration.forms import BLANK, RawForm
from ...rules.filing.catalogue import Finding, Verdict
from ...rules.filing.materials import MATERIALS as KNOWN_MATERIALS
from ...rules.filing.sections import BY_NAME, CLASS_FIELDS, CLASSES, FieldSpec, SectionSpec

MOST_RADIOS = 4
KEYBOARDS = {"area": "decimal", "money": "decimal", "percent": "decimal", "whole": "numeric", "day": "numeric"}
ENTRY = {"phone": ("tel", "tel"), "email": ("email", "email")}
DAY_HINT = "格式：2026-11-23"
# Fields of one class that belong together: the rooms are folded away until they are needed.
ROOMS = frozenset(spec.name for spec in CLASS_FIELDS if spec.kind == "area")
MATERIAL_CODES = frozenset(spec.code for spec in KNOWN_MATERIALS)


def control(spec: FieldSpec, fields: Iterable[FieldSpec] = ()) -> forms.Field:
    """The form field of one question. `fields` are its neighbours, to say in words when it is asked."""
    hint = "；".join(part for part in (_when(spec, fields), spec.hint, DAY_HINT if spec.kind == "day" else "") if part)
    common: dict[str, Any] = {"label": spec.label, "help_text": hint, "required": spec.required}
    if spec.kind == "choices":
        return forms.MultipleChoiceField(choices=spec.choices, widget=forms.CheckboxSelectMultiple, **common)
    if spec.kind == "yesno" or (spec.kind == "choice" and len(spec.choices) <= MOST_RADIOS):
        return forms.ChoiceField(choices=spec.choices, widget=forms.RadioSelect, **common)
    if spec.kind == "choice":
        return forms.ChoiceField(choices=[BLANK, *spec.choices], **common)
    attrs: dict[str, Any] = {"autocomplete": "off", "maxlength": spec.limit + 20}
    if spec.kind in KEYBOARDS:
        attrs |= {"inputmode": KEYBOARDS[spec.kind], "maxlength": 20}
    if spec.kind in ENTRY:
        attrs["type"], attrs["autocomplete"] = ENTRY[spec.kind]
    if spec.personal:
        attrs["data-personal"] = True
    long = spec.kind == "text" and spec.limit > 100
    widget = forms.Textarea(attrs={**attrs, "rows": 2}) if long else forms.TextInput(attrs=attrs)
    return forms.CharField(max_length=12 if spec.kind in KEYBOARDS else spec.limit, widget=widget, **common)


def _when(spec: FieldSpec, fields: Iterable[FieldSpec]) -> str:
    """“租赁、无偿使用的填写”: without scripts every question is on the page, so the page says whom it concerns."""
    if spec.shown_if is None:
        return ""
    name, answers = spec.shown_if
    asked = next((other for other in fields if other.name == name), None)
    words = {str(key): str(label) for key, label in asked.choices} if asked else {}
    if asked is not None and asked.kind == "yesno":
        return f"“{asked.label}”选“{'、'.join(words.get(a, a) for a in answers)}”的填写"
    return f"{'、'.join(words.get(a, a) for a in answers)}的填写"


class AnswersForm(RawForm):
    """The questions of one section, or of one class. Keeps what was typed; the rules say what is wrong with it."""

    def __init__(self, *args: Any, specs: tuple[FieldSpec, ...], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.specs = specs
        self.fields.update({spec.name: control(spec, specs) for spec in specs})

    def typed(self) -> dict[str, Any]:
        """What was typed, by name; nothing chosen is "" or an empty list."""
        self.full_clean()
        return {name: "" if value is None else value for name, value in self.cleaned_data.items()}

    def rows(self, notes: Mapping[str, list[dict[str, Any]]] | None = None, *names: str) -> list[dict[str, Any]]:
        """What the template draws: bound field, unit, notes of the rules, and under which answer it is asked."""
        return [
            {
                "field": self[spec.name],
                "name": spec.name,
                "unit": spec.unit if spec.kind not in {"choice", "choices", "yesno"} else "",
                "row": spec.kind == "yesno",
                "notes": (notes or {}).get(spec.name, []),
                "asked_of": spec.shown_if[0] if spec.shown_if else "",
                "asked_when": " ".join(spec.shown_if[1]) if spec.shown_if else "",
            }
            for spec in self.specs
            if not names or spec.name in names
        ]


def note_of(finding: Finding) -> dict[str, Any]:
    """One finding beside its field: light, word, sentence with the number, clause, how to mend it."""
    light, word = mark_of(finding)
    return {
        "light": light,
        "word": word,
        "icon": light_parts(light)["icon"],
        "text": finding.message,
        "clause": finding.rule.clause,
        "fix": finding.rule.how_to_fix if finding.verdict == Verdict.FAIL else "",
    }


def problem_note(problem: Problem) -> dict[str, Any]:
    """A problem of typing in the same shape."""
    return {"light": "red", "word": "请修改", "icon": "stop", "text": problem.message, "clause": "", "fix": ""}


def mark_of(finding: Finding) -> tuple[str, str]:
    """Light and word of a finding, as the person who files should read it."""
    if finding.verdict == Verdict.FAIL:
        if finding.blocks:
            return "red", "须先改正"
        return ("yellow", "提醒") if finding.rule.level == "WARN" else ("red", "不符合")
    if finding.verdict == Verdict.UNKNOWN:
        return "plain", finding.verdict_label
    return ("green", "符合") if finding.verdict == Verdict.PASS else ("grey", finding.verdict_label)


def notes_by_field(findings: Iterable[Finding]) -> dict[str, list[dict[str, Any]]]:
    """What fails, by field: a fresh form is not covered with questions nobody has come to yet."""
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        if finding.verdict == Verdict.FAIL:
            found.setdefault(finding.field, []).append(note_of(finding))
    return found


def answer_url(filing: Filing, section: str, field: str = "") -> str:
    """The page, and the field on it, where an answer is mended."""
    if section == "people":
        return reverse("people:list")
    if section == "materials" or field in MATERIAL_CODES:
        if field in MATERIAL_CODES:
            return reverse("filing:material", args=[filing.no, field])
        return reverse("filing:materials", args=[filing.no])
    if section == "pledge":
        return reverse("filing:pledge", args=[filing.no])
    if field.startswith("reply-"):
        return reverse("filing:corrections", args=[filing.no])
    if section not in BY_NAME:
        return reverse("filing:case", args=[filing.no])
    if section == CLASSES.name and field.removeprefix("classes-").isdigit():
        return reverse("filing:class", args=[filing.no, int(field.removeprefix("classes-"))])
    page = reverse("filing:section", args=[filing.no, section])
    return page + anchor_of(BY_NAME[section], field)


def anchor_of(section: SectionSpec, field: str) -> str:
    """“#id_floor_area”; the first control of a group; "" when the section has no such field."""
    spec = section.field_named(field)
    if spec is None:
        return "#classes-title" if section is CLASSES and field else ""
    grouped = spec.kind in {"yesno", "choices"} or (spec.kind == "choice" and len(spec.choices) <= MOST_RADIOS)
    return f"#id_{field}{'_0' if grouped else ''}"
