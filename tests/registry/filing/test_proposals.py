"""What was proposed and not yet signed: for which review it stands, who reads the reason, who hears that it was refused."""

from __future__ import annotations

import re

import pytest
from filing_cases import ITEMS, answer_all, change_fees, fresh, judge_all, pass_on_site

from registry.filing.acts import REMINDED
from registry.filing.guards import pending
from registry.filing.services import assign, take_step
from tests.pages import markup_of
from yancheng_childcare.models import Notification
from yancheng_childcare.problems import Rejected
from yancheng_childcare.records import log_event

pytestmark = pytest.mark.django_db
GROUND = {"reason": "变更后的内容不符合标准", "clause": "登记和备案办法第9条"}


@pytest.fixture
def refusal_waits(filing_in, cast):
    """A change whose refusal was proposed and waits for the chief."""
    return fresh(take_step(filing_in("CHANGE_SUBMITTED"), "propose_refusal", actor=cast["reviewer_tinghu"], **GROUND))


def test_approving_a_change_voids_the_refusal_that_waited(refusal_waits, cast):
    judge_all(refusal_waits, cast["reviewer_tinghu"])
    case = fresh(take_step(refusal_waits, "approve_change", actor=cast["reviewer_tinghu"]))
    assert pending(case) is None
    assert case.proposals.get().outcome == "WITHDRAWN"


def test_a_refusal_proposed_before_a_correction_is_not_signed_for_what_came_after(refusal_waits, cast, operator):
    judge_all(refusal_waits, cast["reviewer_tinghu"], fees=("SUPPLEMENT", "请附价目表"))
    case = fresh(take_step(refusal_waits, "return_change", actor=cast["reviewer_tinghu"]))
    change_fees(case, operator, "2100")
    answer_all(case, operator)
    case = fresh(take_step(case, "submit_change", actor=operator))
    with pytest.raises(Rejected) as refused:
        take_step(case, "refuse_change", actor=cast["chief_tinghu"])
    assert refused.value.code == "FIL-110", "nothing waits for a signature"


def test_a_visit_that_conforms_leaves_a_proposed_rescission_waiting(filing_in, cast):
    case = filing_in("VERIFYING")
    take_step(case, "propose_rescind", actor=cast["reviewer_tinghu"], reason="查实材料虚假", clause="登记和备案办法")
    pass_on_site(case, cast["inspector_tinghu1"])
    case = fresh(take_step(fresh(case), "confirm", actor=cast["reviewer_tinghu2"]))
    assert pending(case, "rescind") is not None


