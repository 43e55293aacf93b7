"""Letters and receipts as pages, and the steps an institution takes before and after filing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from decision_cases import text_of
from django.test import Client
from filing_cases import change_fees, closure_plan, fresh, judge_all

from registry.filing.expiry import run_night
from registry.filing.services import take_step
from registry.models import Filing
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event


@pytest.fixture
def desk(as_user: Callable[[str], Client]) -> Client:
    return as_user("operator_xiaotaiyang")


def step_url(filing: Filing, name: str) -> str:
    return f"/desk/filings/{filing.no}/steps/{name}/"


def typed_plan(**fields: Any) -> dict[str, str]:
    """A plan as it is typed into the form; flags that are off are not sent."""
    plan = {**closure_plan(), **fields}
    texts = {key: str(value) for key, value in plan.items() if value not in (None, False) and key != "final"}
    return {key: "on" if value == "True" else value for key, value in texts.items()}


# --- letters and receipts


def test_a_letter_is_read_where_it_lies(desk, filing_in, as_user) -> None:
    filing = filing_in("SUPPLEMENT")
    notice = filing.notices.get()
    url = f"/desk/filings/{filing.no}/letters/{notice.pk}/"
    html = markup_of(desk.get(url))
    assert notice.number in html
    assert "租赁合同缺页" in html
    assert "托育机构设置标准（试行）第11条" in text_of(html)
    assert f"/files/{notice.document_id}/?download" in html
    assert "逐项答复" in html
    staff = markup_of(as_user("reviewer_tinghu").get(url))
    assert "租赁合同缺页" in staff
    assert "逐项答复" not in staff
    assert as_user("reviewer_dongtai").get(url).status_code == 404
    assert as_user("operator_yangguang").get(url).status_code == 404
    assert desk.get(f"/desk/filings/{filing.no}/letters/99999/").status_code == 404
    assert desk.get(f"/files/{notice.document_id}/?download")["Content-Disposition"].startswith("attachment")
    assert Event.objects.filter(action="file.read", subject=f"file:{notice.document_id}").exists()


def test_the_receipt_and_that_the_conditions_were_read(desk, filing_in, as_user) -> None:
    filing = filing_in("RECEIPTED")
    url = f"/desk/filings/{filing.no}/receipt/"
    html = markup_of(desk.get(url))
    assert filing.receipt_no in html
    assert "有效，现场核实前" in html
    assert f"/verify/{filing.receipt_no}/" in html
    assert "<svg" in html
    receipt = filing.receipts.get()
    assert f"/files/{receipt.document_id}/?download" in html
    conditions = markup_of(desk.get(f"{url}?part=conditions"))
    assert f"/files/{receipt.conditions_id}/?download" in conditions
    assert "我已阅读基本条件告知书" in conditions
    assert as_user("reviewer_tinghu").post(url).status_code == 403
    assert "确认阅读。" in markup_of(desk.post(url, follow=True))
    desk.post(url)
    assert Event.objects.filter(action="filing.conditions_read", subject=filing.subject).count() == 1
    assert "确认阅读。" in markup_of(as_user("reviewer_tinghu").get(f"{url}?part=conditions"))
    assert as_user("reviewer_dongtai").get(url).status_code == 404


def test_before_and_after_the_receipt(desk, filing_in, cast) -> None:
    filing = filing_in("CHANGE_SUBMITTED")
    first = filing.receipt_no
    judge_all(filing, cast["reviewer_tinghu"])
    take_step(filing, "approve_change", actor=cast["reviewer_tinghu"])
    html = markup_of(desk.get(f"/desk/filings/{filing.no}/receipt/"))
    assert "以前的回执" in html
    assert first in html
    assert f"由 {fresh(filing).receipt_no} 替代" in html


def test_no_receipt_yet(desk, draft) -> None:
    url = f"/desk/filings/{draft.no}/receipt/"
    assert "还没有出具回执" in markup_of(desk.get(url))
    assert desk.post(url).status_code == 409


# --- steps


def test_withdraw_once_though_clicked_twice(desk, filing_in) -> None:
    filing = filing_in("SUBMITTED")
    html = markup_of(desk.get(step_url(filing, "withdraw")))
    assert "办理时限随之停止" in html
    data = {"record_version": filing.record_version}
    answer = desk.post(step_url(filing, "withdraw"), data)
    assert answer.url == f"/desk/filings/{filing.no}/"
    assert fresh(filing).status == "DRAFT"
    again = desk.post(step_url(filing, "withdraw"), data)
    assert again.status_code == 302
    assert Event.objects.filter(subject=filing.subject, action="filing.withdraw").count() <= 1
    assert fresh(filing).record_version == filing.record_version + 1
    assert desk.get(step_url(filing, "withdraw")).status_code == 409


def test_a_stale_page_is_told_so(desk, filing_in) -> None:
    filing = filing_in("SUBMITTED")
    answer = desk.post(step_url(filing, "withdraw"), {"record_version": filing.record_version - 1})
    assert answer.status_code == 412
    html = markup_of(answer)
    assert "已被他人更新" in html
    assert f'name="record_version" value="{filing.record_version}"' in html
    assert fresh(filing).status == "SUBMITTED"


@pytest.mark.parametrize("name", ["start_change", "withdraw_change", "confirm_year", "suspend", "resume_service"])
def test_a_step_that_cannot_be_taken_says_so(desk, draft, name) -> None:
    answer = desk.get(step_url(draft, name))
    assert answer.status_code == 409
    assert "草稿" in markup_of(answer)
    assert desk.post(step_url(draft, name), {"record_version": draft.record_version}).status_code in {409, 422}
    assert fresh(draft).status == "DRAFT"


def test_unknown_steps_and_strangers(desk, draft, as_user) -> None:
    assert desk.get(step_url(draft, "receipt")).status_code == 404
    assert desk.post(step_url(draft, "cancel")).status_code == 404
    assert desk.get(step_url(draft, "nonsense")).status_code == 404
    assert desk.get(step_url(draft, "submit")).url == f"/desk/filings/{draft.no}/check/"
    assert as_user("operator_yangguang").get(step_url(draft, "withdraw")).status_code == 404
    assert as_user("reviewer_tinghu").get(step_url(draft, "withdraw")).status_code == 403


def test_change_and_back(desk, filing_in, operator) -> None:
    filing = filing_in("FILED")
    assert "只改有变化的地方" in markup_of(desk.get(step_url(filing, "start_change")))
    desk.post(step_url(filing, "start_change"), {"record_version": filing.record_version})
    filing = fresh(filing)
    assert filing.status == "CHANGING"
    change_fees(filing, operator, fee="2333")
    html = markup_of(desk.get(step_url(filing, "withdraw_change")))
    assert "2333" in html
    assert "1980" in html
    desk.post(step_url(filing, "withdraw_change"), {"record_version": filing.record_version})
    assert fresh(filing).status == "FILED"
    assert fresh(filing).sections.get(name="fees").data["fee_full_day"] == "1980"


def test_yearly_confirmation_asks_one_tick(desk, filing_in) -> None:
    filing = filing_in("FILED")
    html = markup_of(desk.get(step_url(filing, "confirm_year")))
    assert "1980 元/月" in html
    assert "小苗班" in html
    assert "曹负责" in html
    assert html.count("有变化？办理变更") >= 6
    assert "13812345678" not in html
    data = {"record_version": filing.record_version}
    refused = desk.post(step_url(filing, "confirm_year"), data)
    assert refused.status_code == 422
    assert 'href="#id_confirmed"' in markup_of(refused)
    for _ in range(2):
        assert desk.post(step_url(filing, "confirm_year"), {**data, "confirmed": "on"}).status_code == 302
    assert fresh(filing).confirmed_on == today_here()
    assert fresh(filing).record_version == filing.record_version + 1


def test_suspend_and_resume(desk, filing_in) -> None:
    filing = filing_in("FILED")
    today = today_here()
    wrong = typed_plan(from_day="明天", parents_told_on=today + timedelta(days=1), children="很多", reason="修")
    answer = desk.post(step_url(filing, "suspend"), {**wrong, "record_version": filing.record_version})
    assert answer.status_code == 422
    html = markup_of(answer)
    for name in ("from_day", "until_day", "parents_told_on", "children", "reason"):
        assert f'href="#id_{name}"' in html, name
    assert 'value="明天"' in html
    assert 'value="很多"' in html
    good = typed_plan(
        final=False, from_day=today + timedelta(days=10), until_day=today + timedelta(days=60), reason="装修停业"
    )
    assert desk.post(step_url(filing, "suspend"), {**good, "record_version": filing.record_version}).status_code == 302
    filing = fresh(filing)
    assert (filing.status, filing.suspended_until) == ("FILED", None)
    assert desk.get(step_url(filing, "resume_service")).status_code == 409
    run_night(today + timedelta(days=10))
    filing = fresh(filing)
    assert (filing.status, filing.suspended_until) == ("SUSPENDED", today + timedelta(days=60))
    assert "预计恢复的日期" in markup_of(desk.get(step_url(filing, "resume_service")))
    desk.post(step_url(filing, "resume_service"), {"record_version": filing.record_version})
    assert fresh(filing).status == "FILED"


def test_the_number_of_children_is_filled_in_from_what_is_filed(desk, filing_in) -> None:
    filing = filing_in("FILED")
    classes = filing.versions.get(number=filing.accepted_number).content["sections"]["classes"]["classes"]
    enrolled = sum(int(row["enrolled"]) for row in classes)
    assert enrolled > 0
    for name in ("suspend", "request_closure"):
        asked = re.search(r'<input[^>]*name="children"[^>]*>', markup_of(desk.get(step_url(filing, name))))
        assert asked and f'value="{enrolled}"' in asked.group(), name


def test_closure_lists_its_duties_and_can_be_updated(desk, filing_in) -> None:
    filing = filing_in("FILED")
    url = step_url(filing, "request_closure")
    html = markup_of(desk.get(url))
    assert "终止服务要完成的五件事" in html
    assert "管理规范（试行）》第7条" in html
    early = typed_plan(parents_told_on=today_here(), reason="不再经营")
    refused = desk.post(url, {**early, "record_version": filing.record_version})
    assert refused.status_code == 422
    assert "提前 30 天告知家长" in markup_of(refused)
    plan = typed_plan(children_placed="20", refunds_settled=False, reason="不再经营")
    assert desk.post(url, {**plan, "record_version": filing.record_version}).status_code == 302
    assert desk.post(url, {**plan, "record_version": filing.record_version}).status_code == 302  # clicked twice
    assert filing.closures.filter(withdrawn=False).count() == 1
    html = markup_of(desk.get(url))
    assert "还有 4 人没有安置" in html
    assert "还没有结清" in html
    assert "已妥善安置" in html
    assert 'value="20"' in html
    assert "转至附近三家机构" in html
    done = {**typed_plan(reason="不再经营"), "record_version": fresh(filing).record_version}
    assert desk.post(url, done).status_code == 302
    assert "24 人已全部安置" in markup_of(desk.get(url))
    assert fresh(filing).status == "FILED"


def test_hostile_words_stay_words(desk, filing_in) -> None:
    filing = filing_in("FILED")
    plan = typed_plan(reason="<script>alert(1)</script>", placement="去\x00向", refund_contact="电" * 101)
    answer = desk.post(step_url(filing, "request_closure"), {**plan, "record_version": "九"})
    assert answer.status_code == 422
    html = markup_of(answer)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html
    assert "最多 100 个字" in html
