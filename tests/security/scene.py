"""The objects of the authorization matrix: every kind in every position of `positions.py`, each with a text to find it by.

Registrations, pushes and reports come by the real services; filings and papers are written straight to the tables where
only their keys matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from casework.file_purposes import CASE_FILE
from casework.imports.template import template_csv
from casework.letters import _keep
from casework.models import Attachment, Case
from exchange.fan_out import fan_out
from exchange.models import AllowedTarget, ApiClient, Delivery, Endpoint, Subscription
from inspections.models import CheckItem, Clue, EnforcementSubject, Matter, Officer, Tie, Visit, VisitItem
from registry.choices import MaterialStatus, NoticeKind
from registry.demo.sample_filing import ANSWERS
from registry.file_purposes import CERTIFICATE, LETTER, MATERIAL, REGISTRATION_IMPORT
from registry.filing.effects import receipt_content
from registry.models import (
    AccountOpening,
    Filing,
    FilingReceipt,
    FilingVersion,
    ImportJob,
    ImportRow,
    Material,
    MaterialPage,
    Notice,
    OpenDataSnapshot,
    Person,
    PersonDiscrepancy,
    Post,
    PublicReport,
    PublicSubscription,
    SiteCheck,
    StaffTable,
)
from registry.register.subscriptions import token_of
from registry.registration.imports.columns import REGISTRATION
from registry.registration.services import register_institution
from yancheng_childcare.choices import Role
from yancheng_childcare.files import keep_content
from yancheng_childcare.models import Department, Duty, LinkedIdentity, Notification, SpecialDay, StoredFile, User

from .positions import BODY, COUNTY, OFFICERS, OTHER, OWN

RECEIPT_NO = "320902TY20269999"
NAMES = {
    OWN: "盐城市金丝雀甲托育服务有限公司",
    OTHER: "盐城市金丝雀乙托育中心",
    COUNTY: "东台市金丝雀丙托育中心",
    BODY: "盐城市金丝雀丁托育中心",
}
# Who receives the pushes of each institution.
RECEIVERS = {OWN: "320902-HEALTH", OTHER: "320902-POLICE", COUNTY: "320981-HEALTH", BODY: "320902-MARKET"}
# Whose files and import jobs lie in each position.
KEEPERS = {OWN: "320902-MARKET", OTHER: "320900-CIVIL", COUNTY: "320900-CIVIL", BODY: "320902-CIVIL"}


@dataclass(frozen=True, slots=True)
class Target:
    """The key of one object as it stands in the address, a text nobody outside its scope may see, and what hangs on it."""

    key: Any
    canary: str
    parts: Mapping[str, Any] = field(default_factory=dict)


Targets = dict[tuple[str, str], Target]


def grant(user: User, role: str, *, region: str | None = None, department: str | None = None, uscc: str = "") -> Duty:
    """A duty in force, granted and approved by the two demo persons."""
    granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
    return Duty.objects.create(
        user=user, role=role, region_id=region, department_id=department, uscc=uscc,
        valid_from=timezone.localdate() - timedelta(days=30), granted_by=granter, approved_by=approver,
    )  # fmt: skip


def build(cast: dict[str, Any], registration: Callable[..., Any], institution: Any, elsewhere: Any) -> Targets:
    """Every kind of object in every position."""
    institutions = {
        OWN: institution(uscc="91320902MA1TYC011T", name=NAMES[OWN]),
        OTHER: institution(by="registrar_civil", nature="NONPROFIT", name=NAMES[OTHER]),
        COUNTY: elsewhere(name=NAMES[COUNTY]),
        BODY: _of_another_body(registration),
    }
    targets: Targets = {("institution", p): Target(saved.uscc, saved.name) for p, saved in institutions.items()}
    targets |= _exchange(institutions)
    for position, saved in institutions.items():
        targets |= _kept_files(position, saved, cast["registrar_civil"])
    for number, position in enumerate((OWN, OTHER, COUNTY), 1):
        targets |= _filed(cast, institutions[position], position, number)
    for number, (position, saved) in enumerate(institutions.items(), 1):
        opening = AccountOpening.objects.create(
            no=f"YC-KT-2026-90000{number}", path="MATCH", status="SUBMITTED", uscc=saved.uscc, institution=saved,
            display_name=f"金丝雀申请{position}", username=f"canary{number}", secret_hash=f"x{number}",
        )  # fmt: skip
        targets["opening", position] = Target(opening.no, opening.display_name)
    for position in (OWN, OTHER, COUNTY):
        targets |= _case(cast, institutions[position], position)
    for position, saved in institutions.items():
        targets["visit", position] = _visit(saved, position)
    targets["report", BODY] = _report(institutions[BODY], BODY, 4, owner="320902-MARKET")
    for position, username in ((OWN, "reviewer_tinghu"), (OTHER, "police_tinghu"), (COUNTY, "reviewer_dongtai")):
        row = Notification.objects.create(user=cast[username], title=f"金丝雀消息{position}", body="试验")
        targets["message", position] = Target(row.pk, row.title)
    Notification.objects.filter(pk__gt=0).update(created_at=timezone.now() - timedelta(days=1))
    return targets | _staff(cast) | _registers(cast) | _public()


def _of_another_body(registration: Callable[..., Any]) -> Any:
    """An institution of 亭湖 that 亭湖民政 registered."""
    clerk = User.objects.create(username="registrar_of_another_body", display_name="亭湖民政经办人")
    grant(clerk, Role.REGISTRAR, region="320902", department="320902-CIVIL")
    data = registration(nature="NONPROFIT", name=NAMES[BODY])
    return register_institution(data=data, actor=clerk, registry_org=Department.objects.get(code="320902-CIVIL"))


def _exchange(institutions: dict[str, Any]) -> Targets:
    """One endpoint per position and the push of its institution."""
    targets: Targets = {}
    for position, saved in institutions.items():
        department = Department.objects.get(code=RECEIVERS[position])
        host = AllowedTarget.objects.create(
            department=department, host="127.0.0.1", cidr="127.0.0.1/32", port=9, plain_http=True,
            reason=f"金丝雀批文{position}",
        )  # fmt: skip
        targets["host", position] = Target(host.pk, host.reason)
        endpoint = Endpoint.objects.create(
            department=department, name=f"金丝雀端点{position}", url="http://127.0.0.1:9/webhooks",
            secret="whsec_" + "a" * 32,
        )  # fmt: skip
        targets["endpoint", position] = Target(str(endpoint.pk), endpoint.name)
        Subscription.objects.create(endpoint=endpoint, region=saved.region, event_type="registration.recorded")
        key = ApiClient.objects.create(
            user=User.objects.get(username="health_city"), department=department, name=f"金丝雀密钥{position}",
            key_hash=f"x{position}", key_hint="yck_xxxx",
        )  # fmt: skip
        targets["key", position] = Target(key.pk, key.name)
    fan_out()
    for position, saved in institutions.items():
        delivery = Delivery.objects.get(endpoint__department=RECEIVERS[position], subject=saved.uscc)
        targets["delivery", position] = Target(delivery.webhook_id, saved.name)
    return targets


def _stored(name: str, content: bytes, saved: Any, **fields: Any) -> StoredFile:
    return keep_content(
        content, kind=name.rpartition(".")[2], name=name, region=saved.region, uscc=saved.uscc, **fields
    )


def _kept_files(position: str, saved: Any, uploader: Any) -> Targets:
    """A certificate, and an import with one bad row, of the authority of this position."""
    by: dict[str, Any] = {"uploaded_by": saved.created_by or uploader}
    paper = _stored(f"金丝雀文件{position}.pdf", f"金丝雀文件{position}".encode(), saved, purpose=CERTIFICATE, **by)
    saved.certificate_file = paper
    saved.save(update_fields=["certificate_file"])
    found = {("file", position): Target(str(paper.pk), paper.original_name)}
    if position == COUNTY:
        return found
    lines = template_csv(REGISTRATION) + f"坏行,{position}\r\n".encode()
    by["department"] = Department.objects.get(code=KEEPERS[position])
    table = _stored(f"金丝雀表格{position}.csv", lines, saved, purpose=REGISTRATION_IMPORT, **by)
    job = ImportJob.objects.create(
        file=table, department_id=KEEPERS[position], created_by=by["uploaded_by"], state="CHECKED", rows_total=1,
        rows_seen=1, rows_bad=1,
    )  # fmt: skip
    problem = {"code": "REG-201", "field": "name", "message": "请填写名称。", "level": "BLOCK"}
    ImportRow.objects.create(job=job, line=2, blocked=True, problems=[problem])
    return found | {("job", position): Target(str(job.pk), table.original_name)}


def _filed(cast: dict[str, Any], institution: Any, position: str, number: int) -> Targets:
    """A filing handed in, with a letter, a receipt and a material; one of its people and a site check."""
    sections = {**ANSWERS, "basics": {**ANSWERS["basics"], "service_address": institution.registered_address}}
    filing = Filing.objects.create(
        no=f"YC-TB-2026-90000{number}", institution=institution, status="SUBMITTED", submitted_at=timezone.now(),
        authority=Department.objects.get(kind="HEALTH", region=institution.region),
    )  # fmt: skip
    version = FilingVersion.objects.create(
        filing=filing, number=1, content={"registration": {}, "sections": sections, "materials": [], "staff": []},
        pledge_version="1", signed_name="金丝雀", submitted_at=timezone.now(), received_on=timezone.localdate(),
    )  # fmt: skip
    content = f"金丝雀文书{position}".encode()
    by = {"uploaded_by": cast["health_city"]}
    paper = _stored(f"金丝雀文书{position}.pdf", content, institution, purpose=LETTER, **by)
    scan = _stored(f"金丝雀材料{position}.pdf", content, institution, purpose=MATERIAL, **by)
    item = {
        "item": "premises", "title": "场地与建筑", "finding": "租赁期不足三年", "clause": "设置标准第11条",
        "how_to_fix": "续签合同", "where": "场地与建筑", "rule_id": "R-SITE-01",
    }  # fmt: skip
    notice = Notice.objects.create(
        filing=filing, kind=NoticeKind.CORRECTION, number=f"金丝雀告知〔2026〕{number}号", submission=1, items=[item],
        document=paper, due_on=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    if position == OWN:
        FilingReceipt.objects.create(
            filing=filing, receipt_no=RECEIPT_NO, version=version, content=receipt_content(filing, version, issued=0),
            document=paper, conditions=paper, issued_on=timezone.localdate(),
        )  # fmt: skip
    material = Material.objects.create(
        institution=institution, filing=filing, code="M05_FIRE", status=MaterialStatus.PENDING
    )
    MaterialPage.objects.create(material=material, file=scan, position=1)
    person = Person.objects.create(
        name=f"金丝雀人员{position}", id_no="320902198501011234", id_index=f"index-{position}"
    )
    post = Post.objects.create(
        person=person, institution=institution, written_name=person.name, role="CARER", started_on=timezone.localdate()
    )
    point = PersonDiscrepancy.objects.create(person=person, kind="NAME")
    point.institutions.add(institution)
    check = SiteCheck.objects.create(filing=filing, planned_on=timezone.localdate(), summary=f"金丝雀核实{position}")
    check.officers.add(*[cast[name] for name in OFFICERS[position]])
    return {
        ("report", position): _report(institution, position, number, owner=filing.authority_id),
        ("filing", position): Target(filing.no, institution.name, {"notice": notice.pk}),
        ("post", position): Target(post.pk, person.name),
        ("discrepancy", position): Target(point.pk, person.name),
        ("site_check", position): Target(check.pk, institution.name),
    }


def _case(cast: dict[str, Any], institution: Any, position: str) -> Targets:
    """A clue about it, with a letter that is held."""
    opener = cast["grid_tinghu"] if position == OWN else None
    case = Case.objects.create(
        no=f"YC-XS-2026-9{position}", type="CLUE", status="REPORTED", subject_kind="INSTITUTION", subject_id=institution.uscc,
        subject_name=institution.name, uscc=institution.uscc, region=institution.region, governed_on=timezone.localdate(),
        authority=Department.objects.get(kind="HEALTH", region=institution.region), opened_by=opener,
    )  # fmt: skip
    Clue.objects.create(case=case, place=f"金丝雀地点{position}", seen="试验")
    parts = {"paragraphs": (f"金丝雀告知{position}",)}
    letter = _keep(case, "report", "CLUE", "告知书", "告", parts, actor=cast["health_city"])
    photo = _stored(f"金丝雀照片{position}.pdf", b"x", institution, purpose=CASE_FILE, uploaded_by=cast["health_city"])
    file = Attachment.objects.create(case=case, file=photo, step="report")
    return {("case", position): Target(case.no, institution.name, {"letter": letter.pk, "file": file.pk})}


def _visit(institution: Any, position: str) -> Target:
    """A signed inspection by the body of this position, with one item."""
    granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
    signed: dict[str, Any] = {"granted_by": granter, "approved_by": approver}
    kind = "MARKET" if position == BODY else "HEALTH"
    body = Department.objects.get(kind=kind, region=institution.region)
    day = timezone.localdate()
    subject, _ = EnforcementSubject.objects.get_or_create(
        department=body, defaults={"field": kind, "announced_on": day, "announcement": "试验", **signed}
    )
    matter, _ = Matter.objects.get_or_create(
        code=f"{kind}-CANARY", defaults={"name": "试验", "field": kind, "level": "COUNTY", "basis": "试验", **signed}
    )
    case = Case.objects.create(
        no=f"YC-JC-2026-9{position}", type="INSPECTION", status="RECORDED", subject_kind="INSTITUTION",
        subject_id=institution.uscc, subject_name=institution.name, uscc=institution.uscc, region=institution.region,
        governed_on=day, authority=body,
    )  # fmt: skip
    visit = Visit.objects.create(
        case=case, kind="CASE", subject=subject, matter=matter, edition="2026", planned_on=day, notice_mode="ADVANCE",
        entry="OPERATOR", arrived_at=timezone.now(), left_at=timezone.now(), operator_name="试验", facts="试验",
    )  # fmt: skip
    item = CheckItem.objects.judged_by(kind).first()
    VisitItem.objects.create(visit=visit, item=item, verdict="MET", note=f"金丝雀情况{position}")
    return Target(case.no, institution.name)


def _report(institution: Any, position: str, number: int, *, owner: str) -> Target:
    case = Case.objects.create(
        no=f"YC-BC-2026-90000{number}", type="REPORT", status="OPEN", subject_kind="INSTITUTION", subject_id=institution.uscc,
        subject_name=institution.name, uscc=institution.uscc, region=institution.region, governed_on=timezone.localdate(),
        authority_id=owner,
    )  # fmt: skip
    PublicReport.objects.create(
        case=case, kind="ERROR", block="fees", text=f"金丝雀报告{position}，收费与公示不一致", code_hash=f"x{number}",
        contact=f"金丝雀{position}@example.com",
    )  # fmt: skip
    return Target(case.no, institution.name)


def _staff(cast: dict[str, Any]) -> Targets:
    """Somebody whose duty and identity wait for the second administrator, and a day of the calendar."""
    person = User.objects.create(username="canary_person", display_name="金丝雀工作人员")
    duty = Duty.objects.create(
        user=person, role=Role.LEGAL, region_id="320900", department_id="320900-LEGAL",
        valid_from=timezone.localdate(), granted_by=cast["admin2"],
    )  # fmt: skip
    identity = LinkedIdentity.objects.create(
        user=person, provider="province", subject_index="x" * 64, granted_by=cast["admin2"]
    )
    day = SpecialDay.objects.create(day="2031-03-03", is_workday=False, name="金丝雀放假", source="试验")
    table = StaffTable.objects.create(
        file=keep_content(
            b"x", kind="csv", name="金丝雀名单.csv", purpose="staff-import", uploaded_by=cast["admin2"]
        ),
        name="金丝雀名单.csv", rows=[], granted_by=cast["admin2"],
    )  # fmt: skip
    return {
        ("staff_table", OWN): Target(table.pk, table.name),
        ("account", OWN): Target(person.pk, person.display_name),
        ("duty", OWN): Target(duty.pk, person.display_name),
        ("identity", OWN): Target(identity.pk, person.display_name),
        ("day", OWN): Target(day.pk, day.name),
    }


def _registers(cast: dict[str, Any]) -> Targets:
    """Two bodies with an officer and a tie each, and a matter; entered by one and approved by another."""
    signed = {"granted_by": cast["legal_city"], "approved_by": cast["admin"]}
    day, found = timezone.localdate(), {}
    for position, trade in ((OWN, "HEALTH"), (BODY, "MARKET")):
        person = User.objects.create(username=f"canary_{trade.lower()}", display_name=f"金丝雀执法{trade}")
        # It may stand already: visits are of a body too.
        said = {"field": trade, "announced_on": day, "announcement": f"金丝雀公告{trade}"}
        body, _ = EnforcementSubject.objects.update_or_create(department_id=f"320902-{trade}", defaults=said | signed)
        officer = Officer.objects.create(
            user=person, subject=body, certificate_no=f"金丝雀证{trade}", valid_from=day, valid_to=day, **signed
        )
        tie = Tie.objects.create(
            user=person, uscc="91320902MA0ZZZZZZ1", kind="CHILD", declared_by=person, declared_on=day
        )
        found[("officer", position)] = Target(officer.pk, person.display_name)
        found[("tie", position)] = Target(tie.pk, person.display_name)
        if position == OWN:
            found[("subject", OWN)] = Target(body.pk, body.announcement)
    matter = Matter.objects.create(
        code="CANARY", name="金丝雀事项", field="HEALTH", level="COUNTY", basis="试验", **signed
    )
    return {**found, ("matter", OWN): Target(matter.pk, matter.name)}


def _public() -> Targets:
    """What hangs on no institution of the matrix: somebody follows an area, one year of open data was kept."""
    row = PublicSubscription.objects.create(
        email="parent@example.com", email_index="index", target="AREA", region_id="320902", token_hash="x" * 64
    )
    OpenDataSnapshot.objects.create(
        year=2026, format="csv", content=b"x", sha256="x" * 64, rows=0, made_at=timezone.now()
    )
    return {("subscription", OWN): Target(token_of(row), row.email)}
