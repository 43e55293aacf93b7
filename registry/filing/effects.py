"""What a step changes on the locked filing before it is saved: fields, clocks, letters, receipts, the institution."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone

from yancheng_childcare.deadlines import stop_deadlines
from yancheng_childcare.workdays import received_on

from ..choices import LIVE_FILING, FilingKind, NoticeKind, PauseReason, PostRole
from ..models import (
    Filing,
    FilingReceipt,
    FilingSection,
    FilingVersion,
    Notice,
    Proposal,
    ReviewArea,
)
from ..registration.clocks import FILE
from ..rules.filing.sections import PLEDGE
from . import clocks, letters, review
from .carried import carry_verdicts, in_force_again
from .casefile import CaseFile
from .snapshots import sealed, snapshot

Effect = Callable[[Filing, Any, dict[str, Any]], None]


def step(*effects: Effect) -> Effect:
    """Several effects as one, and a new version of the record: every step is seen by whoever looked before."""

    def run(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        for effect in effects:
            effect(filing, actor, data)
        filing.record_version += 1

    return run


def hand_in(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Keep the submission as it is today, with the findings of the rules."""
    case: CaseFile = data.get("case") or CaseFile(filing, data["today"])
    # Nothing was handed in before the first submission: nothing to look for.
    last = data.get("last") or (filing.versions.first() if filing.last_number else None)
    pledge = case.rows[PLEDGE.name].data
    now = timezone.now()
    findings = [finding.as_dict() for finding in case.findings]
    version = FilingVersion.objects.create(
        filing=filing,
        number=last.number + 1 if last else 1,
        content=snapshot(case),
        sealed=sealed(case),
        findings=findings,
        pledge_version=pledge["text_version"],
        signed_name=pledge["signed_name"],
        submitted_by=actor,
        submitted_at=now,
        received_on=data.get("received_on") or received_on(now),
    )
    if last is not None:
        carry_verdicts(filing, last, version)
    filing.submitted_at = now
    data["version"] = version
    failing = [row["id"] for row in findings if row["verdict"] == "FAIL"]
    data["snapshot"] = {"submission": version.number, "failing_rules": failing}


