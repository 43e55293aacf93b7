"""What of a filing leaves the house (product.md D6): the state of the filing, whole, without personal data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from exchange.outbox import record
from yancheng_childcare.records import log_event

from ..models import Filing, Institution
from ..register.entry import renew_entry

if TYPE_CHECKING:
    from .workflow.rows import FilingStep


def payload(filing: Filing, reasons: list[str] | None = None) -> dict[str, Any]:
    """The filing as other departments get it; `reasons` only where they are public."""
    institution = filing.institution
    return {
        "filing_no": filing.no,
        "receipt_no": filing.receipt_no,
        "uscc": institution.uscc,
        "name": institution.name,
        "nature": institution.nature,
        "regime": filing.regime,
        "status": filing.status,
        "status_text": filing.get_status_display(),
        "region_code": institution.region_id,
        "town_code": institution.town_id,
        "service_address": filing.service_address,
        "service_modes": filing.service_modes,
        "capacity_total": filing.capacity_total,
        "authority": {"code": filing.authority_id, "name": filing.authority.name},
        "ended_on": filing.ended_on.isoformat() if filing.ended_on else None,
        "end_reason": filing.end_reason,
        "suspended_until": filing.suspended_until.isoformat() if filing.suspended_until else None,
        "reasons": reasons or [],
        "record_version": filing.record_version,
        "links": {"self": f"/api/v1/filings/{filing.no}/"},
    }


def announce(
    filing: Filing,
    event_type: str,
    actor: Any,
    *,
    number: int,
    summary: str,
    audit: dict[str, Any],
    reasons: list[str] | None = None,
) -> None:
    """Write one event of a filing to the outbox and the act to the log. `number`: of `count_event`, in this transaction."""
    institution = filing.institution
    record(
        event_type,
        subject=institution.uscc,
        version=number,
        region_id=institution.region_id,
        occurred_at=timezone.now(),
        data=payload(filing, reasons),
        personal={},
        actor=actor,
        audit_subject=filing.subject,
        region_prefix=institution.region.prefix,
        summary=summary,
        audit=audit,
    )


_COUNT_EVENT = """
UPDATE registry_institution SET filing_events = filing_events + 1{} WHERE id = %s RETURNING filing_events
"""


def count_event(institution_id: int, changes: Mapping[str, Any] = MappingProxyType({})) -> int:
    """Count one more event of the institution's filings and return its number; the caller holds the institution's row.

    `changes`: columns of the same row and their values, written in the same statement.
    """
    columns = "".join(f", {name} = %s" for name in changes)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_EVENT.format(columns), [*changes.values(), institution_id])
        return int(cursor.fetchone()[0])


def publish(case: Any, step: FilingStep, actor: Any, data: dict[str, Any]) -> None:
    """The workflow's recorder: the act with what was decided on; what others and the public must know goes out."""
    changes, number = data.get("institution", {}), 0
    if step.emits:
        number = count_event(case.institution_id, changes)
    elif changes:
        Institution.objects.filter(pk=case.institution_id).update(**changes)
    if case.receipt_no and not step.unseen:
        file = data.get("case")
        renew_entry(case.institution_id, today=data.get("today"), staff=file.staff if file else None)
    audit = {
        "step": step.name,
        "status": case.status,
        "version": case.record_version,
        "reason": str(data.get("reason") or "")[:500],
        "decided_on": data.get("snapshot", {}),
    }
    summary = f"{step.label}：{case.institution.name}（{case.no}）"
    if not step.emits:
        log_event(
            f"filing.{step.name}",
            subject=case.subject,
            summary=summary,
            actor=actor,
            region_prefix=case.institution.region.prefix,
            data=audit,
        )
        return
    reasons = data.get("public_reasons")
    announce(case, step.emits, actor, number=number, summary=summary, audit=audit, reasons=reasons)
