"""A material as its pages show it: the form of its details, its state in words, its files with where they were used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from ...file_purposes import CERTIFICATE
from ...models import Filing, Material, MaterialPage
from ...registration.forms import BLANK, RawForm
from ...rules.filing.materials import MaterialSpec, spec_of

SOON = timedelta(days=60)
IMAGES = frozenset({"image/jpeg", "image/png"})
DETAILS = ("kind", "number", "issuer", "issued_on", "valid_to", "conclusion_ok")


class DetailsForm(RawForm):
    """What stands on the paper; asked once per material, not per page."""

    kind = forms.ChoiceField(label="材料种类", widget=forms.RadioSelect)
    number = forms.CharField(
        label="文号或编号", max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    issuer = forms.CharField(
        label="出具单位",
        max_length=100,
        required=False,
        help_text="与材料上的印章一致",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    issued_on = forms.CharField(label="出具日期", max_length=10, required=False, help_text="格式：2026-11-23")
    valid_to = forms.CharField(label="有效期至", max_length=10, required=False)
    conclusion_ok = forms.ChoiceField(
        label="材料上的结论", choices=[("yes", "合格"), ("no", "不合格")], widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, spec: MaterialSpec, kinds: Iterable[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Mapping[str, Any] = self.fields
        options = list(kinds)
        if not spec.kinds:
            del self.fields["kind"]
        elif len(options) > 5:
            fields["kind"].widget = forms.Select()
            fields["kind"].choices = [BLANK, *options]
        else:
            fields["kind"].choices = options
        if not spec.needs_conclusion:
            del self.fields["conclusion_ok"]
        months = spec.validity_months
        fields["valid_to"].help_text = (
            f"材料上写明的照填；没有写的留空，按出具日期加 {months} 个月计算"
            if months
            else "材料上写明的照填；长期有效的不填"
        )
        for name in ("issued_on", "valid_to"):
            fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "maxlength": 20}


def details_of(found: Material | None) -> dict[str, str]:
    """What the form of a material begins with."""
    if found is None:
        return {}
    conclusion = "" if found.conclusion_ok is None else "yes" if found.conclusion_ok else "no"
    days = {name: str(getattr(found, name) or "") for name in ("issued_on", "valid_to")}
    return {"kind": found.kind, "number": found.number, "issuer": found.issuer, **days, "conclusion_ok": conclusion}


def state_of(spec: MaterialSpec, found: Material | None, today: date, wanted: bool) -> tuple[str, str]:
    """Light and words of one card: what is still to do about this material."""
    if found is None or not found.pages.all():
        return ("plain", "未上传") if wanted else ("plain", "选交")
    if found.conclusion_ok is False:
        return "red", "结论不合格"
    if found.valid_to and found.valid_to < today:
        return "red", "已到期"
    if (spec.kinds and not found.kind) or (spec.needs_conclusion and found.conclusion_ok is None):
        return "yellow", "已上传，信息没有填完"
    if found.valid_to and found.valid_to - today <= SOON:
        return "yellow", "即将到期"
    if all(page.file.purpose == CERTIFICATE for page in found.pages.all()):
        return "green", "登记机关已提供"
    return "green", "已上传"


def page_rows(found: Material | None) -> list[dict[str, Any]]:
    """The files of a material as the page lists them; pages and files must be prefetched."""
    rows = []
    for number, page in enumerate(found.pages.all() if found else (), 1):
        file = page.file
        size = f"{file.size / 1_048_576:.1f} MB" if file.size >= 104_858 else f"{max(file.size // 1024, 1)} KB"
        image = file.content_type in IMAGES
        rows.append(
            {
                "page": page,
                "file": file,
                "number": number,
                "image": image,
                "about": f"图片，{size}" if image else f"PDF，{file.pages} 页，{size}",
                "given": file.purpose == CERTIFICATE,
                "uses": [],
            }
        )
    return rows


def note_former_uses(filing: Filing, code: str, rows: list[dict[str, Any]]) -> None:
    """Say of each file where this institution handed the very same one in before. One query."""
    if not rows:
        return
    elsewhere = (
        MaterialPage.objects.filter(
            material__institution=filing.institution_id, file__fingerprint__in={row["file"].fingerprint for row in rows}
        )
        .exclude(material__filing=filing, material__code=code)
        .select_related("material__filing", "file")
        .order_by("-id")[:100]
    )
    for page in elsewhere:
        words = f"{page.material.filing.no} 的“{spec_of(page.material.code).name}”"
        for row in rows:
            if row["file"].fingerprint == page.file.fingerprint and words not in row["uses"]:
                row["uses"].append(words)
