"""Suspension and closure: told at once, begun on their day, taken back; what both sides see of them meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from filing_cases import change_fees, closure_plan, fresh, judge_all

from exchange.models import OutboxEvent
from registry.filing import clocks
from registry.filing.expiry import run_night
from registry.filing.services import take_step
from registry.models import Filing
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline
from yancheng_childcare.problems import Rejected


def step_url(filing: Filing, name: str) -> str:
    return f"/desk/filings/{filing.no}/steps/{name}/"


def suspend(filing: Filing, operator: Any, **fields: Any) -> Filing:
    """File a suspension; ten days ahead unless told otherwise."""
    plan = closure_plan(final=False, reason="房屋维修改造", **fields)
    return take_step(filing, "suspend", actor=operator, reason=plan["reason"], plan=plan)


def close(filing: Filing, operator: Any, **fields: Any) -> Filing:
    """Ask for the end of the service."""
    plan = closure_plan(**fields)
    return take_step(filing, "request_closure", actor=operator, reason=plan["reason"], plan=plan)


def events(filing: Filing) -> list[str]:
    """What was pushed of this institution, oldest first."""
    rows = OutboxEvent.objects.filter(subject=filing.institution.uscc).order_by("pk")
    return list(rows.values_list("type", flat=True))


def test_a_suspension_begins_on_its_day_and_is_pushed_then(filing_in, operator):
    today = today_here()
    filing = suspend(filing_in("FILED"), operator)
    assert (filing.status, filing.suspended_until) == ("FILED", None)
    assert "institution.suspended" not in events(filing)
    assert run_night(today + timedelta(days=9)).suspended == 0
    assert fresh(filing).status == "FILED"
    # The run of the day itself was missed: the next one makes up for it, once.
    assert run_night(today + timedelta(days=12)).suspended == 1
    assert run_night(today + timedelta(days=12)).suspended == 0
    filing = fresh(filing)
    assert (filing.status, filing.suspended_until) == ("SUSPENDED", today + timedelta(days=60))
    assert events(filing).count("institution.suspended") == 1


def test_a_suspension_of_today_begins_at_once(filing_in, operator):
    filing = suspend(filing_in("FILED"), operator, from_day=today_here())
    assert filing.status == "SUSPENDED"
    assert fresh(filing).institution.filing_state == "SUSPENDED"
    assert events(filing)[-1] == "institution.suspended"


def test_no_day_that_is_over(filing_in, operator):
    filing = filing_in("FILED")
    for file in (suspend, close):
        with pytest.raises(Rejected) as refused:
            file(filing, operator, from_day=today_here() - timedelta(days=1))
        assert "不能早于今天" in str(refused.value.problems[0].message)


def test_only_a_suspended_one_resumes(filing_in, operator):
    filing = suspend(filing_in("FILED"), operator)
    with pytest.raises(Rejected) as refused:
        take_step(filing, "resume_service", actor=operator)
    assert refused.value.status == 409


def test_a_change_keeps_the_arrangement_and_it_begins_when_the_change_is_through(filing_in, operator, cast, as_user):
    filing = suspend(filing_in("FILED"), operator)
    later = today_here() + timedelta(days=10)
    filing = take_step(filing, "start_change", actor=operator)
    page = as_user("operator_xiaotaiyang").get(f"/desk/filings/{filing.no}/").content.decode()
    assert "更新安置进展" in page
    assert step_url(filing, "withdraw_suspension") in page
    change_fees(filing, operator)
    filing = take_step(filing, "submit_change", actor=operator)
    judge_all(filing, cast["reviewer_tinghu"])
    assert run_night(later).suspended == 0
    filing = take_step(filing, "approve_change", actor=cast["reviewer_tinghu"], today=later)
    assert filing.status == "SUSPENDED"
    assert events(filing)[-2:] == ["filing.changed", "institution.suspended"]


@pytest.mark.parametrize(
    ("file", "back", "words"),
    [(suspend, "withdraw_suspension", "撤回停业安排"), (close, "withdraw_closure", "撤回终止服务申请")],
)
def test_an_arrangement_is_taken_back_once(filing_in, operator, as_user, file, back, words):
    filing = file(filing_in("FILED"), operator, from_day=today_here() + timedelta(days=20))
    desk = as_user("operator_xiaotaiyang")
    page = desk.get(f"/desk/filings/{filing.no}/").content.decode()
    assert step_url(filing, back) in page
    assert words in desk.get(step_url(filing, back)).content.decode()
    data = {"record_version": filing.record_version}
    for _ in range(2):
        assert desk.post(step_url(filing, back), data).status_code == 302
    assert not filing.closures.filter(withdrawn=False).exists()
    assert fresh(filing).record_version == filing.record_version + 1
    assert step_url(filing, back) not in desk.get(f"/desk/filings/{filing.no}/").content.decode()
    with pytest.raises(Rejected) as refused:
        take_step(fresh(filing), back, actor=operator)
    assert "没有可以撤回" in refused.value.problems[0].message
    run_night(today_here() + timedelta(days=30))
    assert fresh(filing).status == "FILED"


def test_a_running_suspension_is_prolonged_but_not_moved(filing_in, operator):
    filing = filing_in("SUSPENDED")
    until = today_here() + timedelta(days=90)
    filing = suspend(filing, operator, from_day=today_here(), until_day=until)
    assert (filing.status, filing.suspended_until) == ("SUSPENDED", until)
    with pytest.raises(Rejected) as refused:
        suspend(filing, operator, from_day=today_here() + timedelta(days=5), until_day=until)
    assert "不能再改" in refused.value.problems[0].message


def test_a_closure_leaves_the_suspension_standing(filing_in, operator):
    filing = suspend(filing_in("FILED"), operator)
    close(filing, operator, from_day=today_here() + timedelta(days=40))
    assert filing.closures.filter(withdrawn=False).count() == 2
    run_night(today_here() + timedelta(days=10))
    assert fresh(filing).status == "SUSPENDED"


def test_both_sides_see_the_five_duties(filing_in, operator, as_user):
    stops = today_here() + timedelta(days=20)
    filing = close(filing_in("FILED"), operator, from_day=stops, children_placed=9, refunds_settled=False)
    day = f"{stops.year}年{stops.month}月{stops.day}日"
    ours = as_user("operator_xiaotaiyang").get(f"/desk/filings/{filing.no}/").content.decode()
    theirs = as_user("reviewer_tinghu").get(f"/desk/review/{filing.no}/").content.decode()
    for html in (ours, theirs):
        for words in (day, "告知家长", "还有 15 人没有安置", "安置职工", "还没有结清", "停止服务", "0515-88880000"):
            assert words in html, words
    assert "更新安置进展" in ours
    assert "撤回申请" in ours
    assert "撤回申请" not in theirs


def test_a_pending_closure_has_a_clock(filing_in, operator, cast, as_user):
    stops = today_here() + timedelta(days=20)
    filing = close(filing_in("FILED"), operator, from_day=stops)
    clock = Deadline.objects.running().get(subject=filing.subject, code=clocks.CLOSURE)
    assert (clock.started_on, clock.days) == (stops, 10)
    assert "核对并注销备案" in as_user("reviewer_tinghu").get(f"/desk/review/{filing.no}/").content.decode()
    # A change under way has its own clock; this one goes on beside it.
    filing = take_step(filing, "start_change", actor=operator)
    take_step(filing, "withdraw_change", actor=operator)
    assert Deadline.objects.running().filter(pk=clock.pk).exists()
    take_step(fresh(filing), "withdraw_closure", actor=operator)
    assert not Deadline.objects.running().of(filing.subject).exists()
    filing = close(fresh(filing), operator)
    take_step(filing, "cancel", actor=cast["reviewer_tinghu"], reason="机构申请终止服务")
    assert not Deadline.objects.running().of(filing.subject).exists()


def test_open_duties_refuse_the_cancellation_and_say_where_to_go(filing_in, operator, cast):
    filing = close(filing_in("FILED"), operator, children_placed=20, staff_settled=False)
    with pytest.raises(Rejected) as refused:
        take_step(filing, "cancel", actor=cast["reviewer_tinghu"], reason="机构申请终止服务")
    words = [problem.message for problem in refused.value.problems]
    assert len(words) == 2
    assert all("更新安置进展" in line for line in words)


def test_messages_speak_to_the_one_who_reads_them(filing_in, as_user):
    """More placed than there are, and a reason too short: said in the institution's own words (B15)."""
    filing = filing_in("FILED")
    desk = as_user("operator_xiaotaiyang")
    for name, final in (("suspend", False), ("request_closure", True)):
        plan = closure_plan(final=final, children=20, children_placed=25, reason="修")
        typed = {key: str(value) for key, value in plan.items() if value not in (None, False) and key != "final"}
        answer = desk.post(step_url(filing, name), {**typed, "record_version": filing.record_version})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "已安置 25 人，多于在托婴幼儿 20 人" in html
        assert 'href="#id_children_placed"' in html
        assert "原因会向社会公开" in html
        assert "告知机构" not in html


def test_the_reviewers_are_told_when_it_is_filed_and_the_institution_on_the_day(
    filing_in, operator, cast, django_capture_on_commit_callbacks
):
    filing = filing_in("FILED")
    with django_capture_on_commit_callbacks(execute=True):
        suspend(filing, operator)
    assert cast["reviewer_tinghu"].notifications.filter(title="机构提交停业安排").exists()
    with django_capture_on_commit_callbacks(execute=True):
        run_night(today_here() + timedelta(days=10))
    assert operator.notifications.filter(title="今天起停业").exists()


def test_a_suspension_is_not_prolonged_to_a_day_that_is_over(filing_in, operator):
    filing = filing_in("SUSPENDED")
    today = today_here()
    plan = closure_plan(final=False, from_day=today, until_day=today + timedelta(days=5))
    with pytest.raises(Rejected) as refused:
        take_step(filing, "suspend", actor=operator, reason=plan["reason"], plan=plan, today=today + timedelta(days=9))
    assert [problem.field for problem in refused.value.problems] == ["until_day"]
    assert "不能早于今天" in refused.value.problems[0].message
