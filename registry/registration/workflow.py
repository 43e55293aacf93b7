"""The transition table of a registration (domain.md §1.4)."""

from __future__ import annotations

from typing import Any

from casework.steps import Workflow
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


def ends(name: str, label: str, target: RegistrationStatus, emits: str) -> Step:
    """One of the three ways a registration ends: final, with a reason and a day."""
    return Step(
        name,
        label,
        frozenset({ACTIVE}),
        target.value,
        by=frozenset({Role.REGISTRAR}),
        may=own_registry,
        needs=(reason_given,),
        effect=apply_termination,
        emits=emits,
        danger=True,
    )


REGISTRATION = Workflow(
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
        ends("cancel", "注销登记", RegistrationStatus.CANCELLED, "registration.cancelled"),
        ends("revoke", "吊销登记", RegistrationStatus.REVOKED, "registration.revoked"),
        ends("rescind", "撤销登记", RegistrationStatus.RESCINDED, "registration.revoked"),
    ],
    record=publish,
)

REGISTRATION.guard_status()
