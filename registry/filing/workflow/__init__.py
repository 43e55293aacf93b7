"""The transition table of a filing (domain.md §2.5): from, to, who, what must hold, what is asked, said, sent and told."""

from __future__ import annotations

from casework.steps import Workflow

from ...models import Filing
from ..locks import lock_institution
from ..messages import tell
from ..publication import publish
from . import before_receipt, change, decisions, on_site, service
from .rows import CHECK, MACHINE, FilingStep, second_reviewer

__all__ = ["FILING", "SECOND_PERSON", "SYSTEM_STEPS", "FilingStep", "hands_in", "on_page", "second_reviewer"]

FILING: Workflow[FilingStep] = Workflow(
    Filing,
    "status",
    [*before_receipt.STEPS, *on_site.STEPS, *change.STEPS, *service.STEPS, *decisions.STEPS],
    record=publish,
    after=tell,
    lock_first=lock_institution,
    rows=Filing.objects.for_a_step,
)
FILING.guard_status()

# Taken by nobody's hand.
SYSTEM_STEPS = frozenset(name for name, step in FILING.steps.items() if step.by == MACHINE)
# Where the one who issued the receipt may not go on (domain.md §12.2).
SECOND_PERSON = tuple(
    {source for step in FILING.steps.values() if step.may is second_reviewer for source in step.sources}
)


def on_page(route: str, filing: Filing) -> list[FilingStep]:
    """The steps whose own page this is and that lead on from where the filing stands, whoever may take them."""
    return [step for step in FILING.steps.values() if step.route == route and filing.status in step.sources]


def hands_in(filing: Filing) -> str:
    """The step by which the institution hands in what it wrote; "" when it is not its turn."""
    return next((step.name for step in on_page(CHECK, filing)), "")
