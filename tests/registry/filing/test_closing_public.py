"""What parents see when a nursery is about to stop: as soon as it is filed, wherever its state is given."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from filing_cases import answer_all, closure_plan, fresh, judge_all, pass_on_site

from registry.documents.links import signature
from registry.filing.expiry import run_night
from registry.filing.services import take_step
from registry.models import Filing, Institution, PublicChange, PublicEntry
from registry.register.closing import nearby
from registry.register.daily import refresh_all
from registry.register.entry import columns, refresh_entry
from registry.register.sources import gather
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import User
from yancheng_childcare.workdays import SHANGHAI


def seen(path: str) -> str:
    """A page as nobody in particular sees it."""
    answer = Client().get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return markup_of(answer)


def plan_for(filing: Filing, who: Any, *, final: bool = False, **fields: Any) -> Filing:
    """File a suspension or closure twenty days ahead."""
    today = today_here()
    days = {"from_day": today + timedelta(days=20), "until_day": None if final else today + timedelta(days=50)}
    plan = closure_plan(
        final=final, **{**days, "reason": "房屋维修改造", "refund_contact": "徐园长 0515-86660000", **fields}
    )
    name = "request_closure" if final else "suspend"
    return take_step(filing, name, actor=who, reason=plan["reason"], plan=plan)


def _noon(days: int) -> datetime:
    """Noon of a day to come."""
    return datetime.combine(today_here() + timedelta(days=days), time(12), SHANGHAI)


def open_one(institution: Any, *, places_free: int, **fields: Any) -> Institution:
    """Another filed institution of the county that still has places."""
    found: Institution = institution(**{"name": "盐城亭湖云朵托育有限公司", **fields})
    Institution.objects.filter(pk=found.pk).update(filed_on="2026-01-05", filing_state="FILED")
    values = columns(gather(found.pk)) | {"places_free": places_free}
    values["card"]["places_free"] = places_free
    PublicEntry.objects.create(institution=found, changed_at=timezone.now(), **values)
    return found


def words_of(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@pytest.mark.parametrize(("final", "word"), [(False, "停业"), (True, "终止服务")])
def test_parents_see_it_as_soon_as_it_is_filed(filing_in, operator, institution, final, word):
    near = open_one(institution, places_free=6)
    filing = plan_for(filing_in("FILED"), operator, final=final)
    stops = today_here() + timedelta(days=20)
    uscc = filing.institution.uscc
    page, verify = seen(f"/institutions/{uscc}/"), seen(f"/verify/{filing.receipt_no}/")
    for html in (page, verify):
        for words in (f"起{word}", words_of(stops), "房屋维修改造", "徐园长 0515-86660000"):
            assert words in html, words
        assert "已停止服务" not in html
    assert "已登记、已备案" in page
    assert "转至附近三家机构" in page
    assert f"/institutions/{near.uscc}/" in page
    assert "余位 6 个" in page
    if not final:
        assert words_of(today_here() + timedelta(days=50)) in page
    assert f"起{word}" in seen(f"/institutions/?q={uscc}")
    card = Client().get(f"/api/v1/institutions/{uscc}/").json()
    assert card["plans"][0]["from_day"] == stops.isoformat()
    assert card["blocks"]["closing"]["facts"]["plans"][0]["refund_contact"] == "徐园长 0515-86660000"
    change = PublicChange.objects.filter(uscc=uscc).first()
    assert f"{words_of(stops)}起{word}" in change.title
    assert "徐园长 0515-86660000" in change.detail
    assert f"{words_of(stops)}起{word}" in seen(f"/feeds/institutions/{uscc}.atom")


def test_the_open_data_name_the_day(filing_in, operator):
    filing = plan_for(filing_in("FILED"), operator)
    text = b"".join(Client().get("/open-data/institutions.csv")).decode("utf-8-sig")
    row = next(
        line for line in csv.DictReader(io.StringIO(text)) if filing.institution.uscc in line["统一社会信用代码"]
    )
    assert row["停止服务日期"] == (today_here() + timedelta(days=20)).isoformat()


def test_from_the_day_it_is_stopped_and_history_tells_it_once(filing_in, operator):
    filing = plan_for(filing_in("FILED"), operator)
    uscc, told = filing.institution.uscc, PublicChange.objects.count()
    with time_machine.travel(_noon(20)):
        run_night()
        refresh_all()
        page, verify = seen(f"/institutions/{uscc}/"), seen(f"/verify/{filing.receipt_no}/")
        assert "停业期间不收托婴幼儿" in page
        assert "停业期间不收托婴幼儿" in verify
        assert "notice--success" not in verify
        assert "，预计" in seen(f"/institutions/?q={uscc}")
        assert fresh(filing).status == "SUSPENDED"
        assert PublicChange.objects.count() == told + 1


def test_a_closure_on_its_day_is_no_longer_open_though_not_yet_cancelled(filing_in, operator):
    filing = plan_for(filing_in("FILED"), operator, final=True, refunds_settled=False)
    uscc = filing.institution.uscc
    with time_machine.travel(_noon(20)):
        refresh_all()
        page, verify = seen(f"/institutions/{uscc}/"), seen(f"/verify/{filing.receipt_no}/")
        assert "起已停止服务" in page
        assert "notice--success" not in page
        assert "notice--success" not in verify
        assert Client().get(f"/api/v1/institutions/{uscc}/").json()["status"] == "SUSPENDED"


def test_a_change_under_way_does_not_keep_it_open(filing_in, operator):
    filing = plan_for(filing_in("FILED"), operator)
    take_step(filing, "start_change", actor=operator)
    with time_machine.travel(_noon(20)):
        refresh_all()
        assert "停业期间不收托婴幼儿" in seen(f"/institutions/{filing.institution.uscc}/")
        assert "停业期间不收托婴幼儿" in seen(f"/verify/{filing.receipt_no}/")


def test_what_is_taken_back_is_gone_and_said(filing_in, operator):
    filing = plan_for(filing_in("FILED"), operator)
    take_step(filing, "withdraw_suspension", actor=operator)
    page = seen(f"/institutions/{filing.institution.uscc}/")
    assert "撤回停业安排" in page
    assert 'id="closing"' not in page
    assert "房屋维修改造" not in seen(f"/verify/{filing.receipt_no}/")


def test_the_page_of_a_stopping_one_keeps_its_budget(filing_in, operator, django_assert_max_num_queries):
    filing = plan_for(filing_in("FILED"), operator)
    path = f"/institutions/{filing.institution.uscc}/"
    Client().get(path)
    with django_assert_max_num_queries(4):
        Client().get(path)
    with django_assert_max_num_queries(2):
        Client().get(f"/verify/{filing.receipt_no}/")


# --- the QR code


def test_a_wrong_signature_leads_with_the_warning_and_nothing_is_green(filing_in):
    filing = filing_in("FILED")
    html = seen(f"/verify/{filing.receipt_no}/?s=forged")
    assert html.index("二维码签名不符") < html.index("现在的状态是：有效")
    assert "notice--success" not in html
    assert "check-circle" not in html[html.index("<main") :]
    assert "notice--success" in seen(f"/verify/{filing.receipt_no}/?s={signature(filing.receipt_no)}")


@pytest.mark.parametrize("state", ["SUSPENDED", "CANCELLED", "RESCINDED", "NONCONFORMING"])
def test_a_right_signature_on_a_receipt_out_of_force_shows_no_green(filing_in, state):
    filing = filing_in(state)
    html = seen(f"/verify/{filing.receipt_no}/?s={signature(filing.receipt_no)}")
    assert "notice--success" not in html
    assert "不要只看纸面" in html


# --- found otherwise


def test_a_filed_fact_found_otherwise_is_not_shown_as_a_fact(filing_in, cast):
    filing = filing_in("VERIFYING")
    items = [
        {
            "item": "facilities", "title": "设施与管理制度", "finding": "睡眠区没有监控", "clause": "管理规范第28条",
            "how_to_fix": "加装", "where": "设施与管理制度", "rule_id": "R-SAFE-01",
        }
    ]  # fmt: skip
    path = f"/institutions/{filing.institution.uscc}/"
    pass_on_site(filing, cast["inspector_tinghu1"], fails=("S12",))
    refresh_entry(filing.institution_id)
    assert "核实发现不符" not in seen(path)  # nothing before the notice is served
    take_step(filing, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=items)
    filing = fresh(take_step(filing, "nonconform", actor=cast["chief_tinghu"]))
    html = seen(path)
    assert "核实发现不符" in html
    assert "机构填报：是" in html
    assert "没有得到证实" in html
    answer_all(filing, cast["operator_xiaotaiyang"])
    filing = fresh(take_step(filing, "rectify", actor=cast["operator_xiaotaiyang"]))
    assert "核实发现不符" in seen(path)  # handed in is not yet found right
    pass_on_site(filing, cast["inspector_tinghu1"])
    take_step(filing, "confirm", actor=cast["reviewer_tinghu2"])
    assert "核实发现不符" not in seen(path)


def test_what_the_institution_applied_for_is_its_own_word(filing_in):
    html = seen(f"/institutions/{filing_in('FILED').institution.uscc}/")
    assert "已申报" not in html
    assert "是否认定，以县（市、区）公布的名单为准" in html


# --- days and history


def test_the_day_of_the_national_filing_stays_and_the_receipt_has_its_own(filing_in):
    case = filing_in("SUBMITTED")
    Institution.objects.filter(pk=case.institution_id).update(
        filed_on="2023-01-25", national_filing_no="国备320902", filing_state="FILED"
    )
    refresh_entry(case.institution_id)
    case = filing_in_receipted(case)
    html = seen(f"/institutions/{case.institution.uscc}/")
    assert "2023-01-25" in html
    assert "首次在国家系统备案的日期；本平台的回执是后来出具的" in html
    assert f"{today_here().isoformat()}</span> 出具" in html or f"{today_here().isoformat()} 出具" in html


def filing_in_receipted(case: Filing) -> Filing:
    """Take a submitted case to its receipt."""
    reviewer = User.objects.get(username="reviewer_tinghu")
    judge_all(case, reviewer)
    return fresh(take_step(case, "receipt", actor=reviewer))


def test_history_tells_what_a_day_ended_with(filing_in):
    filing = filing_in("FILED")
    rows = PublicChange.objects.filter(uscc=filing.institution.uscc)
    assert rows.count() >= 2
    block = seen(f"/institutions/{filing.institution.uscc}/").split('id="changes"')[1].split("</section>")[0]
    assert "核实中" not in block
    assert block.count("<li") == 1


def test_a_first_filing_handed_in_is_not_public_as_filed(filing_in):
    case = filing_in("SUBMITTED")
    html = seen(f"/institutions/{case.institution.uscc}/")
    assert "已登记、未备案" in html
    assert case.no not in html


def test_an_end_taken_back_after_its_day_is_said_in_the_history(filing_in, operator):
    """The page of the step promises 变更记录保留这次安排，并写明已撤回, whenever it is taken back."""
    filing = plan_for(filing_in("FILED"), operator, final=True)
    with time_machine.travel(_noon(21)):
        refresh_all()
        take_step(fresh(filing), "withdraw_closure", actor=operator)
        titles = PublicChange.objects.filter(uscc=filing.institution.uscc).values_list("title", flat=True)
        assert any("撤回终止服务安排" in title for title in titles)
        assert "撤回终止服务安排" in seen(f"/institutions/{filing.institution.uscc}/")


def test_every_rule_of_a_line_that_names_several_takes_its_fact_back(filing_in, cast):
    """A letter has one line for each item: it names several rules where several findings are on one item."""
    filing = filing_in("VERIFYING")
    line = {
        "item": "facilities", "title": "设施与管理制度", "finding": "（1）睡眠区没有监控（2）没有一键式报警",
        "clause": "管理规范第28条", "how_to_fix": "", "where": "设施与管理制度", "rule_id": "R-SAFE-01,R-SAFE-03",
    }  # fmt: skip
    pass_on_site(filing, cast["inspector_tinghu1"], fails=("S01",))
    take_step(filing, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=[line])
    take_step(fresh(filing), "nonconform", actor=cast["chief_tinghu"])
    assert {"R-SAFE-01", "R-SAFE-03"} <= gather(filing.institution_id).found.rules


def test_places_of_the_same_town_are_named_however_many_others_have_more(institution, monkeypatch):
    own = institution(name="盐城亭湖将停托育有限公司")
    open_one(institution, places_free=30, name="盐城亭湖远处托育有限公司", town_code="320902002")
    near = open_one(institution, places_free=2)
    monkeypatch.setattr("registry.register.closing.LOOKED_AT", 1)
    card = {"region_code": own.region_id, "town_code": own.town_id}
    assert [row["uscc"] for row in nearby(own.uscc, card)] == [near.uscc]
