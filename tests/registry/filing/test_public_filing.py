"""What everybody sees of a filing: the live worth of a receipt, who does not conform, the guide, the institution's page."""

from __future__ import annotations

import pytest
from django.test import Client
from filing_cases import answer_all, fresh, judge_all, pass_on_site

from casework.documents.wording import chinese_date
from registry.documents.links import signature, verify_url
from registry.filing import letters
from registry.filing.services import take_step
from registry.models import Filing
from registry.register.entry import refresh_entry
from registry.registration.services import change_institution, end_registration
from registry.rules.filing.materials import MATERIALS
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import by_day


def seen(path: str, status: int = 200) -> str:
    """A page as nobody in particular sees it."""
    answer = Client().get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return markup_of(answer)


def worth(filing: Filing, receipt_no: str = "") -> str:
    """The verify page of a receipt."""
    return seen(f"/verify/{receipt_no or filing.receipt_no}/")


@pytest.mark.parametrize(
    ("status", "notice", "words", "standing"),
    [
        ("RECEIPTED", "success", "正在现场核实", "已登记、已备案（核实中）"),
        ("VERIFYING", "success", "正在现场核实", "已登记、已备案（核实中）"),
        ("FILED", "success", "备案有效", "已登记、已备案"),
        ("CHANGING", "success", "备案有效", "已登记、已备案"),
        ("CHANGE_SUBMITTED", "success", "备案有效", "已登记、已备案"),
        ("NONCONFORMING", "danger", "不符合", "备案内容不符合标准规范"),
        ("SUSPENDED", "plain", "停业期间不收托婴幼儿", "停业"),
        ("CANCELLED", "plain", "已注销", "备案已注销"),
        ("RESCINDED", "danger", "已撤销", "备案已撤销"),
    ],
)
def test_every_state_is_said_plainly_on_both_pages(filing_in, status, notice, words, standing):
    filing = filing_in(status)
    html = worth(filing)
    assert f"notice--{notice}" in html
    assert words in html
    page = seen(f"/institutions/{filing.institution.uscc}/")
    assert standing in page
    assert f"/verify/{filing.receipt_no}/" in page
    assert "（备案机关）" in page
    assert "35 个" in page
    assert "全日托" in page
    assert "曹负责" in page
    if status in {"CANCELLED", "RESCINDED"}:
        assert today_here().isoformat() in page
    for secret in (
        "曹负责",
        "张试验",
        filing.institution.contact_phone,
        filing.institution.legal_rep_id_no,
        "13812345678",
    ):
        assert secret not in html


def test_the_signature_is_compared(filing_in):
    filing = filing_in("FILED")
    path = f"/verify/{filing.receipt_no}/"
    assert "您扫的是墙上的证：二维码与系统一致" in seen(f"{path}?s={signature(filing.receipt_no)}")
    printed = verify_url(filing.receipt_no)
    assert "二维码与系统一致" in seen(printed[printed.index("/verify/") :])
    for wrong in (
        "x",
        "",
        signature(filing.receipt_no)[:-1],
        signature("320902TY20269999"),
        "%ED%A0%80",
        "%E4%B8%AD" * 200,
    ):
        html = seen(f"{path}?s={wrong}")
        assert "二维码签名不符，可能被改动" in html
        assert "备案有效" in html
    html = seen(path)
    assert "没有核对二维码" in html
    assert "二维码签名不符" not in html
    lower = seen(f"/verify/{filing.receipt_no.lower()}/?s={signature(filing.receipt_no)}")
    assert "二维码与系统一致" in lower


def test_what_is_printed_is_shown_in_its_order_to_be_compared(filing_in):
    """Every line of the paper; the name is whole for who scanned the code of this paper and so has it before them."""
    filing = filing_in("FILED")
    receipt, path = filing.receipts.get(), f"/verify/{filing.receipt_no}/"
    printed = letters.receipt(filing, receipt.receipt_no, receipt.content, receipt.issued_on).rows
    scanned, typed = seen(f"{path}?s={signature(filing.receipt_no)}"), seen(path)
    forged = seen(f"{path}?s={signature('320902TY20269999')}")
    at = 0
    for label, value in [*printed, ("出具日期", chinese_date(receipt.issued_on))]:
        at = scanned.index(f"<dt>{label}</dt>", at)
        assert value in scanned[at : scanned.index("</dd>", at)], label
        assert f"<dt>{label}</dt>" in typed
    assert ("负责人", "曹负责") in printed and ("统一社会信用代码", filing.institution.uscc) in printed
    for html in (typed, forged):
        assert "曹**" in html and "曹负责" not in html
        assert "扫描回执上的二维码显示全名" in html and filing.institution.uscc in html
    assert "显示全名" not in scanned


@pytest.mark.parametrize(
    "number", ["320902TY20269999", "nonsense", "0", "x" * 300, "-" * 20, "_" * 21, "320902TY2026000", "SELECT-1"]
)
def test_an_unknown_number_is_explained(db, number):
    html = seen(f"/verify/{number}/", 404)
    assert "这意味着什么" in html
    assert "接下来可以做什么" in html
    assert "12345" in html


