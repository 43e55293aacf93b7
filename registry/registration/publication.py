"""What of a registration leaves the house, and how it is told (payload of domain.md §1.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from casework.types import Step
from exchange.outbox import record
from yancheng_childcare.places import region_prefix

from ..models import Institution
from ..signals import institution_changed

# domain.md §1.4 names of what happened, by the type on the wire.
EVENT_NAMES = {
    "registration.recorded": "REGISTERED",
    "registration.changed": "REG_CHANGED",
    "registration.cancelled": "REG_CANCELLED",
    "registration.revoked": "REG_REVOKED",
}
SUMMARIES = {
    "registration.recorded": "设立登记",
    "registration.changed": "变更登记",
    "registration.cancelled": "注销登记",
    "registration.revoked": "吊销或撤销登记",
}


def payload(institution: Institution, event_type: str) -> dict[str, Any]:
    """The state of the registration, whole: a receiver that missed one event is right again after the next."""
    org = institution.registry_org
    return {
        "event_type": EVENT_NAMES[event_type],
        "uscc": institution.uscc,
        "name": institution.name,
        "nature": institution.nature,
        "status": institution.status,
        "registered_address": institution.registered_address,
        "region_code": institution.region_id,
        "town_code": institution.town_id,
        "legal_rep_name": institution.legal_rep_name,
        "business_scope": institution.business_scope,
        "established_on": institution.established_on.isoformat(),
        "approved_on": institution.approved_on.isoformat(),
        "terminated_on": institution.terminated_on.isoformat() if institution.terminated_on else None,
        "termination_reason": institution.termination_reason,
        "registry_org": {"code": org.code, "name": org.name},
        "record_version": institution.record_version,
        "links": {"self": f"/api/v1/registrations/{institution.uscc}/"},
    }


def announce(
    institution: Institution,
    event_type: str,
    actor: Any,
    audit: dict[str, Any] | None = None,
    *,
    occurred_at: datetime | None = None,
) -> None:
    """Write the event to the outbox and the act to the log. `occurred_at` is now unless it happened earlier."""
    record(
        event_type,
        subject=institution.uscc,
        version=institution.record_version,
        region_id=institution.region_id,
        occurred_at=occurred_at or timezone.now(),
        data=payload(institution, event_type),
        personal={"legal_rep_id_no": institution.legal_rep_id_no, "contact_phone": institution.contact_phone},
        actor=actor,
        audit_subject=institution.subject,
        region_prefix=region_prefix(institution.region_id),
        summary=f"{SUMMARIES[event_type]}：{institution.name}（第 {institution.record_version} 版）",
        audit=audit,
    )


def publish(case: Any, step: Step, actor: Any, data: dict[str, Any]) -> None:
    """The workflow's recorder: what was decided on goes into the act's snapshot, without personal fields."""
    changed = sorted(data.get("changes", {}))
    audit = {"step": step.name, "changed": changed, "reason": data.get("reason", "")}
    announce(case, step.emits, actor, audit, occurred_at=data.get("occurred_at"))
    if case.filing_state or case.filed_on:
        institution_changed.send(Institution, institution_id=case.pk, today=None)