def test_the_remark_to_the_chief_is_not_read_by_the_institution(filing_in, cast, as_user):
    """The form promises 不发给机构."""
    case = filing_in("VERIFYING")
    pass_on_site(case, cast["inspector_tinghu1"], fails=("S01",))
    remark = "该机构负责人态度不好，请从快签发"
    take_step(case, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason=remark, items=ITEMS)
    case = fresh(take_step(fresh(case), "nonconform", actor=cast["chief_tinghu"]))
    assert remark not in markup_of(as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/"))
    history = markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/?pane=history"))
    assert remark in history


# By hand: what an institution reads of its own case while its rescission is prepared.
OWN_LINES = {
    "新建备案", "签署备案承诺书", "提交备案", "出具备案回执", "指派现场核实", "现场核实完成", "核实符合", "签批撤销备案",
}  # fmt: skip


def test_what_is_only_proposed_stays_within_the_authority(filing_in, cast, as_user, own):
    """Proposal, opinion, refusal, hand-over, reminders of officers: read by officers, by the institution nowhere."""
    case, first = filing_in("FILED"), cast["reviewer_tinghu"]
    assign(case, to=cast["reviewer_tinghu2"], actor=cast["chief_tinghu"])
    log_event(REMINDED, subject=case.subject, summary="备案办理超期", data={"key": "x"})
    grave = {"reason": "查实材料虚假", "clause": "登记和备案办法"}
    for legal in (False, True):
        case = take_step(fresh(case), "propose_rescind", actor=first, **grave)
        case = take_step(fresh(case), "legal_review", actor=cast["legal_city"], reason="意见在此", agrees=legal)
        if not legal:
            take_step(fresh(case), "refuse_proposal", actor=cast["chief_tinghu"], reason="证据不足，退回重办")
    inside = ("提请撤销备案", "法制审核", "不同意提议", "指派给", "备案办理超期", "意见在此", "证据不足")
    institution, officer = as_user("operator_xiaotaiyang"), as_user("reviewer_tinghu")
    history = markup_of(officer.get(f"/desk/review/{case.no}/?pane=history"))
    assert [words for words in inside if words not in history] == []
    places = (
        f"/desk/filings/{case.no}/",
        f"/desk/registrations/{own.uscc}/",
        f"/api/v1/filings/{case.no}/",
        f"/institutions/{own.uscc}/",
    )
    for place in places:
        page = markup_of(institution.get(place))
        assert [words for words in inside if words in page] == [], place
    take_step(fresh(case), "rescind", actor=cast["chief_tinghu"])
    page = markup_of(institution.get(places[0]))
    lines = re.findall(r'timeline__title">(?:<a[^>]*>)?([^<：（]*)', page)
    assert set(lines) == OWN_LINES


def test_what_departments_answer_one_another_is_not_on_the_institutions_page(own, as_user):
    for action in ("receipt.accepted", "warning.answered"):
        log_event(action, subject=own.subject, summary=f"内部办理 {action}")
    log_event("registration.changed", subject=own.subject, summary="变更登记办结")
    for who, number in (("operator_xiaotaiyang", 0), ("registrar_tinghu", 2)):
        page = markup_of(as_user(who).get(f"/desk/registrations/{own.uscc}/"))
        assert (page.count("内部办理"), page.count("变更登记办结")) == (number, 1), who


def test_who_proposed_reads_that_it_was_refused_and_why(refusal_waits, cast, django_capture_on_commit_callbacks):
    """The form promises 会告知提出人."""
    with django_capture_on_commit_callbacks(execute=True):
        take_step(refusal_waits, "refuse_proposal", actor=cast["chief_tinghu"], reason="依据{theirs}不足，请补正。")
    told = Notification.objects.filter(user=cast["reviewer_tinghu"]).latest("pk")
    assert told.title == "负责人不同意您的提议"
    assert "依据{theirs}不足，请补正。提议已作废" in told.body
    assert told.url == f"/desk/review/{refusal_waits.no}/"


def test_the_next_change_has_a_one_time_notice_of_its_own(filing_in, cast, operator):
    case, first = filing_in("CHANGE_SUBMITTED"), cast["reviewer_tinghu"]
    judge_all(case, first, fees=("SUPPLEMENT", "请附价目表"))
    case = fresh(take_step(case, "return_change", actor=first))
    take_step(case, "withdraw_change", actor=operator)
    case = fresh(take_step(fresh(case), "start_change", actor=operator))
    change_fees(case, operator, "2300")
    case = fresh(take_step(case, "submit_change", actor=operator))
    judge_all(case, first, fees=("SUPPLEMENT", "请附新的价目表"))
    assert take_step(case, "return_change", actor=first).status == "CHANGING"


def test_after_a_refused_change_the_review_page_shows_what_is_filed(refusal_waits, cast, as_user):
    case = fresh(take_step(refusal_waits, "refuse_change", actor=cast["chief_tinghu"]))
    last = case.versions.first()
    assert last.number == case.accepted_number
    assert last.content["sections"]["fees"] == case.sections.get(name="fees").data
    assert last.received_on == case.versions.get(number=1).received_on, "nobody confirmed anything today"
    html = markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/"))
    assert "2080" not in html
