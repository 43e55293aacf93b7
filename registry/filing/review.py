"""What a reviewer looks at: the items of a submission, their verdicts, and the letters these write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.problems import Problem, Rejected

from ..choices import FilingStatus, ItemVerdict, NoticeKind
from ..models import Filing, FilingVersion, Verdict
from ..rules.filing.materials import spec_of
from ..rules.values import TextRule, read_text
from . import codes
from .sections import BY_NAME

REGISTRATION = "registration"
# Verdicts that need words: what is wrong, why, and how to put it right.
WITH_REASON = frozenset({ItemVerdict.NONCONFORMS, ItemVerdict.SUPPLEMENT})
REVIEWABLE = frozenset({FilingStatus.SUBMITTED, FilingStatus.CHANGE_SUBMITTED})


def title_of(item: str) -> str:
    """The Chinese name of a review item: the registration, a section or a material. Raises KeyError."""
    if item == REGISTRATION:
        return "登记信息"
    return BY_NAME[item].title if item in BY_NAME else spec_of(item).name


def items_of(version: FilingVersion) -> list[str]:
    """The items of a submission, in reading order: registration, every section but materials, every material."""
    sections = [name for name in BY_NAME if name != "materials"]
    return [REGISTRATION, *sections, *(row["code"] for row in version.content["materials"])]


def last_version(filing: Filing) -> FilingVersion:
    """What was handed in last. Raises Rejected 409 when nothing was."""
    version = filing.versions.order_by("-number").first()
    if version is None:
        raise Rejected(Problem("GEN-409", "", "这件备案还没有提交过。"), status=409)
    return version


def verdicts_of(filing: Filing, number: int) -> dict[str, Verdict]:
    """The verdicts on one submission by item. One query."""
    return {row.item: row for row in filing.verdicts.filter(submission=number).select_related("decided_by")}


def covers(actor: Any, filing: Filing, *roles: str) -> bool:
    """Whether a duty of the actor covers the institution's region; never one's own institution (domain.md §2.5)."""
    institution = filing.institution
    if any(duty.uscc == institution.uscc for duty in actor.duties_as(Role.OPERATOR)):
        return False
    prefix = institution.region.prefix
    return any(duty.covers(prefix) for duty in actor.duties_as(*roles))


def give_verdict(
    filing: Filing,
    item: str,
    *,
    verdict: str,
    actor: Any,
    reason: str = "",
    clause: str = "",
    how_to_fix: str = "",
    rule_id: str = "",
) -> Verdict:
    """Keep the verdict on one item of the last submission; a later one replaces it until the case moves on.

    Raises Rejected: 403 not the actor's area, 409 not under review, 422 without reason where one is needed (FIL-115).
    """
    if not covers(actor, filing, Role.REVIEWER, Role.CHIEF):
        raise Rejected(Problem("GEN-403", "", "您的职责不包括审查这件备案。"), status=403)
    found: list[Problem] = []
    if verdict not in ItemVerdict.values:
        found.append(Problem(codes.FILING_CHOICE, "verdict", "请选择审查结论。"))
    texts = {
        name: read_text(name, str(value or ""), TextRule(label, limit, lines=True), found) or ""
        for name, value, label, limit in (
            ("reason", reason, "理由", 500),
            ("clause", clause, "依据", 200),
            ("how_to_fix", how_to_fix, "怎么改", 300),
        )
    }
    if verdict in WITH_REASON and not texts["reason"]:
        words = "请写明哪里不符合或要补什么，可从常用语中选取。"
        found.append(Problem(codes.REASON_REQUIRED, "reason", words))
    if verdict == ItemVerdict.NONCONFORMS and not texts["clause"]:
        found.append(Problem(codes.NONCONFORM_REASON, "clause", "结论为「不符合」的，请写明依据的文件和条款。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        locked = Filing.objects.select_for_update(of=("self",)).select_related("institution__region").get(pk=filing.pk)
        if locked.status not in REVIEWABLE:
            words = f"这件备案当前为「{locked.get_status_display()}」，不在审查中。请刷新页面。"
            raise Rejected(Problem("GEN-409", "", words), status=409)
        version = last_version(locked)
        if item not in items_of(version):
            raise Rejected(Problem("GEN-404", "", "没有这个审查项。"), status=404)
        row, _ = Verdict.objects.update_or_create(
            filing=locked,
            submission=version.number,
            item=item,
            defaults={
                "verdict": verdict,
                "rule_id": str(rule_id or "")[:16],
                "decided_by": actor,
                **(texts if verdict in WITH_REASON else {"reason": texts["reason"], "clause": "", "how_to_fix": ""}),
            },
        )
    return row


def open_items(version: FilingVersion, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Items without a verdict that lets the filing pass."""
    fine = {ItemVerdict.CONFORMS, ItemVerdict.NOT_APPLICABLE}
    return [item for item in items_of(version) if item not in verdicts or verdicts[item].verdict not in fine]


def correction_items(verdicts: Iterable[Verdict]) -> list[dict[str, str]]:
    """The items of a one-time notice, as the verdicts say them: nothing more, nothing less."""
    return [notice_item(row) for row in verdicts if row.verdict in WITH_REASON]


def notice_item(row: Verdict) -> dict[str, str]:
    """One line of a letter."""
    section = row.item if row.item in BY_NAME else "materials"
    return {
        "item": row.item,
        "title": title_of(row.item),
        "finding": row.reason,
        "clause": row.clause,
        "how_to_fix": row.how_to_fix,
        "where": f"{BY_NAME[section].title}" if row.item != REGISTRATION else "登记机关",
        "rule_id": row.rule_id,
    }


def corrections_sent(filing: Filing) -> int:
    """How many one-time notices went out since the last acceptance: the law wants one (C4, B2)."""
    return filing.notices.filter(kind=NoticeKind.CORRECTION, submission__gt=filing.accepted_number).count()
