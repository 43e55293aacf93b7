"""What a step changes on the locked institution before it is saved."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.crypto import blind_index
from yancheng_childcare.problems import warnings

from ..models import Institution
from ..rules.pinyin import romanise
from ..signals import representative_changed
from .fields import COLUMN, typed


def set_fields(institution: Institution, values: dict[str, Any]) -> None:
    """Set entered fields and what is derived from them (former name, pinyin, look-up key of the ID number)."""
    values = typed(values)
    new_name = values.get("name")
    if (
        institution.pk
        and new_name
        and new_name != institution.name
        and institution.name not in institution.former_names
    ):
        institution.former_names = [*institution.former_names, institution.name]
    for name, value in values.items():
        setattr(institution, COLUMN.get(name, name), value)
    if "name" in values:
        institution.name_pinyin, institution.name_initials = romanise(institution.name)
    if "legal_rep_id_no" in values:
        institution.legal_rep_id_no = values["legal_rep_id_no"].upper()
        institution.legal_rep_id_index = blind_index(institution.legal_rep_id_no, "person")


def apply_changes(institution: Institution, actor: Any, data: dict[str, Any]) -> None:
    """变更登记: the changed fields, a new version, and the warnings of the registration as it now stands."""
    data["before"] = institution.record_version
    representative = institution.legal_rep_id_index
    set_fields(institution, data["changes"])
    if institution.legal_rep_id_index != representative:
        representative_changed.send(Institution, institution=institution)
    if data.get("certificate"):
        institution.certificate_file = data["certificate"]
    institution.warnings = [p.as_dict() for p in warnings(data["found"])]
    institution.record_version += 1


def apply_termination(institution: Institution, actor: Any, data: dict[str, Any]) -> None:
    """注销, 吊销, 撤销: date and reason, a new version."""
    institution.terminated_on = data["terminated_on"]
    institution.termination_reason = data["reason"].strip()
    institution.record_version += 1
