"""Answering a notice item by item: what was found, how to mend it, what has been changed since, and the reply."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected

from ...choices import NoticeKind
from ...models import Filing, FilingVersion, Notice, NoticeReply
from ...rules.filing.sections import BY_NAME, PEOPLE, PLEDGE
from .. import clocks
from ..casefile import CaseFile, unsealed
from ..review import REGISTRATION, last_version, to_answer
from ..services import reply_to
from ..snapshots import Difference, differences, snapshot
from ..states import may_answer
from .lookup import clock_rows, operator_crumbs, own_filing

CLOCKS = frozenset({clocks.SUPPLEMENT, clocks.RECTIFY})
TITLES: dict[str, str] = {NoticeKind.CORRECTION: "逐项补正", NoticeKind.NONCONFORMING: "逐条整改"}


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: HttpRequest, no: str) -> HttpResponse:
    """Every item of the last letter with its reply box; saving keeps whatever is good and gives back the rest."""
    filing = own_filing(request, no)
    notice = to_answer(filing).prefetch_related("replies__replied_by").first()
    if request.method != "POST":
        return _page(request, filing, notice)
    if notice is None:
        raise Rejected(Problem("GEN-409", "", "这件备案没有需要答复的告知书。"), status=409)
    problems = _save(request, notice)
    if problems:
        status = 409 if all(problem.code == "GEN-412" for problem in problems) else 422
        again = filing.notices.prefetch_related("replies__replied_by").get(pk=notice.pk)
        return _page(request, filing, again, typed=request.POST, problems=problems, status=status)
    if "next" in request.POST:
        return redirect(_next_url(filing))
    messages.success(request, "答复已保存。")
    return redirect("filing:corrections", no=no)


def seen_mark(reply: NoticeReply | None) -> str:
    """A short mark of the text a page was built with: a colleague's newer reply is never overwritten unseen."""
    return hashlib.sha256((reply.text if reply else "").encode()).hexdigest()[:12]


def _save(request: HttpRequest, notice: Notice) -> list[Problem]:
    """Keep every changed reply; returns what could not be kept. Raises Rejected 403 and 409."""
    kept = {reply.item: reply for reply in notice.replies.all()}
    problems: list[Problem] = []
    for item in notice.items:
        name, was = item["item"], kept.get(item["item"])
        typed = request.POST.get(f"reply-{name}")
        if typed is None:
            continue
        typed = typed.replace("\r\n", "\n").strip()
        if typed == (was.text if was else ""):
            continue
        seen = request.POST.get(f"seen-{name}", "")
        if was is not None and seen != seen_mark(was):
            if hashlib.sha256(typed.encode()).hexdigest()[:12] == seen:
                continue  # left as it was shown: the colleague's text stands
            words = f"“{item['title']}”刚刚由{was.replied_by or '他人'}另行答复，没有覆盖。请核对两份内容，再保存一次。"
            problems.append(Problem("GEN-412", f"reply-{name}", words))
            continue
        try:
            reply_to(notice, name, text=typed, actor=request.user)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems += rejected.problems
    return problems


def _next_url(filing: Filing) -> str:
    """What follows the replies: signing again where something was changed since, else the last check."""
    signed = CaseFile(filing, today_here()).signed()
    return reverse("filing:check" if signed else "filing:pledge", args=[filing.no])


def _page(
    request: HttpRequest,
    filing: Filing,
    notice: Notice | None,
    *,
    typed: Any = None,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "heading": TITLES[notice.kind] if notice else "逐项答复",
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "notice": notice,
        "problems": problems or [],
    }
    if notice is not None:
        version = last_version(filing)
        case = CaseFile(filing, today_here())
        rows = _rows(filing, notice, changes_since(version, case), typed)
        open_now = may_answer(filing) and notice.submission >= version.number
        answered, signed = sum(1 for row in rows if row["reply"]), case.signed()
        context |= {
            "rows": rows,
            "answered": answered,
            "pending": len(rows) - answered,
            "open": open_now,
            "signed": signed,
            "next_text": "保存并去核对提交" if signed else "保存并去签署承诺书",
            "clock": next((row for row in clock_rows(filing) if _is_due(row)), None) if open_now else None,
            "letter_url": reverse("filing:letter", args=[filing.no, notice.pk]),
        }
    return render(request, "registry/filing/corrections.html", context, status=status)


def _is_due(row: dict[str, Any]) -> bool:
    clock = row["deadline"]
    return clock.closed_on is None and clock.code in CLOCKS


def changes_since(version: FilingVersion, case: CaseFile) -> dict[str, list[Difference]]:
    """What differs from the last submission, by item; personal answers only as "changed"."""
    found: dict[str, list[Difference]] = {}
    for change in differences(version.content, snapshot(case)):
        found.setdefault(change.item, []).append(change)
    before = unsealed(version)
    for name, row in case.rows.items():
        now, then = unsealed(row), before.get(name, {})
        for spec in BY_NAME[name].fields:
            if spec.personal and now.get(spec.name) != then.get(spec.name):
                found.setdefault(name, []).append(Difference(name, spec.label, "（不显示）", "已修改"))
    return found


def _rows(filing: Filing, notice: Notice, changes: dict[str, list[Difference]], typed: Any) -> list[dict[str, Any]]:
    kept = {reply.item: reply for reply in notice.replies.all()}
    rows = []
    for number, item in enumerate(notice.items, 1):
        name = item["item"]
        reply, changed = kept.get(name), changes.get(name, [])
        text = reply.text if reply else ""
        light, word = _state(bool(text), bool(changed))
        rows.append(
            {
                **item,
                "number": number,
                "name": f"reply-{name}",
                "reply": text,
                "by": reply,
                "typed": typed.get(f"reply-{name}", text) if typed is not None else text,
                "seen": seen_mark(reply),
                "changes": [{"label": c.label, "old": c.before, "new": c.after} for c in changed],
                "light": light,
                "word": word,
                "url": edit_url(filing, name),
            }
        )
    return rows


def _state(replied: bool, changed: bool) -> tuple[str, str]:
    if replied:
        return "green", "已修改并答复" if changed else "已答复"
    return ("yellow", "已修改，还没有答复") if changed else ("plain", "未处理")


def edit_url(filing: Filing, item: str) -> str:
    """Where an item is put right; "" for the registration, which only its authority changes."""
    if item == REGISTRATION:
        return ""
    if item == PEOPLE.name:
        return reverse("people:list")
    if item == PLEDGE.name:
        return reverse("filing:pledge", args=[filing.no])
    return reverse("filing:section" if item in BY_NAME else "filing:material", args=[filing.no, item])
