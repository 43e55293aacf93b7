"""What several pages of filing need: one case in the reader's scope, its clocks with lights, the history of its acts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline
from yancheng_childcare.permissions import opening_roles

from ...models import Filing, Notice
from ...registration.pages.lookup import storable
from ...registration.pages.record import clock_light
from ..acts import acts_on_filing
from ..drafts import is_own
from ..workflow import FILING

__all__ = [
    "clock_rows",
    "expected_version",
    "history_rows",
    "operator_crumbs",
    "own_filing",
    "storable",
    "visible_filing",
]


def visible_filing(request: HttpRequest, no: str) -> Filing:
    """The case with institution and authority; 404 outside the reader's scope. One query."""
    found = (
        Filing.objects.visible_to(request.user, opening_roles(request))
        .select_related("institution__region", "institution__town", "authority", "assigned_to")
        .filter(no=no)
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_filing(request: HttpRequest, no: str) -> Filing:
    """A case of the reader's own institution; 404 otherwise. One query."""
    found = visible_filing(request, no)
    if not is_own(request.user, found.institution):
        raise Http404
    return found


def clock_rows(filing: Filing) -> list[dict[str, Any]]:
    """The clocks of the case: deadline and light. One query."""
    today = today_here()
    return [{"deadline": clock, "light": clock_light(clock, today)} for clock in Deadline.objects.of(filing.subject)]


def history_rows(filing: Filing, notices: list[Notice], limit: int = 30) -> list[dict[str, Any]]:
    """The acts on the case, newest first, as components/timeline.html draws them. One query."""
    return act_rows(filing, acts_on_filing(filing.subject, inside=True)[:limit], notices=notices, inside=True)


def act_rows(filing: Filing, acts: Any, *, notices: Any, inside: bool = False) -> list[dict[str, Any]]:
    """Acts as lines: what was done, with the day, the reason or the fields it was about, and a link to what was issued.

    The page says whose case it is, so no line repeats it. `inside`: also the remark said to the chief alone.
    """
    letters = {notice.number: reverse("filing:letter", args=[filing.no, notice.pk]) for notice in notices}
    whose = f"：{filing.institution.name}（{filing.no}）"
    rows = []
    for act in acts:
        data = act.data or {}
        decided = data.get("decided_on") or {}
        url = letters.get(str(decided.get("notice") or ""), "")
        if decided.get("receipt_no"):
            url = reverse("filing:receipt", args=[filing.no])
        step = FILING.steps.get(str(data.get("step")))
        told = inside or step is None or not step.remark_inside
        parts = [
            *(decided.get("changed") or []),
            f"计划 {decided['planned_on']}" if decided.get("planned_on") else "",
            f"核实人员 {decided['names']}" if decided.get("names") else "",
            *(_former(decided["former"]) if decided.get("former") and inside else ()),
            f"第 {decided['submission']} 次提交" if decided.get("submission") and not decided.get("changed") else "",
            str(decided.get("notice") or decided.get("receipt_no") or ""),
            f"理由：{data['reason']}" if data.get("reason") and told else "",
        ]
        text = "；".join(part for part in parts if part)
        title = act.summary.replace(whose, "")
        rows.append({"at": act.at, "title": title, "who": act.actor_label, "text": text, "url": url})
    return rows


def _former(former: dict[str, Any]) -> list[str]:
    """How a visit was arranged before, and what becomes of what was recorded by then."""
    summary = f"，核实情况：{former['summary']}" if former.get("summary") else ""
    return [
        f"原计划 {former['planned_on']}，{former['names']}",
        f"已填的结果作为此前记录留存，重新核实{summary}" if former.get("set_aside") else "",
    ]


def papers_of(filing: Filing, notices: list[Notice]) -> list[dict[str, Any]]:
    """Everything that was issued on the case, newest first: letters by their own name, receipts. One query."""
    papers = [
        {
            "url": reverse("filing:letter", args=[filing.no, notice.pk]),
            "name": notice.title,
            "number": notice.number,
            "on": timezone.localdate(notice.issued_at),
        }
        for notice in notices
    ]
    papers += [
        {
            "url": reverse("filing:receipt", args=[filing.no]),
            "name": "备案回执",
            "number": row.receipt_no,
            "on": row.issued_on,
        }
        for row in filing.receipts.only("receipt_no", "issued_on", "filing")
    ]
    return sorted(papers, key=lambda paper: paper["on"], reverse=True)


def operator_crumbs(filing: Filing, *, to_case: bool = True) -> list[dict[str, str]]:
    """Breadcrumbs of the institution's pages."""
    crumbs = [{"label": "我的备案", "url": reverse("filing:cases")}]
    if to_case:
        crumbs.append({"label": filing.no, "url": reverse("filing:case", args=[filing.no])})
    return crumbs


def expected_version(value: Any) -> int:
    """The record version a form was built on; anything that is no number matches no version."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
