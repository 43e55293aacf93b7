"""The whole life of a filing by its services: what each step leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from filing_cases import answer_all, change_fees, closure_plan, fresh, judge_all, pass_on_site

from exchange.models import OutboxEvent
from registry.choices import FilingStatus
from registry.filing.drafts import save_section, start_filing
from registry.filing.services import take_step
from registry.models import FilingReceipt, Institution
from registry.registration.services import end_registration
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db


def events(uscc):
    return list(OutboxEvent.objects.filter(subject=uscc).order_by("id").values_list("type", flat=True))


def test_from_draft_to_filed_with_one_correction(ready, cast, own, django_capture_on_commit_callbacks):
    operator, first, second = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
    case = take_step(ready, "submit", actor=operator)
    clocks = {clock.code for clock in Deadline.objects.running().of(case.subject)}
    assert clocks == {"DL-RECEIPT", "DL-NONCONF"}
    wrong = {
        "premises": ("SUPPLEMENT", "租赁合同缺最后一页"),
        "M05_FIRE": ("SUPPLEMENT", "看不清印章"),
        "fees": ("SUPPLEMENT", "没有写退费办法"),
    }
    judge_all(case, first, **wrong)
    with django_capture_on_commit_callbacks(execute=True):
        case = take_step(case, "return", actor=first)
    notice = case.notices.get()
    assert {item["item"] for item in notice.items} == set(wrong) and notice.document.size > 0
    assert Notification.objects.filter(user=operator, title="需要补正备案材料").exists()
    clocks = {clock.code: clock.paused_on for clock in Deadline.objects.running().of(case.subject)}
    assert clocks["DL-SUPPLEMENT"] is None and clocks["DL-RECEIPT"] and clocks["DL-NONCONF"]
    # only what the notice lists is open
    row = case.sections.get(name="facilities")
    with pytest.raises(Rejected) as locked:
        save_section(case, "facilities", answers=row.data, expected_version=row.version, actor=operator)
    assert locked.value.code == "FIL-007"
    with pytest.raises(Rejected) as early:
        take_step(case, "resubmit", actor=operator)
    assert {p.code for p in early.value.problems} == {"FIL-106"}
    answer_all(case, operator)
    case = take_step(case, "resubmit", actor=operator)
    # what was fine stays judged; the three are open again
    judge_all(case, first)
    case = take_step(case, "receipt", actor=first)
    receipt = FilingReceipt.objects.get(filing=case)
    assert case.status == FilingStatus.RECEIPTED and receipt.receipt_no == case.receipt_no
    assert case.receipt_no.startswith(f"320902TY{today_here().year}")
    assert Institution.objects.get(pk=own.pk).filing_state == "RECEIPTED"
    with pytest.raises(Rejected) as same_person:
        take_step(case, "verify", actor=first, officers=[], planned_on=today_here())
    assert same_person.value.status == 403
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    with pytest.raises(Rejected) as alone:
        take_step(case, "verify", actor=second, officers=[officers[0]] * 2, planned_on=today_here())
    assert {p.field for p in alone.value.problems} == {"officers"}
    case = take_step(case, "verify", actor=second, officers=officers, planned_on=today_here())
    with pytest.raises(Rejected) as open_check:
        take_step(case, "confirm", actor=second)
    assert open_check.value.code == "FIL-113"
    pass_on_site(case, officers[0])
    case = take_step(case, "confirm", actor=second)
    assert case.status == FilingStatus.FILED
    assert not Deadline.objects.running().of(case.subject).exists()
    assert events(own.uscc) == [
        "registration.recorded",
        "filing.submitted",
        "filing.correction_requested",
        "filing.submitted",
        "filing.recorded",
        "filing.confirmed",
    ]
    assert Event.objects.of(case.subject).filter(action="filing.recorded").get().data["decided_on"]["receipt_no"]


def test_a_second_notice_needs_a_cause_and_another_signature(filing_in, cast):
    case = filing_in("SUPPLEMENT")
    operator, first, chief = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"], cast["chief_tinghu"]
    answer_all(case, operator)
    case = take_step(case, "resubmit", actor=operator)
    judge_all(case, first, fees=("SUPPLEMENT", "漏看了收费"))
    with pytest.raises(Rejected) as twice:
        take_step(case, "return", actor=first)
    assert twice.value.code == "FIL-109"
    case = take_step(case, "propose_return", actor=first, reason="首次审查漏看收费项目")
    with pytest.raises(Rejected):
        take_step(case, "return_again", actor=first)
    case = take_step(case, "return_again", actor=chief)
    notice = case.notices.first()
    assert (notice.round, notice.cause, notice.approved_by) == (2, "首次审查漏看收费项目", chief)
    assert notice.issued_by == first


def test_a_refusal_is_signed_by_another_and_made_public(filing_in, cast, own):
    case = filing_in("NONCONFORMING")
    notice = case.notices.get(kind="NONCONFORMING")
    assert notice.published and notice.approved_by == cast["chief_tinghu"]
    assert notice.issued_by == cast["reviewer_tinghu2"]
    event = OutboxEvent.objects.get(type="filing.nonconforming")
    assert event.data["reasons"] and Institution.objects.get(pk=own.pk).filing_state == "NONCONFORMING"
    answer_all(case, cast["operator_xiaotaiyang"])
    case = take_step(case, "rectify", actor=cast["operator_xiaotaiyang"])
    assert case.status == "VERIFYING" and case.site_checks.count() == 2


def test_a_change_keeps_the_filing_and_replaces_the_receipt(filing_in, cast):
    case = filing_in("CHANGE_SUBMITTED")
    before = case.receipt_no
    first = cast["reviewer_tinghu"]
    judge_all(case, first)
    case = take_step(case, "approve_change", actor=first)
    assert case.status == "FILED" and case.receipt_no != before and case.receipts.count() == 2


def test_a_withdrawn_change_leaves_no_trace(filing_in, cast):
    case = filing_in("CHANGING")
    operator = cast["operator_xiaotaiyang"]
    change_fees(case, operator, fee="9999")
    take_step(case, "withdraw_change", actor=operator)
    assert case.sections.get(name="fees").data["fee_full_day"] == "1980"
    assert case.materials.current().count() == 7


def test_nothing_changed_is_no_change_and_a_move_is_filed_again(filing_in, cast):
    case = filing_in("CHANGING")
    operator = cast["operator_xiaotaiyang"]
    with pytest.raises(Rejected) as same:
        take_step(case, "submit_change", actor=operator)
    assert same.value.code == "FIL-117"
    row = case.sections.get(name="basics")
    moved = {**row.data, "service_address": "盐城市亭湖区另一条路 8 号", "contact_phone": "13812345678"}
    save_section(case, "basics", answers=moved, expected_version=row.version, actor=operator)
    with pytest.raises(Rejected) as move:
        take_step(case, "submit_change", actor=operator)
    assert "FIL-118" in {p.code for p in move.value.problems}


def test_a_move_supersedes_the_former_filing_when_receipted(filing_in, cast, own):
    from registry.demo.sample_filing import fill_filing

    old = filing_in("FILED")
    operator, first = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"]
    new = start_filing(Institution.objects.get(pk=own.pk), actor=operator, kind="REFILE")
    assert not new.sections.filter(name="premises").exists()
    assert not new.materials.filter(code="M05_FIRE").exists() and new.materials.filter(code="M01_LICENSE").exists()
    fill_filing(new, actor=operator, today=today_here())
    new = take_step(new, "submit", actor=operator)
    judge_all(new, first)
    new = take_step(new, "receipt", actor=first)
    assert fresh(old).status == "CANCELLED" and new.status == "RECEIPTED"
    assert Institution.objects.get(pk=own.pk).filing_state == "RECEIPTED"


def test_cancellation_follows_the_registration(filing_in, cast, own):
    case = filing_in("FILED")
    end_registration(own, step="cancel", reason="清算完成", terminated_on=today_here(), actor=cast["registrar_tinghu"])
    assert fresh(case).status == "CANCELLED"
    assert events(own.uscc)[-2:] == ["registration.cancelled", "filing.cancelled"]


def test_closure_lists_every_duty_not_done(filing_in, cast):
    case = filing_in("FILED")
    operator, first = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"]
    late = closure_plan(parents_told_on=today_here() - timedelta(days=3))
    with pytest.raises(Rejected) as soon:
        take_step(case, "request_closure", actor=operator, reason="经营调整", plan=late)
    assert {p.field for p in soon.value.problems} == {"from_day"}
    open_plan = closure_plan(children_placed=20, staff_settled=False, refunds_settled=False)
    take_step(case, "request_closure", actor=operator, reason="经营调整", plan=open_plan)
    with pytest.raises(Rejected) as duties:
        take_step(case, "cancel", actor=first, reason="机构申请终止")
    assert {p.field for p in duties.value.problems} == {"children_placed", "staff_settled", "refunds_settled"}


def test_a_blocking_rule_stops_the_submission_with_number_and_clause(ready, cast):
    operator = cast["operator_xiaotaiyang"]
    row = ready.sections.get(name="premises")
    save_section(
        ready, "premises", answers={**row.data, "lease_to": "2027-06-30"}, expected_version=row.version, actor=operator
    )
    with pytest.raises(Rejected) as stopped:
        take_step(ready, "submit", actor=operator)
    codes = {p.code for p in stopped.value.problems}
    assert "R-SITE-01" in codes and "FIL-103" in codes  # the change also unsigned the pledge
    lease = next(p for p in stopped.value.problems if p.code == "R-SITE-01")
    assert lease.clause and "月" in lease.message and "36" in lease.message
