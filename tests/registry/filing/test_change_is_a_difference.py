"""A change shows what changed and nothing else; fees and contacts need none; who acts has the case."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from filing_cases import answer_all, change_fees, fresh, judge_all

from registry.filing import judging, review
from registry.filing.pledge import sign_pledge
from registry.filing.services import take_step
from registry.models import Notice, PublicChange, PublicEntry
from yancheng_childcare.models import Event, Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
INFO = {"fees": {"fee_full_day": "2080"}}


def test_a_change_leaves_only_what_changed_to_be_judged(filing_in, as_user):
    case = filing_in("CHANGE_SUBMITTED")
    version = review.last_version(case)
    verdicts = review.verdicts_of(case, version.number)
    assert [item for item in review.items_of(version) if item not in verdicts] == ["fees"]
    assert {row.decided_at for row in verdicts.values()} == {version.submitted_at}
    shown = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    assert "（已备案的内容）相比有 1 处不同" in shown
    assert f"没有改动的 {len(verdicts)} 项沿用上次的结论" in shown
    assert "变更备案" in shown and "首次备案" not in shown


def test_after_a_correction_a_change_is_still_compared_with_what_is_filed(filing_in, operator, cast, as_user):
    case, reviewer = filing_in("CHANGE_SUBMITTED"), cast["reviewer_tinghu"]
    judge_all(case, reviewer, fees=("SUPPLEMENT", "收费不全"))
    take_step(fresh(case), "return_change", actor=reviewer)
    answer_all(fresh(case), operator)
    case = take_step(fresh(case), "submit_change", actor=operator)
    shown = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    assert "与第 1 次提交（已备案的内容）相比有 1 处不同" in shown and "2080 元/月" in shown


def test_a_carried_verdict_can_be_given_anew_and_is_then_no_longer_carried(filing_in, cast, as_user):
    case = filing_in("CHANGE_SUBMITTED")
    review.give_verdict(case, "basics", verdict="CONFORMS", actor=cast["reviewer_tinghu"])
    row = review.verdicts_of(case, review.last_version(case).number)["basics"]
    assert row.decided_at > review.last_version(case).submitted_at


def test_another_signer_is_a_change_and_is_judged_again(filing_in, operator, as_user):
    case = filing_in("CHANGING")
    change_fees(case, operator)
    sign_pledge(case, name=case.institution.legal_rep_name, agreed=True, actor=operator)
    case = take_step(fresh(case), "submit_change", actor=operator)
    assert "pledge" not in review.verdicts_of(case, review.last_version(case).number)
    shown = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    assert case.institution.legal_rep_name in shown and "原为：曹负责" in shown


def test_the_institution_checks_the_differences_first(filing_in, as_user, operator):
    case = filing_in("CHANGING")
    change_fees(case, operator)
    own = as_user("operator_xiaotaiyang")
    shown = own.get(f"/desk/filings/{case.no}/check/").content.decode()
    assert shown.index("这次变更的内容") < shown.index("查看全部内容")
    lead = shown[: shown.index("查看全部内容")]
    assert "2080 元/月" in lead and "机构建筑面积" not in lead
    assert "变更备案" in own.get("/desk/filings/").content.decode()


def test_a_price_is_updated_at_once_without_a_new_receipt(filing_in, as_user, cast, operator):
    case = filing_in("FILED")
    receipts, entry = list(case.receipts.values_list("receipt_no", flat=True)), PublicEntry.objects.get()
    own = as_user("operator_xiaotaiyang")
    url = f"/desk/filings/{case.no}/steps/update_info/"
    shown = own.get(url).content.decode()
    assert "不换回执" in shown and 'name="fee_full_day"' in shown and 'name="capacity_total"' not in shown
    row = {**case.sections.get(name="fees").data, **case.sections.get(name="basics").data}
    typed = {key: value for key, value in row.items() if f'name="{key}"' in shown}
    answer = own.post(
        url, {**typed, "contact_phone": "13812345678", "fee_full_day": "2080", "record_version": case.record_version}
    )
    assert answer.status_code == 302
    case = fresh(case)
    assert case.status == "FILED" and list(case.receipts.values_list("receipt_no", flat=True)) == receipts
    assert case.accepted_number == 2 and case.versions.count() == 2
    assert case.versions.get(number=1).content["sections"]["fees"]["fee_full_day"] != "2080"
    assert PublicEntry.objects.get().version == entry.version + 1
    assert "2,080" in PublicChange.objects.get(kind="FEES").detail
    act = Event.objects.of(case.subject).first()
    assert act.action == "filing.update_info" and "2080 元/月" in act.data["decided_on"]["changed"][0]
    page = own.get(f"/institutions/{case.institution.uscc}/").content.decode()
    assert "2080" in page or "2,080" in page


def test_the_reviewers_are_told_of_an_update(filing_in, operator, django_capture_on_commit_callbacks):
    case = filing_in("FILED")
    with django_capture_on_commit_callbacks(execute=True):
        take_step(case, "update_info", actor=operator, info=INFO)
    assert Notification.objects.filter(title="机构更新了收费或联系方式", user__username="reviewer_tinghu").exists()


def test_only_fees_and_contacts_can_be_updated_and_only_to_something_new(filing_in, operator):
    case = filing_in("FILED")
    with pytest.raises(Rejected, match="FIL-117"):
        take_step(
            case,
            "update_info",
            actor=operator,
            info={"fees": {"meal_mode": "NONE"}, "classes": {"capacity_total": "1"}},
        )
    with pytest.raises(Rejected, match="fee_full_day"):
        take_step(case, "update_info", actor=operator, info={"fees": {"fee_full_day": "两千"}})
    assert case.versions.count() == 1


def test_the_numbers_of_a_contact_stay_out_of_history(filing_in, operator):
    case = filing_in("FILED")
    take_step(case, "update_info", actor=operator, info={"basics": {"contact_phone": "13900005555"}})
    act = Event.objects.of(case.subject).first()
    assert act.data["decided_on"]["changed"] == ["联系人电话：已修改"]
    assert "13900005555" not in str(act.data) + str(case.versions.first().content)


def test_a_change_after_an_update_is_compared_with_the_update(filing_in, operator):
    case = take_step(filing_in("FILED"), "update_info", actor=operator, info=INFO)
    case = take_step(fresh(case), "start_change", actor=operator)
    sign_pledge(case, name="曹负责", agreed=True, actor=operator)
    with pytest.raises(Rejected, match="FIL-117"):
        take_step(fresh(case), "submit_change", actor=operator)
    case = take_step(fresh(case), "withdraw_change", actor=operator)
    assert case.sections.get(name="fees").data["fee_full_day"] == "2080"


def test_who_judges_has_the_case_and_the_institution_reads_the_name(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    own = as_user("operator_xiaotaiyang")
    assert "还没有分配到人" in own.get(f"/desk/filings/{case.no}/").content.decode()
    review.give_verdict(case, "basics", verdict="CONFORMS", actor=cast["reviewer_tinghu"])
    assert fresh(case).assigned_to == cast["reviewer_tinghu"]
    shown = own.get(f"/desk/filings/{case.no}/").content.decode()
    assert "王审阅" in shown and "还没有分配到人" not in shown
    review.give_verdict(case, "fees", verdict="CONFORMS", actor=cast["reviewer_tinghu2"])
    assert fresh(case).assigned_to == cast["reviewer_tinghu"]


def test_a_step_of_a_reviewer_takes_a_case_nobody_has(filing_in, cast):
    case = filing_in("SUBMITTED")
    case = take_step(case, "pause", actor=cast["reviewer_tinghu2"], cause="EXPERTISE")
    assert fresh(case).assigned_to == cast["reviewer_tinghu2"]


def test_the_rest_conforms_within_the_budget(filing_in, cast):
    case = filing_in("SUBMITTED")
    items = judging.open_without_findings(review.last_version(case), {})
    with CaptureQueriesContext(connection) as captured:
        count = judging.pass_rest(case, items=items, submission="1", actor=cast["reviewer_tinghu"])
    assert count == len(items) > 8
    assert len([q for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]) <= 15


def test_the_chief_begins_with_what_waits_for_a_signature(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    judge_all(case, cast["reviewer_tinghu"])
    take_step(case, "propose_reject", actor=cast["reviewer_tinghu"], reason="不属于本辖区")
    chief = as_user("chief_tinghu")
    desk = chief.get("/desk/").content.decode()
    assert "/desk/review/?view=sign" in desk
    shown = chief.get("/desk/review/").content.decode()
    assert shown.index("?view=sign") < shown.index("?view=overdue")
    assert "/desk/review/?view=sign" not in as_user("reviewer_tinghu").get("/desk/").content.decode()


def test_the_receipt_is_no_filled_button_before_the_case_was_read(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    bar = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode().split('id="bar"')[1]
    assert bar.index("更多办理") < bar.index("/receipt/")
    judge_all(case, cast["reviewer_tinghu"])
    bar = as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode().split('id="bar"')[1]
    assert bar.index("/receipt/") < bar.index("更多办理")
    assert not Notice.objects.exists()
