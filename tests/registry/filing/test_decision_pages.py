"""Decisions by page: what is shown is what is sent, two persons where the law wants two, a double click decides once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from decision_cases import page, same_words, send, text_of, twin_of
from django.test import Client
from filing_cases import answer_all, change_fees, closure_plan, fresh, judge_all, pass_on_site

from casework.documents.render import render_html
from registry.filing import previews, review
from registry.filing.services import available_steps, take_step
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here

REASON = "首次提交缺少该页，无从发现"
BASIS = "登记和备案办法第9条"


@pytest.fixture
def first(as_user: Callable[[str], Client]) -> Client:
    return as_user("reviewer_tinghu")


@pytest.fixture
def second(as_user: Callable[[str], Client]) -> Client:
    return as_user("reviewer_tinghu2")


@pytest.fixture
def chief(as_user: Callable[[str], Client]) -> Client:
    return as_user("chief_tinghu")


# --- the one-time notice -----------------------------------------------------------------------------------------------
def test_the_notice_is_previewed_exactly_sent_once_and_a_second_click_is_told(first, filing_in, cast):
    filing = filing_in("SUBMITTED")
    html = markup_of(first.get(page(first, filing, "notice")))
    assert "现在还不能办理" in html
    assert "还没有审查结论" in html
    assert f"/desk/review/{filing.no}/#item-premises" in html
    assert "发出一次性告知书" not in html
    judge_all(
        filing,
        cast["reviewer_tinghu"],
        premises=("SUPPLEMENT", "租赁合同缺页<b>"),
        M05_FIRE=("NONCONFORMS", "缺第 2 页"),
    )
    html = markup_of(first.get(page(first, filing, "notice")))
    assert "发出一次性告知书" in html
    assert "共 2 项" in html
    assert "缺页<b>" not in html
    items = review.correction_items(review.verdicts_of(filing, 1).values())
    preview = render_html(previews.correction(filing, items, today_here()))
    assert text_of(preview) in text_of(html)
    version = filing.record_version
    answer = first.post(page(first, filing, "notice"), {"step": "return", "record_version": version})
    assert answer.status_code == 302
    assert fresh(filing).status == "SUPPLEMENT"
    notice = filing.notices.get()
    assert same_words(preview, twin_of(notice), notice.number)
    again = first.post(page(first, filing, "notice"), {"step": "return", "record_version": version})
    assert again.status_code == 302
    assert filing.notices.count() == 1
    assert first.get(page(first, filing, "notice")).status_code == 409


def test_only_the_area_and_only_reviewers_send_it(as_user, filing_in):
    filing = filing_in("SUBMITTED")
    assert as_user("reviewer_dongtai").get(page(None, filing, "notice")).status_code == 404
    assert as_user("operator_xiaotaiyang").get(page(None, filing, "notice")).status_code == 403
    assert as_user("legal_city").get(page(None, filing, "notice")).status_code == 403
    html = markup_of(as_user("chief_tinghu").get(page(None, filing, "notice")))
    assert "告知书由受理人员发出" in html
    refused = send(as_user("chief_tinghu"), filing, "notice", step="return")
    assert refused.status_code == 403
    assert send(as_user("reviewer_tinghu"), filing, "notice", step="receipt").status_code == 404
    stale = as_user("reviewer_tinghu").post(page(None, filing, "notice"), {"step": "return", "record_version": "999"})
    assert stale.status_code == 412


def test_a_second_notice_needs_a_cause_and_another_persons_signature(first, chief, filing_in, cast):
    filing = filing_in("SUPPLEMENT")
    answer_all(filing, cast["operator_xiaotaiyang"])
    filing = fresh(take_step(filing, "resubmit", actor=cast["operator_xiaotaiyang"]))
    judge_all(filing, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "还缺最后一页"))
    html = markup_of(first.get(page(first, filing, "notice")))
    assert "为什么要再次告知" in html
    assert send(first, filing, "notice", step="return").status_code == 422
    shown = send(first, filing, "notice", step="propose_return", reason=REASON, preview="1")
    assert shown.status_code == 200
    assert not filing.proposals.exists()
    empty = send(first, filing, "notice", step="propose_return", reason="")
    assert empty.status_code == 422
    assert "错误：" in markup_of(empty)
    assert send(first, filing, "notice", step="propose_return", reason=REASON).status_code == 302
    assert send(first, filing, "notice", step="return_again").status_code == 403
    filing = fresh(filing)
    html = markup_of(chief.get(page(chief, filing, "notice")))
    assert REASON in html
    assert "王审阅" in html
    assert "签批并发出补充告知书" in html
    proposal = filing.proposals.get()
    name = cast["chief_tinghu"].display_name
    preview = render_html(previews.correction(filing, proposal.items, today_here(), cause=REASON, approved_by=name))
    assert text_of(preview) in text_of(html)
    assert send(chief, filing, "notice", step="return_again").status_code == 302
    notice = filing.notices.order_by("-id")[0]
    assert (notice.round, notice.cause, notice.approved_by) == (2, REASON, cast["chief_tinghu"])
    assert same_words(preview, twin_of(notice, name), notice.number)


def test_the_chief_may_refuse_a_second_notice(first, chief, filing_in, cast):
    filing = filing_in("SUPPLEMENT")
    answer_all(filing, cast["operator_xiaotaiyang"])
    filing = fresh(take_step(filing, "resubmit", actor=cast["operator_xiaotaiyang"]))
    judge_all(filing, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "还缺最后一页"))
    send(first, filing, "notice", step="propose_return", reason=REASON)
    html = markup_of(chief.get(page(chief, filing, "steps/refuse_proposal")))
    assert REASON in html
    assert send(chief, filing, "steps/refuse_proposal", reason="").status_code == 422
    assert send(chief, filing, "steps/refuse_proposal", reason="首次就应当发现").status_code == 302
    assert filing.proposals.get().outcome == "REFUSED"
    assert fresh(filing).status == "SUBMITTED"


def test_a_change_is_told_once_and_then_refused_by_two_persons(first, chief, filing_in, cast):
    filing = filing_in("CHANGE_SUBMITTED")
    judge_all(filing, cast["reviewer_tinghu"], fees=("SUPPLEMENT", "请附价目表"))
    assert "一次性告知书" in markup_of(first.get(page(first, filing, "notice")))
    assert send(first, filing, "notice", step="return_change").status_code == 302
    filing = fresh(filing)
    assert filing.status == "CHANGING"
    operator = cast["operator_xiaotaiyang"]
    change_fees(filing, operator, "2100")
    answer_all(filing, operator)
    filing = fresh(take_step(filing, "submit_change", actor=operator))
    judge_all(filing, cast["reviewer_tinghu"], fees=("SUPPLEMENT", "仍没有价目表"))
    html = markup_of(first.get(page(first, filing, "notice")))
    assert f"/desk/review/{filing.no}/steps/propose_refusal/" in html
    assert "发出一次性告知书" not in html
    assert send(first, filing, "steps/propose_refusal", reason="没有价目表", clause="管理规范第15条").status_code == 302
    assert first.get(page(first, filing, "steps/refuse_change")).status_code == 403
    assert "没有价目表" in markup_of(chief.get(page(chief, filing, "steps/refuse_change")))
    assert send(chief, filing, "steps/refuse_change").status_code == 302
    assert fresh(filing).status == "FILED"


# --- receipt -----------------------------------------------------------------------------------------------------------
def test_the_receipt_is_shown_before_it_is_issued_and_issued_once(first, chief, filing_in, cast):
    filing = filing_in("SUBMITTED")
    html = markup_of(first.get(page(first, filing, "receipt")))
    assert "现在还不能办理" in html
    assert "还没有通过审查" in html
    refused = send(first, filing, "receipt", step="receipt")
    assert refused.status_code == 422
    assert "还没有通过审查" in markup_of(refused)
    judge_all(filing, cast["reviewer_tinghu"])
    html = markup_of(first.get(page(first, filing, "receipt")))
    assert 'value="receipt"' in html
    assert "出具备案回执" in html
    receipt, conditions = previews.receipt(filing, review.last_version(filing), today_here())
    assert text_of(render_html(receipt)) in text_of(html)
    assert text_of(render_html(conditions)) in text_of(html)
    assert chief.get(page(chief, filing, "receipt")).status_code == 403
    version = filing.record_version
    for _ in range(2):
        answer = first.post(page(first, filing, "receipt"), {"step": "receipt", "record_version": version})
        assert answer.status_code == 302
    assert filing.receipts.count() == 1
    assert fresh(filing).status == "RECEIPTED"


def test_a_change_gets_a_new_receipt(first, filing_in, cast):
    filing = filing_in("CHANGE_SUBMITTED")
    judge_all(filing, cast["reviewer_tinghu"])
    former = filing.receipt_no
    html = markup_of(first.get(page(first, filing, "steps/approve_change"), follow=True))
    assert "旧回执不再有效" in html
    assert send(first, filing, "receipt", step="approve_change").status_code == 302
    assert fresh(filing).receipt_no != former


# --- on site -----------------------------------------------------------------------------------------------------------
def test_verification_takes_another_reviewer_and_two_officers(first, second, filing_in, cast):
    filing = filing_in("RECEIPTED")
    refused = first.get(page(first, filing, "steps/verify"))
    assert refused.status_code == 403
    assert "须由另一名复核人员办理" in markup_of(refused)
    html = markup_of(second.get(page(second, filing, "steps/verify")))
    assert "苏卫监09020101" in html
    assert "冯过期" not in html
    assert "孙东台" not in html
    one, two = str(cast["inspector_tinghu1"].pk), str(cast["inspector_tinghu2"].pk)
    day = (today_here() + timedelta(days=3)).isoformat()
    alone = send(second, filing, "steps/verify", officers=[one, "999999", "abc"], planned_on="明天")
    assert alone.status_code == 422
    html = markup_of(alone)
    assert "至少要 2 名核实人员" in html
    assert "请填写计划核实日期" in html
    assert 'value="明天"' in html
    assert send(second, filing, "steps/verify", officers=[one, two], planned_on=day).status_code == 302
    assert filing.site_checks.get().officers.count() == 2
    html = markup_of(second.get(page(second, filing, "steps/confirm")))
    assert "现场核实还没有完成" in html
    assert ">确认核实符合<" not in html
    pass_on_site(fresh(filing), cast["inspector_tinghu1"])
    assert ">确认核实符合<" in markup_of(second.get(page(second, filing, "steps/confirm")))
    assert send(first, filing, "steps/confirm").status_code == 403
    assert send(second, filing, "steps/confirm").status_code == 302
    assert fresh(filing).status == "FILED"


def test_the_refusal_path_with_two_persons(first, second, chief, filing_in, cast, client):
    filing = filing_in("VERIFYING")
    pass_on_site(filing, cast["inspector_tinghu1"], fails=("S01", "S03"))
    address = page(second, filing, "steps/propose_nonconform")
    html = markup_of(second.get(address))
    assert "现场不一致" in html
    assert 'name="finding-2"' in html
    base = {
        "rows": "2", "record_version": str(fresh(filing).record_version), "reason": "现场与备案内容不一致",
        "item-1": "premises", "finding-1": "楼层不符", "clause-1": "设置标准第13条", "how_to_fix-1": "移到一层",
        "rule_id-1": "R-SITE-03", "item-2": "premises", "finding-2": "", "clause-2": "", "how_to_fix-2": "",
        "rule_id-2": "",
    }  # fmt: skip
    more = second.post(address, {**base, "add_row": "1"})
    assert more.status_code == 200
    assert 'name="finding-3"' in markup_of(more)
    assert "楼层不符" in markup_of(more)
    bad = second.post(address, {**base, "finding-2": "租期不足"})
    assert bad.status_code == 422
    assert "第 2 条：请写明依据" in markup_of(bad)
    none = second.post(address, {**base, "finding-1": "", "clause-1": "", "how_to_fix-1": ""})
    assert none.status_code == 422
    assert "请至少列出一条" in markup_of(none)
    assert second.post(address, {**base, "item-1": "../etc"}).status_code == 422
    two = {**base, "finding-2": "租期不足三年", "clause-2": "设置标准第11条", "rule_id-2": "R-SITE-01"}
    assert second.post(address, two).status_code == 302
    proposal = filing.proposals.get()
    assert [item["item"] for item in proposal.items] == ["premises"]
    assert proposal.items[0]["finding"] == "（1）楼层不符（2）租期不足三年"
    assert proposal.items[0]["rule_id"] == "R-SITE-03,R-SITE-01"
    # The proposer has no signature to give; the chief sees letter and public words whole.
    assert second.get(page(second, filing, "steps/nonconform")).status_code == 403
    assert send(second, filing, "steps/nonconform").status_code == 403
    html = markup_of(chief.get(page(chief, filing, "steps/nonconform")))
    preview = render_html(previews.nonconforming(filing, proposal.items, today_here()))
    assert text_of(preview) in text_of(html)
    assert "将向社会公开的内容" in html
    assert "作出不符合决定" in html
    assert send(chief, filing, "steps/nonconform").status_code == 302
    notice = filing.notices.get(kind="NONCONFORMING")
    assert same_words(preview, twin_of(notice), notice.number)
    assert fresh(filing).status == "NONCONFORMING"
    public = markup_of(client.get("/nonconforming/"))
    assert "楼层不符" in public
    assert "设置标准第13条" in public


def test_one_person_with_both_duties_cannot_sign_what_they_proposed(second, filing_in, cast):
    from yancheng_childcare.models import Duty

    filing = filing_in("VERIFYING")
    pass_on_site(filing, cast["inspector_tinghu1"], fails=("S01",))
    chief_duty = cast["chief_tinghu"].duties.get()
    Duty.objects.create(
        user=cast["reviewer_tinghu2"], role="CHIEF", region=chief_duty.region, department=chief_duty.department,
        valid_from=chief_duty.valid_from, granted_by=chief_duty.granted_by, approved_by=chief_duty.approved_by,
    )  # fmt: skip
    fields = {"rows": "1", "reason": "与备案不一致", "item-1": "premises", "finding-1": "不符", "clause-1": "第11条"}
    assert send(second, filing, "steps/propose_nonconform", **fields).status_code == 302
    html = markup_of(second.get(page(second, filing, "steps/nonconform")))
    assert "须由另一人签批" in html
    assert "作出不符合决定" not in html
    assert send(second, filing, "steps/nonconform").status_code == 422
    assert fresh(filing).status == "VERIFYING"


# --- clocks, ends ------------------------------------------------------------------------------------------------------
def test_pause_and_resume(first, filing_in):
    filing = filing_in("SUBMITTED")
    assert send(first, filing, "steps/pause", cause="HOLIDAY").status_code == 422
    assert send(first, filing, "steps/pause", cause="EXPERTISE").status_code == 302
    html = markup_of(first.get(page(first, filing, "receipt")))
    assert f"/desk/review/{filing.no}/steps/resume/" in html
    assert "专家评审" in markup_of(first.get(page(first, filing, "steps/resume")))
    assert send(first, filing, "steps/resume").status_code == 302
    assert fresh(filing).pause_reason == ""
    assert "办理时限没有暂停" in markup_of(first.get(page(first, filing, "steps/resume")))


def test_cancellation_lists_the_duties_of_a_closure(first, filing_in, cast):
    filing = filing_in("FILED")
    html = markup_of(first.get(page(first, filing, "steps/cancel")))
    assert "机构还没有提出终止服务的申请" in html
    take_step(
        filing, "request_closure", actor=cast["operator_xiaotaiyang"], reason="不再经营",
        plan=closure_plan(children_placed=20),
    )  # fmt: skip
    html = markup_of(first.get(page(first, filing, "steps/cancel")))
    assert "在托 24 人，已安置 20 人" in html
    assert "还有 4 名婴幼儿没有安置" in html
    assert ">注销这份备案<" not in html
    assert send(first, filing, "steps/cancel", reason="机构申请终止").status_code == 422
    take_step(
        fresh(filing), "request_closure", actor=cast["operator_xiaotaiyang"], reason="不再经营", plan=closure_plan()
    )
    assert ">注销这份备案<" in markup_of(first.get(page(first, filing, "steps/cancel")))
    assert send(first, filing, "steps/cancel", reason="机构申请终止").status_code == 302
    assert fresh(filing).status == "CANCELLED"


def test_rescission_with_legal_review_by_three_persons(first, chief, as_user, filing_in, client):
    filing = filing_in("FILED")
    legal = as_user("legal_city")
    assert "没有等待法制审核的撤销提议" in markup_of(legal.get(page(legal, filing, "steps/legal_review")))
    assert send(first, filing, "steps/propose_rescind", reason="查实消防证明系伪造", clause=BASIS).status_code == 302
    html = markup_of(chief.get(page(chief, filing, "steps/rescind")))
    assert "还没有法制审核意见" in html
    assert "作出撤销备案决定" not in html
    assert send(chief, filing, "steps/rescind").status_code == 422
    assert send(legal, filing, "steps/legal_review", reason="事实清楚").status_code == 422
    assert send(first, filing, "steps/legal_review", agrees="yes", reason="事实清楚").status_code == 403
    assert "查实消防证明系伪造" in markup_of(legal.get(page(legal, filing, "steps/legal_review")))
    assert send(legal, filing, "steps/legal_review", agrees="yes", reason="事实清楚，程序合法").status_code == 302
    html = markup_of(chief.get(page(chief, filing, "steps/rescind")))
    assert "查实消防证明系伪造" in html
    assert "事实清楚，程序合法" in html
    assert "作出撤销备案决定" in html
    receipt_no = filing.receipt_no
    assert send(chief, filing, "steps/rescind").status_code == 302
    assert fresh(filing).status == "RESCINDED"
    assert "已撤销" in markup_of(client.get(f"/verify/{receipt_no}/"))


def test_a_legal_no_stops_the_rescission(first, chief, as_user, filing_in):
    filing = filing_in("FILED")
    send(first, filing, "steps/propose_rescind", reason="疑似材料虚假", clause=BASIS)
    assert send(as_user("legal_city"), filing, "steps/legal_review", agrees="no", reason="证据不足").status_code == 302
    assert "不同意" in markup_of(chief.get(page(chief, filing, "steps/rescind")))
    assert send(chief, filing, "steps/rescind").status_code == 422
    assert send(chief, filing, "steps/refuse_proposal", reason="证据不足").status_code == 302
    assert fresh(filing).status == "FILED"


# --- waivers, every page -----------------------------------------------------------------------------------------------
def test_a_chief_sets_a_rule_aside_with_reason_and_basis(first, chief, filing_in, cast):
    filing = filing_in("SUBMITTED")
    section = filing.sections.get(name="surroundings")
    section.data["window_ratio"] = "5"
    section.save()
    html = markup_of(chief.get(page(chief, filing, "waivers")))
    assert "R-SITE-04" in html
    assert first.get(page(first, filing, "waivers")).status_code == 403
    bad = chief.post(page(chief, filing, "waivers"), {"rule_id": "R-NONE", "reason": "x", "basis": ""})
    assert bad.status_code == 422
    fields = {"rule_id": "R-SITE-04", "reason": "历史建筑，已加装照明", "basis": "专家论证会纪要〔2026〕3 号"}
    assert chief.post(page(chief, filing, "waivers"), {**fields, "reason": "短"}).status_code == 422
    assert chief.post(page(chief, filing, "waivers"), fields).status_code == 302
    html = markup_of(chief.get(page(chief, filing, "waivers")))
    assert "专家论证会纪要" in html
    assert cast["chief_tinghu"].display_name in html


@pytest.mark.parametrize("status", ["SUBMITTED", "RECEIPTED", "VERIFYING", "CHANGE_SUBMITTED", "FILED"])
def test_every_step_a_person_may_take_has_a_page(status, filing_in, as_user, cast):
    """No button of the review page leads nowhere, and no page fails for what is typed."""
    filing = filing_in(status)
    hostile = {"reason": "\u202e\x07" * 3, "cause": "x", "officers": ["-1"], "planned_on": "9999-99-99",
               "agrees": "maybe", "rows": "99999", "step": "nothing", "finding-1": "<script>", "record_version": "-1"}  # fmt: skip
    for username in ("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "legal_city"):
        client = as_user(username)
        for step in available_steps(filing, cast[username]):
            address = page(client, filing, f"steps/{step.name}")
            answer = client.get(address, follow=True)
            assert answer.status_code == 200, (username, step.name)
            assert client.post(address, hostile).status_code in {302, 404, 412, 422}, (username, step.name)
    assert fresh(filing).status == status
    assert as_user("chief_tinghu").get(page(None, filing, "steps/lapse")).status_code == 404
    assert as_user("chief_tinghu").get(page(None, filing, "steps/nonsense")).status_code == 404


@pytest.mark.parametrize("state", ["RECEIPTED", "FILED", "SUPPLEMENT"])
def test_a_page_of_a_letter_that_cannot_go_out_now_says_so(first, filing_in, state):
    filing = filing_in(state)
    for name in ("receipt", "notice"):
        answer = first.get(page(first, filing, name))
        assert answer.status_code == 409 and "当前状态为" in answer.content.decode()
