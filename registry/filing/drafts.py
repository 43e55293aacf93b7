"""Before submission: start a filing, save a section as it is typed. Nothing typed is ever lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Department, StoredFile
from yancheng_childcare.numbers import next_number
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..choices import CERTIFICATE_BY_NATURE, FilingKind
from ..codes import filing as codes
from ..models import Filing, FilingSection, Institution, Material, MaterialPage, Notice
from ..rules.filing.answers import keepable
from ..rules.filing.regimes import regime_on
from ..rules.filing.sections import BASICS, BY_NAME, FORM_SECTIONS, PLEDGE
from .locks import lock_filing
from .states import state_of, those

# What the registrar may have attached already.
LICENSE = "M01_LICENSE"
# A new place needs its own proofs (domain.md §2.6: materials 2, 4, 5 again) and its own answers.
TIED_TO_PLACE = frozenset({"M02_PREMISES", "M04_SANITATION", "M05_FIRE", "M06_AIR", "M10_STRUCTURE", "M11_LAYOUT"})
PLACE_SECTIONS = frozenset({"premises", "surroundings", "facilities"})
# A section and the papers that prove it are mended together, whichever of them a notice lists.
PROVED_BY = {
    "premises": frozenset({"M02_PREMISES", "M10_STRUCTURE", "M11_LAYOUT"}),
    "facilities": frozenset({"M04_SANITATION", "M06_AIR", "M08_INSURANCE"}),
    "fees": frozenset({"M07_FOOD", "M09_CATERING"}),
}


def is_own(actor: Any, institution: Institution) -> bool:
    """Whether the actor files for this institution."""
    return any(duty.uscc == institution.uscc for duty in actor.duties_as(Role.OPERATOR))


def start_filing(
    institution: Institution, *, actor: Any, kind: str = FilingKind.INITIAL, today: date | None = None
) -> Filing:
    """Open a filing case, prefilled from the registration and, where there is one, from the former filing.

    Raises Rejected: 403 not one's own institution; 409 (FIL-105) when one is open, or live and this is no move;
    422 (FIL-104) when the registration has ended.
    """
    today = today or today_here()
    if kind not in FilingKind.values:
        raise Rejected(Problem(codes.FILING_CHOICE, "kind", "请选择要办理的事项。"))
    if not is_own(actor, institution):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
    if institution.status != "ACTIVE":
        words = f"机构登记已{institution.get_status_display()}，不能备案。如有疑问请联系登记机关。"
        raise Rejected(Problem(codes.REGISTRATION_ENDED, "", words))
    former = institution.filings.exclude(status__in=those(refused=True)).order_by("-id").first()
    live = institution.filings.live().first()
    if live is None and kind == FilingKind.REFILE:
        kind = FilingKind.INITIAL
    if live is not None and kind != FilingKind.REFILE:
        words = "这家机构已有有效备案。内容有变化请办理变更备案；搬迁请选“迁址重新备案”。"
        raise Rejected(Problem(codes.ALREADY_OPEN, "", words), status=409)
    authority = Department.objects.get(kind="HEALTH", region_id=institution.region_id)
    try:
        with transaction.atomic():
            filing = Filing.objects.create(
                no=f"YC-TB-{today.year}-{next_number(f'filing:{today.year}'):06d}",
                institution=institution,
                authority=authority,
                kind=kind,
                regime=regime_on(today).code,
                replaces=live,
                created_by=actor,
            )
            _prefill(filing, institution, former, actor)
            log_event(
                "filing.started",
                subject=filing.subject,
                summary=f"新建备案：{institution.name}（{filing.get_kind_display()}）",
                actor=actor,
                region_prefix=institution.region.prefix,
            )
    except IntegrityError as error:
        if "filing_one_open" in str(error):
            words = "这家机构已有一件正在办理的备案，请从“我的备案”继续办理。"
            raise Rejected(Problem(codes.ALREADY_OPEN, "", words), status=409) from None
        raise
    return filing


def _prefill(filing: Filing, institution: Institution, former: Filing | None, actor: Any) -> None:
    moving = filing.kind == FilingKind.REFILE
    kept = {row.name: row for row in former.sections.all()} if former else {}
    for section in FORM_SECTIONS:
        row = kept.get(section.name)
        data, sealed = (row.data, row.sealed) if row and not (moving and section.name in PLACE_SECTIONS) else ({}, "")
        if section is BASICS:
            data = {**data, "service_address": institution.registered_address}
            data.setdefault("contact_name", institution.legal_rep_name)
            if moving:
                data.pop("address_difference", None)
            if not sealed and institution.contact_phone:
                sealed = json.dumps({"contact_phone": institution.contact_phone}, ensure_ascii=False)
        if data or sealed:
            FilingSection.objects.create(filing=filing, name=section.name, data=data, sealed=sealed, saved_by=actor)
    for material in former.materials.current().prefetch_related("pages") if former else ():
        if moving and material.code in TIED_TO_PLACE:
            continue
        copy_material(material, filing=filing, actor=actor)
    scan = institution.certificate_file
    if scan is not None and not filing.materials.filter(code=LICENSE).exists():
        _certificate(filing, scan, actor)


def _certificate(filing: Filing, scan: StoredFile, actor: Any) -> None:
    """The scan the registrar attached at registration counts as handed in; the institution may put another in its place."""
    institution = filing.institution
    material = Material.objects.create(
        institution=institution,
        filing=filing,
        code=LICENSE,
        kind=CERTIFICATE_BY_NATURE[institution.nature],
        issuer=institution.registry_org.name,
        valid_to=institution.valid_to,
        created_by=actor,
    )
    MaterialPage.objects.create(material=material, file=scan, position=1)


def copy_material(material: Material, *, filing: Filing, actor: Any, version: int = 1) -> Material:
    """The same material, page by page, for another filing or as the next version."""
    copy = Material.objects.create(
        institution=filing.institution,
        filing=filing,
        code=material.code,
        kind=material.kind,
        number=material.number,
        issuer=material.issuer,
        issued_on=material.issued_on,
        valid_to=material.valid_to,
        conclusion_ok=material.conclusion_ok,
        version=version,
        created_by=actor,
    )
    MaterialPage.objects.bulk_create(
        MaterialPage(material=copy, file_id=page.file_id, position=page.position) for page in material.pages.all()
    )
    return copy


def open_items(filing: Filing) -> frozenset[str] | None:
    """Which items may be edited now: None = all, empty = none. A correction opens only what the notice lists."""
    if state_of(filing).filled_in:
        return None
    if state_of(filing).answered:
        notice = Notice.objects.filter(filing=filing).order_by("-id").first()
        listed = {str(item["item"]) for item in notice.items} if notice else set()
        for section, papers in PROVED_BY.items():
            if section in listed or papers & listed:
                listed |= {section, *papers}
        return frozenset(listed | {PLEDGE.name, "M12_AUTHORITY", "M99_OTHER"})
    return frozenset()


def require_editable(filing: Filing, item: str, actor: Any) -> None:
    """Raises Rejected: 403 not one's own institution, 409 (FIL-007) when this item cannot be edited now."""
    if not is_own(actor, filing.institution):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
    items = open_items(filing)
    if items is not None and item not in items:
        words = (
            "本次告知书没有列出这一项，不能修改。"
            if items
            else f"备案当前为“{filing.get_status_display()}”，不能修改。需要修改的，请先撤回或等待告知。"
        )
        raise Rejected(Problem(codes.SECTION_LOCKED, "", words), status=409)


