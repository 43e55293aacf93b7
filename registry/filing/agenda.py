"""What is due in filing, person by person: the institution's turn, the reviewers' cases, signatures, visits on site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.desks import SHOWN, Due

from ..choices import FILING_IN_REVIEW, LIVE_FILING, OPEN_FILING, ProposalOutcome
from ..models import Filing, Institution, Proposal, SiteCheck
from ..registration.clocks import filing_due
from . import worklist
from .states import INSTITUTION, STATES, state_of, those
from .workflow import FILING, SECOND_PERSON

OPERATOR = frozenset({Role.OPERATOR.value})
REVIEWER = frozenset({Role.REVIEWER.value})
CHIEF = frozenset({Role.CHIEF.value})
LEGAL = frozenset({Role.LEGAL.value})
RESCIND = "rescind"


def not_begun(user: Any) -> Any:
    """The user's own institutions in being that are not filed and have no case under way."""
    case = Filing.objects.filter(institution=OuterRef("pk"), status__in=(*OPEN_FILING, *LIVE_FILING))
    return Institution.objects.visible_to(user, OPERATOR).unfiled().filter(~Exists(case))


def own_turn(user: Any) -> Any:
    """The user's own filings on which the institution itself must act."""
    return Filing.objects.visible_to(user, OPERATOR).filter(status__in=those(turn=INSTITUTION))


def to_sign(user: Any) -> Any:
    """Proposals that wait for the second signature of this chief; a rescission only after the legal review."""
    ready = ~Q(step=RESCIND) | Q(legal_agrees=True)
    return _pending(user, CHIEF).filter(ready).exclude(proposed_by=user)


def to_opine(user: Any) -> Any:
    """Rescissions that wait for this person's legal review."""
    return _pending(user, LEGAL).filter(step=RESCIND, legal_by=None)


def _pending(user: Any, role: frozenset[str]) -> Any:
    cases = Filing.objects.visible_to(user, role)
    return Proposal.objects.filter(outcome=ProposalOutcome.PENDING, filing__in=cases).select_related(
        "filing__institution"
    )


def visits(user: Any, roles: frozenset[str]) -> Any:
    """The planned visits this officer is assigned to, as far as a duty in force still reaches them."""
    cases = Filing.objects.visible_to(user, roles).filter(pk=OuterRef("filing"), status__in=those(visited=True))
    return SiteCheck.objects.filter(Exists(cases), officers=user, concluded_on=None)


def agenda(user: Any, today: date, until: date) -> Iterator[Due]:
    """Everything above that is due for this person until that day; a role that is not held costs no query."""
    if user.roles & OPERATOR:
        yield from _institutions(user)
    if user.roles & REVIEWER:
        yield from _cases(user, until)
    if user.roles & CHIEF:
        yield from _signatures(to_sign(user))
    if user.roles & LEGAL:
        yield from _signatures(to_opine(user), verb="法制审核")
    if user.roles & {Role.INSPECTOR, Role.REVIEWER}:
        for check in visits(user, user.roles).filter(planned_on__lte=until).select_related("filing__institution"):
            url = reverse("filing:site-check", args=[check.pk])
            yield Due("到场现场核实", check.filing.institution.name, url, check.planned_on)


def _institutions(user: Any) -> Iterator[Due]:
    begin = f"{reverse('filing:start')}?matter=first"
    for place in not_begun(user).only("name", "established_on"):
        yield Due("办理托育机构备案", place.name, begin, filing_due(place.established_on))
    for filing in own_turn(user).select_related("institution").with_clock():
        place = filing.institution
        first = state_of(filing).private and place.filed_on is None
        day = filing_due(place.established_on) if first else None if filing.paused_on else filing.due_on
        yield Due(state_of(filing).task, place.name, reverse("filing:case", args=[filing.no]), day)


def _to_act(user: Any) -> Q:
    """The cases this reviewer goes on with: the own ones and those nobody has; on site another than issued the receipt."""
    own, second = Q(assigned_to=user) | Q(assigned_to=None), Q(status__in=SECOND_PERSON)
    return (own & ~second) | (second & ~Q(receipted_by=user) & (own | Q(assigned_to=F("receipted_by"))))


def _cases(user: Any, until: date) -> Iterator[Due]:
    rows = worklist.marked(worklist.reviewed(user, REVIEWER)).filter(_to_act(user))
    wanted: dict[str, Any] = {"proposed": False, "due_on__lte": until, "paused_on": None}
    due = rows.filter(status__in=FILING_IN_REVIEW).by_urgency().filter(**wanted)
    for row in due.values("no", "status", "due_on", "institution__name")[: SHOWN + 1]:
        url = reverse("filing:review", args=[row["no"]])
        yield Due(STATES[row["status"]].task, row["institution__name"], url, row["due_on"])


def _signatures(proposals: Any, verb: str = "") -> Iterator[Due]:
    cases: Any = Filing.objects.filter(proposals__in=proposals).with_clock()
    days = dict(cases.values_list("pk", "due_on"))
    for proposal in proposals:
        label = str(FILING.steps[proposal.step].label)
        url = reverse("filing:review", args=[proposal.filing.no])
        title = f"{verb}：{label.removeprefix('签批')}" if verb else label
        yield Due(title, proposal.filing.institution.name, url, days.get(proposal.filing_id), first=True)
