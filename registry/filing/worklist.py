"""The reviewers' worklist: every case that waits for the authority, with its light, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yancheng_childcare.choices import Role
from yancheng_childcare.workdays import Light, light

from ..choices import FILING_IN_REVIEW, FilingKind, FilingStatus, NoticeKind, ProposalOutcome
from ..models import ClosurePlan, Filing, Notice, Proposal
from .states import STATES, those
from .workflow import FILING

CHANGE = "CHANGE"
# Whose work the list is; the others who may enter only read it.
REVIEWERS = frozenset({Role.REVIEWER, Role.CHIEF})
KINDS = ((FilingKind.INITIAL.value, "首次备案"), (FilingKind.REFILE.value, "迁址重新备案"), (CHANGE, "变更备案"))
# The tabs above the list, in the order of what breaks first.
VIEWS = (
    ("", "全部待办"),
    ("overdue", "超期"),
    ("today", "今日到期"),
    ("returned", "补正已回"),
    ("verifying", "现场核实中"),
    ("sign", "待签批"),
)
COLUMNS = (
    "no", "status", "kind", "pause_reason", "submitted_at", "institution__name", "institution__uscc",
    "institution__region_id", "institution__town_id", "assigned_to_id", "assigned_to__display_name",
    "due_on", "clock_started", "paused_on", "told", "proposed", "closing",
)  # fmt: skip
CLOSING = Exists(ClosurePlan.objects.filter(filing=OuterRef("pk"), final=True, withdrawn=False))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the worklist. `told`: one-time notices sent since the last acceptance."""

    no: str
    status: str
    kind: str
    name: str
    uscc: str
    region: str
    town: str
    assigned_to: int | None
    assignee: str
    due_on: date | None
    lamp: Light | None
    due_today: bool
    pause_reason: str
    told: int
    proposed: bool
    closing: bool

    @property
    def status_label(self) -> str:
        """The state in words."""
        return str(FilingStatus(self.status).label)

    @property
    def kind_label(self) -> str:
        """首次, 迁址 or 变更."""
        return dict(KINDS)[self.kind]

    @property
    def flags(self) -> list[tuple[str, str]]:
        """(colour, words) of what a reviewer should know before opening it."""
        found = []
        if self.proposed:
            found.append(("yellow", "有待签批"))
        if self.told and STATES[self.status].judged:
            found.append(("blue", "补正已回" if self.told == 1 else f"第 {self.told} 次补正已回"))
        elif self.told > 1:
            found.append(("yellow", f"第 {self.told} 次补正"))
        if self.closing:
            found.append(("plain", "申请终止服务"))
        if self.pause_reason:
            found.append(("grey", self.pause_reason))
        return found

    def is_in(self, view: str) -> bool:
        """Whether it stands under this tab."""
        match view:
            case "overdue":
                return self.lamp is not None and self.lamp.colour == "red"
            case "today":
                return self.due_today
            case "returned":
                return STATES[self.status].judged and self.told > 0
            case "verifying":
                return STATES[self.status].visited
            case "sign":
                return self.proposed
        return True


def reviewed(user: Any, roles: frozenset[str]) -> QuerySet[Filing]:
    """The cases of the user's reviewing area; for those who only read, what their `roles` let them see."""
    reviewing = user.roles & roles & REVIEWERS
    rows: QuerySet[Filing] = Filing.objects.visible_to(user, reviewing or roles).begun()
    return rows


def entries_of(filings: Any, today: date) -> list[Entry]:
    """The filings as lines, most urgent first. One query."""
    return [_entry(row, today) for row in ordered(filings)]


def ordered(filings: Any) -> Any:
    """What the lines are made of, most urgent first; not yet asked."""
    rows: Any = filings if "told" in filings.query.annotations else marked(filings)
    return rows.by_urgency().values(*COLUMNS)


def waiting(filings: Any) -> Any:
    """Those that wait for the authority: under review, or with a proposal or the end of the service to decide on."""
    return marked(filings).filter(Q(status__in=FILING_IN_REVIEW) | Q(proposed=True) | to_cancel())


def to_cancel() -> Q:
    """Those whose end was asked for and that can be cancelled as they stand."""
    return Q(CLOSING, status__in=tuple(FILING.steps["cancel"].sources))


def marked(filings: Any) -> Any:
    """Annotated with the notices sent since the last acceptance, a waiting proposal, a requested end."""
    notices = (
        Notice.objects.filter(
            filing=OuterRef("pk"), kind=NoticeKind.CORRECTION, submission__gt=OuterRef("accepted_number")
        )
        .order_by()
        .values("filing")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return filings.annotate(
        told=Coalesce(Subquery(notices, output_field=IntegerField()), 0),
        proposed=Exists(Proposal.objects.filter(filing=OuterRef("pk"), outcome=ProposalOutcome.PENDING)),
        closing=CLOSING,
    )


def as_entries(rows: Iterable[dict[str, Any]], today: date) -> list[Entry]:
    """Rows of `ordered` as lines."""
    return [_entry(row, today) for row in rows]


def _entry(row: dict[str, Any], today: date) -> Entry:
    due, started = row["due_on"], row["clock_started"]
    lamp = light(started, due, today, paused=row["paused_on"] is not None) if due and started else None
    return Entry(
        no=row["no"],
        status=row["status"],
        kind=kind_of(row["status"], row["kind"]),
        name=row["institution__name"],
        uscc=row["institution__uscc"],
        region=row["institution__region_id"],
        town=row["institution__town_id"],
        assigned_to=row["assigned_to_id"],
        assignee=row["assigned_to__display_name"] or "",
        due_on=due,
        lamp=lamp,
        due_today=due == today and row["paused_on"] is None,
        pause_reason=row["pause_reason"],
        told=row["told"],
        proposed=row["proposed"],
        closing=row["closing"] and row["status"] in tuple(FILING.steps["cancel"].sources),
    )


def kind_of(status: str, kind: str) -> str:
    """What a case is about now: a change while it is made or reviewed, else what it was opened for."""
    return CHANGE if STATES[status].changed else kind


def matter(status: str, kind: str) -> str:
    """The same in words."""
    return dict(KINDS)[kind_of(status, kind)]


def of_kind(kind: str) -> Q:
    """The same kinds as a condition on filings."""
    return Q(status__in=those(changed=True)) if kind == CHANGE else Q(kind=kind) & ~Q(status__in=those(changed=True))


def counts_of(entries: Iterable[Entry]) -> dict[str, int]:
    """How many stand under each tab."""
    entries = list(entries)
    return {view: sum(1 for entry in entries if entry.is_in(view)) for view, _ in VIEWS}
