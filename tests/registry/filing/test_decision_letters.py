"""撤销备案 and 不予变更 are decided by a letter: facts, ground, how to object, a number, a PDF, seen by both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from decision_cases import page, same_words, send, text_of, twin_of
from django.test import Client
from filing_cases import change_fees, fresh

from casework.documents.render import render_html
from registry.choices import NoticeKind
from registry.filing import previews
from registry.filing.letters import decision_items
from registry.filing.services import take_step
from registry.models import Filing
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Notification

pytestmark = pytest.mark.django_db
SAID = {"reason": "查实消防证明系伪造", "clause": "登记和备案办法第9条"}


# state, proposal, signature, kind, mark of the number, words of the letter
class Decided(NamedTuple):
    """A decision against an institution: the state it is made in, its steps, its letter and what that says."""

    state: str
    proposal: str
    step: str
    kind: NoticeKind
    mark: str
    words: str


DECISIONS = [
    Decided("CHANGE_SUBMITTED", "propose_refusal", "refuse_change", NoticeKind.CHANGE_REFUSAL, "BG", "原备案继续有效"),
    Decided("FILED", "propose_rescind", "rescind", NoticeKind.RESCISSION, "BC", "原备案自始不再有效"),
]


def signed(filing: Filing, proposal: str, step: str, cast: dict[str, Any]) -> Filing:
    """The decision made by the people it takes."""
    filing = take_step(filing, proposal, actor=cast["reviewer_tinghu"], **SAID)
    if step == "rescind":
        filing = take_step(filing, "legal_review", actor=cast["legal_city"], reason="事实清楚", agrees=True)
    return fresh(take_step(filing, step, actor=cast["chief_tinghu"]))


@pytest.mark.parametrize("one", DECISIONS, ids=lambda one: one.step)
def test_the_decision_is_a_letter_the_institution_has_at_once(
    filing_in: Callable[[str], Filing],
    cast: dict[str, Any],
    as_user: Callable[[str], Client],
    operator: Any,
    django_capture_on_commit_callbacks: Any,
    one: Decided,
) -> None:
    filing = filing_in(one.state)
    with django_capture_on_commit_callbacks(execute=True):
        filing = signed(filing, one.proposal, one.step, cast)
    letter = filing.notices.get(kind=one.kind)
    assert letter.number == f"320902{one.mark}{today_here().year}0001"
    assert letter.document.kind == "pdf"
    message = Notification.objects.filter(user=operator).latest("id")
    assert f"《{one.kind.label}》（{letter.number}）" in message.body
    assert message.url == f"/desk/filings/{filing.no}/letters/{letter.pk}/"
    for username in ("operator_xiaotaiyang", "reviewer_tinghu"):
        client = as_user(username)
        html = text_of(client.get(message.url).content.decode())
        for part in (*SAID.values(), one.words, "60日内向盐城市亭湖区人民政府申请行政复议", "6个月内依法向人民法院"):
            assert part in html, part
        assert "逐项答复" not in html
        assert client.get(f"/files/{letter.document_id}/").status_code == 200
    assert as_user("reviewer_dongtai").get(message.url).status_code == 404
    assert letter.number in as_user("operator_xiaotaiyang").get(f"/desk/filings/{filing.no}/").content.decode()
    assert letter.number in as_user("chief_tinghu").get(f"/desk/review/{filing.no}/?pane=history").content.decode()


@pytest.mark.parametrize("one", DECISIONS, ids=lambda one: one.step)
def test_reviewer_lawyer_and_chief_read_the_letter_before_it_goes_out(
    filing_in: Callable[[str], Filing],
    cast: dict[str, Any],
    as_user: Callable[[str], Client],
    one: Decided,
) -> None:
    filing = filing_in(one.state)
    preview = render_html(previews.decision(filing, one.kind, decision_items(one.kind, SAID), today_here()))
    first, chief = as_user("reviewer_tinghu"), as_user("chief_tinghu")
    shown = send(first, filing, f"steps/{one.proposal}", preview="1", **SAID)
    assert shown.status_code == 200 and text_of(preview) in text_of(shown.content.decode())
    assert not filing.proposals.exists()
    assert send(first, filing, f"steps/{one.proposal}", **SAID).status_code == 302
    readers = {"legal_city": "legal_review"} if one.step == "rescind" else {}
    readers["chief_tinghu"] = one.step
    for username, name in readers.items():
        assert text_of(preview) in text_of(as_user(username).get(page(first, filing, f"steps/{name}")).content.decode())
    if one.step == "rescind":
        take_step(fresh(filing), "legal_review", actor=cast["legal_city"], reason="事实清楚", agrees=True)
    assert send(chief, filing, f"steps/{one.step}").status_code == 302
    letter = filing.notices.get(kind=one.kind)
    assert same_words(preview, twin_of(letter), letter.number)


@pytest.mark.parametrize(("state", "proposal"), [row[:2] for row in DECISIONS])
def test_a_decision_without_its_ground_is_not_proposed(
    filing_in: Callable[[str], Filing], as_user: Callable[[str], Client], state: str, proposal: str
) -> None:
    filing = filing_in(state)
    answer = send(as_user("reviewer_tinghu"), filing, f"steps/{proposal}", reason=SAID["reason"])
    assert answer.status_code == 422 and "请写明依据的文件名称和条款" in answer.content.decode()
    assert not filing.proposals.exists()


def test_a_refused_change_leaves_nothing_to_answer(
    filing_in: Callable[[str], Filing], cast: dict[str, Any], operator: Any, as_user: Callable[[str], Client]
) -> None:
    filing = signed(filing_in("CHANGE_SUBMITTED"), "propose_refusal", "refuse_change", cast)
    assert filing.status == "FILED"
    filing = take_step(filing, "start_change", actor=operator)
    html = as_user("operator_xiaotaiyang").get(f"/desk/filings/{filing.no}/corrections/").content.decode()
    assert "没有需要答复的告知书" in html
    change_fees(filing, operator, "2100")
    assert take_step(fresh(filing), "submit_change", actor=operator).status == "CHANGE_SUBMITTED"
