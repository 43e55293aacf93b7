"""What of a case leaves the house (product.md D6): a step that `emits` writes the outbox, thin and without personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from exchange.outbox import record
from yancheng_childcare.numbers import next_number

from .models import Case
from .types import CaseStep

if TYPE_CHECKING:
    from .cases import CaseType


def push(kind: CaseType, case: Case, step: CaseStep, actor: Any) -> None:
    """Write the event of the step, in its transaction. What is about no institution has no stream and is not pushed.

    Events of one institution's cases are counted together: the counter's row is locked until the step is committed.
    """
    if not case.uscc:
        return
    record(
        step.emits,
        subject=case.uscc,
        version=next_number(f"case-event:{case.uscc}"),
        region_id=case.region_id,
        occurred_at=timezone.now(),
        data={
            "case_no": case.no,
            "case_type": case.type,
            "case_type_text": kind.label,
            "status": case.status,
            "status_text": kind.states[case.status].label,
            "result": case.result,
            "uscc": case.uscc,
            "name": case.subject_name,
            "region_code": case.region_id,
            "authority": {"code": case.authority_id, "name": case.authority.name},
            **kind.payload(case),
            "links": {"self": f"/api/v1/cases/{case.no}/"},
        },
        personal={},
        actor=actor,
        audit_subject=case.subject,
        region_prefix=case.region.prefix,
        summary=f"通知有关部门：{step.label}",
    )
