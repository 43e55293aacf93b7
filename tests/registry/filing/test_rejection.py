"""不予收件: proposed by the reviewer, signed by the chief (design §3: two persons for a negative decision)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from decision_cases import page, same_words, send, text_of, twin_of
from django.db import IntegrityError, transaction
from django.test import Client
from filing_cases import fresh, judge_all

from casework.documents.render import render_html
from registry.choices import NoticeKind
from registry.filing import previews
from registry.filing.letters import decision_items
from registry.filing.services import take_step
from registry.models import Proposal
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Notification

AWAY = {"reason": "机构在盐都区", "clause": "登记和备案办法第7条", "competent": "盐都区卫生健康委员会"}


@pytest.fixture
def first(as_user: Callable[[str], Client]) -> Client:
    return as_user("reviewer_tinghu")


@pytest.fixture
def chief(as_user: Callable[[str], Client]) -> Client:
    return as_user("chief_tinghu")


def test_a_rejection_is_previewed_and_names_the_competent_authority(first, chief, filing_in):
    filing = filing_in("SUBMITTED")
    assert "提请负责人签批" in first.get(page(first, filing, "steps/propose_reject")).content.decode()
    shown = send(first, filing, "steps/propose_reject", preview="1", **AWAY)
    assert shown.status_code == 200
    preview = render_html(
        previews.decision(filing, NoticeKind.REJECTION, decision_items(NoticeKind.REJECTION, AWAY), today_here())
    )
    assert text_of(preview) in text_of(shown.content.decode())
    assert 'value="盐都区卫生健康委员会"' in shown.content.decode()
    bad = send(first, filing, "steps/propose_reject", reason="短", clause="x" * 500)
    assert bad.status_code == 422
    assert "最多 200 个字" in bad.content.decode()
    assert send(first, filing, "steps/propose_reject", **AWAY).status_code == 302
    html = chief.get(page(chief, filing, "steps/reject")).content.decode()
    assert "作出不予收件决定" in html
    assert "button--danger" in html
    assert "steps/refuse_proposal/" in html
    assert text_of(preview) in text_of(html)
    assert send(chief, filing, "steps/reject").status_code == 302
    notice = filing.notices.get()
    assert same_words(preview, twin_of(notice), notice.number)
    filing = fresh(filing)
    assert (filing.status, filing.end_reason) == ("REJECTED", AWAY["reason"])


def test_a_rejection_takes_the_chief_and_another_person(
    first, chief, filing_in, cast, django_capture_on_commit_callbacks
):
    filing = filing_in("SUBMITTED")
    assert send(chief, filing, "steps/reject").status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert send(first, filing, "steps/propose_reject", **AWAY).status_code == 302
    told = Notification.objects.filter(user=cast["chief_tinghu"], title="有不予收件待签批")
    assert told.exists()
    assert send(first, filing, "steps/reject").status_code == 403
    assert fresh(filing).status == "SUBMITTED"
    assert not filing.notices.exists()
    # Somebody who is reviewer and chief proposes; the same hand does not sign.
    Proposal.objects.filter(filing=filing).update(proposed_by=cast["chief_tinghu"])
    refused = send(chief, filing, "steps/reject")
    assert refused.status_code == 422
    assert "须由另一人签批" in refused.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(filing=filing).update(outcome="APPROVED", decided_by=cast["chief_tinghu"])


def test_what_is_signed_is_what_was_proposed(filing_in, cast):
    filing = filing_in("SUBMITTED")
    filing = take_step(filing, "propose_reject", actor=cast["reviewer_tinghu"], **AWAY)
    other = [{**decision_items(NoticeKind.REJECTION, AWAY)[0], "finding": "另一个理由"}]
    take_step(filing, "reject", actor=cast["chief_tinghu"], items=other, reason="另一个理由")
    assert filing.notices.get().items[0]["finding"] == AWAY["reason"]
    assert fresh(filing).end_reason == AWAY["reason"]


def test_a_notice_to_correct_ends_a_waiting_rejection(filing_in, cast):
    filing = filing_in("SUBMITTED")
    filing = take_step(filing, "propose_reject", actor=cast["reviewer_tinghu"], **AWAY)
    judge_all(filing, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺页"))
    filing = take_step(filing, "return", actor=cast["reviewer_tinghu"])
    assert filing.proposals.get().outcome == "WITHDRAWN"
