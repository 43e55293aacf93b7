"""The rules of `registry/data/filing_rules.csv` with their checks, and how they judge one filing (domain.md §3).

A rule has versions with windows of effective dates; on one day at most one version counts. Local rules (`local`) only
count where they are switched on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from registry.choices import RuleLevel
from yancheng_childcare.problems import Level, Problem

from . import areas, classes, food, health, management, people, safety, site  # noqa: F401  they register their checks
from .checks import CHECKS, Check
from .classes import is_home
from .facts import FilingFacts
from .outcome import VERDICT_LABELS, Outcome, Verdict, not_applicable, unknown
from .sources import SOURCE_LABELS, cite, short_name
from .tables import day_or_none, read_table

__all__ = [
    "DIMENSIONS", "RULES", "VERDICT_LABELS", "Finding", "Rule", "Verdict",
    "blocking", "evaluate", "load_rules", "problems_of", "rule_of", "rules_on",
]  # fmt: skip

DIMENSIONS = {
    "CLASS": "班级与托位",
    "SITE": "选址与建筑",
    "AREA": "面积",
    "HEALTH": "卫生保健",
    "CARE": "保育照护",
    "SAFETY": "安全保卫",
    "FIRE": "消防",
    "FOOD": "食品",
    "PEOPLE": "人员",
    "MANAGEMENT": "管理",
}
DEPARTMENTS = {
    "HEALTH": "卫生健康部门",
    "MARKET": "市场监督管理部门",
    "FIRE": "消防救援机构",
    "HURD": "住房城乡建设部门",
    "ECO": "生态环境部门",
    "POLICE": "公安机关",
    "FINREG": "金融监管部门",
}
STAGES = {"": "提交备案", "DUTY": "上岗", "INTAKE": "儿童入托"}
APPLIES = {"ALL": "所有机构", "INSTITUTION": "家庭托育点以外的机构", "HOME": "家庭托育点"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. `effective_to` is the last day; `stage` says what a BLOCK stops."""

    id: str
    version: int
    title: str
    dimension: str
    level: str
    department: str
    document: str
    article: str
    also: str
    confidence: str
    source_kind: str
    params: Mapping[str, Any]
    threshold: str
    effective_from: date
    effective_to: date | None
    local: bool
    applies: str
    stage: str
    section: str
    field: str
    how_to_fix: str
    computable: bool
    why_not: str
    check: Check | None

    @property
    def clause(self) -> str:
        """Document and article in full."""
        return cite(self.document, self.article)

    @property
    def short_clause(self) -> str:
        """The clause for the end of a sentence: 设置标准第19条."""
        return cite(short_name(self.document), self.article)

    @property
    def level_label(self) -> str:
        """The level in words; what a BLOCK stops is in `stage_label`."""
        return str(RuleLevel(self.level).label)

    @property
    def department_label(self) -> str:
        """The kind of department that is competent."""
        return DEPARTMENTS[self.department]

    @property
    def source_label(self) -> str:
        """How binding the source is."""
        return SOURCE_LABELS[self.source_kind]

    @property
    def stage_label(self) -> str:
        """What a BLOCK stops."""
        return STAGES[self.stage]

    @property
    def applies_label(self) -> str:
        """Whom it concerns."""
        return APPLIES[self.applies]

    def in_force(self, day: date) -> bool:
        """Whether this version counts on that day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def limit(self, params: Mapping[str, Any] | None = None) -> str:
        """The limit in words, with these parameters instead of the rule's own."""
        return self.threshold.format_map(dict(self.params) | dict(params or {}))


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one filing. `message` ends with the clause; `threshold` is the limit in words."""

    rule: Rule
    verdict: Verdict
    value: str
    threshold: str
    message: str

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.rule.id

    @property
    def level(self) -> str:
        """The rule's level."""
        return self.rule.level

    @property
    def section(self) -> str:
        """The section of the filing it belongs to."""
        return self.rule.section

    @property
    def field(self) -> str:
        """The field to mend."""
        return self.rule.field

    @property
    def verdict_label(self) -> str:
        """The verdict in words."""
        return VERDICT_LABELS[self.verdict]

    @property
    def sentence(self) -> str:
        """The message without its clause, for a table with a column of clauses."""
        return self.message.removesuffix(f"（{self.rule.short_clause}）")

    @property
    def standard(self) -> str:
        """The limit in words; "" where the sentence names it already."""
        return "" if "标准" in self.message or self.threshold in self.message else self.threshold

    @property
    def blocks(self) -> bool:
        """Stops the submission: a BLOCK that failed or is unknown, and was not waived."""
        return self.rule.level == RuleLevel.BLOCK and self.verdict in {Verdict.FAIL, Verdict.UNKNOWN}

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a snapshot: what was found, under which version of the rule."""
        return {
            "id": self.rule.id,
            "version": self.rule.version,
            "title": self.rule.title,
            "dimension": self.rule.dimension,
            "level": str(self.rule.level),
            "verdict": str(self.verdict),
            "value": self.value,
            "threshold": self.threshold,
            "message": self.message,
            "clause": self.rule.clause,
            "source": self.rule.source_label,
            "section": self.section,
            "field": self.field,
            "how_to_fix": self.rule.how_to_fix,
            "blocks": self.blocks,
        }

    def as_problem(self) -> Problem:
        """The same as a problem of the form; only what stops the submission is a BLOCK there."""
        level = Level.BLOCK if self.blocks else Level.WARN
        return Problem(self.rule.id, self.field, self.message, level, self.rule.clause)


def load_rules(rows: Iterable[Mapping[str, str]], checks: Mapping[str, Check] = CHECKS) -> tuple[Rule, ...]:
    """Rules from table rows. Raises ValueError for a row that cannot be right: see the messages below."""
    rules = tuple(_read(row, checks) for row in rows)
    by_id: dict[str, list[Rule]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
    for rule_id, versions in by_id.items():
        versions.sort(key=lambda rule: rule.effective_from)
        for earlier, later in pairwise(versions):
            if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
                raise ValueError(f"{rule_id}: versions {earlier.version} and {later.version} overlap")
        if len({rule.version for rule in versions}) < len(versions):
            raise ValueError(f"{rule_id}: a version number is used twice")
    return rules


def _read(row: Mapping[str, str], checks: Mapping[str, Check]) -> Rule:
    rule_id = row["id"]
    first, last = day_or_none(row["effective_from"]), day_or_none(row["effective_to"])
    computable = row["computable"] == "1"
    wrong = [
        message
        for broken, message in (
            (first is None, "no effective_from"),
            (first is not None and last is not None and last < first, "ends before it begins"),
            (row["level"] not in RuleLevel.values, "unknown level"),
            (row["dimension"] not in DIMENSIONS, "unknown dimension"),
            (row["department"] not in DEPARTMENTS, "unknown department"),
            (row["source_kind"] not in SOURCE_LABELS, "unknown source kind"),
            (row["applies"] not in APPLIES, "unknown kind of institution"),
            (row["stage"] not in STAGES, "unknown stage"),
            (row["confidence"] not in {"S", "K", "A"}, "unknown confidence"),
            (not row["document"], "no document"),
            ((row["confidence"] == "A") != (row["source_kind"] == "AGREED"), "[A] and AGREED go together"),
            (
                row["confidence"] == "A" and (row["document"] != "平台约定" or row["article"]),
                "an agreed rule cites law",
            ),
            (computable and rule_id not in checks, "no check"),
            (computable == bool(row["why_not"]), "why_not is for rules without a check"),
            (computable != bool(row["section"] and row["field"]), "section and field are for rules with a check"),
            (
                row["source_kind"] in {"STANDARD", "GUIDE"} and row["level"] != RuleLevel.WARN,
                "a standard or guide nobody must keep only warns",
            ),
        )
        if broken
    ]
    if wrong or first is None:
        raise ValueError(f"{rule_id}: {'; '.join(wrong)}")
    rule = Rule(
        id=rule_id,
        version=int(row["version"]),
        params=MappingProxyType(json.loads(row["params"] or "{}")),
        effective_from=first,
        effective_to=last,
        local=row["local"] == "1",
        computable=computable,
        check=checks[rule_id] if computable else None,
        **{name: row[name] for name in _TEXTS},
    )
    rule.limit()  # a parameter missing in the wording shows now, not on a page
    return rule


_TEXTS = (
    "title", "dimension", "level", "department", "document", "article", "also", "confidence", "source_kind",
    "threshold", "applies", "stage", "section", "field", "how_to_fix", "why_not",
)  # fmt: skip

RULES = load_rules(read_table("filing_rules"))
if without_row := CHECKS.keys() - {rule.id for rule in RULES}:
    raise ValueError(f"checks without a row: {sorted(without_row)}")


def rules_on(day: date, rules: Sequence[Rule] = RULES) -> list[Rule]:
    """The rules in force on that day, in the order of the catalogue, at most one version of each."""
    return [rule for rule in rules if rule.in_force(day)]


def rule_of(rule_id: str, day: date) -> Rule:
    """The version of this rule in force on that day. Raises KeyError when there is none."""
    for rule in RULES:
        if rule.id == rule_id and rule.in_force(day):
            return rule
    raise KeyError(rule_id)


def evaluate(
    facts: FilingFacts,
    *,
    off: frozenset[str] = frozenset(),
    on: frozenset[str] = frozenset(),
    params: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """Every computable rule in force on `facts.today`, judged; in the order of the catalogue.

    `off` leaves rules out, `on` brings local rules in (they are out by default), `params` replaces single parameters
    by rule id. A waived rule that failed or is unknown is WAIVED. Nothing raises, whatever the facts.
    """
    return [
        _judge(rule, facts, params.get(rule.id, {}))
        for rule in rules_on(facts.today, rules)
        if rule.check is not None and rule.id not in off and (not rule.local or rule.id in on)
    ]


def _judge(rule: Rule, facts: FilingFacts, changed: Mapping[str, Any]) -> Finding:
    outcome = _outcome(rule, facts, dict(rule.params) | dict(changed))
    verdict = outcome.verdict
    if verdict in {Verdict.FAIL, Verdict.UNKNOWN} and rule.id in facts.waived:
        verdict = Verdict.WAIVED
    message = (
        outcome.message if outcome.verdict is Verdict.NOT_APPLICABLE else f"{outcome.message}（{rule.short_clause}）"
    )
    return Finding(rule, verdict, outcome.value, rule.limit(changed), message)


def _outcome(rule: Rule, facts: FilingFacts, params: Mapping[str, Any]) -> Outcome:
    home = is_home(facts)
    if rule.applies == "INSTITUTION" and home:
        return not_applicable("家庭托育点不适用")
    if rule.applies == "HOME" and home is False:
        return not_applicable("只适用于家庭托育点")
    if rule.applies == "HOME" and home is None:
        return unknown("还没有填写机构性质，是不是家庭托育点待确认")
    if rule.check is None:
        raise ValueError(f"{rule.id} has no check")
    return rule.check(facts, params)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop the submission."""
    return [finding for finding in findings if finding.blocks]


def problems_of(findings: Iterable[Finding]) -> list[Problem]:
    """What failed or is unknown, as problems of the form."""
    return [f.as_problem() for f in findings if f.verdict in {Verdict.FAIL, Verdict.UNKNOWN}]
