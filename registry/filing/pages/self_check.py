"""办前自查: the rules of a filing on typed answers, without an account (product.md A3, B1).

The answers, none of them personal, stand in the address: Back, reload and a shared link keep them; nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from yancheng_childcare.deadlines import today_here

from ...choices import RuleLevel
from ...registration.forms import BLANK, RawForm
from ...rules.filing.answers import is_empty, shown_answer
from ...rules.filing.catalogue import Finding, Verdict, evaluate, rule_of
from ...rules.filing.classes import NAMES, home_children, is_home, required_carers
from ...rules.filing.facts import FilingFacts
from ...rules.filing.materials import MATERIALS, MaterialSpec
from ...rules.filing.sections import FieldSpec
from .self_check_questions import GROUPS, NOT_ASKED, QUESTIONS, Group, facts_of, read_typed

LONGEST = 100
LEAD = "开办前先对照标准查一遍：哪些须先改正，哪些不符合标准，要准备哪些材料。不用登录，填写的内容不保存。"


@dataclass(frozen=True, slots=True)
class Part:
    """One group of the gap list, with the light it is drawn in."""

    key: str
    title: str
    meaning: str
    light: str
    findings: list[Finding]


class SelfCheckForm(RawForm):
    """All questions; an open answer is "unknown". Nothing here is optional or required, so nothing is marked."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, spec in QUESTIONS.items():
            self.fields[name] = _field(spec)

    def groups(self) -> list[dict[str, Any]]:
        """The fieldsets; a folded one opens when something in it was answered."""
        return [self._drawn(number, group) for number, group in enumerate(GROUPS, 1)]

    def _drawn(self, number: int, group: Group) -> dict[str, Any]:
        answered = self.is_bound and any(self.cleaned_data.get(spec.name) for spec in group.questions)
        return {
            "id": f"group-{number}",
            "title": group.title,
            "hint": group.hint,
            "folded": group.folded,
            "open": answered,
            "fields": [{"field": self[spec.name], "unit": spec.unit} for spec in group.questions],
        }

    def typed(self) -> dict[str, str]:
        """What was typed, by question; only answered ones."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if not is_empty(value)}


def _field(spec: FieldSpec) -> forms.Field:
    if spec.kind == "yesno":
        return forms.ChoiceField(
            label=spec.label,
            help_text=spec.hint,
            choices=[*spec.choices, ("", "待确认")],
            widget=forms.RadioSelect,
            initial="",
        )
    if spec.kind == "choice":
        return forms.ChoiceField(label=spec.label, help_text=spec.hint, choices=[BLANK, *spec.choices])
    attrs = {"autocomplete": "off", "maxlength": 12, "inputmode": "numeric" if spec.kind == "whole" else "decimal"}
    hint = spec.hint
    if spec.kind == "day":
        attrs["inputmode"] = "numeric"
        hint = "，".join(part for part in (spec.hint, "格式：2026-11-23") if part)
    return forms.CharField(label=spec.label, help_text=hint, max_length=12, widget=forms.TextInput(attrs=attrs))


def _kept(posted: QueryDict) -> dict[str, str]:
    """What was typed, printable and short enough to be shown again; a field with more is wrong anyway."""
    return {name: "".join(c for c in str(posted.get(name) or "")[:LONGEST] if c.isprintable()) for name in QUESTIONS}


@require_safe
def self_check(request: HttpRequest) -> HttpResponse:
    """The questions, and the result once `check` is there; the address holds the answers. No account, no query."""
    context: dict[str, Any] = {"heading": "办前自查", "lead": LEAD, "problems": [], "opened": True}
    if "check" not in request.GET:
        return render(request, "registry/filing/self_check.html", context | {"form": SelfCheckForm()})
    form = SelfCheckForm(_kept(request.GET))
    typed = form.typed()
    query = urlencode({"check": "1", **typed})
    if any(not value for value in request.GET.values()):  # a short address to keep: the open questions stay out of it
        return HttpResponseRedirect(f"{reverse('registry:self-check')}?{query}#result")
    values, problems = read_typed(typed)
    context |= {"form": form, "problems": problems}
    if problems:
        return render(request, "registry/filing/self_check.html", context, status=422)
    today = today_here()
    facts = facts_of(values, today)
    findings = evaluate(facts, off=NOT_ASKED)
    parts = parts_of(findings)
    open_part = next(part for part in parts if part.key == "open")
    context |= {
        "today": today,
        "parts": [part for part in parts if part.key != "open"],
        "topics": topics_of(open_part.findings),
        "open_count": len(open_part.findings),
        "opened": "edit" in request.GET,
        "here": f"?{query}&edit=1",
        "verdict": verdict_of(parts),
        "figures": [{"label": part.title, "value": len(part.findings), "unit": "条"} for part in parts],
        "not_applicable": sum(finding.verdict is Verdict.NOT_APPLICABLE for finding in findings),
        "not_asked": [rule_of(rule_id, today) for rule_id in sorted(NOT_ASKED)],
        "carers": carers_line(facts),
        "materials": materials_for(facts),
        "answers": [
            {"label": spec.label, "value": shown_answer(spec, typed[name])}
            for name, spec in QUESTIONS.items()
            if name in typed
        ],
    }
    return render(request, "registry/filing/self_check.html", context)


def parts_of(findings: list[Finding]) -> list[Part]:
    """The gap list: what stops, what must be put right, what is advised, what is open, what conforms."""

    def failed(level: RuleLevel) -> list[Finding]:
        return [f for f in findings if f.verdict is Verdict.FAIL and f.rule.level == level]

    unclear = [f for f in findings if f.verdict is Verdict.UNKNOWN]
    unclear.sort(key=lambda f: not f.blocks)
    return [
        Part("stop", "须先改正", "改正以前不能提交备案，或者人员不能上岗。", "red", failed(RuleLevel.BLOCK)),
        Part("fail", "不符合标准", "可以提交，提交时逐项说明，现场核实前必须改正。", "red", failed(RuleLevel.FAIL)),
        Part("warn", "提醒", "不影响提交，建议做到。", "yellow", failed(RuleLevel.WARN)),
        Part("open", "待确认", "没有填写，不算通过。", "grey", unclear),
        Part("pass", "符合", "按填写的内容，达到标准。", "green", [f for f in findings if f.verdict is Verdict.PASS]),
    ]


def topics_of(findings: list[Finding]) -> list[dict[str, Any]]:
    """What is not known yet, one line per group of questions: nothing to mend, only something to fill in."""
    topics: dict[int, dict[str, Any]] = {}
    for finding in findings:
        number = _group_of(finding)
        row = topics.setdefault(number, {"id": f"group-{number}", "title": GROUPS[number - 1].title, "rules": []})
        row["rules"].append(finding.rule.title)
    return [topics[number] for number in sorted(topics)]


def _group_of(finding: Finding) -> int:
    """The number of the group that asks what this rule wants to know."""
    if finding.rule.section == "people":
        return next(n for n, group in enumerate(GROUPS, 1) if "PEOPLE" in group.dimensions)
    asked = (n for n, group in enumerate(GROUPS, 1) for spec in group.questions if spec.name == finding.field)
    return next(asked, None) or next(
        (n for n, group in enumerate(GROUPS, 1) if finding.rule.dimension in group.dimensions), 1
    )


def verdict_of(parts: list[Part]) -> dict[str, str]:
    """The result in one sentence."""
    number = {part.key: len(part.findings) for part in parts}
    if number["stop"]:
        return {
            "kind": "danger",
            "title": f"有 {number['stop']} 项须先改正",
            "text": "请先改正这些，再租房、装修或提交备案。",
        }
    if number["fail"]:
        return {
            "kind": "warning",
            "title": f"有 {number['fail']} 项不符合标准",
            "text": "可以提交，但现场核实前必须改正。",
        }
    if number["open"]:
        return {
            "kind": "warning",
            "title": f"还有 {number['open']} 项待确认",
            "text": "没有发现不符合的；待确认的不算通过，补填后再查一次。",
        }
    return {"kind": "success", "title": "没有发现不符合的", "text": "请按下面的清单准备材料。"}


def carers_line(facts: FilingFacts) -> dict[str, Any]:
    """How many carers the typed classes need (domain.md §3.2): the sum and how it comes about."""
    if is_home(facts):
        ratio, children = int(rule_of("R-HOME-02", facts.today).params["ratio"]), home_children(facts)
        total = None if children is None else -(-children // ratio)
        return {"total": total, "parts": [f"家庭托育点 {children} 人，每名照护人员最多 {ratio} 人"] if total else []}
    ratios = rule_of("R-RAT-01", facts.today).params
    groups = facts.classes or ()
    seen: dict[tuple[str, int], int] = {}
    for group in groups:
        if group.places is not None:
            seen[group.class_type, group.places] = seen.get((group.class_type, group.places), 0) + 1
    parts = []
    for (kind, places), number in seen.items():
        each = required_carers(
            [group for group in groups if (group.class_type, group.places) == (kind, places)][:1], ratios
        )
        parts.append(f"{NAMES[kind]} {number} 个，每班 {places} 人，按 1:{ratios[kind]} 每班 {each} 名")
    return {"total": required_carers(groups, ratios) if groups else None, "parts": parts}


def materials_for(facts: FilingFacts) -> list[dict[str, Any]]:
    """What to prepare: needed for sure first, then what depends on open answers, then the optional ones."""
    words = {True: ("red", "必交"), None: ("grey", "看供餐方式"), False: ("plain", "选交")}
    rows: list[tuple[int, MaterialSpec, bool | None]] = []
    for spec in MATERIALS:
        needed = spec.required_for(facts)
        if spec.local or (needed is False and spec.required_when != "OPTIONAL"):
            continue
        rows.append(({True: 0, None: 1, False: 2}[needed], spec, needed))
    rows.sort(key=lambda row: row[0])
    return [{"spec": spec, "light": words[needed][0], "word": words[needed][1]} for _, spec, needed in rows]
