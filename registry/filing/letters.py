"""The letters of a filing, built from its data and kept as PDF/A: the preview and the letter sent are one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings

from casework.documents.render import render_pdf
from yancheng_childcare.files import keep_contents
from yancheng_childcare.models import StoredFile
from yancheng_childcare.numbers import next_number

from ..choices import Nature, NoticeKind, ServiceMode
from ..documents import decisions, letters, links
from ..file_purposes import LETTER
from ..models import Filing
from .remedies import review_body
from .review import REGISTRATION

MARKS = {
    NoticeKind.CORRECTION: "BZ",
    NoticeKind.NONCONFORMING: "BF",
    NoticeKind.REJECTION: "BJ",
    NoticeKind.CHANGE_REFUSAL: "BG",
    NoticeKind.RESCISSION: "BC",
}
# The heading of the one item by which such a letter decides against an institution.
DECISION_TITLES = {
    NoticeKind.REJECTION: "不予收件的理由",
    NoticeKind.CHANGE_REFUSAL: "不予变更的理由",
    NoticeKind.RESCISSION: "撤销备案的事实和理由",
}


def next_receipt_no(filing: Filing, today: date) -> str:
    """{6-character region}TY{year}{4 digits} (domain.md §2.3, [A])."""
    region = filing.institution.region_id
    return f"{region}TY{today.year}{next_number(f'receipt:{region}:{today.year}'):04d}"


def next_notice_no(filing: Filing, kind: str, today: date) -> str:
    """{region}{mark}{year}{4 digits} of a letter."""
    region, mark = filing.institution.region_id, MARKS[NoticeKind(kind)]
    return f"{region}{mark}{today.year}{next_number(f'notice:{mark}:{region}:{today.year}'):04d}"


def keep_letters(filing: Filing, named: Mapping[str, letters.Letter], *, actor: Any) -> list[StoredFile]:
    """Render letters and keep them among the institution's files under their names, in this order."""
    institution = filing.institution
    return keep_contents(
        [(f"{name}.pdf", render_pdf(letter)) for name, letter in named.items()],
        kind="pdf",
        purpose=LETTER,
        region=institution.region,
        department=filing.authority,
        uscc=institution.uscc,
        uploaded_by=actor,
    )


def receipt(filing: Filing, receipt_no: str, content: dict[str, Any], issued_on: date, *, preview: bool = False) -> Any:
    """《托育机构备案回执》."""
    modes = dict(ServiceMode.choices)
    return letters.receipt_letter(
        receipt_no=receipt_no,
        institution_name=content["name"],
        address=content["address"],
        uscc=content["uscc"],
        principal=content["principal"],
        nature_label=Nature(content["nature"]).label,
        service_modes_label="、".join(str(modes[mode]) for mode in content["service_modes"]),
        capacity_total=content["capacity_total"],
        authority=filing.authority.name,
        issued_on=issued_on,
        version=content["version"],
        verify_url=links.verify_url(receipt_no),
        regime=filing.regime,
        demo=settings.DEMO,
        preview=preview,
    )


def conditions(filing: Filing, receipt_no: str, issued_on: date, *, preview: bool = False) -> Any:
    """《托育机构基本条件告知书》."""
    return letters.basic_conditions_letter(
        receipt_no=receipt_no,
        institution_name=filing.institution.name,
        authority=filing.authority.name,
        issued_on=issued_on,
        verify_url=links.verify_url(receipt_no),
        demo=settings.DEMO,
        preview=preview,
    )


def notice(
    filing: Filing,
    kind: str,
    *,
    number: str,
    items: list[dict[str, str]],
    issued_on: date,
    due_on: date | None = None,
    round: int = 1,
    cause: str = "",
    approved_by: str = "",
    preview: bool = False,
) -> Any:
    """Any letter of `NoticeKind` but the receipt, with what its own builder needs."""
    lines = [
        letters.LetterItem(
            title=item["title"],
            finding=item["finding"],
            clause=item["clause"],
            how_to_fix=item["how_to_fix"],
            where=item["where"],
            rule_id=item.get("rule_id", ""),
        )
        for item in items
    ]
    common: dict[str, Any] = {
        "institution_name": filing.institution.name,
        "case_no": filing.no,
        "items": lines,
        "authority": filing.authority.name,
        "issued_on": issued_on,
        "demo": settings.DEMO,
        "preview": preview,
    }
    if kind == NoticeKind.CORRECTION:
        return letters.correction_letter(
            notice_no=number, round=round, due_on=due_on, cause=cause, approved_by=approved_by, **common
        )
    common |= {"number": number, "review_body": review_body(filing)}
    if kind == NoticeKind.NONCONFORMING:
        return letters.nonconforming_letter(rectify_by=due_on, **common)
    if kind == NoticeKind.RESCISSION:
        return decisions.rescission_letter(receipt_no=filing.receipt_no, **common)
    if kind == NoticeKind.CHANGE_REFUSAL:
        return decisions.change_refusal_letter(**common)
    return decisions.rejection_letter(**common)


def decision_items(kind: NoticeKind, data: dict[str, Any]) -> list[dict[str, str]]:
    """The one item of a letter that decides: why, on what ground, and for a rejection where to go instead."""
    competent = str(data.get("competent") or "").strip()[:100]
    away = kind == NoticeKind.REJECTION
    return [
        {
            "item": REGISTRATION,
            "title": DECISION_TITLES[kind],
            "finding": str(data["reason"]).strip(),
            "clause": str(data.get("clause") or ("国卫办人口发〔2019〕25号" if away else "")).strip()[:200],
            "how_to_fix": f"请向{competent or '有管辖权的机关'}办理。" if away else "",
            "where": competent if away else "",
            "rule_id": "",
        }
    ]
