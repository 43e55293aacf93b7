"""A registration as the API shows it: no clear personal data, times with +08:00, the steps this reader may take."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils import timezone

from yancheng_childcare.masking import mask_id, mask_phone

from ..choices import CERTIFICATE_BY_NATURE
from ..models import Institution
from .workflow import REGISTRATION


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds")


def capital(value: Any) -> str:
    """Plain decimal text without trailing zeros: `50`, `12.5`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _addresses() -> tuple[str, str]:
    """Where registrations and deliveries are listed: reversed once, not for each of fifty rows."""
    return reverse("api:registrations"), reverse("api:deliveries")


def shown(institution: Institution, reader: Any) -> dict[str, Any]:
    """The fields of `serializers.RegistrationOut`. Needs `registry_org` loaded; no query of its own."""
    org = institution.registry_org
    registrations, deliveries = _addresses()
    return {
        "uscc": institution.uscc,
        "name": institution.name,
        "former_names": institution.former_names,
        "nature": institution.nature,
        "certificate_type": str(CERTIFICATE_BY_NATURE[institution.nature]),
        "registered_address": institution.registered_address,
        "region_code": institution.region_id,
        "town_code": institution.town_id,
        "legal_rep_name": institution.legal_rep_name,
        "legal_rep_id_no": mask_id(institution.legal_rep_id_no),
        "contact_phone": mask_phone(institution.contact_phone),
        "registered_capital": capital(institution.registered_capital),
        "capital_kind": institution.capital_kind,
        "business_scope": institution.business_scope,
        "purpose": institution.purpose,
        "supervising_unit": institution.supervising_unit,
        "established_on": _day(institution.established_on),
        "approved_on": _day(institution.approved_on),
        "valid_from": _day(institution.valid_from),
        "valid_to": _day(institution.valid_to),
        "registry_org_id": org.code,
        "registry_org": {"code": org.code, "name": org.name},
        "status": str(institution.status),
        "terminated_on": _day(institution.terminated_on),
        "termination_reason": institution.termination_reason,
        "record_version": institution.record_version,
        "warnings": institution.warnings,
        "channel": str(institution.channel),
        "filed_on": _day(institution.filed_on),
        "national_filing_no": institution.national_filing_no,
        "created_at": _moment(institution.created_at),
        "updated_at": _moment(institution.updated_at),
        "actions": [step.name for step in REGISTRATION.available(institution, reader)],
        "links": {
            "self": f"{registrations}{institution.uscc}/",
            "deliveries": f"{deliveries}?uscc={institution.uscc}",
        },
    }
