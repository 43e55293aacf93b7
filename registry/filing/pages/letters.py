"""Letters and receipts as pages: the same words as the PDF, what they are worth today, and that they were read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from casework.documents.render import render_html
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected

from ...choices import ANSWERED_NOTICES
from ...documents import links
from ...models import Filing, FilingReceipt
from .. import letters
from ..drafts import is_own
from ..services import acknowledge_conditions
from ..states import may_answer, state_of
from .lookup import operator_crumbs, visible_filing


def _crumbs(user: Any, filing: Filing) -> list[dict[str, str]]:
    if is_own(user, filing.institution):
        return operator_crumbs(filing)
    return [
        {"label": "备案审查", "url": reverse("filing:queue")},
        {"label": filing.no, "url": reverse("filing:review", args=[filing.no])},
    ]


@require_GET
def letter(request: HttpRequest, no: str, pk: int) -> HttpResponse:
    """One letter as it was sent, with its PDF."""
    filing = visible_filing(request, no)
    notice = filing.notices.select_related("document", "approved_by").filter(pk=pk).first()
    if notice is None:
        raise Http404
    twin = letters.notice(
        filing,
        notice.kind,
        number=notice.number,
        items=notice.items,
        issued_on=timezone.localdate(notice.issued_at),
        due_on=notice.due_on,
        round=notice.round,
        cause=notice.cause,
        approved_by=notice.approved_by.display_name if notice.approved_by else "",
    )
    asked = notice.kind in ANSWERED_NOTICES and may_answer(filing)
    answering = asked and is_own(request.user, filing.institution)
    context = {
        "heading": notice.title,
        "lead": filing.institution.name,
        "breadcrumbs": _crumbs(request.user, filing),
        "filing": filing,
        "notice": notice,
        "letter_html": render_html(twin),
        "document": notice.document,
        "answer_url": reverse("filing:corrections", args=[no]) if answering else "",
    }
    return render(request, "registry/filing/letter.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, no: str) -> HttpResponse:
    """The receipt and the notice of basic conditions; POST says that the institution has read the latter."""
    filing = visible_filing(request, no)
    issued = list(filing.receipts.select_related("document", "conditions", "version").order_by("-id"))
    if request.method == "POST":
        if not issued:
            raise Rejected(Problem("GEN-409", "", "这件备案还没有出具回执，没有可以确认的告知书。"), status=409)
        if _read_by(filing, issued[0]) is None:
            acknowledge_conditions(filing, actor=request.user)
        messages.success(request, "已记录：本机构已阅读基本条件告知书。")
        return redirect(f"{reverse('filing:receipt', args=[no])}?part=conditions")
    context: dict[str, Any] = {
        "heading": "备案回执和基本条件告知书",
        "lead": filing.institution.name,
        "breadcrumbs": _crumbs(request.user, filing),
        "filing": filing,
        "receipt": issued[0] if issued else None,
    }
    if issued:
        context |= _shown(request, filing, issued)
    return render(request, "registry/filing/receipt.html", context)


def _shown(request: HttpRequest, filing: Filing, issued: list[FilingReceipt]) -> dict[str, Any]:
    """The newest receipt, one of its two papers at a time, and the former ones with what replaced them."""
    newest = issued[0]
    conditions = request.GET.get("part") == "conditions"
    if conditions:
        twin = letters.conditions(filing, newest.receipt_no, newest.issued_on)
    else:
        twin = letters.receipt(filing, newest.receipt_no, newest.content, newest.issued_on)
    url = reverse("filing:receipt", args=[filing.no])
    light, word = state_of(filing).worth or ("plain", filing.get_status_display())
    return {
        "tabs": [
            {"label": "备案回执", "url": url, "current": not conditions},
            {"label": "基本条件告知书", "url": f"{url}?part=conditions", "current": conditions},
        ],
        "conditions": conditions,
        "letter_html": render_html(twin),
        "document": newest.conditions if conditions else newest.document,
        "status_light": light,
        "status_word": word,
        "verify_url": links.verify_url(newest.receipt_no),
        "read": _read_by(filing, newest),
        "may_confirm": is_own(request.user, filing.institution),
        "former": [
            {"receipt": old, "by": newer.receipt_no, "on": newer.issued_on}
            for newer, old in zip(issued, issued[1:], strict=False)
        ],
    }


def _read_by(filing: Filing, newest: FilingReceipt) -> Event | None:
    """The act that says the conditions of this receipt were read. One query."""
    acts = Event.objects.of(filing.subject).filter(action="filing.conditions_read")
    return acts.filter(summary__contains=newest.receipt_no).first()
