"""What a step asks for: the fields of its form, described once for the page and for what is read from it."""

from __future__ import annotations

from django import forms

from yancheng_childcare.forms import day, line

Asks = tuple[tuple[str, forms.Field], ...]
REASON = "不少于 4 个字；理由会告知机构并留存，不写个人信息"
CLAUSE = ("clause", line("依据", 200, "文件名称和条款，写进决定书"))
VISIT: Asks = (
    ("officers", forms.MultipleChoiceField(label="核实人员", widget=forms.CheckboxSelectMultiple)),
    ("planned_on", day("计划核实日期", "从今天起，不晚于告知不符合的最后一天，格式：2026-11-23")),
)
