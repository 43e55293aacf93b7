"""Letters of cases: read, recalled while they are held, served, signed for, answered, corrected."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from yancheng_childcare.file_answers import sent
from yancheng_childcare.problems import Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.requests import SignedInRequest

from .. import letters, serving
from ..choices import ServiceWay
from ..documents.render import render_html
from ..models import Letter
from ..reach import own
from ..service import DEMANDS, LABELS
from .lookup import crumbs, visible_letter

FACTS = tuple(dict.fromkeys(name for sets in DEMANDS.values() for demand in sets for name in demand))


@require_GET
def letter(request: SignedInRequest, no: str, pk: int) -> HttpResponse:
    """One letter as it was signed, whether it was sent and served, and what may be done with it now."""
    return _shown(request, visible_letter(request, no, pk))


@require_GET
def paper(request: SignedInRequest, no: str, pk: int) -> FileResponse:
    """The letter as PDF."""
    found = visible_letter(request, no, pk)
    log_event(
        "file.read",
        subject=f"file:{found.document_id}",
        summary=f"打开文书：{found.title}（{found.number}）",
        actor=request.user,
        region_prefix=found.case.region.prefix,
        data={"purpose": found.document.purpose, "uscc": found.case.uscc},
    )
    return sent(found.document, download=True, name=f"{found.title} {found.number}.pdf")


@require_POST
def act_on(request: SignedInRequest, no: str, pk: int, act: str) -> HttpResponse:
    """Recall, serve, sign for, answer or correct; what is wrong stands on the page of the letter."""
    found = visible_letter(request, no, pk)
    acts: dict[str, Any] = {
        "recall": lambda: letters.recall(found, reason=_text(request, "recall_reason"), actor=request.user),
        "serve": lambda: serving.serve(
            found,
            way=_text(request, "way"),
            served_on=_day(request) or date.max,
            facts={name: _text(request, name) for name in FACTS},
            actor=request.user,
        ),
        "reissue": lambda: letters.reissue(found, actor=request.user),
        "sign": lambda: serving.sign_for(found, name=request.user.display_name, actor=request.user),
        "reply": lambda: serving.reply(found, text=_text(request, "reply"), actor=request.user),
        "correct": lambda: letters.correct(found, text=_text(request, "correction"), actor=request.user),
    }
    if act not in acts:
        raise Http404
    try:
        made = acts[act]()
    except Rejected as rejected:
        if rejected.status == 403:
            raise
        return _shown(request, found, rejected)
    messages.success(request, DONE[act])
    return redirect("cases:letter", no, made.pk if isinstance(made, Letter) else pk)


DONE = {
    "recall": "已撤回，文号作废。当事人没有收到这份文书。",
    "reissue": "已重新签发，文号是新的。",
    "serve": "送达已登记。",
    "sign": "已签收。",
    "reply": "答复已提交，承办人会收到消息。",
    "correct": "更正通知书已签发，稍后发出。",
}


def _shown(request: SignedInRequest, found: Letter, rejected: Rejected | None = None) -> HttpResponse:
    case, user = found.case, request.user
    officer = letters.serves(user, case)
    served = list(found.services.select_related("recorded_by"))
    held = found.released_at is None and found.recalled_at is None
    way = str(request.POST.get("way") or request.GET.get("way") or "")
    context = {
        "letter": found,
        "letter_html": render_html(letters.sheet_of(found)),
        "served": [(row, [(LABELS[name], text) for name, text in row.facts.items()]) for row in served],
        "replies": list(found.replies.select_related("replied_by")),
        "corrections": list(found.corrections.all()),
        "held": held,
        "minutes": max(1, round((found.held_until - timezone.now()).total_seconds() / 60)),
        "may_recall": held and letters.recalls(user, found),
        "may_reissue": letters.corrects(user, found) and letters.may_reissue(case, found),
        "may_serve": officer and found.released_at is not None and not served,
        "may_correct": letters.corrects(user, found) and found.released_at is not None,
        "may_sign": own(user, case) and not served,
        "may_reply": own(user, case) and case.closed_on is None,
        "ways": ServiceWay.choices,
        "way": way if way in DEMANDS else "",
        "way_label": dict(ServiceWay.choices).get(way, ""),
        "facts": [(name, LABELS[name], request.POST.get(name, "")) for name in _asked_for(way)],
        "either": len(DEMANDS.get(way, ())) > 1,
        "entered": request.POST,
        "problems": rejected.problems if rejected else [],
        "heading": found.title,
        "lead": f"{case.subject_name}　{found.number}",
        "breadcrumbs": crumbs(case),
    }
    return render(request, "casework/letter.html", context, status=rejected.status if rejected else 200)


def _asked_for(way: str) -> list[str]:
    return list(dict.fromkeys(name for demand in DEMANDS.get(way, ()) for name in demand))


def _text(request: SignedInRequest, name: str) -> str:
    return str(request.POST.get(name) or "").replace("\x00", "").strip()[:2000]


def _day(request: SignedInRequest) -> date | None:
    try:
        return parse_date(_text(request, "served_on"))
    except ValueError:  # well written, but no day of the calendar
        return None
