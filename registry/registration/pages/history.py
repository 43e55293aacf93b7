"""The versions of a registration, read from its history table: who changed what, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps

from yancheng_childcare.masking import mask_phone
from yancheng_childcare.models import User

from ...choices import RegistrationStatus
from ..fields import COLUMN, ENTERED, PERSONAL
from ..forms import label_of, shown_value

# Shown besides the entered fields.
OTHERS = {
    "status": "登记状态",
    "terminated_on": "终止日期",
    "termination_reason": "终止原因",
    "national_filing_no": "国家系统备案编号",
    "filed_on": "备案日期",
}
LIMIT = 100


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: label, old and new value as people read them."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Version:
    """One saved state and what it changed against the one before; no changes = the first."""

    number: int
    at: datetime
    who: str
    title: str
    changes: list[FieldChange]


def rows_of(institution: Any) -> list[Any]:
    """The kept states, oldest first, at most the latest `LIMIT` + 1 (the first of them only to compare with)."""
    model = apps.get_model("registry", "InstitutionEvent")
    newest = model.objects.filter(pgh_obj_id=institution.pk).select_related("pgh_context").order_by("-pgh_id")
    return list(newest[: LIMIT + 1])[::-1]


def versions_of(institution: Any) -> list[Version]:
    """Every kept state, newest first. Two queries: the states, the names of those who made them."""
    rows = rows_of(institution)
    people = {row.pgh_context.metadata.get("user") for row in rows if row.pgh_context}
    names = dict(User.objects.filter(pk__in=[pk for pk in people if pk]).values_list("pk", "display_name"))
    out = []
    first = rows[0] if rows else None
    if first is not None and len(rows) <= LIMIT:
        entered_by = institution.created_by.display_name if institution.created_by else ""
        version = _version(first, "首次录入", [], names)
        out.append(replace(version, who=entered_by or version.who))
    for before, after in pairwise(rows):
        if changes := differences(before, after):
            title = "备案登记" if before.record_version == after.record_version else _title(before, after)
            out.append(_version(after, title, changes, names))
    return out[::-1]


def differences(before: Any, after: Any) -> list[FieldChange]:
    """The fields in which two states differ. The ID number is never shown, only that it changed."""
    changes = []
    for name in (*ENTERED, *OTHERS):
        column = COLUMN.get(name, name)
        old, new = getattr(before, column), getattr(after, column)
        if old != new:
            label = OTHERS.get(name) or label_of(name)
            changes.append(FieldChange(label, display(name, old), display(name, new, changed=True)))
    if before.certificate_file_id != after.certificate_file_id:
        changes.append(FieldChange("证照扫描件", "", "已更换"))
    return changes


def display(name: str, value: Any, *, changed: bool = False) -> str:
    """A value as the history shows it; personal fields are masked or left out."""
    if name == "legal_rep_id_no":
        return "已变更" if changed else "（不显示）"
    if name in PERSONAL:
        return mask_phone(value)
    if name == "status":
        return str(dict(RegistrationStatus.choices).get(value, value))
    return shown_value(name, value)


def _title(before: Any, after: Any) -> str:
    return f"{RegistrationStatus(after.status).label}登记" if before.status != after.status else "变更登记"


def _version(row: Any, title: str, changes: list[FieldChange], names: dict[int, str]) -> Version:
    user = row.pgh_context.metadata.get("user") if row.pgh_context else None
    return Version(row.record_version, row.pgh_created_at, names.get(user or 0, "系统或接口"), title, changes)
