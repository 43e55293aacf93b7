"""Which acts on a registration its institution reads: what departments answer one another stays among them."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.models import Event

_OF_A_REGISTRATION = frozenset({"receipt.accepted", "warning.answered"})


def acts_on_registration(subject: str, *, inside: bool) -> Any:
    """The acts on a registration, newest first; `inside`: as the authorities read them."""
    acts = Event.objects.of(subject)
    return acts if inside else acts.exclude(action__in=_OF_A_REGISTRATION)
