"""What happens to a case without a person: a letter was served, its institution ended. The system's steps wait for it."""

from __future__ import annotations

from collections.abc import Iterable

from .kinds import type_of
from .models import Case
from .types import System

SERVED = "letter.served"
INSTITUTION_ENDED = "institution.ended"


def happened(event: str, cases: Iterable[Case]) -> int:
    """Take the system's steps that wait for this event, on each case whose state has one. Returns how many were taken."""
    taken = 0
    for case in cases:
        workflow = type_of(case).workflow
        for step in workflow.steps.values():
            if step.on == event and case.status in step.sources:
                workflow.run(case, step.name, System(), asked=None, answers={})
                taken += 1
                break
    return taken


def institution_ended(uscc: str) -> int:
    """The registration of an institution ended: its open cases follow, as their tables say. Returns how many."""
    return happened(INSTITUTION_ENDED, Case.objects.open().filter(uscc=uscc).order_by("pk"))
