"""What was proposed and not yet signed: for which review it stands, who reads the reason, who hears that it was refused."""

from __future__ import annotations

import pytest
from filing_cases import ITEMS, answer_all, change_fees, fresh, judge_all, pass_on_site

from registry.filing.guards import pending
from registry.filing.services import take_step
from yancheng_childcare.models import Notification
from yancheng_childcare.problems import Rejected

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
    assert remark not in as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/").content.decode()
    history = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/?pane=history").content.decode()
    assert remark in history


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
    html = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    assert "2080" not in html
