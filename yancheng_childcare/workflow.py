"""A case moves by steps: one table says from, to, who may, what must hold. `run` is the only way to change a status.

The same table yields the buttons of the page, the API's allowed actions, the database guard's pairs, the diagram
in the docs and the parametrised test of every state × every role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models, transaction

from .problems import Problem, Rejected, blocking, refuse_id_numbers

# A guard looks at the locked case, the actor and the step's data, and says what is in the way.
Guard = Callable[[Any, Any, dict[str, Any]], Iterable[Problem]]
# An effect changes the locked case (not its status) before it is saved.
Effect = Callable[[Any, Any, dict[str, Any]], None]


class Recorder(Protocol):
    """Keeps the act and, where the step `emits`, writes the outbox row: in the same transaction."""

    def __call__(self, case: Any, transition: Transition, actor: Any, data: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `may` says whether this actor's duties cover this case (region, department, two persons).

    `target` "" keeps the state: an act on the case that changes something else (a pause, a proposal, a confirmation).
    """

    name: str
    label: str
    sources: frozenset[str]
    target: str
    by: frozenset[str]
    may: Callable[[Any, Any], bool]
    needs: tuple[Guard, ...] = ()
    effect: Effect | None = None
    emits: str = ""
    danger: bool = False


SYSTEM = "SYSTEM"


class System:
    """The actor of steps nobody takes by hand: a term that ran out, a filing that follows its registration."""

    pk = None
    display_name = "系统"
    is_authenticated = True
    active_duties: tuple[Any, ...] = ()
    roles = frozenset({SYSTEM})

    def has_role(self, *roles: str) -> bool:
        """Only steps of the table that name the system."""
        return SYSTEM in roles

    def duties_as(self, *roles: str) -> list[Any]:
        """None: the system acts by the table, not by duty."""
        return []


class Workflow:
    """The transition table of one model. `record` keeps the act; `after` runs once the change is committed.

    `lock_first` locks what stands above the case (its institution), so that every writer locks in the same order.
    `rows` reads the case: with what guards, effects and the record look at anyway, in the same query.
    """

    def __init__(
        self,
        model: type[models.Model],
        field: str,
        transitions: Iterable[Transition],
        *,
        record: Recorder,
        after: Callable[[Any, Transition, Any], None] | None = None,
        lock_first: Callable[[Any], None] | None = None,
        rows: Callable[[], models.QuerySet[Any]] | None = None,
    ):
        self.model = model
        self.field = field
        self.transitions = {transition.name: transition for transition in transitions}
        self.record = record
        self.after = after
        self.lock_first = lock_first
        self.rows = rows or model._default_manager.all

    def changes(self) -> set[tuple[str, str]]:
        """Every pair (from, to) that changes the status: what the database guard must allow, and no more."""
        return {
            (source, t.target)
            for t in self.transitions.values()
            for source in t.sources
            if t.target and source != t.target
        }

    def available(self, case: Any, actor: Any) -> list[Transition]:
        """The steps this actor may take now: the buttons of the page and the allowed actions of the API."""
        state = getattr(case, self.field)
        return [
            t for t in self.transitions.values() if state in t.sources and actor.has_role(*t.by) and t.may(actor, case)
        ]

    def run(self, case: Any, name: str, actor: Any, *, expected_version: int | None = None, **data: Any) -> Any:
        """Take one step on one case, whole or not at all, and return the locked, saved case.

        Raises `Rejected`: 403 when the actor's duties do not reach, 409 when the case is in another state,
        412 when `expected_version` is not the case's `record_version`, 422 with every problem of the guards.
        """
        transition = self.transitions[name]
        with transaction.atomic():
            if self.lock_first is not None:
                self.lock_first(case)
            locked: Any = self.rows().select_for_update(of=("self",)).get(pk=case.pk)
            if not actor.has_role(*transition.by) or not transition.may(actor, locked):
                raise Rejected(
                    Problem("GEN-403", "", f"您的职责不能办理“{transition.label}”，请联系有权办理的单位。"),
                    status=403,
                )
            if getattr(locked, self.field) not in transition.sources:
                state: Any = locked._meta.get_field(self.field)
                label = dict(state.flatchoices).get(getattr(locked, self.field), getattr(locked, self.field))
                raise Rejected(
                    Problem(
                        "GEN-409",
                        "",
                        f"当前状态为“{label}”，不能办理“{transition.label}”。请刷新页面查看最新情况。",
                    ),
                    status=409,
                )
            if expected_version is not None and locked.record_version != expected_version:
                raise Rejected(
                    Problem(
                        "GEN-412",
                        "",
                        f"该记录已被他人更新为第 {locked.record_version} 版（您看到的是第 {expected_version} 版）。请刷新后核对再提交。",
                    ),
                    status=412,
                )
            found = refuse_id_numbers(data)
            found += [problem for guard in transition.needs for problem in guard(locked, actor, data)]
            if stop := blocking(found):
                raise Rejected(stop)
            if transition.effect is not None:
                transition.effect(locked, actor, data)
            if transition.target:
                setattr(locked, self.field, transition.target)
            locked.save()
            self.record(locked, transition, actor, data)
            if self.after is not None:
                after = self.after
                transaction.on_commit(lambda: after(locked, transition, actor))
        return locked
