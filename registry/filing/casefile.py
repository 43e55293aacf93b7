"""A filing read as a whole: answers, materials, people, findings. Each part is one query, asked only when needed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import JSONField, Value, prefetch_related_objects

from yancheng_childcare.problems import Problem

from ..choices import PostRole, RuleLevel
from ..models import Filing, FilingSection, Material, RuleSwitch
from ..people.facts import Staff, gaps, staff_of
from ..rules.filing.answers import is_empty, read_answers
from ..rules.filing.catalogue import Finding, Verdict, evaluate
from ..rules.filing.facts import ClassFacts, FilingFacts, MaterialFacts
from ..rules.filing.materials import MaterialSpec, required_materials
from ..rules.filing.sections import BY_NAME, CLASSES, FORM_SECTIONS, MATERIALS, PEOPLE, PLEDGE

# The five states of a task (product.md B19), with the light they are drawn in.
NOT_STARTED, IN_PROGRESS, TO_MEND, DONE, NOT_YET = "未开始", "填写中", "需修改", "已完成", "暂不能填"
LIGHTS = {NOT_STARTED: "plain", IN_PROGRESS: "yellow", TO_MEND: "red", DONE: "green", NOT_YET: "grey"}


# Rules that ask something of everybody, or of everybody in one post.
OF_EACH: dict[str, str] = {
    "R-HLT-04": "",
    "R-PER-05": "",
    "R-PER-06": "",
    "R-FOOD-02": PostRole.COOK,
    "R-PER-03": PostRole.CARER,
    "R-PER-04": PostRole.HEALTH,
    "R-SAFE-05": PostRole.GUARD,
}
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list."""

    name: str
    title: str
    state: str
    note: str = ""

    @property
    def light(self) -> str:
        """Colour of its tag."""
        return LIGHTS[self.state]


def unsealed(row: Any) -> dict[str, Any]:
    """The personal answers kept beside a section or a version; {} when there are none."""
    found: dict[str, Any] = json.loads(row.sealed) if row.sealed else {}
    return found


