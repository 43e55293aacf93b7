"""A case moves by steps: one table says from, to, who may, what must hold. `run` is the only way to change a status.

The same table yields the buttons of the page, the API's allowed actions, the database guard's pairs, the diagram
in the docs and the parametrised test of every state × every role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import pgtrigger
from django.db import models, transaction

from yancheng_childcare.problems import Problem, Rejected, blocking, refuse_id_numbers

from .types import Recorder, Step

S = TypeVar("S", bound=Step)


class Workflow(Generic[S]):
    """The transition table of one model. `record` keeps the act; `after` runs once the change is committed.

    `lock_first` locks what stands above the case (its institution), so that every writer locks in the same order.
    `rows` reads the case: with what guards, effects and the record look at anyway, in the same query. `labels`: state → words.
    """

    def __init__(
        self,
        model: type[models.Model],
        field: str,
        steps: Iterable[S],
        *,
        record: Recorder,
        after: Callable[[Any, Any, Any], None] | None = None,
        lock_first: Callable[[Any], None] | None = None,
        rows: Callable[[], models.QuerySet[Any]] | None = None,
        labels: Callable[[str], str] | None = None,
    ):
        self.model = model
        self.field = field
        self.steps = {step.name: step for step in steps}
        self.record = record
        self.after = after
        self.lock_first = lock_first
        self.rows = rows or model._default_manager.all
        self.labels = labels or self._label

    def guard_status(self, *, name: str = "status_guard", only: pgtrigger.Condition | None = None) -> None:
        """Let the database refuse every change of the status that no step makes (installed by `migrate`).

        `only`: for these rows of the table.
        """
        pairs = sorted(self.changes())
        pgtrigger.register(pgtrigger.FSM(name=name, field=self.field, transitions=pairs, condition=only))(self.model)

    def changes(self) -> set[tuple[str, str]]:
        """Every pair (from, to) that changes the status: what the database guard must allow, and no more."""
        return {
            (source, t.target) for t in self.steps.values() for source in t.sources if t.target and source != t.target
        }

    def _label(self, state: str) -> str:
        field: Any = self.model._meta.get_field(self.field)
        return str(dict(field.flatchoices).get(state, state))

    def available(self, case: Any, actor: Any) -> list[S]:
        """The steps this actor may take now: the buttons of the page and the allowed actions of the API."""
        state = getattr(case, self.field)
        return [t for t in self.steps.values() if state in t.sources and actor.has_role(*t.by) and t.may(actor, case)]

    def run(self, case: Any, name: str, actor: Any, *, expected_version: int | None = None, **data: Any) -> Any:
        """Take one step on one case, whole or not at all, and return the locked, saved case.

        Raises `Rejected`: 403 when the actor's duties do not reach, 409 when the case is in another state,
        412 when `expected_version` is not the case's `record_version`, 422 with every problem of the guards.
        """
        step = self.steps[name]
        with transaction.atomic():
            if self.lock_first is not None:
                self.lock_first(case)
            locked: Any = self.rows().select_for_update(of=("self",)).get(pk=case.pk)
            if not actor.has_role(*step.by) or not step.may(actor, locked):
                raise Rejected(
                    Problem("GEN-403", "", f"您的职责不能办理“{step.label}”，请联系有权办理的单位。"),
                    status=403,
                )
            if getattr(locked, self.field) not in step.sources:
                label = self.labels(getattr(locked, self.field))
                raise Rejected(
                    Problem(
                        "GEN-409",
                        "",
                        f"当前状态为“{label}”，不能办理“{step.label}”。请刷新页面查看最新情况。",
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
            found += [problem for guard in step.needs for problem in guard(locked, actor, data)]
            if stop := blocking(found):
                raise Rejected(stop)
            if step.effect is not None:
                step.effect(locked, actor, data)
            if step.target:
                setattr(locked, self.field, step.target)
            locked.save()
            self.record(locked, step, actor, data)
            if self.after is not None:
                after = self.after
                transaction.on_commit(lambda: after(locked, step, actor))
        return locked
