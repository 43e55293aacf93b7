"""Which acts on a filing its institution reads: what it did itself, and what has an effect on it.

Proposals nobody has decided, opinions, hand-overs between officers and reminders to them stay within the authority.
"""

from __future__ import annotations

from typing import Any

from yancheng_childcare.models import Event

from .workflow import FILING

#: A reminder to the reviewers of a case.
REMINDED = "expiry.told"
_INSIDE = [f"filing.{step.name}" for step in FILING.steps.values() if step.inside]


def acts_on_filing(subject: str, *, inside: bool) -> Any:
    """The acts on a filing, newest first; `inside`: as the authority reads them."""
    acts = Event.objects.of(subject)
    return acts if inside else acts.exclude(action__in=[*_INSIDE, "filing.assigned", REMINDED])
