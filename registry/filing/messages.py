"""Who is told what when a filing moves: the institution, the reviewers of the area, the chief."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.urls import reverse

from casework.types import Step, Tell
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, User
from yancheng_childcare.notifications import holders, notify, settle
from yancheng_childcare.workdays import by_day, in_words

from ..choices import ProposalOutcome
from ..models import Filing, SiteCheck
from . import clocks, visits

LETTER = "filing:letter"
# The clocks by which the authority works.
AUTHORITY = (clocks.RECEIPT, clocks.NONCONFORM, clocks.CHANGE_REVIEW)

# Whom a message of a step can be for, beside the roles.
OFFICERS, PROPOSER = "OFFICERS", "PROPOSER"
STAFF = (Role.REVIEWER, Role.CHIEF, Role.LEGAL, Role.INSPECTOR)


def tell(filing: Filing, step: Step, actor: Any) -> None:
    """Leave the messages of one step, and take what it settles for read; called once the step is committed."""
    operators = holders(Role.OPERATOR, uscc=filing.institution.uscc)
    _settle(filing, operators, by_institution=Role.OPERATOR in step.by)
    facts = Facts(filing)
    for told in step.tells:
        _SEND[told.to](facts, told, step)


def _institution(facts: Facts, told: Tell, step: Step) -> None:
    """Each says the one day that matters and leads to the place; a letter that decides says how to object."""
    filing, place = facts.filing, told.place or "filing:case"
    args = [filing.no, facts.notice.pk] if place == LETTER else [filing.no]
    notify(
        holders(Role.OPERATOR, uscc=filing.institution.uscc),
        title=told.title,
        body=f"{filing.institution.name}（{filing.no}）：{told.body.format_map(facts)}",
        url=reverse(place, args=args),
    )


def _reviewers(facts: Facts, told: Tell, step: Step) -> None:
    _staff(reviewers_of(facts.filing), facts, told.title, told.body.format_map(facts))


def _area(facts: Facts, told: Tell, step: Step) -> None:
    _staff(holders(told.to, region_prefix=facts.filing.institution.region.prefix), facts, told.title)


def _officers(facts: Facts, told: Tell, step: Step) -> None:
    """Who goes reads where and when, and with whom; where others were sent, who was taken off and who goes on too."""
    act = Event.objects.of(facts.filing.subject).filter(action=f"filing.{step.name}").first()
    if facts.check is None:
        return
    going = list(facts.check.officers.all())
    moved = act.data["decided_on"].get("taken_off") if act is not None else None
    if act is None or moved is None:
        _visitors(facts, going, told.title)
        return
    put_on, taken_off = set(act.data["decided_on"]["put_on"]), list(User.objects.filter(pk__in=moved))
    settle([*going, *taken_off], _visit(facts.check))
    _visitors(facts, [officer for officer in going if officer.pk in put_on], "有现场核实任务")
    _visitors(facts, [officer for officer in going if officer.pk not in put_on], told.title)
    words = f"{facts.filing.institution.name}（{facts.filing.no}）的现场核实已改由{facts['officers']}承担，您不用到场。"
    notify(taken_off, title="现场核实已改派他人", body=words)


def _proposer(facts: Facts, told: Tell, step: Step) -> None:
    """Who proposed it reads that it is void and why: the case is theirs again."""
    refused = facts.filing.proposals.filter(outcome=ProposalOutcome.REFUSED).select_related("proposed_by")
    proposal = refused.order_by("-decided_at").first()
    act = Event.objects.of(facts.filing.subject).filter(action=f"filing.{step.name}").first()
    if proposal is not None and act is not None:
        reason = str(act.data["reason"]).rstrip("。")
        _staff([proposal.proposed_by], facts, told.title, f"理由：{reason}。提议已作废，请重新办理")


def reviewers_of(filing: Filing) -> list[Any]:
    """Who has the case; where nobody has it, every reviewer of the area."""
    if filing.assigned_to is not None:
        return [filing.assigned_to]
    return list(holders(Role.REVIEWER, region_prefix=filing.institution.region.prefix))


def _settle(filing: Filing, operators: Any, *, by_institution: bool) -> None:
    """Whoever acted, or had a colleague act, has nothing left to read about the case as it was before."""
    if by_institution:
        settle(operators, reverse("filing:case", args=[filing.no]))
        return
    staff = holders(*STAFF, region_prefix=filing.institution.region.prefix)
    checks = [_visit(check) for check in filing.site_checks.exclude(concluded_on=None)]
    settle(staff, reverse("filing:review", args=[filing.no]), *checks)


class Facts(dict[str, str]):
    """What the sentences name; each is asked only when a sentence needs it."""

    def __init__(self, filing: Filing):
        super().__init__()
        self.filing = filing
        self.today = today_here()

    @cached_property
    def notice(self) -> Any:
        """The last letter of the case."""
        return self.filing.notices.order_by("-id").first()

    @cached_property
    def check(self) -> Any:
        """The last visit of the case, planned or done."""
        return self.filing.site_checks.order_by("-id").prefetch_related("officers").first()

    def __missing__(self, key: str) -> str:
        return str(getattr(self, f"_{key}")())

    def _due(self) -> str:
        return self._by(clocks.SUPPLEMENT, clocks.RECTIFY)

    def _theirs(self) -> str:
        return self._by(*AUTHORITY)

    def _closed(self) -> str:
        return f"请{self._by(clocks.CLOSURE)}核对并注销备案"

    def _by(self, *codes: str) -> str:
        clock = Deadline.objects.running().of(self.filing.subject).filter(code__in=codes).order_by("due_on").first()
        return f"于{by_day(clock.due_on, self.today)}" if clock else "及时"

    def _lapsed(self) -> str:
        due_on = self.notice.due_on if self.notice else None
        return in_words(due_on, self.today) if due_on else "日前"

    def _letter(self) -> str:
        return f"《{self.notice.title}》（{self.notice.number}）"

    def _ended(self) -> str:
        return in_words(self.filing.ended_on or self.today, self.today)

    def _receipt(self) -> str:
        return self.filing.receipt_no

    def _pause(self) -> str:
        return self.filing.pause_reason

    def _planned(self) -> str:
        return in_words(self.check.planned_on, self.today) if self.check else "近日"

    def _officers(self) -> str:
        return visits.names_of(self.check.officers.all()) if self.check else "核实人员"

    def _address(self) -> str:
        return self.filing.service_address


def _visit(check: SiteCheck) -> str:
    return reverse("filing:site-check", args=[check.pk])


def _visitors(facts: Facts, officers: Iterable[User], title: str) -> None:
    filing = facts.filing
    notify(
        officers,
        title=title,
        body=f"{filing.institution.name}（{filing.no}），{facts['address']}：由{facts['officers']}于{facts['planned']}到场核实。",
        url=_visit(facts.check),
    )


def _staff(users: Any, facts: Facts, title: str, words: str = "") -> None:
    filing, words = facts.filing, words or f"请{facts['theirs']}办理"
    notify(
        users,
        title=title,
        body=f"{filing.institution.name}（{filing.no}），{words}。",
        url=reverse("filing:review", args=[filing.no]),
    )


_SEND: dict[str, Callable[[Facts, Tell, Step], None]] = {
    Role.OPERATOR: _institution,
    Role.REVIEWER: _reviewers,
    Role.CHIEF: _area,
    Role.LEGAL: _area,
    OFFICERS: _officers,
    PROPOSER: _proposer,
}
