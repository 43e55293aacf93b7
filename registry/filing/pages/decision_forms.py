"""The form of a decision: what its step of the table asks, and the lines of a letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from django import forms

from yancheng_childcare.forms import area, line
from yancheng_childcare.problems import Problem

from ...codes import filing as codes
from ...registration.forms import RawForm
from ...rules.filing.sections import BY_NAME
from ...rules.values import as_day
from .. import review
from ..asks import Asks
from .lookup import storable

MOST_ROWS = 40
ROW = ("item", "finding", "clause", "how_to_fix", "rule_id")
# (longest, Chinese name) of what is typed in a row.
ROW_LIMITS = {"finding": (300, "不符合的内容"), "clause": (200, "依据"), "how_to_fix": (300, "怎么改")}


class DecisionForm(RawForm):
    """The fields of one decision; `officers` are those who may be chosen."""

    def __init__(self, asks: Asks, *args: Any, officers: Iterable[tuple[str, str]] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields = {name: deepcopy(field) for name, field in asks}
        chooser: Any = self.fields.get("officers")
        if chooser is not None:
            chooser.choices = list(officers)

    def read(self, found: list[Problem]) -> dict[str, Any]:
        """What was typed as the step takes it; text the database cannot keep is left out with the reason in `found`."""
        out: dict[str, Any] = {}
        for name, field in self.fields.items():
            raw = self.cleaned_data.get(name)
            if name == "planned_on":
                out[name] = as_day(raw)
            elif name == "agrees":
                out[name] = {"yes": True, "no": False}.get(str(raw))
            elif isinstance(field, forms.MultipleChoiceField):
                out[name] = list(raw or [])
            elif isinstance(field, forms.ChoiceField):
                out[name] = str(raw or "")
            else:
                out[name] = storable(name, raw, str(field.label), field.max_length, found)  # type: ignore[attr-defined]  # only CharField is left
        return out


class ItemRowsForm(RawForm):
    """The lines of a letter about what does not conform, as many as are wanted; an emptied line is left out."""

    def __init__(self, *args: Any, rows: int, items: Iterable[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = list(items)
        self.count = min(max(rows, 1), MOST_ROWS)
        for number in range(1, self.count + 1):
            self.fields[f"item-{number}"] = forms.ChoiceField(
                label="哪一项", choices=choices, help_text="告知后，机构可以修改这一项"
            )
            self.fields[f"finding-{number}"] = area("不符合的内容", 300, "写明事实和数字，不写个人信息", rows=3)
            self.fields[f"clause-{number}"] = line("依据", 200, "文件名称和条款")
            self.fields[f"how_to_fix-{number}"] = line("怎么改", limit=300, required=False)
            self.fields[f"rule_id-{number}"] = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The bound fields row by row, for the template."""
        return [
            {"number": number, "fields": [self[f"{name}-{number}"] for name in ROW]}
            for number in range(1, self.count + 1)
        ]

    def read(self, found: list[Problem]) -> list[dict[str, str]]:
        """The lines that say something, each with what is missing in it."""
        out = []
        for number in range(1, self.count + 1):
            typed = {name: str(self.cleaned_data.get(f"{name}-{number}") or "") for name in ROW}
            if not any(typed[name].strip() for name in ROW_LIMITS):
                continue
            texts = {
                name: storable(f"{name}-{number}", typed[name], label, limit, found)
                for name, (limit, label) in ROW_LIMITS.items()
            }
            known = {key for key, _ in self.fields[f"item-{number}"].choices}  # type: ignore[attr-defined]  # a ChoiceField
            if typed["item"] not in known:
                found.append(Problem(codes.FILING_CHOICE, f"item-{number}", f"第 {number} 条：请选择是哪一项。"))
            for name in ("finding", "clause"):
                if not texts[name] and not any(p.field == f"{name}-{number}" for p in found):
                    words = f"第 {number} 条：请写明{ROW_LIMITS[name][1]}。"
                    found.append(Problem(codes.NONCONFORM_REASON, f"{name}-{number}", words))
            rule_id = "".join(c for c in typed["rule_id"] if c.isascii() and (c.isalnum() or c == "-"))[:16]
            out.append({**texts, "item": typed["item"], "rule_id": rule_id})
        return out


def row_initial(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Prefilled lines as initial values of the form."""
    return {f"{name}-{number}": str(row[name]) for number, row in enumerate(rows, 1) for name in ROW}


def letter_items() -> list[tuple[str, str]]:
    """What a line may be about: the sections an institution can edit, then every document, handed in or not."""
    sections = [(name, section.title) for name, section in BY_NAME.items() if name not in {"materials", "pledge"}]
    return [*sections, *((code, review.title_of(code)) for code in review.DOCUMENTS)]
