"""What a decision rests on, as its page shows it: the proposal, the letter, the site check, the duties of a closure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.documents.render import render_html
from yancheng_childcare.deadlines import today_here

from ...models import Filing
from .. import letters, previews, review
from ..guards import pending
from ..officers import site_officers
from ..site_items import RESULTS
from ..visits import begun, names_of, open_check
from ..workflow import FILING
from .lookup import clock_rows
from .plans import plans_waiting

RESULT_LIGHTS = {"PASS": "green", "FAIL": "red", "NA": "grey"}


def proposal_part(filing: Filing, typed: dict[str, Any]) -> dict[str, Any]:
    """The proposal that waits, or what was typed so far, with the letter exactly as it will be sent where one decides."""
    proposal = pending(filing)
    step = FILING.steps.get(proposal.step if proposal else FILING.steps[typed["step"]].proposes)
    part = {"proposal": proposal, "step": step.signs if step else ""}
    kind = step.letter if step else None
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
