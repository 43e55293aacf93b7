"""Which acts on a case its institution reads: what it did itself, and what has an effect on it.

Proposals nobody has decided, opinions, hand-overs between officers and reminders to them stay within the authority; what
departments answer one another stays among them.
"""

from __future__ import annotations

from typing import Any

from yancheng_childcare.models import Event

#: Steps of a filing by which nothing is decided yet.
INSIDE_STEPS = frozenset(
    {
        "propose_return",
        "propose_reject",
        "propose_nonconform",
        "propose_refusal",
        "propose_rescind",
        "legal_review",
        "refuse_proposal",
    }
)
#: Reminders; on an institution they are its own messages, on a filing those of its reviewers.
REMINDED = "expiry.told"
_OF_A_FILING = frozenset({*(f"filing.{step}" for step in INSIDE_STEPS), "filing.assigned", REMINDED})
_OF_A_REGISTRATION = frozenset({"receipt.accepted", "warning.answered"})


def acts_on_filing(subject: str, *, inside: bool) -> Any:
    """The acts on a filing, newest first; `inside`: as the authority reads them."""
    acts = Event.objects.of(subject)
    return acts if inside else acts.exclude(action__in=_OF_A_FILING)


def acts_on_registration(subject: str, *, inside: bool) -> Any:
    """The acts on a registration, newest first; `inside`: as the authorities read them."""
    acts = Event.objects.of(subject)
    return acts if inside else acts.exclude(action__in=_OF_A_REGISTRATION)
