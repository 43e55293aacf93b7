"""Filings on “我的工作台”, person by person: the institution's turn, the reviewers' cases, signatures, visits on site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from casework.inbox import RECENT, Item
from casework.types import State
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Event
from yancheng_childcare.workdays import in_words

from ..choices import LIVE_FILING, OPEN_FILING, ProposalOutcome
from ..models import Filing, Institution, Proposal, SiteCheck
from ..registration.clocks import filing_due
from . import worklist
from .states import AUTHORITY, CLOSING, INSTITUTION, LATE_VISIT, NOT_BEGUN, OPINION, SIGNING, STATES, VISIT, those
from .workflow import FILING, SECOND_PERSON

OPERATOR = frozenset({Role.OPERATOR.value})
REVIEWER = frozenset({Role.REVIEWER.value})
CHIEF = frozenset({Role.CHIEF.value})
LEGAL = frozenset({Role.LEGAL.value})
OFFICERS = frozenset({Role.INSPECTOR.value, Role.REVIEWER.value})
RESCIND = "rescind"
# The acts after which it is nobody's turn, by the name under which they are kept.
ENDING = {
    step.emits or f"filing.{step.name}"
    for step in FILING.steps.values()
    if step.target and not STATES[step.target].turn
}
TURN = Q(status__in=(*those(turn=INSTITUTION), *those(turn=AUTHORITY)))
COLUMNS = (
    "no", "status", "kind", "due_on", "paused_on", "pause_reason", "proposed", "closing", "visit_on", "unread", "acts",
    "institution__name", "institution__established_on", "institution__filed_on", "authority__short_name",
    "assigned_to__display_name",
)  # fmt: skip


def not_begun(user: Any) -> Any:
    """The user's own institutions in being that are not filed and have no case under way."""
    case = Filing.objects.filter(institution=OuterRef("pk"), status__in=(*OPEN_FILING, *LIVE_FILING))
    return Institution.objects.visible_to(user, OPERATOR).unfiled().filter(~Exists(case))


def to_sign(user: Any) -> Any:
    """Proposals that wait for the second signature of this chief; a rescission only after the legal review."""
    ready = ~Q(step=RESCIND) | Q(legal_agrees=True)
    return _pending(user, CHIEF).filter(ready).exclude(proposed_by=user)


def rescissions(user: Any) -> Any:
    """Proposed rescissions in this person's area of legal review."""
    return _pending(user, LEGAL).filter(step=RESCIND)


def _pending(user: Any, role: frozenset[str]) -> Any:
    cases = Filing.objects.visible_to(user, role)
    days: Any = Filing.objects.filter(pk=OuterRef("filing")).with_clock()
    rows = Proposal.objects.filter(outcome=ProposalOutcome.PENDING, filing__in=cases)
    return rows.annotate(due_on=Subquery(days.values("due_on")[:1])).select_related(
        "filing__institution", "proposed_by"
    )


def institution_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The operator's own: what is not begun, what is under way, what was decided. Three queries."""
    begin = f"{reverse('filing:start')}?matter=first"
    for place in not_begun(user).only("name", "established_on"):
        due = filing_due(place.established_on)
        until = in_words(due, today).partition("（")[0]
        yield Item(replace(NOT_BEGUN, task=f"您的机构应在{until}前备案"), "首次备案", place.name, begin, due, mine=True)
    own = Filing.objects.visible_to(user, OPERATOR)
    for row in _rows(own, Q(status__in=those(turn=INSTITUTION)), outside=True):
        url, state = reverse("filing:case", args=[row.no]), _standing(row, today, outside=True)
        first = STATES[row.status].private and row.institution__filed_on is None
        day = filing_due(row.institution__established_on) if first else _day(row, state)
        yield _item(row, url, state, day, mine=row.acts)
    yield from _ended(own, Q(subject__in=_subjects(own)), "filing:case", since)


def reviewer_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The cases this reviewer goes on with, those it holds or receipted that wait for others, and what it decided."""
    cases = worklist.reviewed(user, REVIEWER)
    held = Q(assigned_to=user) | Q(receipted_by=user)
    for row in _rows(cases.filter(held | _to_act(user)), _to_act(user)):
        state = _standing(row, today)
        mine = row.acts and state.turn == AUTHORITY and row.paused_on is None
        yield _item(row, reverse("filing:review", args=[row.no]), state, _day(row, state), mine=mine)
    own = Q(actor=user) | Q(subject__in=_subjects(cases.filter(assigned_to=user)))
    yield from _ended(cases, own, "filing:review", since)


def chief_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """What waits for this chief's signature, and what became of the signed cases."""
    for proposal in to_sign(user):
        yield _signature(proposal, replace(SIGNING, task=FILING.steps[proposal.step].label), first=True)
    cases = worklist.reviewed(user, CHIEF)
    signed = Exists(Proposal.objects.filter(filing=OuterRef("pk"), decided_by=user))
    for row in _rows(cases.filter(signed), Q(pk=None)):
        state = _standing(row, today)
        yield _item(row, reverse("filing:review", args=[row.no]), state, _day(row, state))
    yield from _ended(cases, Q(actor=user), "filing:review", since)