class CaseFile:
    """What one filing says today. Build a new one after every change."""

    def __init__(self, filing: Filing, today: date):
        self.filing = filing
        self.today = today

    @cached_property
    def rows(self) -> dict[str, FilingSection]:
        """The saved sections by name."""
        return {row.name: row for row in self.filing.sections.select_related("saved_by")}

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Everything typed, by section, personal answers included."""
        return {name: {**row.data, **unsealed(row)} for name, row in self.rows.items()}

    @cached_property
    def read(self) -> dict[str, tuple[dict[str, Any], list[Problem]]]:
        """Typed values and problems of every section with fields."""
        return {section.name: read_answers(section, self.answers.get(section.name, {})) for section in FORM_SECTIONS}

    @cached_property
    def papers(self) -> list[Material]:
        """The current materials with the ids of their files, `page_files`: all that is checked and kept. One query."""
        return list(self.filing.materials.current().with_pages())

    @cached_property
    def materials(self) -> dict[str, Material]:
        """The current materials by code, with their pages and files, to be shown."""
        prefetch_related_objects(self.papers, "pages__file")
        return {row.code: row for row in self.papers}

    @cached_property
    def staff(self) -> list[Staff]:
        """The people in post today."""
        return staff_of(self.filing.institution, self.today)

    @cached_property
    def rule_settings(self) -> list[tuple[str, bool, Any, bool]]:
        """What the city switched and what is set aside for this filing: rule, in use, its numbers, set aside. One query."""
        switched = RuleSwitch.objects.order_by().values_list("rule_id", "enabled", "params", Value(False))
        numbers = Value({}, JSONField())
        waived = self.filing.waivers.order_by().values_list("rule_id", Value(True), numbers, Value(True))
        return list(switched.union(waived, all=True))

    @property
    def waived(self) -> frozenset[str]:
        """The rules set aside for this filing."""
        return frozenset(rule for rule, _, _, aside in self.rule_settings if aside)

    @property
    def local_rules(self) -> frozenset[str]:
        """Local rules the city switched on; they count for nobody until then."""
        return frozenset(rule for rule, enabled, _, aside in self.rule_settings if enabled and not aside)

    def value(self, section: str, name: str) -> Any:
        """One typed value."""
        return self.read[section][0].get(name)

    def facts(self, *, people: bool = True, materials: bool = True) -> FilingFacts:
        """What the rules look at; without people or materials their rules answer "unknown": nobody has said anything."""
        values = {name: value for read, _ in self.read.values() for name, value in read.items()}
        floors = [int(floor) for floor in values.get("living_floors") or []]
        known = FilingFacts.__dataclass_fields__.keys() & values.keys() - {"classes"}
        classes = tuple(
            ClassFacts(**{name: row.get(name) for name in ClassFacts.__dataclass_fields__ if row.get(name) is not None})
            for row in values.get("classes") or []
            if row.get("class_type")
        )
        return FilingFacts(
            today=self.today,
            nature=self.filing.institution.nature,
            registration_active=self.filing.institution.status == "ACTIVE",
            certificate_until=self.filing.institution.valid_to,
            highest_floor=max(floors) if floors else None,
            underground=(-1 in floors) if floors else None,
            classes=classes or None,
            staff=(tuple(entry.facts for entry in self.staff) or None) if people else None,
            materials=(tuple(material_facts(m) for m in self.papers) or None) if materials else None,
            waived=self.waived,
            **{name: values[name] for name in known if values[name] is not None},
        )

    @cached_property
    def findings(self) -> list[Finding]:
        """Every rule's finding on the whole filing."""
        return self.check(self.facts())

    def check(self, facts: FilingFacts) -> list[Finding]:
        """The findings on these facts, with the city's switches."""
        return evaluate(
            facts,
            off=frozenset(rule for rule, enabled, _, _ in self.rule_settings if not enabled),
            on=self.local_rules,
            params={rule: numbers for rule, _, numbers, _ in self.rule_settings if numbers},
        )

    def findings_of(self, section: str) -> list[Finding]:
        """The findings that belong to one section, without asking for people or materials it does not need."""
        people, materials = section == PEOPLE.name, section in {MATERIALS.name, "fees", "premises"}
        facts = self.facts(people=people, materials=materials)
        return [finding for finding in self.check(facts) if finding.section == section]

    @cached_property
    def wanted(self) -> list[MaterialSpec]:
        """The materials this filing needs."""
        return required_materials(self.facts(people=False, materials=False), self.filing.regime, on=self.local_rules)

    @property
    def missing(self) -> list[MaterialSpec]:
        """Needed and not handed in, or without a page."""
        have = {row.code for row in self.papers if row.page_files}
        return [spec for spec in self.wanted if spec.code not in have]

    @property
    def exceptions(self) -> list[Finding]:
        """What does not conform without stopping the submission: the pledge excepts it, with an explanation of each."""
        return [f for f in self.findings if f.verdict == Verdict.FAIL and f.level == RuleLevel.FAIL]

    def signed(self) -> bool:
        """Whether the pledge is signed, nothing was changed after, and it excepts all that does not conform today."""
        row = self.rows.get(PLEDGE.name)
        if row is None or not row.data.get("signed_at"):
            return False
        others = [other.saved_at for name, other in self.rows.items() if name != PLEDGE.name]
        touched = [*others, *(material.updated_at for material in self.papers)]
        if any(moment > row.saved_at for moment in touched):
            return False
        return {f.id for f in self.exceptions} <= {said["id"] for said in row.data.get("explained", [])}

    @cached_property
    def tasks(self) -> list[Task]:
        """The task list (product.md C3)."""
        tasks = [self._form_task(section.name) for section in FORM_SECTIONS]
        tasks += [self._people_task(), self._materials_task()]
        ready = all(task.state == DONE or task.state == TO_MEND for task in tasks) and not self.stops
        if self.signed() and not self.stops:
            state, note = DONE, f"{self.rows[PLEDGE.name].data.get('signed_name', '')}已签署"
        elif ready:
            state, note = NOT_STARTED, "可以签署"
        else:
            state, note = NOT_YET, "前面各项完成后可签"
        return [*tasks, Task(PLEDGE.name, PLEDGE.title, state, note)]

    @cached_property
    def stops(self) -> list[Finding]:
        """The findings that stop a submission."""
        return [finding for finding in self.findings if finding.blocks]

    def behind(self, finding: Finding) -> list[str]:
        """The names of those who alone fail a rule that asks something of everybody; findings themselves name nobody."""
        check, role = finding.rule.check, OF_EACH.get(finding.id)
        if check is None or role is None or finding.verdict != Verdict.FAIL:
            return []
        facts = self.facts()
        return [
            entry.post.name
            for entry in self.staff
            if role in {"", entry.post.role}
            and check(replace(facts, staff=(entry.facts,)), finding.rule.params).verdict == Verdict.FAIL
        ]

    def names_behind(self, finding: Finding) -> str:
        """The same for the end of a sentence; "" when nobody in particular is meant."""
        names = self.behind(finding)
        return f"涉及：{'、'.join(names)}。" if names else ""

    def _form_task(self, name: str) -> Task:
        section, answers = BY_NAME[name], self.answers.get(name, {})
        wrong = self.read[name][1]
        if name not in self.rows or all(is_empty(value) for value in answers.values()):
            return Task(name, section.title, NOT_STARTED)
        broken = [p for p in wrong if p.code != "FIL-001"]
        against = [f for f in self.findings if f.section == name and f.verdict == "FAIL" and f.rule.level != "WARN"]
        if broken or against:
            return Task(name, section.title, TO_MEND, f"{len(broken) + len(against)} 处要修改")
        if wrong:
            return Task(name, section.title, IN_PROGRESS, f"还有 {len(wrong)} 项没有填")
        if name == CLASSES.name:
            total, rows = self.value(name, "capacity_total"), self.read[name][0].get("classes") or []
            return Task(name, section.title, DONE, f"{len(rows)} 个班，{total} 个托位")
        return Task(name, section.title, DONE)

    def _people_task(self) -> Task:
        if not self.staff:
            return Task(PEOPLE.name, PEOPLE.title, NOT_STARTED)
        names = [entry.post.name for entry in self.staff if gaps(entry, self.today)]
        lacking = f"，{len(names)} 人材料不全：{'、'.join(names[:MOST_NAMES])}" if names else ""
        lacking += "等" if len(names) > MOST_NAMES else ""
        against = [f for f in self.findings if f.section == PEOPLE.name and f.blocks]
        note = f"{len(self.staff)} 人{lacking}"
        if against:
            return Task(PEOPLE.name, PEOPLE.title, TO_MEND, note)
        return Task(PEOPLE.name, PEOPLE.title, DONE if not lacking else TO_MEND, note)

    def _materials_task(self) -> Task:
        need, lack = len(self.wanted), len(self.missing)
        if not self.papers:
            return Task(MATERIALS.name, MATERIALS.title, NOT_STARTED, f"需要 {need} 份")
        return Task(MATERIALS.name, MATERIALS.title, IN_PROGRESS if lack else DONE, f"{need - lack} / {need} 份")


def material_facts(material: Material) -> MaterialFacts:
    """One material as the rules see it."""
    return MaterialFacts(
        material.code,
        material.kind,
        material.valid_to,
        conclusion_ok=material.conclusion_ok,
        issuer=material.issuer,
    )