@pytest.mark.parametrize("number", ["%3Cscript%3E", "..%2F..%2Fetc", "%F0%9F%98%80", "a%0Ab", "%20"])
def test_hostile_numbers_are_no_page(db, number):
    answer = Client().get(f"/verify/{number}/")
    assert answer.status_code in {400, 404}
    assert b"<script>" not in answer.content


def test_a_changed_receipt_leads_to_the_new_one(filing_in, cast):
    filing = filing_in("CHANGE_SUBMITTED")
    former = filing.receipt_no
    judge_all(filing, cast["reviewer_tinghu"])
    filing = fresh(take_step(filing, "approve_change", actor=cast["reviewer_tinghu"]))
    html = worth(filing, former)
    assert f"已被 {filing.receipt_no} 替换" in html
    assert f"/verify/{filing.receipt_no}/" in html
    assert "备案有效" in worth(filing)


def test_an_ended_registration_ends_the_worth(filing_in, cast):
    filing = filing_in("FILED")
    end_registration(
        filing.institution, step="revoke", reason="吊销", terminated_on=today_here(), actor=cast["registrar_tinghu"]
    )
    assert "notice--success" not in worth(filing)


def test_the_verify_page_shows_todays_name_beside_the_printed_one(filing_in, cast, django_assert_max_num_queries):
    filing = filing_in("FILED")
    own = filing.institution
    change_institution(
        own, changes={"name": "盐城市大太阳托育服务有限公司"}, actor=cast["registrar_tinghu"],
        expected_version=own.record_version,
    )  # fmt: skip
    with django_assert_max_num_queries(2):
        html = worth(filing)
    assert "盐城市小太阳托育服务有限公司" in html
    assert "登记名称现为“盐城市大太阳托育服务有限公司”" in html


def test_a_home_nursery_shows_no_door(filing_in):
    filing = filing_in("FILED")
    door = "盐城市亭湖区五星街道向阳社区3幢201室"
    # The append-only receipt keeps what was printed; only the look-up may hide it.
    from registry.models import Institution

    Institution.objects.filter(pk=filing.institution_id).update(nature="HOME", registered_address=door)
    Filing.objects.filter(pk=filing.pk).update(service_address=door)
    refresh_entry(filing.institution_id)
    for html in (worth(filing), seen(f"/institutions/{filing.institution.uscc}/")):
        assert "3幢201室" not in html
        assert filing.receipts.get().content["address"] not in html
        assert "不公布门牌号" in html


def test_shared_for_seconds_and_never_with_a_session(filing_in, as_user):
    filing = filing_in("FILED")
    path = f"/verify/{filing.receipt_no}/"
    assert Client().get(path).headers["Cache-Control"] == "public, max-age=5, must-revalidate"
    assert as_user("reviewer_tinghu").get(path).headers["Cache-Control"] == "private, no-store"
    assert Client().post(path).status_code == 405
    for public in ("/nonconforming/", "/filing-guide/"):
        assert Client().get(public).headers["Cache-Control"] == "public, max-age=5, must-revalidate"


def test_the_list_of_the_nonconforming_until_it_is_put_right(filing_in, cast, django_assert_max_num_queries):
    assert "现在没有这样的机构" in seen("/nonconforming/")
    filing = filing_in("NONCONFORMING")
    with django_assert_max_num_queries(3):
        html = seen("/nonconforming/?page=99999999999999")
    notice = filing.notices.get()
    due = notice.due_on
    for words in (
        "租赁期不足三年",
        "设置标准（试行）第11条",
        filing.authority.name,
        notice.number,
        f"责令于 {by_day(due)}改正",
    ):
        assert words in html
    assert "张试验" not in html
    page = seen(f"/institutions/{filing.institution.uscc}/")
    assert "租赁期不足三年" in page
    operator, second = cast["operator_xiaotaiyang"], cast["reviewer_tinghu2"]
    answer_all(filing, operator)
    filing = fresh(take_step(filing, "rectify", actor=operator))
    assert "现在没有这样的机构" in seen("/nonconforming/")
    pass_on_site(filing, cast["inspector_tinghu1"])
    take_step(filing, "confirm", actor=second)
    assert "租赁期不足三年" not in seen(f"/institutions/{filing.institution.uscc}/")


def test_the_public_page_keeps_its_budget(filing_in, django_assert_max_num_queries):
    path = f"/institutions/{filing_in('NONCONFORMING').institution.uscc}/"
    Client().get(path)
    with django_assert_max_num_queries(4):
        Client().get(path)


def test_the_guide_says_who_what_when_and_that_it_is_free(db, django_assert_max_num_queries):
    Client().get("/filing-guide/")
    with django_assert_max_num_queries(0):
        html = seen("/filing-guide/")
    for spec in MATERIALS:
        assert spec.name in html
    for words in (
        "5 个工作日",
        "15 个工作日",
        "不收费",
        "平台约定",
        "/self-check/",
        "12345",
        "国卫办人口发〔2019〕25号",
    ):
        assert words in html


def test_a_draft_is_nobodys_business(draft):
    page = seen(f"/institutions/{draft.institution.uscc}/")
    assert "已登记、未备案" in page
    assert draft.no not in page
