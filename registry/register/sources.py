"""Everything an entry of the public register is made of, read once: two queries for what is filed, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import same_day

from ..choices import PUBLIC_STATES, PublicStatus
from ..models import (
    ClosurePlan,
    Filing,
    FilingReceipt,
    FilingVersion,
    Institution,
    Notice,
    PublicEntry,
    PublicResult,
    SiteCheck,
)
from ..people.facts import Staff, staff_by_institution
from ..rules.values import as_day
from .closing import arrangements, stopped, that_hold
from .wording import is_home, public_address

# Never read here: what is not loaded cannot be shown.
PERSONAL = ("legal_rep_id_no", "legal_rep_id_index", "contact_phone")
# Of no use for an entry: making them for every row was a tenth of the nightly run.
UNUSED = (
    "certificate_file", "termination_reason", "record_version", "warnings", "channel", "filing_events", "created_by",
    "created_at", "updated_at",
)  # fmt: skip
# Read with the institution: what its entry names, and the entry itself.
BESIDE = ("registry_org", "public_entry")
# A result stays on the page for so long; older ones are given on request (domain.md §5.8 [A]).
RESULT_YEARS = 3


def results_since(today: date) -> date:
    """A result published on this day or before is not shown any more."""
    return same_day(today, -12 * RESULT_YEARS)


def public_status(registration: str, filing_state: str, filed_on: date | None) -> str:
    """What the public is told of a filing: a `PublicStatus`, from the three columns of an institution."""
    if registration != "ACTIVE":
        return PublicStatus.ENDED
    if found := PUBLIC_STATES.get(filing_state):
        return found
    return PublicStatus.FILED if filed_on else PublicStatus.UNFILED


@dataclass(frozen=True, slots=True)
class Found:
    """What officers found otherwise than filed: the rules that failed, and the titles of the items of the notice by name."""

    rules: frozenset[str] = frozenset()
    items: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """A verification on site that is concluded."""

    on: date
    conforms: bool
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """A published letter of what did not conform: when it was served, until when to mend what."""

    on: date
    due_on: date | None
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Sources:
    """The register, the filing as last accepted (None: filed in the national system only), the people on duty.

    `checks` are the concluded visits and `notices` the published letters of what did not conform, the newest first;
    `results` the facts of the published inspections of the last `RESULT_YEARS` years, too.
    """

    institution: Institution
    filing: Filing | None
    accepted: FilingVersion | None
    receipted_on: date | None
    staff: list[Staff]
    plans: list[dict[str, Any]]
    checks: list[Visit]
    notices: list[Told]
    today: date
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def entry(self) -> PublicEntry | None:
        """What the register says so far; None when the institution has no entry."""
        return getattr(self.institution, "public_entry", None)

    @cached_property
    def status(self) -> str:
        """What the public is told of the filing: a `PublicStatus`."""
        institution = self.institution
        found = public_status(institution.status, institution.filing_state, institution.filed_on)
        # From its day on an arrangement counts, whatever else is being worked on (a change, a verification).
        open_now = found in {PublicStatus.FILED, PublicStatus.VERIFYING}
        return PublicStatus.SUSPENDED if open_now and stopped(self.plans, self.today) else found

    def answers(self, section: str) -> dict[str, Any]:
        """The answers of a section as accepted by the filing authority; {} when there are none."""
        if self.accepted is None:
            return {}
        found: dict[str, Any] = self.accepted.content["sections"].get(section, {})
        return found

    @property
    def classes(self) -> list[dict[str, Any]]:
        """The classes as accepted."""
        return list(self.answers("classes").get("classes") or [])

    @property
    def materials(self) -> dict[str, dict[str, Any]]:
        """The accepted materials by code (domain.md §4)."""
        if self.accepted is None:
            return {}
        return {row["code"]: row for row in self.accepted.content["materials"]}

    @property
    def form(self) -> str:
        """The form of care as accepted, an `OrgForm`; "" when none was filed."""
        return str(self.answers("basics").get("org_form") or "")

    @property
    def home(self) -> bool:
        """Whether this is a home-based place, whose door nobody may know (product.md C2)."""
        return is_home(self.institution, self.form)

    @property
    def address(self) -> str:
        """Where it is, as far as the public may know."""
        return public_address(self.institution, self.filing.service_address if self.filing else "", form=self.form)

    @property
    def confirmed_on(self) -> date | None:
        """When the institution last said what is filed: yearly confirmation or the accepted submission."""
        days = [self.filing.confirmed_on] if self.filing and self.filing.confirmed_on else []
        if self.accepted:
            days.append(self.accepted.received_on)
        return max(days) if days else None

    @property
    def reasons(self) -> Told | None:
        """Why the filing does not conform, while it does not."""
        against = self.filing is not None and self.filing.status == "NONCONFORMING"
        return next(iter(self.notices), None) if against else None

    @cached_property
    def found(self) -> Found:
        """What officers found otherwise, until a later visit finds it right; nothing before the notice is served (B14)."""
        last, notice = next(iter(self.checks), None), next(iter(self.notices), None)
        if last is None or last.conforms or notice is None or notice.on < last.on:
            return Found()
        failed = {item["rule_id"] for item in last.items if item["result"] == "FAIL"}
        # Several findings on one item are one line of the letter, which names all their rules.
        told = {rule for item in notice.items for rule in str(item.get("rule_id") or "").split(",")}
        return Found(frozenset((failed | told) - {""}), {item["item"]: item["title"] for item in notice.items})


def gather(institution_id: int, *, today: date | None = None, staff: list[Staff] | None = None) -> Sources:
    """Read one institution's public sources. The last filing with a receipt counts; drafts are nobody's business.

    `staff`: the people as of this day, where the caller has read them.
    """
    people = None if staff is None else {institution_id: staff}
    return gather_many([institution_id], today=today, staff=people)[institution_id]


def gather_many(
    institution_ids: Collection[int], *, today: date | None = None, staff: dict[int, list[Staff]] | None = None
) -> dict[int, Sources]:
    """`gather` for many institutions by primary key, with three queries in all."""
    today = today or today_here()
    rows = _accepted(institution_ids, today)
    accepted = {row.filing.institution_id: row for row in rows if row.filing.institution.filing_state}
    people = staff_by_institution(accepted, today) if staff is None else staff
    found = {pk: _filed(row, people[pk], today) for pk, row in accepted.items()}
    others = (
        Institution.objects.defer(*PERSONAL, *UNUSED).select_related(*BESIDE).annotate(results=_results("pk", today))
    )
    for institution in others.filter(pk__in=set(institution_ids) - found.keys()):
        found[institution.pk] = Sources(institution, None, None, None, [], [], [], [], today, institution.results)
    return found


def _filed(accepted: Any, staff: list[Staff], today: date) -> Sources:
    """What a row of `_accepted` says."""
    filing = accepted.filing
    checks = [Visit(**row | {"on": date.fromisoformat(row["on"])}) for row in accepted.checks]
    notices = [
        Told(timezone.localdate(datetime.fromisoformat(row["at"])), as_day(row["due_on"]), row["items"])
        for row in accepted.told
    ]
    return Sources(
        institution=filing.institution,
        filing=filing,
        accepted=accepted,
        receipted_on=accepted.receipted_on,
        staff=staff,
        plans=that_hold(filing, accepted.plans),
        checks=checks,
        notices=notices,
        today=today,
        results=accepted.results,
    )


def _results(institution: str, today: date) -> ArraySubquery:
    """The facts of what is published of the institution that this column of the outer query names."""
    rows = PublicResult.objects.filter(institution=OuterRef(institution), published_on__gt=results_since(today))
    return ArraySubquery(rows.order_by("-published_on", "-id").values_list("facts", flat=True))


def _accepted(institution_ids: Collection[int], today: date) -> QuerySet[Any]:
    """The accepted submission of each one's last filing with a receipt, with the filing and its institution."""
    place = "filing__institution"
    visits = SiteCheck.objects.filter(filing=OuterRef("filing"), concluded_on__isnull=False)
    visits = visits.order_by("-concluded_on", "-id")
    visit = JSONObject(on="concluded_on", conforms="conforms", items="items")
    letters = Notice.objects.filter(filing=OuterRef("filing"), kind="NONCONFORMING", published=True).order_by("-id")
    letter = JSONObject(at="issued_at", due_on="due_on", items="items")
    receipt = FilingReceipt.objects.filter(filing=OuterRef("filing"), receipt_no=OuterRef("filing__receipt_no"))
    return (
        FilingVersion.objects.filter(filing__institution__in=institution_ids, number=F("filing__accepted_number"))
        .exclude(filing__receipt_no="")
        .select_related("filing__authority", *(f"{place}__{name}" for name in BESIDE))
        .defer("sealed", "findings", *(f"{place}__{name}" for name in (*PERSONAL, *UNUSED)))
        .annotate(
            receipted_on=Subquery(receipt.values("issued_on")[:1]),
            plans=ArraySubquery(arrangements(ClosurePlan.objects.filter(filing=OuterRef("filing")))),
            checks=ArraySubquery(visits.values_list(visit, flat=True)),
            told=ArraySubquery(letters.values_list(letter, flat=True)),
            results=_results("filing__institution", today),
        )
        .order_by("filing__institution_id", "-filing_id")
        .distinct("filing__institution_id")
    )
