"""Objects in three positions (own, other institution of the same county, other county) and an independent oracle.

The oracle is written by hand from the duties of the cast; it does not ask `visible_to`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

OWN, OTHER, COUNTY = "own", "other", "county"
POSITIONS = (OWN, OTHER, COUNTY)
ALL = frozenset(POSITIONS)

REGION_STAFF = ("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "inspector_tinghu1", "inspector_tinghu2")
WATCHERS = ("health_city", "leader_city", "auditor_city")

# Who sees which institution: own is 亭湖 by 亭湖市监 (run by operator_xiaotaiyang), other is 亭湖 by 市民政, county is 东台 by 市民政.
INSTITUTIONS = {
    **dict.fromkeys(REGION_STAFF, {OWN, OTHER}),
    **dict.fromkeys(WATCHERS, ALL),
    "credit_city": ALL,
    "legal_city": ALL,
    "police_tinghu": {OWN, OTHER},
    "reviewer_dongtai": {COUNTY},
    "registrar_tinghu": {OWN},
    "registrar_civil": {OTHER, COUNTY},
    "operator_xiaotaiyang": {OWN},
}
# Endpoints: own is 亭湖卫健, other is 亭湖公安, county is 东台卫健.
ENDPOINTS = {
    **dict.fromkeys(WATCHERS, ALL),
    "admin": ALL,
    "reviewer_tinghu": {OWN},
    "reviewer_tinghu2": {OWN},
    "chief_tinghu": {OWN},
    "integrator_health": {OWN},
    "police_tinghu": {OTHER},
    "integrator_police": {OTHER},
    "reviewer_dongtai": {COUNTY},
}
# Deliveries: own institution → 亭湖卫健, other → 亭湖公安, county → 东台卫健; registrars see those of their registrations.
DELIVERIES = {**ENDPOINTS, "registrar_tinghu": {OWN}, "registrar_civil": {OTHER, COUNTY}}
JOBS = {"registrar_tinghu": {OWN}, "registrar_civil": {OTHER}}
FILES = {
    "registrar_tinghu": {OWN},
    "registrar_civil": {OTHER, COUNTY},
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
    "health_city": ALL,
    "operator_xiaotaiyang": {OWN},
}
# Filings handed in: staff of the area, watchers, the institution itself; public security and registrars have no part.
FILINGS = {
    **dict.fromkeys(REGION_STAFF, {OWN, OTHER}),
    **dict.fromkeys(WATCHERS, ALL),
    "legal_city": ALL,
    "reviewer_dongtai": {COUNTY},
    "operator_xiaotaiyang": {OWN},
}
# People of institutions: health staff of the area, the institution itself.
POSTS = {
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
    "health_city": ALL,
    "operator_xiaotaiyang": {OWN},
}
# What health staff have to decide of people: nobody else, and no institution.
DISCREPANCIES = {name: seen for name, seen in POSTS.items() if name != "operator_xiaotaiyang"}
# Site checks: seen by the officers of the area; written only by those named on them.
OFFICERS = {
    OWN: ("inspector_tinghu1", "reviewer_tinghu2"),
    OTHER: ("inspector_tinghu2",),
    COUNTY: ("reviewer_dongtai",),
}
SITE_CHECKS = {
    **dict.fromkeys(("inspector_tinghu1", "inspector_tinghu2", "reviewer_tinghu", "reviewer_tinghu2"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
}
# Reports of the public on their institutions' fees: the county's health bureau owns them.
REPORTS = {
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
    **dict.fromkeys(("health_city", "leader_city", "auditor_city"), ALL),
}
MESSAGES = {"reviewer_tinghu": {OWN}, "police_tinghu": {OTHER}, "reviewer_dongtai": {COUNTY}}
ORACLE = {
    "institution": INSTITUTIONS,
    "endpoint": ENDPOINTS,
    "delivery": DELIVERIES,
    "job": JOBS,
    "file": FILES,
    "message": MESSAGES,
    "filing": FILINGS,
    "post": POSTS,
    "discrepancy": DISCREPANCIES,
    "site_check": SITE_CHECKS,
    "report": REPORTS,
}


@dataclass(frozen=True, slots=True)
class Target:
    """The key of one object as it stands in the address, and a text nobody outside its scope may see."""

    key: Any
    canary: str


def build(cast: dict[str, Any], institution: Any, elsewhere: Any) -> dict[tuple[str, str], Target]:
    """Every kind of object in every position."""
    from exchange.fan_out import fan_out
    from exchange.models import AllowedTarget, Delivery, Endpoint, Subscription
    from registry.models import ImportJob
    from yancheng_childcare.files.storage import store
    from yancheng_childcare.models import Department, Notification, StoredFile

    institutions = {
        OWN: institution(uscc="91320902MA1TYC011T", name="盐城市金丝雀甲托育服务有限公司"),
        OTHER: institution(by="registrar_civil", nature="NONPROFIT", name="盐城市金丝雀乙托育中心"),
        COUNTY: elsewhere(name="东台市金丝雀丙托育中心"),
    }
    departments = {OWN: "320902-HEALTH", OTHER: "320902-POLICE", COUNTY: "320981-HEALTH"}
    targets: dict[tuple[str, str], Target] = {}
    for position, saved in institutions.items():
        targets["institution", position] = Target(saved.uscc, saved.name)
        department = Department.objects.get(code=departments[position])
        AllowedTarget.objects.create(
            department=department, host="127.0.0.1", cidr="127.0.0.1/32", port=9, plain_http=True, reason="试验"
        )
        endpoint = Endpoint.objects.create(
            department=department,
            name=f"金丝雀端点{position}",
            url="http://127.0.0.1:9/webhooks",
            secret="whsec_" + "a" * 32,
        )
        targets["endpoint", position] = Target(str(endpoint.pk), endpoint.name)
        Subscription.objects.create(endpoint=endpoint, region=saved.region, event_type="registration.recorded")
    fan_out()
    for position, saved in institutions.items():
        delivery = Delivery.objects.get(endpoint__department=departments[position], subject=saved.uscc)
        targets["delivery", position] = Target(delivery.webhook_id, saved.name)
    owners = {
        OWN: ("registrar_tinghu", "320902-MARKET"),
        OTHER: ("registrar_civil", "320900-CIVIL"),
        COUNTY: ("registrar_civil", "320900-CIVIL"),
    }
    for position, (username, code) in owners.items():
        saved = institutions[position]
        digest = store(f"金丝雀文件{position}".encode())
        stored = StoredFile.objects.create(
            sha256=digest, size=20, kind="pdf", content_type="application/pdf", purpose="certificate",
            original_name=f"金丝雀文件{position}.pdf", region=saved.region, department_id=code, uscc=saved.uscc,
            uploaded_by=cast[username],
        )  # fmt: skip
        targets["file", position] = Target(str(stored.pk), stored.original_name)
        if position != COUNTY:
            job = ImportJob.objects.create(file=stored, department_id=code, created_by=cast[username], state="CHECKED")
            targets["job", position] = Target(str(job.pk), stored.original_name)
    for number, (position, saved) in enumerate(institutions.items(), 1):
        targets |= _filed(cast, saved, position, number)
    for position, username in ((OWN, "reviewer_tinghu"), (OTHER, "police_tinghu"), (COUNTY, "reviewer_dongtai")):
        row = Notification.objects.create(user=cast[username], title=f"金丝雀消息{position}", body="试验")
        targets["message", position] = Target(row.pk, row.title)
    Notification.objects.filter(pk__gt=0).update(created_at=timezone.now() - timedelta(days=1))
    return targets


def _filed(cast: dict[str, Any], institution: Any, position: str, number: int) -> dict[tuple[str, str], Target]:
    """A filing handed in, one of its people and a site check, written straight to the tables: only their keys matter."""
    from registry.demo.sample_filing import ANSWERS
    from registry.models import Filing, FilingVersion, Person, PersonDiscrepancy, Post, PublicReport, SiteCheck
    from yancheng_childcare.models import Department

    sections = {**ANSWERS, "basics": {**ANSWERS["basics"], "service_address": institution.registered_address}}
    filing = Filing.objects.create(
        no=f"YC-TB-2026-90000{number}", institution=institution, status="SUBMITTED", submitted_at=timezone.now(),
        authority=Department.objects.get(kind="HEALTH", region=institution.region),
    )  # fmt: skip
    FilingVersion.objects.create(
        filing=filing, number=1, content={"registration": {}, "sections": sections, "materials": [], "staff": []},
        pledge_version="1", signed_name="金丝雀", submitted_at=timezone.now(), received_on=timezone.localdate(),
    )  # fmt: skip
    person = Person.objects.create(
        name=f"金丝雀人员{position}", id_no="320902198501011234", id_index=f"index-{position}"
    )
    post = Post.objects.create(
        person=person, institution=institution, written_name=person.name, role="CARER", started_on=timezone.localdate()
    )
    discrepancy = PersonDiscrepancy.objects.create(person=person, kind="NAME")
    discrepancy.institutions.add(institution)
    check = SiteCheck.objects.create(filing=filing, planned_on=timezone.localdate(), summary=f"金丝雀核实{position}")
    check.officers.add(*[cast[name] for name in OFFICERS[position]])
    report = PublicReport.objects.create(
        no=f"YC-BC-2026-90000{number}", kind="ERROR", uscc=institution.uscc, institution_name=institution.name, block="fees",
        text=f"金丝雀报告{position}，收费与公示不一致", region=institution.region, owner=filing.authority, code_hash=f"x{number}",
    )  # fmt: skip
    return {
        ("report", position): Target(report.no, report.text),
        ("filing", position): Target(filing.no, institution.name),
        ("post", position): Target(post.pk, person.name),
        ("discrepancy", position): Target(discrepancy.pk, person.name),
        ("site_check", position): Target(check.pk, institution.name),
    }
