"""What a step asks for: the fields of its form, described once for the page and for what is read from it."""

from __future__ import annotations

from django import forms

Asks = tuple[tuple[str, forms.Field], ...]
REASON = "不少于 4 个字；理由会告知机构并留存，不写个人信息"


def area(label: str, hint: str, limit: int = 500, rows: int = 4) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "maxlength": limit + 20})
    return forms.CharField(label=label, help_text=hint, max_length=limit, widget=widget)


def line(label: str, hint: str = "", limit: int = 100, *, required: bool = True) -> forms.CharField:
    """One line of text."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": limit + 20})
    return forms.CharField(label=label, help_text=hint, max_length=limit, required=required, widget=widget)


def day(label: str, hint: str) -> forms.CharField:
    """A date as text, never picker-only."""
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20})
    return forms.CharField(label=label, help_text=hint, max_length=10, widget=widget)


def choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """One of a few, all of them seen."""
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


CLAUSE = ("clause", line("依据", "文件名称和条款，写进决定书", 200))
VISIT: Asks = (
    ("officers", forms.MultipleChoiceField(label="核实人员", widget=forms.CheckboxSelectMultiple)),
    ("planned_on", day("计划核实日期", "从今天起，不晚于告知不符合的最后一天，格式：2026-11-23")),
)
