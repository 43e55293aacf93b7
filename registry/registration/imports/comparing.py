"""What the rows of a chunk mean for the ledger: a new registration, a change, nothing, or something that is not allowed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yancheng_childcare.crypto import blind_index, decrypt
from yancheng_childcare.problems import Problem

from ...choices import RegistrationStatus
from ...codes import registration as codes
from ...models import Institution
from ..fields import COLUMN, ENTERED

_COMPARED = tuple(
    name for name in ENTERED if name not in ("uscc", "legal_rep_id_no", "contact_phone", "registered_capital")
)
_READ = (
    "uscc", "id", "status", "registry_org_id", "record_version", "former_names", "legal_rep_id_index", "contact_phone",
    "registered_capital", *(COLUMN.get(name, name) for name in _COMPARED),
)  # fmt: skip
PHONE_LABEL: str = Institution._meta.get_field("contact_phone").purpose  # type: ignore[union-attr]  # EncryptedTextField

#: Rows of the importing authority are locked in the order of their ids, so two imports never wait for each other in a ring.
LOCK = "SELECT id FROM registry_institution WHERE uscc = ANY(%s) AND registry_org_id = %s ORDER BY id FOR UPDATE"
LOOK_UP = f"SELECT {', '.join(_READ)} FROM registry_institution WHERE uscc = ANY(%s)"  # noqa: S608  constants only


@dataclass(frozen=True, slots=True)
class Known:
    """A stored registration as far as a row is compared with it; `phone` is ciphertext until it is asked for."""

    status: str
    registry_org_id: str
    version: int
    former_names: list[str]
    id_index: str
    phone: str
    capital: Decimal
    values: dict[str, Any]


def known_from(row: tuple[Any, ...]) -> tuple[str, Known]:
    """(uscc, Known) of one line of `LOOK_UP`."""
    uscc, _, status, org, version, former, index, phone, capital, *rest = row
    return uscc, Known(status, org, version, former, index, phone, capital, dict(zip(_COMPARED, rest, strict=True)))


def refusal(known: Known, department_code: str) -> Problem | None:
    """Why a stored registration cannot be changed by this import, or None."""
    if known.registry_org_id != department_code:
        message = "该机构由其他登记机关登记，不能在这里变更。请核对信用代码，确需变更的联系原登记机关办理。"
        return Problem(codes.OTHER_AUTHORITY, "uscc", message)
    if known.status != RegistrationStatus.ACTIVE:
        label = RegistrationStatus(known.status).label
        message = f"该机构的登记已{label}，不能再变更。请从表格中删除这一行，或核对信用代码。"
        return Problem(codes.ALREADY_FINAL, "uscc", message)
    return None


def changed_fields(known: Known, data: dict[str, Any]) -> list[str]:
    """Names of the entered fields whose value differs, sorted; [] when the row says nothing new.

    Encrypted values differ each time they are written: the ID number is compared by its blind index, the telephone by
    its clear value.
    """
    values = known.values
    changed = [name for name in _COMPARED if values[name] != data[name]]
    if Decimal(str(data["registered_capital"])) != known.capital:
        changed.append("registered_capital")
    if blind_index(data["legal_rep_id_no"], "person") != known.id_index:
        changed.append("legal_rep_id_no")
    if (decrypt(known.phone, PHONE_LABEL) if known.phone else "") != data["contact_phone"]:
        changed.append("contact_phone")
    return sorted(changed)
