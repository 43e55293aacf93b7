"""A type of case, declared once: its states, steps, letters, clocks, results and readers. All else is read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pgtrigger
from django.db import transaction

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import form_of, read
from yancheng_childcare.numbers import next_number
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .handing import GENERAL
from .keeping import after_a_step, holder, record
from .kinds import type_of
from .models import Case, CaseBody
from .second import with_second_signature
from .steps import Workflow
from .telling import OUTSIDE
from .types import AUTHORITY, SYSTEM, CaseStep, Link, Reach, Result, State


@dataclass(frozen=True, slots=True)
class Opened:
    """What a new case is about and whose it is; `body` are the fields of the type's own model."""

    subject_kind: str
    subject_name: str
    region: Any
    authority: Any
    subject_id: str = ""
    uscc: str = ""
    parent: Case | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CaseType:
    """One type of case. `series` begins its numbers; `begin` says from the answers of the `opening` step what it is about.

    `facts` are lines (label, text) of its page, `links` lead from there to what this reader finds elsewhere;
    `results` how it may end; `readers` who sees it. `follows`: it is opened by a step of another case, never by itself.
    `lock_first` locks what stands above the case; `payload` are the facts of its own that a pushed event carries (`pushing`),
    no personal data; `shows` is what the public sees of a step, done last.
    """

    name: str
    label: str
    series: str
    opening: CaseStep
    states: Mapping[str, State]
    rows: Iterable[CaseStep]
    results: Mapping[str, Result]
    readers: Reach
    begin: Callable[[Any, Any], Opened]
    facts: Callable[[Case], list[tuple[str, str]]] = lambda case: []
    links: Callable[[Case, Any], list[Link]] = lambda case, reader: []
    body: type[CaseBody] | None = None
    follows: bool = False
    lock_first: Callable[[Case], None] | None = None
    payload: Callable[[Case], dict[str, Any]] = lambda case: {}
    shows: Callable[[Case, CaseStep], None] = lambda case, step: None

    @cached_property
    def workflow(self) -> Workflow[CaseStep]:
        """The table, with what every step of a case brings about."""
        rows = [*self.rows, *GENERAL(self)]
        steps = [one for row in rows for one in (with_second_signature(row) if row.signed else (row,))]
        return Workflow(
            Case,
            "status",
            [
                replace(
                    step,
                    needs=(holder(self), *step.needs) if step.takes else step.needs,
                    effect=after_a_step(self, step),
                )
                for step in steps
            ],
            record=lambda case, step, actor, data: record(self, case, step, actor, data),
            lock_first=self.lock_first,
            rows=self.cases,
            labels=lambda state: self.states[state].label,
        )

    def cases(self) -> Any:
        """The cases of this type with what a step looks at anyway."""
        beside = [str(self.body._meta.model_name)] if self.body is not None else []
        found = Case.objects.filter(type=self.name)
        return found.select_related("region", "authority", "assignee", "opened_by", *beside)

    def guard(self) -> None:
        """Let the database refuse every change of the status that the table does not have (installed by `migrate`)."""
        only = pgtrigger.Q(new__type=self.name)
        self.workflow.guard_status(name=f"status_{self.name.lower()}", only=only)

    def step(self, name: str) -> CaseStep:
        """The step of this name, the opening one included. Raises KeyError when there is none."""
        return self.opening if name == self.opening.name else self.workflow.steps[name]

    def opened_by(self, roles: frozenset[str]) -> bool:
        """Whether somebody with these roles opens such a case by itself."""
        return not self.follows and bool(roles & self.opening.by)

    @property
    def inside(self) -> list[str]:
        """The states in which nobody outside the authority sees the case."""
        return [name for name, state in self.states.items() if state.inside]

    @property
    def officers(self) -> frozenset[str]:
        """The roles of the authority whose turn it ever is."""
        turns = frozenset(state.turn for state in self.states.values()) - {"", SYSTEM, OUTSIDE.value}
        return (turns - {AUTHORITY}) | (self.readers.department if AUTHORITY in turns else frozenset())

    def waits_for(self, case: Case) -> str:
        """Whose turn it is: a role, SYSTEM, or "" for nobody."""
        return self.states[case.status].turn


