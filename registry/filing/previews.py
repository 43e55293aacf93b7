"""Every letter before it goes out, from the same data and the same builders as the letter sent.

Only the number is missing (it is drawn when the letter is issued), and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings

from casework.documents.wording import sentence
from yancheng_childcare.choices import ClockKind
from yancheng_childcare.deadlines import due_day
from yancheng_childcare.problems import Problem, blocking

from ..choices import NoticeKind
from ..models import Filing, FilingVersion, SiteCheck
from ..rules.filing.catalogue import RULES
from . import clocks, guards, letters, review, visits
from .effects import receipt_content
from .site_items import PLACES
from .workflow import FILING

NUMBER_LATER = "发出时编号"
RECEIPT_LATER = "出具时编号"

# Guards that look at what is still to be typed: they answer when the form is sent, not when it is opened.
TYPED = frozenset(
    {
        guards.reason_given,
        guards.short_reason,
        guards.basis_given,
        guards.legal_pause,
        guards.two_officers,
        guards.reasons_by_rule,
        visits.something_moved,
    }
)


def obstacles(filing: Filing, step: str, actor: Any, today: date, **data: Any) -> tuple[list[Problem], dict[str, Any]]:
    """What stands in the way of a step before anything is typed, and what its guards found out on the way."""
    found: list[Problem] = []
    filing = Filing.objects.for_a_step().get(pk=filing.pk)
    data["today"] = today
    for guard in FILING.steps[step].needs:
        if guard not in TYPED:
            found += guard(filing, actor, data)
    return blocking(found), data


def correction(
    filing: Filing, items: list[dict[str, str]], today: date, *, cause: str = "", approved_by: str = ""
) -> Any:
    """《一次性告知书》 as it would go out today; the second one with its cause and who signs."""
    round_no = review.corrections_sent(filing) + 1
    days = clocks.regime_named(filing.regime).supplement_workdays
    due_on, _ = due_day(started_on=today, days=days, kind=ClockKind.WORKDAYS)
    return letters.notice(
        filing,
        NoticeKind.CORRECTION,
        number=NUMBER_LATER,
        items=items,
        issued_on=today,
        due_on=due_on,
        round=round_no,
        cause=cause if round_no > 1 else "",
        approved_by=approved_by,
        preview=True,
    )


def nonconforming(filing: Filing, items: list[dict[str, str]], today: date) -> Any:
    """《备案内容不符合告知书》 as it would go out today."""
    due_on, _ = due_day(started_on=today, days=settings.RECTIFICATION_DAYS, kind=ClockKind.DAYS)
    return letters.notice(
        filing,
        NoticeKind.NONCONFORMING,
        number=NUMBER_LATER,
        items=items,
        issued_on=today,
        due_on=due_on,
        preview=True,
    )


def decision(filing: Filing, kind: NoticeKind, items: list[dict[str, str]], today: date) -> Any:
    """A letter that decides as it would go out today; the items are `decision_items` of what was typed, or the proposal's."""
    return letters.notice(filing, kind, number=NUMBER_LATER, items=items, issued_on=today, preview=True)


def receipt(filing: Filing, version: FilingVersion, today: date) -> tuple[Any, Any]:
    """《托育机构备案回执》 and 《托育机构基本条件告知书》 as they would be issued today."""
    content = receipt_content(filing, version, issued=filing.receipts.count())
    # A code would lead to a receipt that does not exist yet: it is drawn with the number.
    return (
        replace(letters.receipt(filing, RECEIPT_LATER, content, today, preview=True), qr_url=""),
        replace(letters.conditions(filing, RECEIPT_LATER, today, preview=True), qr_url=""),
    )


def nonconforming_items(check: SiteCheck | None, version: FilingVersion) -> list[dict[str, str]]:
    """What may be said against a filing, to be edited: what failed on site, then the rules that failed on paper.

    Each names the section or document the institution may then edit, so that every line can be put right in place. The
    title of a point of the checklist is what should be, so it never stands before what was found.
    """
    rules = {rule.id: rule for rule in RULES}
    rows = []
    for seen in check.items if check else ():
        if seen["result"] != "FAIL":
            continue
        rule = rules.get(seen["rule_id"])
        rows.append(
            {
                "item": PLACES[seen["id"]],
                "finding": sentence(seen["remark"]),
                "clause": seen["clause"],
                "how_to_fix": rule.how_to_fix if rule else "",
                "rule_id": seen["rule_id"],
            }
        )
    on_site = {row["rule_id"] for row in rows}
    for found in version.findings:
        if found["verdict"] == "FAIL" and found["level"] != "WARN" and found["id"] not in on_site:
            rows.append(
                {
                    "item": item_of(found["section"], found["field"]),
                    "finding": found["message"],
                    "clause": found["clause"],
                    "how_to_fix": found["how_to_fix"],
                    "rule_id": found["id"],
                }
            )
    return rows


def item_of(section: str, field: str) -> str:
    """The item of a letter a finding belongs to: its section, or the document itself; the licence for all of them."""
    if section != "materials":
        return section
    return field if field in review.DOCUMENTS else review.DOCUMENTS[0]


def lettered(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Edited rows as lines of a letter: one line per item, titled, saying where to mend.

    An institution answers and mends item by item, so several findings on one item are one line that numbers them.
    """
    by_item: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_item.setdefault(row["item"], []).append(row)
    out = []
    for item, found in by_item.items():
        out.append(
            {
                "item": item,
                "title": review.title_of(item),
                "finding": _numbered([row["finding"] for row in found]),
                "clause": "；".join(dict.fromkeys(row["clause"] for row in found)),
                "how_to_fix": _numbered([row["how_to_fix"] for row in found if row["how_to_fix"]]),
                "where": review.where_of(item),
                "rule_id": ",".join(dict.fromkeys(row["rule_id"] for row in found if row["rule_id"])),
            }
        )
    return out


def _numbered(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else "".join(f"（{number}）{text}" for number, text in enumerate(texts, 1))
