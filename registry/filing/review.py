"""What a reviewer looks at: the items of a submission, their verdicts, and the letters these write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.places import reaches
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..choices import ANSWERED_NOTICES, ItemVerdict, NoticeKind
from ..codes import filing as codes
from ..models import Filing, FilingVersion, Notice, Verdict
from ..rules.filing.materials import MATERIALS, spec_of
from ..rules.filing.sections import BY_NAME
from ..rules.values import TextRule, read_text
from .states import state_of

REGISTRATION = "registration"
# Verdicts that need words: what is wrong, why, and how to put it right.
WITH_REASON = frozenset({ItemVerdict.NONCONFORMS, ItemVerdict.SUPPLEMENT})
DOCUMENTS = tuple(spec.code for spec in MATERIALS)


def title_of(item: str) -> str:
    """The Chinese name of a review item: the registration, a section or a material. Raises KeyError."""
    if item == REGISTRATION:
        return "登记信息"
    return BY_NAME[item].title if item in BY_NAME else spec_of(item).name


def where_of(item: str) -> str:
    """Where an item is put right, as a letter says it: the page of the section or of the document."""
    if item == REGISTRATION:
        return "登记机关"
    return BY_NAME[item].title if item in BY_NAME else f"{BY_NAME['materials'].title}：{title_of(item)}"


def items_of(version: FilingVersion) -> list[str]:
    """The items of a submission, in reading order: registration, every section but materials, every material.

    A document that was not handed in is an item too where a rule speaks of it: it is never put to another document.
    """
    sections = [name for name in BY_NAME if name != "materials"]
    handed_in = [row["code"] for row in version.content["materials"]]
    spoken_of = {row["field"] for row in version.findings if row["section"] == "materials" and speaks_against([row])}
    absent = [code for code in DOCUMENTS if code in spoken_of and code not in handed_in]
    return [REGISTRATION, *sections, *handed_in, *absent]


def asked_for(version: FilingVersion, verdicts: Iterable[str]) -> list[str]:
    """The documents a reviewer judged though they were not handed in: asked for, beside the items of the submission."""
    known = set(items_of(version))
    return [code for code in DOCUMENTS if code in set(verdicts) - known]


def speaks_against(findings: Iterable[dict[str, Any]]) -> bool:
    """Whether a rule found, or could not rule out, something a reviewer must look at; advice alone does not count."""
    return any(row["verdict"] in {"FAIL", "UNKNOWN"} and row["level"] != "WARN" for row in findings)


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
    return reaches(actor, institution.region.prefix, *roles)


def take_over(filing: Filing, actor: Any) -> bool:
    """Whoever works on a case nobody has takes it: the institution then reads a name. Returns whether it was taken.

    The caller holds the row and saves it.
    """
    if filing.assigned_to_id or not covers(actor, filing, Role.REVIEWER):
        return False
    filing.assigned_to = actor
    return True


def begin_work(filing: Filing, actor: Any) -> None:
    """Take a case nobody has over by judging it: kept, and told in the history of the case."""
    if take_over(filing, actor):
        Filing.objects.filter(pk=filing.pk).update(assigned_to=actor)
        log_event(
            "filing.assigned",
            subject=filing.subject,
            summary="开始审查，由本人承办",
            actor=actor,
            region_prefix=filing.institution.region.prefix,
            data={"to": actor.pk},
        )


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
        found.append(Problem(codes.NONCONFORM_REASON, "clause", "结论为“不符合”的，请写明依据的文件和条款。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        locked = Filing.objects.select_for_update(of=("self",)).select_related("institution__region").get(pk=filing.pk)
        if not state_of(locked).judged:
            raise Rejected(not_under_review(locked), status=409)
        version = last_version(locked)
        if item not in items_of(version) and item not in DOCUMENTS:
            raise Rejected(Problem("GEN-404", "", "没有这个审查项。"), status=404)
        begin_work(locked, actor)
        row, _ = Verdict.objects.update_or_create(
            filing=locked,
            submission=version.number,
            item=item,
            defaults={
                "verdict": verdict,
                "rule_id": str(rule_id or "")[:16],
                "decided_by": actor,
                "decided_at": timezone.now(),
                **(texts if verdict in WITH_REASON else {"reason": texts["reason"], "clause": "", "how_to_fix": ""}),
            },
        )
    return row


def not_under_review(filing: Filing) -> Problem:
    """Why no verdict can be given now."""
    return Problem("GEN-409", "", f"这件备案当前为“{filing.get_status_display()}”，不在审查中。请刷新页面。")


def open_items(version: FilingVersion, verdicts: Mapping[str, Verdict]) -> list[str]:
    """Items without a verdict that lets the filing pass."""
    fine = {ItemVerdict.CONFORMS, ItemVerdict.NOT_APPLICABLE}
    items = [*items_of(version), *asked_for(version, verdicts)]
    return [item for item in items if item not in verdicts or verdicts[item].verdict not in fine]


def correction_items(verdicts: Iterable[Verdict]) -> list[dict[str, str]]:
    """The items of a one-time notice, as the verdicts say them: nothing more, nothing less."""
    return [notice_item(row) for row in verdicts if row.verdict in WITH_REASON]


def notice_item(row: Verdict) -> dict[str, str]:
    """One line of a letter."""
    return {
        "item": row.item,
        "title": title_of(row.item),
        "finding": row.reason,
        "clause": row.clause,
        "how_to_fix": row.how_to_fix,
        "where": where_of(row.item),
        "rule_id": row.rule_id,
    }


def public_reasons(items: Iterable[dict[str, str]]) -> list[str]:
    """What the public reads of a nonconformity: shown before it is signed, and published with the signature."""
    return [f"{item['title']}：{item['finding']}（{item['clause']}）" for item in items]


def to_answer(filing: Filing) -> QuerySet[Notice]:
    """The letters that ask the institution for something, newest first; a decision asks for nothing."""
    return filing.notices.filter(kind__in=ANSWERED_NOTICES).order_by("-id")


def corrections_sent(filing: Filing) -> int:
    """How many one-time notices went out since the last acceptance: the law wants one (C4, B2)."""
    return filing.notices.filter(kind=NoticeKind.CORRECTION, submission__gt=filing.accepted_number).count()