def open_case(kind: CaseType, answers: Mapping[str, Any], *, actor: Any, files: Sequence[Any] = ()) -> Case:
    """Open a case by the type's opening step. `files`: uploads. Raises Rejected: 403 no duty for it, 422 with every problem."""
    step = kind.opening
    if not actor.has_role(*step.by):
        raise Rejected(Problem("GEN-403", "", f"您的职责不能办理“{step.label}”。"), status=403)
    asked = _asked(step, None, actor, answers)
    return open_with(kind, asked, actor=actor, answers=answers, files=files)


def open_with(
    kind: CaseType, asked: Any, *, actor: Any, answers: Mapping[str, Any] | None = None, files: Sequence[Any] = ()
) -> Case:
    """Open a case from what a page of the type's own has read and checked: of that, the act keeps `answers` alone."""
    step = kind.opening
    with transaction.atomic():
        about, today = kind.begin(asked, actor), today_here()
        case = Case(
            no=f"{kind.series}-{today.year}-{next_number(f'case:{kind.series}:{today.year}'):06d}",
            type=kind.name,
            status=step.target,
            governed_on=today,
            opened_by=actor if actor.pk else None,
            # An officer who opens a case of the kind officers work on has it; an institution that reports one has not.
            assignee=actor if actor.has_role(*kind.officers & step.by) else None,
            **{name: getattr(about, name) for name in ("subject_kind", "subject_id", "subject_name", "uscc", "region")},
            authority=about.authority,
            parent=about.parent,
        )
        if not step.may(actor, case):
            raise Rejected(Problem("GEN-403", "", f"您的职责不能在这里办理“{step.label}”。"), status=403)
        data = {"asked": asked, "answers": dict(answers or {}), "files": files}
        if found := [problem for guard in step.needs for problem in guard(case, actor, data)]:
            raise Rejected(found)
        case.save()
        if kind.body is not None:
            kind.body.objects.create(case=case, **about.body)  # type: ignore[attr-defined]
        if step.effect is not None:
            step.effect(case, actor, data)
        record(kind, case, step, actor, data)
    return case


def take(
    case: Case,
    name: str,
    answers: Mapping[str, Any] | None = None,
    *,
    actor: Any,
    expected_version: int | None = None,
    files: Sequence[Any] = (),
) -> Case:
    """Take one step of a case. Raises Rejected as `Workflow.run` does, 404 (CAS-107) for a step there is none of."""
    kind = type_of(case)
    step = kind.workflow.steps.get(name)
    if step is None or SYSTEM in step.by:
        raise Rejected(Problem(codes.NO_STEP, "", "没有这个办理步骤。"), status=404)
    if not actor.has_role(*step.by) or not step.may(actor, case):
        raise Rejected(Problem("GEN-403", "", f"您的职责不能办理“{step.label}”，请联系有权办理的单位。"), status=403)
    asked = _asked(step, case, actor, answers or {})
    moved: Case = kind.workflow.run(
        case, name, actor, expected_version=expected_version, asked=asked, answers=dict(answers or {}), files=files
    )
    return moved


def steps_for(case: Case, actor: Any) -> list[CaseStep]:
    """The steps this person may take now: what the page offers and the API lists. Nothing of what somebody else has."""
    kind = type_of(case)
    held = any(holder(kind)(case, actor, {}))
    steps = kind.workflow.available(case, actor)
    return [step for step in steps if SYSTEM not in step.by and not (held and step.takes)]


def _asked(step: CaseStep, case: Case | None, actor: Any, answers: Mapping[str, Any]) -> Any:
    known = {one.name for one in fields(step.asks)} if step.asks else set()
    if set(answers) - known:  # what nobody looks at would be kept all the same
        raise Rejected(Problem(codes.ANSWER, "answers", "填写了这一步没有问的内容，请只填写要求的项目。"))
    if step.asks is None:
        return None
    asked, problems = read(form_of(step.asks)(answers, case=case, actor=actor), codes.ANSWER)
    if problems:
        raise Rejected(problems)
    return asked
