"""A step that two persons sign: one proposes it, another signs or refuses; the guards look again when it is signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from yancheng_childcare.forms import Why, form_of, read
from yancheng_childcare.problems import Problem

from . import codes
from .choices import ProposalOutcome
from .models import Case, CaseProposal
from .reach import may_sign
from .telling import say
from .types import CaseStep, Second, Tell

PROPOSER = "proposer"


def with_second_signature(step: CaseStep) -> tuple[CaseStep, ...]:
    """The rows a signed step becomes: to propose it, to sign, to refuse, to take the proposal back."""
    second = step.signed
    assert second is not None  # noqa: S101  the caller asks only for steps that have one
    name, label = step.name, step.label
    bare = replace(step, signed=None, emits="", letter=None, starts=(), stops=(), pauses=(), resumes=(), result="")
    proposes = replace(
        bare,
        label=f"提请{second.label}：{label}",
        target="",
        needs=(nothing_pending(name), *step.needs),
        effect=propose(name),
        tells=tuple(
            Tell(role, f"待{second.label}：{label}", f"{{no}}（{{name}}）等待您{second.label}。")
            for role in sorted(second.by)
        ),
        inside=True,
        says=(*step.says, f"由另一人{second.label}后生效。"),
    )
    decides = replace(bare, by=second.by, may=another(step, second), asks=None, takes=False, files="")
    return (
        proposes,
        replace(
            step, name=f"sign_{name}", label=f"{second.label}：{label}", by=second.by, may=decides.may, asks=None,
            needs=(still_holds(step),), effect=sign(step), takes=False, signed=None, files="",
        ),
        replace(
            decides, name=f"refuse_{name}", label=f"不同意：{label}", target="", asks=Why, needs=(pending(name),),
            effect=close(name, ProposalOutcome.REFUSED), danger=False, inside=True, says=("提出人会收到您的意见。",),
            tells=(Tell(PROPOSER, f"未同意：{label}", "{no}（{name}）{remark}"),),
        ),
        replace(
            bare, name=f"withdraw_{name}", label=f"撤回提请：{label}", target="", asks=None, needs=(pending(name),),
            may=proposer(name), effect=close(name, ProposalOutcome.WITHDRAWN), takes=False, inside=True, danger=False,
            tells=(), says=("撤回后可以重新提请。",), files="",
        ),
    )  # fmt: skip


def nothing_pending(name: str) -> Any:
    """One proposal at a time for a step."""

    def guard(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        if name in case.pending:
            yield Problem(codes.PROPOSED, "", "这一步已经提请签批，请等待决定，或者先撤回。")

    return guard


def pending(name: str) -> Any:
    """Something waits to be decided."""

    def guard(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        if name not in case.pending:
            yield Problem(codes.NOT_PROPOSED, "", "没有待签批的事项，请刷新页面查看最新情况。")

    return guard


def still_holds(step: CaseStep) -> Any:
    """What stood in the way of proposing it must not stand in the way of signing it either."""

    def guard(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        proposal = case.pending.get(step.name)
        if proposal is None:
            yield Problem(codes.NOT_PROPOSED, "", "没有待签批的事项，请刷新页面查看最新情况。")
            return
        data["proposal"], data["answers"] = proposal, proposal.answers
        if step.asks is not None:
            data["asked"], found = read(
                form_of(step.asks)(proposal.answers, case=case, actor=proposal.proposed_by), codes.ANSWER
            )
            yield from found
            if found:
                return
        for need in step.needs:
            yield from need(case, actor, data)

    return guard


def another(step: CaseStep, second: Second) -> Any:
    """Another person than the one who proposed it, with a duty that reaches where the proposer's had to."""

    def may(actor: Any, case: Case) -> bool:
        found = case.pending.get(step.name)
        return found is not None and may_sign(actor, case, found, second.by)

    return may


def proposer(name: str) -> Any:
    """Whoever proposed it."""

    def may(actor: Any, case: Case) -> bool:
        found = case.pending.get(name)
        return found is not None and found.proposed_by_id == actor.pk

    return may


def propose(name: str) -> Any:
    """Keep what is proposed, with what was answered."""

    def effect(case: Case, actor: Any, data: dict[str, Any]) -> None:
        CaseProposal.objects.create(case=case, step=name, answers=data["answers"], proposed_by=actor)
        del case.pending

    return effect


def sign(step: CaseStep) -> Any:
    """Decide the proposal, and do what was proposed."""

    def effect(case: Case, actor: Any, data: dict[str, Any]) -> None:
        close(step.name, ProposalOutcome.SIGNED)(case, actor, data)
        if step.effect is not None:
            step.effect(case, actor, data)

    return effect


def close(name: str, outcome: str) -> Any:
    """Write down who decided, when, and what they said."""

    def effect(case: Case, actor: Any, data: dict[str, Any]) -> None:
        proposal = case.pending[name]
        proposal.outcome, proposal.decided_by, proposal.decided_at = outcome, actor, timezone.now()
        if outcome == ProposalOutcome.REFUSED:
            proposal.remark = data["asked"].reason
        proposal.save(update_fields=["outcome", "decided_by", "decided_at", "remark"])
        data["proposal"] = proposal
        del case.pending

    return effect


def lapse(case: Case, steps: Mapping[str, CaseStep], state: str) -> None:
    """The case moves to `state`: what was proposed and cannot be signed there is over, and its proposer hears of it."""
    for name, proposal in list(case.pending.items()):
        if state in steps[f"sign_{name}"].sources:
            continue
        proposal.outcome, proposal.decided_at = ProposalOutcome.WITHDRAWN, timezone.now()
        proposal.remark = "办件已经办到下一步，提请自动失效。"
        proposal.save(update_fields=["outcome", "decided_at", "remark"])
        say(case, Tell(PROPOSER, "提请已经失效", "{no}（{name}）{remark}"), {"proposal": proposal})
        del case.pending


def proposed(case: Case, steps: Mapping[str, CaseStep], actor: Any) -> list[dict[str, Any]]:
    """What waits to be signed, in words: the step, who proposed it and when, and every answer."""
    found = []
    for name, proposal in case.pending.items():
        step, rows = steps[name], []
        fields = form_of(step.asks)(None, case=case, actor=actor).fields if step.asks else {}
        for asked, field in fields.items():
            given = str(proposal.answers.get(asked, ""))
            rows.append({"label": field.label, "value": dict(getattr(field, "choices", ())).get(given, given)})
        found.append({"proposal": proposal, "step": step, "answers": rows})
    return found
