"""托育机构标准: the whole catalogue of rules in the open, also those only an inspection can see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import QuietForm, Short

from ...choices import RuleLevel
from ...rules.filing.catalogue import DIMENSIONS, RULES, Rule
from ...rules.filing.regimes import regime_on
from ...rules.filing.sources import SOURCE_LABELS, SOURCE_NOTES

LEVEL_LIGHTS = {RuleLevel.BLOCK.value: "red", RuleLevel.FAIL.value: "red", RuleLevel.WARN.value: "yellow"}


class StandardsFilter(QuietForm):
    """Search word, dimension, level."""

    q = Short(label="关键词", cut=40)
    dimension = forms.ChoiceField(label="方面", choices=[("", "全部"), *DIMENSIONS.items()], required=False)
    level = forms.ChoiceField(label="不符合时", choices=[("", "全部"), *RuleLevel.choices], required=False)


def _matches(rule: Rule, words: str) -> bool:
    """Every word typed stands somewhere in the rule."""
    text = " ".join((rule.id, rule.title, rule.limit(), rule.clause, rule.also, rule.how_to_fix, rule.department_label))
    return all(word in text.casefold() for word in words.casefold().split())


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """The rules by dimension, with version, dates and how binding their source is. No query."""
    form = StandardsFilter(request.GET or None)
    today = today_here()
    words, dimension, level = (form.chosen(name) for name in ("q", "dimension", "level"))
    found = [
        rule
        for rule in RULES
        if dimension in {"", rule.dimension} and level in {"", rule.level} and _matches(rule, words)
    ]
    groups = [
        {"key": key.lower(), "title": title, "rows": [_row(rule, today) for rule in found if rule.dimension == key]}
        for key, title in DIMENSIONS.items()
    ]
    context: dict[str, Any] = {
        "heading": "托育机构标准",
        "lead": "备案审查、现场核实和办前自查对照的全部规则，逐条写明数值、依据、版本和起止日期。",
        "breadcrumbs": [],
        "form": form,
        "groups": [group for group in groups if group["rows"]],
        "total": len(found),
        "all": len(RULES),
        "sources": [(label, SOURCE_NOTES[key]) for key, label in SOURCE_LABELS.items()],
        "regime": regime_on(today),
        "today": today,
    }
    return render(request, "registry/filing/standards.html", context)


def _row(rule: Rule, today: Any) -> dict[str, Any]:
    """A rule with its limit and its state today."""
    state = "" if rule.in_force(today) else "尚未施行" if rule.effective_from > today else "已失效"
    return {"rule": rule, "limit": rule.limit(), "light": LEVEL_LIGHTS[rule.level], "state": state}
