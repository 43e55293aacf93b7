"""Everything an entry of the public register is made of, read once: seven queries for one institution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from yancheng_childcare.deadlines import today_here

from ..choices import PUBLIC_STATES, PublicStatus
from ..models import Filing, FilingVersion, Institution, Notice
from ..people.facts import Staff, staff_of
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
class Sources:
    """The register, the filing as last accepted (None: filed in the national system only), the people on duty."""

    institution: Institution
    filing: Filing | None
    accepted: FilingVersion | None
    staff: list[Staff]
    reasons: Notice | None
    today: date

    @property
    def status(self) -> str:
        """What the public is told of the filing: a `PublicStatus`."""
        found = self.institution
        return public_status(found.status, found.filing_state, found.filed_on)

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


def gather(institution_id: int, *, today: date | None = None) -> Sources:
    """Read one institution's public sources. The last filing with a receipt counts; drafts are nobody's business."""
    today = today or today_here()
    institution = (
        Institution.objects.defer(*PERSONAL).select_related("registry_org", "region", "town").get(pk=institution_id)
    )
    filing = accepted = reasons = None
    staff: list[Staff] = []
    if institution.filing_state:
        rows = Filing.objects.filter(institution=institution).exclude(receipt_no="").select_related("authority")
        filing = rows.order_by("-id").first()
    if filing is not None:
        filing.institution = institution
        accepted = filing.versions.defer("sealed").filter(number=filing.accepted_number).first()
        if filing.status == "NONCONFORMING":
            reasons = filing.notices.filter(kind="NONCONFORMING", published=True).order_by("-id").first()
        staff = staff_of(institution, today)
    return Sources(institution, filing, accepted, staff, reasons, today)
