"""The transition table of a registration (domain.md §1.4)."""

from __future__ import annotations

from typing import Any

from casework.steps import CaseType
from casework.types import Step
from yancheng_childcare.choices import Role

from ..choices import RegistrationStatus
from ..models import Institution
from .effects import apply_changes, apply_termination
from .guards import changes_are_valid, reason_given, something_changes
from .publication import publish

ACTIVE = RegistrationStatus.ACTIVE.value


def own_registry(actor: Any, institution: Institution) -> bool:
    """Only the authority that registered the institution may change or end its registration."""
    return any(duty.department_id == institution.registry_org_id for duty in actor.duties_as(Role.REGISTRAR))


REGISTRATION = CaseType(
    Institution,
    "status",
    [
        Step(
            "change",
            "变更登记",
            frozenset({ACTIVE}),
            ACTIVE,
            by=frozenset({Role.REGISTRAR}),
            may=own_registry,
            needs=(changes_are_valid, something_changes),
            effect=apply_changes,
            emits="registration.changed",
        ),
        Step(
            "cancel",
            "注销登记",
            frozenset({ACTIVE}),
            RegistrationStatus.CANCELLED.value,
            by=frozenset({Role.REGISTRAR}),
            may=own_registry,
            needs=(reason_given,),
            effect=apply_termination,
            emits="registration.cancelled",
            danger=True,
        ),
        Step(
            "revoke",
            "吊销登记",
            frozenset({ACTIVE}),
            RegistrationStatus.REVOKED.value,
            by=frozenset({Role.REGISTRAR}),
            may=own_registry,
            needs=(reason_given,),
            effect=apply_termination,
            emits="registration.revoked",
            danger=True,
        ),
        Step(
            "rescind",
            "撤销登记",
            frozenset({ACTIVE}),
            RegistrationStatus.RESCINDED.value,
            by=frozenset({Role.REGISTRAR}),
            may=own_registry,
            needs=(reason_given,),
            effect=apply_termination,
            emits="registration.revoked",
            danger=True,
        ),
    ],
    record=publish,
)

REGISTRATION.guard_status()
