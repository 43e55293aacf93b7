"""What every step of a case leaves behind: who has it, how it ended, the act, clocks, the letter, who was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_document
from yancheng_childcare.notifications import holders, settle
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import clocks, codes
from .file_purposes import CASE_FILE
from .letters import send
from .models import Attachment, Case
from .pushing import push
from .reach import leads, may_go_on, on_duty
from .second import lapse
from .telling import OUTSIDE, page_of, say
from .types import AUTHORITY, SYSTEM, CaseStep

if TYPE_CHECKING:
    from .cases import CaseType


MOST_FILES = 6  # with one step


def holder(kind: CaseType) -> Any:
    """What one officer has, no other goes on with: it is handed over first. A chief of the area may."""

    def guard(case: Case, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        turn = kind.waits_for(case)
        officers = turn not in {"", SYSTEM, OUTSIDE}
        chief = leads(actor, case)
        if officers and on_duty(actor, case, turn) and not chief and not may_go_on(actor, case):
            words = f"这件事由{case.assignee}承办。需要您接着办的，请承办人或负责人先转交。"
            yield Problem(codes.HELD, "", words)

    return guard


def after_a_step(kind: CaseType, step: CaseStep) -> Any:
    """Who has the case, the effect of the step itself, then what every step brings about on the row of the case."""

    def effect(case: Case, actor: Any, data: dict[str, Any]) -> None:
        turn = kind.waits_for(case)
        # Whoever takes the first step of the role whose turn it is has the case; signing and handing over take nothing.
        its_turn = turn == AUTHORITY or turn in step.by - {OUTSIDE, SYSTEM}
        if step.takes and case.assignee_id is None and its_turn:
            case.assignee = actor
        if step.effect is not None:
            step.effect(case, actor, data)
        case.record_version += 1
        if step.target not in {"", case.status} and any(row.signed for row in kind.rows):
            lapse(case, kind.workflow.steps, step.target)
        if step.result:
            years, today = kind.results[step.result].years, today_here()
            case.result, case.closed_on = step.result, today
            case.keep_until = date(today.year + years, 12, 31) if years else None
        elif step.target and case.closed_on is not None:  # opened again
            case.result, case.closed_on, case.keep_until = "", None, None
        if kind.body is not None:
            case.body.save()

    return effect


def record(kind: CaseType, case: Case, step: CaseStep, actor: Any, data: dict[str, Any]) -> None:
    """Keep the act; move the clocks; send the letter; tell people, departments, the public. In the step's transaction."""
    if step is not kind.opening:
        settle(holders(*kind.readers.roles, region_prefix=case.region.prefix), page_of(case))
    asked = data.get("asked")
    reason = str(getattr(asked, "reason", "") or "")
    log_event(
        f"case.{kind.name.lower()}.{step.name}",
        subject=case.subject,
        summary=f"{step.label}：{case.subject_name}{f'（{reason}）' if reason and not step.inside else ''}",
        actor=actor,
        region_prefix=case.region.prefix,
        data={
            "no": case.no,
            "step": step.name,
            "label": step.label,
            "status": case.status,
            "reason": reason,
            "answers": data.get("answers") or {},
        },  # fmt: skip
    )
    keep_files(case, step, data.get("files") or (), actor)
    started = clocks.move(case, step)
    if step is kind.opening:  # no other runs yet
        case.clock = min(started, key=lambda clock: clock.due_on, default=None)
    letter = None
    if step.letter is not None:
        letter = send(case, step, actor=actor)
    for tell in step.tells:
        if letter is None or tell.to != OUTSIDE:
            say(case, tell, data)
    if step.emits:
        push(kind, case, step, actor)
    kind.shows(case, step)


def keep_files(case: Case, step: CaseStep, files: Sequence[Any], actor: Any) -> None:
    """Check and keep what was handed in with the step. Raises Rejected: FILE-… of the intake, CAS-110 for too many."""
    if files and (not step.files or len(files) > MOST_FILES):
        raise Rejected(
            Problem(codes.FILES, "files", f"{step.files or '这一步'}最多 {MOST_FILES if step.files else 0} 个文件。")
        )
    for uploaded in files:
        stored = keep_document(
            uploaded, purpose=CASE_FILE, actor=actor, uscc=case.uscc, region=case.region, field="files"
        )
        Attachment.objects.create(case=case, file=stored, step=step.name, added_by=actor)
