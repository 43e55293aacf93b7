"""Verdicts as two reviewers give them at once: nobody's verdict is overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.problems import Problem, Rejected

from ..choices import ItemVerdict
from ..models import Filing, FilingVersion, Verdict
from .review import (
    DOCUMENTS,
    REGISTRATION,
    WITH_REASON,
    begin_work,
    covers,
    give_verdict,
    items_of,
    last_version,
    not_under_review,
    speaks_against,
    title_of,
    verdicts_of,
)
from .states import state_of

NOBODY = "-"


def token_of(row: Verdict | None) -> str:
    """What a form was built on: changes whenever somebody judges the item again."""
    return row.decided_at.isoformat() if row else NOBODY


def findings_by_item(version: FilingVersion) -> dict[str, list[dict[str, Any]]]:
    """The findings kept with a submission, by review item: those on one document stand with it, handed in or not.

    A rule on several documents at once stands with the first of them.
    """
    names = items_of(version)
    first = next((row["code"] for row in version.content["materials"]), REGISTRATION)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in version.findings:
        own = row["field"] if row["section"] == "materials" else row["section"]
        found.setdefault(own if own in names or own in DOCUMENTS else first, []).append(row)
    return found


def judge_item(
    filing: Filing, item: str, *, seen: str, submission: str, actor: Any, verdict: str, **words: str
) -> Verdict:
    """Give a verdict on what the reviewer looked at.

    Raises Rejected as `give_verdict`, and 409 when another verdict or another submission came in between: the words
    say whose and when. `words`: reason, clause, how_to_fix, rule_id.
    """
    with transaction.atomic():
        locked = Filing.objects.select_for_update(of=("self",)).select_related("institution__region").get(pk=filing.pk)
        version = last_version(locked)
        waiting = state_of(locked).judged  # else `give_verdict` says where the case stands
        if waiting and submission != str(version.number):
            said = f"机构已经第 {version.number} 次提交，您看到的是第 {submission or '?'} 次提交。请核对最新内容后再下结论。"
            raise Rejected(Problem("GEN-409", "", said), status=409)
        now = verdicts_of(locked, version.number).get(item)
        if waiting and token_of(now) != seen and now is not None and now.decided_by_id != actor.pk:
            who = now.decided_by.display_name if now.decided_by else "系统"
            said = f"{who}刚刚把“{title_of(item)}”判为“{now.get_verdict_display()}”。您的结论没有保存，请核对后再决定。"
            raise Rejected(Problem("GEN-409", "", said), status=409)
        kept = words if verdict in WITH_REASON else {}
        return give_verdict(locked, item, verdict=verdict, actor=actor, **kept)


def open_without_findings(version: FilingVersion, verdicts: dict[str, Verdict]) -> list[str]:
    """The items nobody judged yet and no rule speaks against: those “其余项全部符合” means."""
    found = findings_by_item(version)
    return [item for item in items_of(version) if item not in verdicts and not speaks_against(found.get(item, []))]


def pass_rest(filing: Filing, *, items: Iterable[str], submission: str, actor: Any) -> int:
    """Judge the named open items as conforming; items judged meanwhile keep their verdict. Returns how many.

    Raises Rejected as `give_verdict`; 409 when the submission is no longer the last. One insert for all of them.
    """
    if not covers(actor, filing, Role.REVIEWER, Role.CHIEF):
        raise Rejected(Problem("GEN-403", "", "您的职责不包括审查这件备案。"), status=403)
    with transaction.atomic():
        locked = Filing.objects.select_for_update(of=("self",)).select_related("institution__region").get(pk=filing.pk)
        version = last_version(locked)
        if submission != str(version.number):
            said = f"机构已经第 {version.number} 次提交。请核对最新内容后再下结论。"
            raise Rejected(Problem("GEN-409", "", said), status=409)
        if not state_of(locked).judged:
            raise Rejected(not_under_review(locked), status=409)
        rest = set(items) & set(open_without_findings(version, verdicts_of(locked, version.number)))
        begin_work(locked, actor)
        Verdict.objects.bulk_create(
            Verdict(filing=locked, submission=version.number, item=item, verdict=ItemVerdict.CONFORMS, decided_by=actor)
            for item in sorted(rest)
        )
    return len(rest)
