"""What a decision rests on, as its page shows it: the proposal, the letter, the site check, the duties of a closure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yancheng_childcare.deadlines import today_here

from ...choices import NoticeKind
from ...documents.render import render_html
from ...models import Filing
from .. import letters, previews, review
from ..guards import pending
from ..officers import site_officers
from ..site_items import RESULTS
from ..visits import begun, names_of, open_check
from .lookup import clock_rows
from .plans import plans_waiting

RESULT_LIGHTS = {"PASS": "green", "FAIL": "red", "NA": "grey"}
STEP_LABELS = {
    "return_again": "再次告知补正",
    "reject": "不予收件",
    "nonconform": "告知不符合",
    "refuse_change": "不予变更",
    "rescind": "撤销备案",
}
# Which proposal leads to which signature, and the letter that goes out with it.
PROPOSES = {"propose_reject": "reject", "propose_refusal": "refuse_change", "propose_rescind": "rescind"}
DECISION_LETTERS = {
    "reject": NoticeKind.REJECTION,
    "refuse_change": NoticeKind.CHANGE_REFUSAL,
    "rescind": NoticeKind.RESCISSION,
}


def proposal_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The proposal that waits, or what was typed so far, with the letter exactly as it will be sent where one decides."""
    proposal = pending(filing)
    step = proposal.step if proposal else PROPOSES.get(typed["step"], "")
    part = {"proposal": proposal, "step": STEP_LABELS.get(step, step)}
    kind = DECISION_LETTERS.get(step)
    if kind is None or not (proposal or typed.get("reason")):
        return part
    items = proposal.items if proposal else letters.decision_items(kind, typed)
    letter = render_html(previews.decision(filing, kind, items, today_here()))
    return {**part, "letter": letter, "letter_title": f"机构将收到的{kind.label}"}


def nonconforming_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The letter exactly as it will be sent, and what the public will read."""
    proposal = pending(filing, "nonconform")
    if proposal is None:
        return {}
    letter = previews.nonconforming(filing, proposal.items, today_here())
    return {
        "proposal": proposal,
        "letter": render_html(letter),
        "public": review.public_reasons(proposal.items),
    }


def site_check_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The last check with its items; the letter and what becomes public, once the lines were written."""
    check = filing.site_checks.prefetch_related("officers").order_by("-id").first()
    words = dict(RESULTS)
    items = [
        {**item, "light": RESULT_LIGHTS.get(item["result"], "plain"), "word": words.get(item["result"], "还没有结果")}
        for item in (check.items if check else ())
    ]
    part: dict[str, Any] = {"check": check, "items": items, "officers": list(check.officers.all()) if check else []}
    if lines := typed.get("items"):
        part |= {
            "letter": render_html(previews.nonconforming(filing, lines, today_here())),
            "public": review.public_reasons(lines),
        }
    return part


def visit_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The visit as it is arranged: who goes, who of them may not any more, the day, and what is recorded so far."""
    check = open_check(filing)
    if check is None:
        return {}
    able = {officer.user.pk for officer in site_officers(filing)}
    officers = list(check.officers.all())
    return {
        "check": check,
        "officers": names_of(officers),
        "unable": names_of(officer for officer in officers if officer.pk not in able),
        "filled": sum(1 for item in check.items if item["result"]),
        "all": len(check.items),
        "begun": begun(check),
    }


def arranged(filing: Filing) -> dict[str, Any]:
    """The visit as it is arranged, to begin a form with."""
    check = open_check(filing)
    if check is None:
        return {}
    return {
        "officers": [str(officer.pk) for officer in check.officers.all()],
        "planned_on": check.planned_on.isoformat(),
    }


def closure_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The duties of an institution that closes, each with its light (国卫人口发〔2019〕58号 管理规范第7条)."""
    return {"plans": [row for row in plans_waiting(filing) if row["plan"].final]}


def clocks_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The clocks of the case and why they stand still."""
    return {"clocks": clock_rows(filing), "reason": filing.pause_reason}


PARTS: dict[str, Callable[[Filing, dict[str, Any]], dict[str, Any]]] = {
    "proposal": proposal_part,
    "nonconforming": nonconforming_part,
    "site_check": site_check_part,
    "visit": visit_part,
    "closure": closure_part,
    "clocks": clocks_part,
}
