"""One row of every tracked table of inspections, for tests that look at all tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from casework.models import Case
from inspections.demo import make_registers
from inspections.models import (
    Batch,
    CheckItem,
    Incident,
    Matter,
    Officer,
    Penalty,
    Plan,
    Rectification,
    Referral,
    Tie,
    Unlicensed,
    Visit,
    VisitItem,
    VisitOfficer,
)


def make_one_of_each(cast: dict[str, Any], uscc: str) -> None:
    """An inspection by two certified officers, what follows from it, a plan with a batch, an incident."""
    make_registers(cast)
    now, today = timezone.now(), timezone.localdate()
    officers = list(Officer.objects.filter(subject__department="320902-HEALTH").certified(today).order_by("pk"))
    subject, matter = officers[0].subject, Matter.objects.get(code="HEALTH-01")

    def case(kind: str, status: str, parent: Case | None = None, authority: str = "320902-HEALTH") -> Case:
        return Case.objects.create(
            no=f"YC-T-{kind}", type=kind, status=status, subject_kind="INSTITUTION", subject_id=uscc, subject_name="试验",
            uscc=uscc, region_id="320902", authority_id=authority, governed_on=today, parent=parent,
        )  # fmt: skip

    seen = case("INSPECTION", "RECORDED")
    visit = Visit.objects.create(
        case=seen, kind="CASE", subject=subject, matter=matter, edition="2026", planned_on=today, notice_mode="ON_ARRIVAL",
        entry="OPERATOR", arrived_at=now,
    )  # fmt: skip
    VisitOfficer.objects.bulk_create(VisitOfficer(visit=visit, officer=one) for one in officers[:2])
    VisitItem.objects.create(visit=visit, item=CheckItem.objects.get(code="D2-05"), verdict="NOT_MET", note="试验")
    order = case("RECTIFICATION", "ISSUED", seen)
    Rectification.objects.create(case=order, severity="MAJOR")
    Penalty.objects.create(
        case=case("PENALTY", "DECIDED", order), kind="WARNING", document_no="试验1号", decided_on=today
    )
    Referral.objects.create(
        case=case("REFERRAL", "SENT", seen, "320902-FIRE"), field="FIRE", sender=subject.department, facts="试验"
    )
    plan = Plan.objects.create(
        case=case("PLAN", "DRAFT"), year=today.year, title="试验", subject=subject, matter=matter
    )
    Batch.objects.create(
        case=case("BATCH", "PREPARED"),
        plan=plan,
        source="试验",
        source_at=now + timedelta(days=1),
        total=1,
        visits_until=today,
    )
    Unlicensed.objects.create(
        case=case("UNLICENSED", "CHECKING"), kind="NO_LICENCE", source="试验", place="试验路", children=9
    )
    Incident.objects.create(
        case=case("INCIDENT", "REPORTED"),
        kind="FIRE",
        happened_at=now,
        found_at=now,
        place="试验",
        children=0,
        staff_on_duty=1,
    )
    Tie.objects.create(user=officers[0].user, uscc=uscc, kind="OTHER", declared_by=officers[0].user, declared_on=today)