def accept_last(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """What was found to conform on site is what is filed: after a rectification that is a later submission."""
    filing.accepted_number = filing.last_number


def take_over(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A reviewer who acts on a case nobody has takes it."""
    review.take_over(filing, actor)


def into_review(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The review clocks start on the day of receipt; the area's reviewer gets the case."""
    clocks.start_review(filing, data["version"].received_on)
    filing.pause_reason = ""
    if not filing.last_number:  # the promise to file is kept by the first submission
        stop_deadlines(filing.institution.subject, FILE, today=data["today"])
    if filing.assigned_to_id is None:
        area = ReviewArea.objects.filter(town=filing.institution.town_id).select_related("reviewer").first()
        if area is not None and review.covers(area.reviewer, filing, "REVIEWER"):
            filing.assigned_to = area.reviewer


def out_of_review(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Taken back or lapsed: no clock runs, a waiting proposal is void."""
    clocks.stop(filing, data["today"])
    filing.pause_reason = ""
    withdraw_proposals(filing, actor, data)


def withdraw_proposals(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A proposal that waits is void once the case went another way."""
    if filing.waiting and "proposal" not in data:
        filing.proposals.filter(outcome="PENDING").update(outcome="WITHDRAWN", decided_at=timezone.now())


def void_proposals(*, but: str) -> Effect:
    """What was proposed in a review that ended otherwise is void; what is about the filing itself (`but`) still waits."""

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        if filing.waiting:
            waiting = filing.proposals.filter(outcome="PENDING").exclude(step=but)
            waiting.update(outcome="WITHDRAWN", decided_at=timezone.now())

    return effect


def send_notice(kind: NoticeKind) -> Effect:
    """Write, number and keep a letter from `data["items"]`."""

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        today: date = data["today"]
        proposal: Proposal | None = data.get("proposal")
        # Only a proposal leads to a further notice: the first goes out where none was sent (`first_notice`).
        again = kind == NoticeKind.CORRECTION and proposal is not None
        round_no = review.corrections_sent(filing) + 1 if again else 1
        due_on = None
        if kind == NoticeKind.CORRECTION:
            due_on = clocks.start_supplement(filing, today)
        elif kind == NoticeKind.NONCONFORMING:
            due_on = clocks.start_rectification(filing, today)
        number = letters.next_notice_no(filing, kind, today)
        letter = letters.notice(
            filing,
            kind,
            number=number,
            items=data["items"],
            issued_on=today,
            due_on=due_on,
            round=round_no,
            cause=proposal.reason if proposal and round_no > 1 else "",
            approved_by=actor.display_name if proposal else "",
        )
        (document,) = letters.keep_letters(filing, {f"{letter.title}_{number}": letter}, actor=actor)
        issued_by = proposal.proposed_by if proposal else actor
        data["notice"] = Notice.objects.create(
            filing=filing,
            kind=kind,
            number=number,
            round=round_no,
            submission=filing.last_number,
            items=data["items"],
            cause=proposal.reason if proposal and round_no > 1 else "",
            due_on=due_on,
            document=document,
            issued_by=issued_by,
            approved_by=actor if proposal else None,
            published=kind == NoticeKind.NONCONFORMING,
        )
        data["snapshot"] = {"notice": number, "items": [item["item"] for item in data["items"]]}
        if kind == NoticeKind.NONCONFORMING:
            data["public_reasons"] = review.public_reasons(data["items"])

    return effect


def draft_decision(kind: NoticeKind) -> Effect:
    """What the letter of a decision will say: the proposal keeps it, the signature decides it as it stands."""

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        data["items"] = letters.decision_items(kind, data)

    return effect


def refuse_case(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """不予收件: the case ends with the letter."""
    filing.end_reason = str(data["reason"]).strip()[:300]
    filing.ended_on = data["today"]
    clocks.stop(filing, data["today"])


def issue_receipt(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Number, receipt, notice of conditions; the institution is filed from today; a former place is superseded."""
    today: date = data["today"]
    version: FilingVersion = data["version"]
    content = receipt_content(filing, version, issued=filing.receipts_issued)
    number = letters.next_receipt_no(filing, today)
    papers = {
        f"托育机构备案回执_{number}": letters.receipt(filing, number, content, today),
        f"基本条件告知书_{number}": letters.conditions(filing, number, today),
    }
    document, conditions = letters.keep_letters(filing, papers, actor=actor)
    FilingReceipt.objects.create(
        filing=filing,
        receipt_no=number,
        version=version,
        content=content,
        document=document,
        conditions=conditions,
        issued_on=today,
        issued_by=actor,
    )
    filing.receipt_no, filing.accepted_number = number, version.number
    filing.receipted_by = actor
    filing.principal_name = content["principal"]
    filing.service_address = content["address"]
    filing.service_modes = content["service_modes"]
    filing.capacity_total = content["capacity_total"]
    data["snapshot"] = {"receipt_no": number, "submission": version.number}
    supersede = data.get("supersede")
    if filing.replaces_id and supersede is not None:
        supersede(filing, actor, today)


def answered_in_time(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The institution has its receipt; what does not conform can still be told."""
    clocks.stop(filing, data["today"], clocks.RECEIPT)


def receipt_content(filing: Filing, version: FilingVersion, *, issued: int) -> dict[str, Any]:
    """What stands on a receipt, from the submission it accepts; `issued` receipts went before it."""
    sections = version.content["sections"]
    principal = next((row["name"] for row in version.content["staff"] if row["role"] == PostRole.PRINCIPAL), "")
    institution = filing.institution
    return {
        "name": institution.name,
        "address": sections["basics"]["service_address"].strip(),
        "uscc": institution.uscc,
        "principal": principal or institution.legal_rep_name,
        "nature": institution.nature,
        "service_modes": sections["classes"]["service_modes"],
        "capacity_total": int(sections["classes"]["capacity_total"]),
        "version": issued + 1,
    }


def mark_institution(state: str, *, issued: bool = False) -> Effect:
    """The institution's row says what its filing says: kept by `publish`, with the number of what is told.

    `issued`: by the first receipt of the case.
    """

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        ended = state not in LIVE_FILING
        if ended and filing.another_live:
            return
        changes: dict[str, Any] = {"filing_state": state, "updated_at": timezone.now()}
        if ended:
            changes["filed_on"] = None
        elif issued:
            # Filed before in the national system: the day stays, the receipt has its own. A new place is filed anew.
            moved = filing.kind == FilingKind.REFILE
            changes["filed_on"] = data["today"] if moved else filing.institution.filed_on or data["today"]
        data["institution"] = changes

    return effect


def end(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """注销 or 撤销: day and reason, no clock runs."""
    filing.ended_on = data["today"]
    filing.end_reason = str(data.get("reason") or "").strip()[:300]
    clocks.stop(filing, data["today"], *clocks.REVIEW, clocks.CLOSURE)
    filing.pause_reason = ""
    withdraw_proposals(filing, actor, data)


def abandon(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A draft the institution does not go on with: kept with its answers, no longer open; a live filing stays as it is."""
    data["reason"] = "机构放弃办理"
    end(filing, actor, data)


def close_review(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Nothing is open any more."""
    clocks.stop(filing, data["today"])
    filing.pause_reason = ""


def propose(step_name: str) -> Effect:
    """Keep a proposal for the second signature."""

    def effect(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
        Proposal.objects.create(
            filing=filing,
            step=step_name,
            reason=str(data.get("reason") or "").strip(),
            items=data.get("items") or [],
            proposed_by=actor,
        )
        data["snapshot"] = {"proposed": step_name}

    return effect


def use_proposal(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The second signature: what was proposed is what is decided."""
    proposal: Proposal = data["proposal"]
    data["items"] = proposal.items
    data["reason"] = proposal.reason
    _decide(proposal, actor, "APPROVED")


def refuse_proposal(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The second signature is refused; the case stays where it is."""
    _decide(data["proposal"], actor, "REFUSED")


def _decide(proposal: Proposal, actor: Any, outcome: str) -> None:
    proposal.decided_by, proposal.decided_at, proposal.outcome = actor, timezone.now(), outcome
    proposal.save()


def legal_opinion(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Keep the legal review on the proposal."""
    proposal: Proposal = data["proposal"]
    proposal.legal_by, proposal.legal_agrees = actor, data["agrees"]
    proposal.legal_opinion = str(data.get("reason") or "").strip()
    proposal.save()


def pause(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The clocks stand still for a reason everybody sees."""
    filing.pause_reason = str(PauseReason(data["cause"]).label)
    clocks.pause(filing, filing.pause_reason, data["today"])
    data["snapshot"] = {"cause": data["cause"]}


def resume(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """The clocks go on; the days between are added."""
    filing.pause_reason = ""
    clocks.resume(filing, data["today"])


def into_change_review(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A change is in our hands; the promise to file it in time is kept."""
    clocks.start_change_review(filing, data["version"].received_on)
    stop_deadlines(filing.institution.subject, clocks.CHANGE, today=data["today"])


def restore_accepted(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A withdrawn change leaves no trace in what is filed: sections and materials are as they were accepted.

    Where it was handed in, what is filed follows it as the last submission: the next change is another matter, with a
    one-time notice of its own.
    """
    accepted = filing.versions.get(number=filing.accepted_number)
    if filing.last_number > accepted.number:
        in_force_again(filing, accepted, accepted.submitted_by_id)
    personal = _personal(accepted)
    rows, now = list(filing.sections.all()), timezone.now()
    for row in rows:
        row.data = accepted.content["sections"].get(row.name, {})
        row.sealed = personal.get(row.name, "")
        row.version += 1
        row.saved_at = now
    FilingSection.objects.bulk_update(rows, ["data", "sealed", "version", "saved_at"])
    kept = {row["id"] for row in accepted.content["materials"]}
    # First those that go: one current material of a kind at a time.
    filing.materials.current().exclude(pk__in=kept).update(replaced_at=now)
    filing.materials.filter(pk__in=kept).update(replaced_at=None)


def _personal(version: FilingVersion) -> dict[str, str]:
    found: dict[str, Any] = json.loads(version.sealed) if version.sealed else {}
    return {name: json.dumps(values, ensure_ascii=False) for name, values in found.items()}


def confirm_year(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """年度确认: what is filed is still so."""
    filing.confirmed_on = data["today"]
