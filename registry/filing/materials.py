"""Materials of a filing: photographs and PDFs page by page, details, replacement that keeps what was handed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_document
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import add_months

from ..codes import filing as codes
from ..file_purposes import MATERIAL
from ..models import Filing, Material, MaterialPage
from ..rules.filing.materials import MaterialSpec, spec_of
from ..rules.values import TextRule, as_day, read_day, read_text
from .drafts import copy_material, editable, require_editable

MAX_FILES = 20
FAR = timedelta(days=366 * 70)


def known_spec(code: str) -> MaterialSpec:
    """The catalogue's row of a material; raises Rejected 404 (FIL-201)."""
    try:
        return spec_of(code)
    except KeyError:
        raise Rejected(Problem(codes.MATERIAL_UNKNOWN, "", "没有这种材料。"), status=404) from None


def add_page(filing: Filing, code: str, *, uploaded: Any, actor: Any) -> MaterialPage:
    """Add one file to a material; the first one begins it.

    Raises Rejected: FIL-201 unknown material, FIL-202 over 20 files, FIL-205 the same file twice, FILE-… of the intake.
    """
    known_spec(code)
    require_editable(filing, code, actor)
    institution = filing.institution
    stored = keep_document(uploaded, purpose=MATERIAL, actor=actor, uscc=institution.uscc, region=institution.region)
    with transaction.atomic():
        material = _writable(filing, code, actor)
        pages = list(material.pages.select_related("file"))
        if any(page.file.fingerprint == stored.fingerprint for page in pages):
            words = "这个文件已经在这份材料里了，没有重复添加。"
            raise Rejected(Problem(codes.MATERIAL_PAGE_TWICE, "file", words), status=409)
        if len(pages) >= MAX_FILES:
            words = f"一份材料最多 {MAX_FILES} 个文件。请合并为一个 PDF 后再上传。"
            raise Rejected(Problem(codes.MATERIAL_TOO_MANY, "file", words))
        last = material.pages.aggregate(last=Max("position"))["last"] or 0
        page = MaterialPage.objects.create(material=material, file=stored, position=last + 1)
        material.save(update_fields=["updated_at"])
    return page


def remove_page(filing: Filing, code: str, *, page: int, actor: Any) -> None:
    """Take one file out of a material; what was handed in before stays as it was. Raises Rejected 404."""
    known_spec(code)
    require_editable(filing, code, actor)
    with transaction.atomic():
        before = MaterialPage.objects.filter(pk=page, material__filing=filing, material__code=code).first()
        if before is None or before.material.replaced_at:
            raise Rejected(Problem("GEN-404", "", "这一页已经不在了，请刷新页面。"), status=404)
        material = _writable(filing, code, actor)
        material.pages.filter(position=before.position).delete()
        material.save(update_fields=["updated_at"])


def set_details(
    filing: Filing, code: str, *, details: dict[str, Any], actor: Any, today: date | None = None
) -> Material:
    """Kind, number, issuer, days and conclusion of a material. Raises Rejected with every problem (FIL-204)."""
    spec = known_spec(code)
    require_editable(filing, code, actor)
    values = read_details(spec, details, today or today_here())
    with transaction.atomic():
        material = _writable(filing, code, actor)
        for name, value in values.items():
            setattr(material, name, value)
        material.save()
    return material


def read_details(spec: MaterialSpec, details: dict[str, Any], today: date) -> dict[str, Any]:
    """The typed details. Raises Rejected with every problem."""
    found: list[Problem] = []
    number = read_text("number", str(details.get("number") or ""), TextRule("文号或编号", 60), found) or ""
    issuer = read_text("issuer", str(details.get("issuer") or ""), TextRule("出具单位", 100), found) or ""
    kind = str(details.get("kind") or "")
    if spec.kinds and kind not in dict(spec.kinds):
        found.append(Problem(codes.MATERIAL_DETAILS, "kind", "请选择材料的种类。"))
    days: dict[str, date | None] = {}
    for name, label in (("issued_on", "出具日期"), ("valid_to", "有效期至")):
        typed = details.get(name)
        days[name] = read_day(name, str(typed), label, found) if str(typed or "").strip() else None
    issued, until = days["issued_on"], days["valid_to"]
    if issued and issued > today:
        found.append(Problem(codes.MATERIAL_DETAILS, "issued_on", "出具日期不能晚于今天。"))
    if issued and until and until < issued:
        found.append(Problem(codes.MATERIAL_DETAILS, "valid_to", "有效期不能早于出具日期。"))
    if until and until - today > FAR:
        found.append(Problem(codes.MATERIAL_DETAILS, "valid_to", "有效期太远，请核对年份；长期有效的不填。"))
    if issued and not until and spec.validity_months:
        until = as_day(add_months(issued, spec.validity_months))
    if found:
        raise Rejected(found)
    conclusion = {"yes": True, "no": False}.get(str(details.get("conclusion_ok") or ""))
    return {
        "number": number,
        "issuer": issuer,
        "kind": kind if spec.kinds else "",
        "issued_on": issued,
        "valid_to": until,
        "conclusion_ok": conclusion,
    }


def _writable(filing: Filing, code: str, actor: Any) -> Material:
    """The current material, locked. One that was handed in before is copied first: what was seen stays as it was."""
    # The case is locked first: two uploads at once begin one material, and none slips in behind a submission.
    locked = editable(filing, code, actor)
    current = Material.objects.select_for_update().current().filter(filing=filing, code=code).first()
    if current is None:
        return Material.objects.create(institution=filing.institution, filing=filing, code=code, created_by=actor)
    if locked.submitted_at is None or current.created_at > locked.submitted_at:
        return current
    Material.objects.filter(pk=current.pk).update(replaced_at=timezone.now())
    return copy_material(current, filing=filing, actor=actor, version=current.version + 1)


def drop_material(filing: Filing, code: str, *, actor: Any) -> None:
    """Withdraw a material that is not needed after all; what was handed in stays on record."""
    known_spec(code)
    with transaction.atomic():
        editable(filing, code, actor)
        material = Material.objects.select_for_update().current().filter(filing=filing, code=code).first()
        if material is None:
            raise Rejected(Problem("GEN-404", "", "这份材料已经不在了，请刷新页面。"), status=404)
        material.replaced_at = timezone.now()
        material.save(update_fields=["replaced_at", "updated_at"])
        log_event(
            "material.withdrawn",
            subject=filing.subject,
            summary=f"撤下材料：{spec_of(code).name}",
            actor=actor,
            region_prefix=filing.institution.region.prefix,
        )
