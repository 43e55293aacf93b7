"""Everything an entry of the public register is made of, read once: ten queries for one institution."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from yancheng_childcare.deadlines import today_here

from ..choices import PUBLIC_STATES, PublicStatus
from ..models import ClosurePlan, Filing, FilingVersion, Institution, Notice
from ..people.facts import Staff, staff_of
from .closing import plans_of, stopped
from .wording import is_home, public_address

# Never read here: what is not loaded cannot be shown.
PERSONAL = ("legal_rep_id_no", "legal_rep_id_index", "contact_phone")


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
class Sources:
    """The register, the filing as last accepted (None: filed in the national system only), the people on duty."""

    institution: Institution
    filing: Filing | None
    accepted: FilingVersion | None
    staff: list[Staff]
    reasons: Notice | None
    plans: list[ClosurePlan]
    found: Found
    today: date

    @property
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


def found_otherwise(filing: Filing) -> Found:
    """Until a later visit finds it right; nothing before the notice is served (B14). One or two queries."""
    last = filing.site_checks.filter(concluded_on__isnull=False).order_by("-concluded_on", "-id").first()
    if last is None or last.conforms or last.concluded_on is None:
        return Found()
    notice = filing.notices.filter(kind="NONCONFORMING", published=True).order_by("-id").first()
    if notice is None or timezone.localdate(notice.issued_at) < last.concluded_on:
        return Found()
    failed = {item["rule_id"] for item in last.items if item["result"] == "FAIL"}
    told = {item.get("rule_id") or "" for item in notice.items}
    return Found(frozenset((failed | told) - {""}), {item["item"]: item["title"] for item in notice.items})


def gather(institution_id: int, *, today: date | None = None) -> Sources:
    """Read one institution's public sources. The last filing with a receipt counts; drafts are nobody's business."""
    today = today or today_here()
    institution = (
        Institution.objects.defer(*PERSONAL).select_related("registry_org", "region", "town").get(pk=institution_id)
    )
    filing = accepted = reasons = None
    staff: list[Staff] = []
    plans: list[ClosurePlan] = []
    found = Found()
    if institution.filing_state:
        rows = Filing.objects.filter(institution=institution).exclude(receipt_no="").select_related("authority")
        filing = rows.order_by("-id").first()
    if filing is not None:
        filing.institution = institution
        accepted = filing.versions.defer("sealed").filter(number=filing.accepted_number).first()
        if filing.status == "NONCONFORMING":
            reasons = filing.notices.filter(kind="NONCONFORMING", published=True).order_by("-id").first()
        plans, found = plans_of(filing), found_otherwise(filing)
        staff = staff_of(institution, today)
    return Sources(institution, filing, accepted, staff, reasons, plans, found, today)
