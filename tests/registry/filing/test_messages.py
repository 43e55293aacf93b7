"""What a filing tells people: the one day that matters, who comes, a link to the place; and what is done is read."""

from __future__ import annotations

import re

import pytest
from filing_cases import ITEMS, answer_all, closure_plan, fresh, judge_all, pass_on_site

from registry.filing import clocks
from registry.filing.messages import Facts
from registry.filing.services import take_step
from registry.filing.workflow import FILING
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Notification
from yancheng_childcare.workdays import by_day, in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Messages are left once a step is committed."""
    return django_capture_on_commit_callbacks


def told(cast, who: str, title: str) -> Notification:
    return Notification.objects.filter(user=cast[who], title=title).latest("pk")


def test_a_correction_says_its_last_day_and_leads_to_the_items(filing_in, cast, committed, as_user):
    case = filing_in("SUBMITTED")
    judge_all(case, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺页"))
    with committed(execute=True):
        take_step(case, "return", actor=cast["reviewer_tinghu"])
    message = told(cast, "operator_xiaotaiyang", "需要补正备案材料")
    due = case.notices.get().due_on
    assert f"请于{by_day(due, today_here())}" in message.body
    client = as_user("operator_xiaotaiyang")
    assert "租赁合同缺页" in client.post(f"/desk/messages/{message.pk}/", follow=True).content.decode()


def test_a_planned_visit_says_who_comes_when_and_where(filing_in, cast, committed):
    case = filing_in("RECEIPTED")
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    with committed(execute=True):
        take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=today_here())
    body = told(cast, "operator_xiaotaiyang", "将进行现场核实").body
    for words in (*(officer.display_name for officer in officers), in_words(today_here()), case.service_address):
        assert words in body
    task = told(cast, "inspector_tinghu1", "有现场核实任务")
    assert in_words(today_here()) in task.body
    assert task.url == f"/desk/site-checks/{case.site_checks.get().pk}/"


def test_a_nonconformity_says_until_when_to_mend(filing_in, cast, committed):
    case = filing_in("VERIFYING")
    pass_on_site(case, cast["inspector_tinghu1"], fails=("S01",))
    take_step(case, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=ITEMS)
    with committed(execute=True):
        take_step(case, "nonconform", actor=cast["chief_tinghu"])
    body = told(cast, "operator_xiaotaiyang", "备案内容不符合标准规范").body
    assert by_day(case.notices.latest("pk").due_on, today_here()) in body


def test_reviewers_read_the_day_by_which_to_act(ready, cast, committed):
    with committed(execute=True):
        take_step(ready, "submit", actor=cast["operator_xiaotaiyang"])
    clock = Deadline.objects.running().of(ready.subject).order_by("due_on").first()
    assert f"请于{by_day(clock.due_on, today_here())}" in told(cast, "reviewer_tinghu", "收到新的备案申请").body


def test_what_asks_nothing_of_a_reviewer_names_no_term(filing_in, cast, committed):
    case = filing_in("FILED")
    plan = closure_plan(final=False)
    with committed(execute=True):
        case = take_step(case, "suspend", actor=cast["operator_xiaotaiyang"], reason=plan["reason"], plan=plan)
        take_step(case, "withdraw_suspension", actor=cast["operator_xiaotaiyang"])
    for title in ("机构提交停业安排", "机构撤回停业安排"):
        body = told(cast, "reviewer_tinghu", title).body
        assert "请知悉" in body and "办理" not in body


def test_the_end_of_a_service_says_by_when_to_look_at_it(filing_in, cast, committed):
    case, plan = filing_in("FILED"), closure_plan()
    with committed(execute=True):
        take_step(case, "request_closure", actor=cast["operator_xiaotaiyang"], reason=plan["reason"], plan=plan)
    clock = Deadline.objects.running().get(subject=case.subject, code=clocks.CLOSURE)
    assert (
        f"请于{by_day(clock.due_on, today_here())}核对并注销备案"
        in told(cast, "reviewer_tinghu", "机构申请终止服务").body
    )


def test_the_officers_of_a_visit_hear_of_the_second_one(filing_in, cast, committed):
    case = filing_in("NONCONFORMING")
    answer_all(case, cast["operator_xiaotaiyang"])
    with committed(execute=True):
        take_step(fresh(case), "rectify", actor=cast["operator_xiaotaiyang"])
    check = case.site_checks.get(concluded_on=None)
    assert told(cast, "inspector_tinghu1", "有现场核实任务").url == f"/desk/site-checks/{check.pk}/"


def test_the_last_day_on_screen_counts_itself_in(filing_in, as_user):
    case = filing_in("NONCONFORMING")
    day = by_day(case.notices.latest("pk").due_on, today_here())
    client = as_user("operator_xiaotaiyang")
    for path in (f"/desk/filings/{case.no}/", f"/desk/filings/{case.no}/corrections/", "/nonconforming/"):
        assert day in re.sub(r"</?strong>", "", client.get(path).content.decode()), path


def test_what_is_done_counts_as_read(ready, cast, committed):
    with committed(execute=True):
        case = take_step(ready, "submit", actor=cast["operator_xiaotaiyang"])
    judge_all(case, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺页"))
    waiting = told(cast, "reviewer_tinghu2", "收到新的备案申请")
    assert waiting.read_at is None
    with committed(execute=True):
        take_step(case, "return", actor=cast["reviewer_tinghu"])
    waiting.refresh_from_db()
    assert waiting.read_at is not None, "a colleague handled it"
    own = told(cast, "operator_xiaotaiyang", "需要补正备案材料")
    assert own.read_at is None


def test_every_sentence_to_the_institution_has_only_known_facts():
    named = {
        name for step in FILING.steps.values() for told in step.tells for name in re.findall(r"{(\w+)}", told.body)
    }
    assert named and all(hasattr(Facts, f"_{name}") for name in named)


def test_all_messages_are_read_at_once(as_user, cast):
    for number in range(3):
        Notification.objects.create(user=cast["reviewer_tinghu"], title=f"第{number}条", body="内容")
    other = Notification.objects.create(user=cast["chief_tinghu"], title="别人的", body="内容")
    client = as_user("reviewer_tinghu")
    html = client.get("/desk/messages/").content.decode()
    assert "3 条未读" in html and "全部标为已读" in html
    assert client.post("/desk/messages/read/").url == "/desk/messages/"
    assert not cast["reviewer_tinghu"].notifications.filter(read_at__isnull=True).exists()
    assert "全部标为已读" not in client.get("/desk/messages/").content.decode()
    other.refresh_from_db()
    assert other.read_at is None
