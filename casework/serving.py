"""A letter reaches whom it is for: served by an officer, signed for in the portal, answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.notifications import notify
from yancheng_childcare.problems import Problem, Rejected, refuse_id_numbers

from . import codes
from .clocks import start
from .events import SERVED, happened
from .kinds import type_of
from .letters import REASON_MIN, act, serves, written
from .models import Case, Letter, LetterReply, LetterService
from .reach import own
from .service import problems_of
from .telling import page_of


def serve(
    letter: Letter, *, way: str, served_on: date, facts: Mapping[str, str], actor: Any, evidence: Any = None
) -> LetterService:
    """Keep how a letter was served; clocks that begin with the service begin on that day.

    Raises Rejected: 403 no officer of the case, 409 (CAS-104) while it is held, 422 (CAS-105) for what the way demands
    (卫生健康行政处罚程序规定 第五十三条至第五十七条).
    """
    with transaction.atomic():
        case = _locked(letter)
        if not serves(actor, case):
            raise Rejected(Problem("GEN-403", "", "只有承办单位的人员可以登记送达。"), status=403)
        return _served(letter, case, way, served_on, facts, actor, evidence)


def sign_for(letter: Letter, *, name: str, actor: Any) -> LetterService:
    """The institution signs for a letter in the portal, and says by it that it agrees to be served here (B2.5, 电子).

    Raises Rejected: 403 not its institution, 409 held or already served, 422 without the name.
    """
    with transaction.atomic():
        case = _locked(letter)
        if not own(actor, case):
            raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
        facts = {"received_by": name.strip(), "confirmation": "签收人在本平台确认同意电子送达", "arrived_at": "本平台"}
        return _served(letter, case, "ELECTRONIC", today_here(), facts, actor, None)


def reply(letter: Letter, *, text: str, actor: Any) -> LetterReply:
    """Keep the addressee's answer and tell who has the case. Raises Rejected 403, 409, 422."""
    with transaction.atomic():
        case = _locked(letter)
        return _replied(letter, case, text, actor)


def _replied(letter: Letter, case: Case, text: str, actor: Any) -> LetterReply:
    if not own(actor, case):
        raise Rejected(Problem("GEN-403", "", "您不是这家机构的经办人。"), status=403)
    if case.closed_on is not None or letter.released_at is None:
        raise Rejected(Problem("GEN-409", "", "这件事已经办结，或者文书还没有发出，不能答复。"), status=409)
    text = written("reply", text, REASON_MIN, 2000, "请写明答复内容，4 到 2000 个字。")
    kept = LetterReply.objects.create(letter=letter, text=text, replied_by=actor)
    act(letter, "replied", f"答复{letter.title}（{letter.number}）", actor)
    officers = [case.assignee or letter.signed_by]
    notify(officers, title=f"机构答复了{letter.title}", body=f"{case.no}（{case.subject_name}）", url=page_of(case))
    return kept


def _locked(letter: Letter) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("region", "assignee", "opened_by")
    case: Case = rows.get(pk=letter.case_id)
    return case


def _served(
    letter: Letter, case: Case, way: str, served_on: date, facts: Mapping[str, str], actor: Any, evidence: Any
) -> LetterService:
    if letter.released_at is None:
        raise Rejected(Problem(codes.SENT, "", "文书还在可撤回的时间内，或者已经撤回，不能登记送达。"), status=409)
    if letter.services.exists():
        raise Rejected(Problem("GEN-409", "", "这份文书已经登记送达。"), status=409)
    today = today_here()
    found = problems_of(way, facts, served_on, signed_on=timezone.localdate(letter.signed_at), today=today)
    if found := found + refuse_id_numbers(facts):
        raise Rejected(found)
    known = {name: str(value).strip() for name, value in facts.items() if str(value).strip()}
    served = LetterService.objects.create(
        letter=letter, way=way, served_on=served_on, facts=known, evidence=evidence, recorded_by=actor
    )
    act(letter, "served", f"{letter.title}（{letter.number}）{served.get_way_display()}", actor)
    if letter.replaces_id is None and case.closed_on is None:  # a correction, or what is over, starts and moves nothing
        start(case, [clock for clock in type_of(case).step(letter.step).starts if clock.on_service], served_on)
        happened(SERVED, [case])
    return served