def legal_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """Rescissions that wait for this person's legal review, and those it reviewed that wait for the signature."""
    for proposal in rescissions(user):
        label = FILING.steps[RESCIND].label.removeprefix("签批")
        if proposal.legal_by_id is None:
            yield _signature(proposal, replace(OPINION, task=f"法制审核：{label}"), first=True)
        elif proposal.legal_by_id == user.pk:
            yield replace(_signature(proposal, SIGNING), mine=False)


def visit_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The visits this officer is assigned to, as far as a duty in force still reaches them, and the concluded ones."""
    cases = Filing.objects.visible_to(user, user.roles & OFFICERS).filter(pk=OuterRef("filing"))
    coming = Q(concluded_on=None, filing__status__in=those(visited=True))
    visits = SiteCheck.objects.filter(coming | Q(concluded_on__gte=since.date()), Exists(cases), officers=user)
    for check in visits.select_related("filing__institution").defer("items"):
        place, url = check.filing.institution.name, reverse("filing:site-check", args=[check.pk])
        if check.concluded_on is None:
            yield Item(VISIT, "现场核实", place, url, check.planned_on, mine=True)
        else:
            decided = f"现场核实：{'全部符合' if check.conforms else '有不符合项'}"
            yield Item(VISIT, decided, place, url, ended_on=check.concluded_on)


def _to_act(user: Any) -> Q:
    """The cases this reviewer goes on with: the own ones and those nobody has; on site another than issued the receipt."""
    own, second = Q(assigned_to=user) | Q(assigned_to=None), Q(status__in=SECOND_PERSON)
    return (own & ~second) | (second & ~Q(receipted_by=user) & (own | Q(assigned_to=F("receipted_by"))))


def _rows(cases: Any, acts: Q, *, outside: bool = False) -> Any:
    """What items are made of, of the cases under way; `acts`: on which this person does the next step. One query."""
    visit = SiteCheck.objects.filter(filing=OuterRef("pk"), concluded_on=None)
    unread = Proposal.objects.filter(
        filing=OuterRef("pk"), outcome=ProposalOutcome.PENDING, step=RESCIND, legal_by=None
    )
    under_way = TURN | worklist.to_cancel() | (Q() if outside else Q(proposed=True))
    rows = (
        worklist.marked(cases)
        .filter(under_way)
        .annotate(
            acts=ExpressionWrapper(acts, output_field=BooleanField()),
            visit_on=Subquery(visit.values("planned_on")[:1]),
            unread=Exists(unread),
        )
    )
    return rows.by_urgency().values_list(*COLUMNS, named=True)


def _standing(row: Any, today: date, *, outside: bool = False) -> State:
    """Where a case stands, seen also by what lies beside its state; who is `outside` reads nothing that stays inside."""
    state = STATES[row.status]
    if row.proposed and not outside:
        return OPINION if row.unread else SIGNING
    if row.closing and state.turn != INSTITUTION and row.status in FILING.steps["cancel"].sources:
        return CLOSING
    if not state.visited or row.visit_on is None:
        return state
    if row.visit_on >= today:
        return VISIT
    return state if outside else LATE_VISIT


def _day(row: Any, state: State) -> date | None:
    day: date | None = row.visit_on if state is VISIT else row.due_on
    return day


def _item(row: Any, url: str, state: State, day: date | None, *, mine: bool = False) -> Item:
    holders = {
        INSTITUTION: "机构",
        AUTHORITY: " ".join(filter(None, (row.authority__short_name, row.assigned_to__display_name))),
        VISIT.turn: f"{row.authority__short_name} 核实人员",
        SIGNING.turn: f"{row.authority__short_name} 负责人",
        OPINION.turn: "法制审核人员",
    }
    paused = "" if row.paused_on is None else row.pause_reason or "暂停计时"
    return Item(
        state,
        worklist.matter(row.status, row.kind),
        row.institution__name,
        url,
        day if not paused or mine else None,
        mine=mine,
        holder=holders[state.turn],
        paused=paused,
    )


def _signature(proposal: Any, state: State, *, first: bool = False) -> Item:
    filing, proposer = proposal.filing, proposal.proposed_by
    waits = f"{proposer.display_name}和机构" if proposer else state.waits
    url = reverse("filing:review", args=[filing.no])
    state, matter = replace(state, waits=waits), worklist.matter(filing.status, filing.kind)
    return Item(state, matter, filing.institution.name, url, proposal.due_on, mine=True, first=first)


def _subjects(cases: Any) -> Any:
    return cases.order_by().annotate(key=Concat(Value("registry.filing:"), "no")).values("key")


def _ended(cases: Any, whose: Q, route: str, since: datetime) -> Iterator[Item]:
    """The newest acts after which it was nobody's turn, on cases the person may still see. Two queries."""
    acts = Event.objects.filter(whose, action__in=ENDING, at__gte=since).order_by("-id")
    found = [(act.subject.partition(":")[2], act) for act in acts[:RECENT]]
    names = dict(cases.filter(no__in=[no for no, _ in found]).values_list("no", "institution__name")) if found else {}
    for no, act in found:
        if no in names:
            step = FILING.steps[act.data["step"]]
            url, day = reverse(route, args=[no]), timezone.localdate(act.at)
            yield Item(STATES[step.target], step.label.removeprefix("签批"), names[no], url, ended_on=day)
