"""What one row of the table says of a step of a filing, and who may take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casework.types import SYSTEM, Step, Tell
from yancheng_childcare.choices import Role

from ...choices import NoticeKind
from ...models import Filing
from .. import effects as do
from .. import guards as must
from ..asks import Asks
from ..messages import OFFICERS, PROPOSER
from ..review import covers

OPERATOR, REVIEWER, CHIEF, LEGAL = (
    frozenset({role.value}) for role in (Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.LEGAL)
)
MACHINE = frozenset({SYSTEM})
# Routes of the steps that have a page of their own.
CHECK, NOTICE, ISSUE = "filing:check", "filing:notice", "filing:issue"
# The two kinds of arrangement an institution makes when it stops.
SUSPENSION, CLOSURE = "suspension", "closure"
# Where a message leads that is about a letter.
CORRECTIONS, RECEIPT, LETTER = "filing:corrections", "filing:receipt", "filing:letter"


@dataclass(frozen=True, slots=True)
class FilingStep(Step):
    """A step of a filing.

    `asks`: its form; `part`: what is shown to decide on; `route`: its own page; `plan`: an arrangement of a "suspension" or
    "closure" is asked for; `takes_back`: one is taken back; `beside`: what stands beside the words of an institution's step;
    `proposes`: the signature it asks for; `signs`: what a signature is about; `letter`: what goes out with that signature;
    `rank`: its place in the bar of the review page, `fits`: whether it stands there at all; `unseen`: nothing the public
    reads depends on it; `matter`: the situation it is offered for; `remark_inside`: its reason is said within the authority.
    """

    asks: Asks = ()
    part: str = ""
    route: str = ""
    plan: str = ""
    takes_back: str = ""
    beside: str = ""
    proposes: str = ""
    signs: str = ""
    letter: NoticeKind | None = None
    rank: int = 5
    fits: Callable[[Filing, Mapping[str, Any]], bool] | None = None
    unseen: bool = False
    matter: str = ""
    remark_inside: bool = False


def row(
    name: str,
    label: str,
    sources: set[str] | frozenset[str] | tuple[str, ...],
    target: str,
    by: frozenset[str],
    may: Any,
    *effects: do.Effect,
    **words: Any,
) -> FilingStep:
    """One line of the table; every step makes a new version of the record, a reviewer's takes a case nobody has."""
    if by == REVIEWER:
        effects = (do.take_over, *effects)
    return FilingStep(name, label, frozenset(sources), target, by, may, effect=do.step(*effects), **words)


# --- who may


def own(actor: Any, filing: Filing) -> bool:
    """The institution itself."""
    return any(duty.uscc == filing.institution.uscc for duty in actor.duties_as(Role.OPERATOR))


def in_area(role: str) -> Any:
    """An officer of this role whose area holds the institution, and who is not tied to it."""
    return lambda actor, filing: covers(actor, filing, role)


def second_reviewer(actor: Any, filing: Filing) -> bool:
    """复核岗: not the one who issued the receipt (domain.md §12.2)."""
    return covers(actor, filing, Role.REVIEWER) and actor.pk != filing.receipted_by_id


def anyone(actor: Any, filing: Filing) -> bool:
    """The system acts by the table."""
    return True


reviewer, chief, legal = in_area(Role.REVIEWER), in_area(Role.CHIEF), in_area(Role.LEGAL)
complete = (must.registration_active, must.ready_to_submit)


# --- whether the bar of the review page offers it: what a guard would refuse anyway is left out


def no_proposal(filing: Filing, pending: Mapping[str, Any]) -> bool:
    """Nothing waits for a signature."""
    return not pending


def waits_for(step: str) -> Callable[[Filing, Mapping[str, Any]], bool]:
    """This very signature is waited for."""
    return lambda filing, pending: pending.get("step") == step


# --- who is told


def institution(title: str, body: str, place: str = "") -> Tell:
    """What the institution reads; `body` names facts of the case in braces (`messages.Facts`)."""
    return Tell(Role.OPERATOR, title, body, place)


def reviewers(title: str, body: str = "") -> Tell:
    """What reviewers read; without a text they read by when to act."""
    return Tell(Role.REVIEWER, title, body)


def signer(title: str) -> Tell:
    """The chief of the area has something to sign."""
    return Tell(Role.CHIEF, title)


def lawyer(title: str) -> Tell:
    """The legal officers of the area have something to review."""
    return Tell(Role.LEGAL, title)


officers = Tell(OFFICERS, "有现场核实任务")
officers_instead = Tell(OFFICERS, "现场核实有调整")
proposer = Tell(PROPOSER, "负责人不同意您的提议")
