"""The pledge: who may sign it, what it excepts, and whether it still covers the case as it stands today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected, refuse_id_number
from yancheng_childcare.records import log_event

from ..choices import PostRole
from ..codes import filing as codes
from ..models import Filing, FilingSection
from ..rules.characters import compact
from ..rules.filing.catalogue import Finding
from ..rules.filing.sections import PLEDGE
from ..rules.values import TextRule, read_text
from .casefile import CaseFile
from .drafts import editable

LEGAL, PRINCIPAL, AUTHORISED = "LEGAL", "PRINCIPAL", "AUTHORISED"
CAPACITIES = {LEGAL: "登记的法定代表人（负责人）", PRINCIPAL: "在岗的机构负责人", AUTHORISED: "受委托人"}
# The paper an authorised person signs by.
AUTHORITY = "M12_AUTHORITY"
SHORTEST, LONGEST = 4, 300


def capacity_of(name: str, legal_rep: str, principals: Iterable[str]) -> str:
    """In which capacity somebody of this name may sign for the institution; "" when in none of their own."""
    wanted = compact(name)
    if wanted and wanted == compact(legal_rep):
        return LEGAL
    return PRINCIPAL if wanted in {compact(other) for other in principals} else ""


def principals_of(case: CaseFile) -> list[str]:
    """The names of the principals in post today."""
    return [entry.post.name for entry in case.staff if entry.post.role == PostRole.PRINCIPAL]


def who_may_sign(case: CaseFile) -> str:
    """The persons whose signature counts, in words."""
    legal = f"法定代表人（负责人）{case.filing.institution.legal_rep_name}"
    names = principals_of(case)
    return f"{legal}，或者在岗的机构负责人{'、'.join(names)}" if names else legal


@transaction.atomic
def sign_pledge(
    filing: Filing,
    *,
    name: str,
    agreed: bool,
    actor: Any,
    authorised: bool = False,
    explained: Mapping[str, str] | None = None,
    now: datetime | None = None,
    today: date | None = None,
) -> FilingSection:
    """Sign by typing the name; valid until anything else is changed.

    The signer is the legal representative of the register or a principal in post; anybody else says so (`authorised`)
    and hands in the authorisation. What does not conform is explained, rule by rule, and excepted from the pledge.
    Raises Rejected: 403, 409 as `require_editable`; 422 FIL-103 not ticked or no name, FIL-130 signer, FIL-131 explanation.
    """
    filing = editable(filing, PLEDGE.name, actor)
    case, name = CaseFile(filing, today or today_here()), name.strip()
    if refused := refuse_id_number("signed_name", name):
        raise Rejected(refused)
    found: list[Problem] = []
    if not agreed or not 2 <= len(name) <= 50 or not name.isprintable():
        words = "请勾选承诺内容，并填写签署人姓名（2 至 50 个字）。"
        found.append(Problem(codes.PLEDGE_UNSIGNED, "signed_name", words))
    capacity = capacity_of(name, filing.institution.legal_rep_name, principals_of(case))
    if not found and not capacity:
        found += _authority(case, name, authorised)
    exceptions = [_exception(finding, explained or {}, found) for finding in case.exceptions]
    if found:
        raise Rejected(found)
    signed_at, capacity = now or timezone.now(), capacity or AUTHORISED
    row, _ = FilingSection.objects.update_or_create(
        filing=filing,
        name=PLEDGE.name,
        defaults={
            "data": {
                "text_version": settings.PLEDGE_VERSION,
                "signed_name": name,
                "signed_as": capacity,
                "signed_at": signed_at.isoformat(),
                "signed_by": actor.pk,
                "explained": exceptions,
            },
            "saved_by": actor,
        },
    )
    log_event(
        "filing.signed",
        subject=filing.subject,
        summary=f"签署备案承诺书：{name}（{CAPACITIES[capacity]}）",
        actor=actor,
        region_prefix=filing.institution.region.prefix,
        data={"text_version": settings.PLEDGE_VERSION, "explained": [row["id"] for row in exceptions]},
    )
    return row


def _authority(case: CaseFile, name: str, authorised: bool) -> list[Problem]:
    """What is in the way of somebody who signs for another."""
    if not authorised:
        words = (
            f"“{name}”与登记不一致。承诺书由{who_may_sign(case)}签署；"
            "由他人代签的，请勾选“受委托签署”，并先上传授权委托书。"
        )
        return [Problem(codes.PLEDGE_SIGNER, "signed_name", words)]
    if not any(paper.code == AUTHORITY and paper.page_files for paper in case.papers):
        words = "受委托签署的，请先在“材料上传”里上传授权委托书，再回到这里签署。"
        return [Problem(codes.PLEDGE_SIGNER, "authorised", words)]
    return []


def _exception(finding: Finding, explained: Mapping[str, str], found: list[Problem]) -> dict[str, str]:
    """One point that does not conform, with the institution's own words for it."""
    field = f"explain-{finding.id}"
    known = len(found)
    words = read_text(field, str(explained.get(finding.id) or ""), TextRule("说明", LONGEST, lines=True), found) or ""
    if len(words) < SHORTEST and len(found) == known:
        asked = f"请说明“{finding.rule.title}”为什么不符合、准备怎么改（不少于 {SHORTEST} 个字）。"
        found.append(Problem(codes.PLEDGE_EXPLAIN, field, asked))
    return {"id": finding.id, "title": finding.rule.title, "message": finding.message, "text": words}