def editable(filing: Filing, item: str, actor: Any) -> Filing:
    """The case, locked for writing one item of it: none slips in between the check of a submission and its snapshot.

    Inside a transaction. Raises Rejected as `require_editable`.
    """
    locked = lock_filing(filing)
    require_editable(locked, item, actor)
    return locked


def save_section(
    filing: Filing, name: str, *, answers: Mapping[str, Any], expected_version: int, actor: Any, merge: bool = False
) -> FilingSection:
    """Keep what was typed in one section, right or wrong; returns the saved row with its new version.

    `expected_version` is the version the person saw (0 = nothing saved yet). `merge` keeps the answers not named.
    Raises Rejected: 404 no such section, 409 (FIL-006) when somebody else saved meanwhile, else `require_editable`.
    """
    section = BY_NAME.get(name)
    if section is None or not section.fields:
        raise Rejected(Problem(codes.SECTION_UNKNOWN, "", "没有这个栏目。"), status=404)
    kept = keepable(section, answers)
    personal = {spec.name for spec in section.fields if spec.personal}
    with transaction.atomic():
        editable(filing, name, actor)
        row = FilingSection.objects.select_related("saved_by").filter(filing=filing, name=name).first()
        if (row.version if row else 0) != expected_version:
            raise _stale(row)
        if row is None:
            row = FilingSection(filing=filing, name=name, version=0)
        hidden = json.loads(row.sealed) if row.sealed else {}
        former = {**row.data, **hidden} if merge or name == "classes" else {}
        merged = {**former, **kept}
        if name == "classes":
            _total_follows(former, merged)
        data = {key: value for key, value in merged.items() if key not in personal}
        sealed = {key: value for key, value in merged.items() if key in personal and value}
        if row.version and (data, sealed) == (row.data, hidden):
            return row
        row.data, row.sealed = data, json.dumps(sealed, ensure_ascii=False) if sealed else ""
        row.version += 1
        row.saved_by = actor
        row.save()
    return row


def _total_follows(former: Mapping[str, Any], merged: dict[str, Any]) -> None:
    """The total of places is the sum of the classes and not typed again; one that was typed otherwise stays as typed."""
    summed, stated = _places(merged), str(merged.get("capacity_total") or "").strip()
    if summed and stated in {"", _places(former)}:
        merged["capacity_total"] = summed


def _places(answers: Mapping[str, Any]) -> str:
    """The places of all classes as text; "" while a class does not say a whole number or there is none."""
    places = [str(row.get("places") or "").strip() for row in answers.get("classes") or []]
    numbers = [int(text) for text in places if text.isascii() and text.isdigit() and len(text) < 6]
    return str(sum(numbers)) if numbers and len(numbers) == len(places) else ""


def _stale(row: FilingSection | None) -> Rejected:
    who = f"{row.saved_by}在 {timezone.localtime(row.saved_at):%H:%M}" if row and row.saved_by else "他人"
    words = f"{who}刚刚保存了这一栏。您的内容没有丢失：请对照两份内容，选择保留哪一份。"
    return Rejected(Problem(codes.SECTION_STALE, "", words), status=409, title="这一栏已被他人更新")
