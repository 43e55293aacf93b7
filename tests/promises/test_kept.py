"""Promises to operators, visitors and reviewers that no other test looks at from their side."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from security.filed import REASONS, file_it, judge_and_receipt, plan, visit

from casework.models import Case
from registry.filing import review
from registry.filing.drafts import start_filing
from registry.filing.expiry import run_night
from registry.filing.services import take_step
from registry.models import Credential, Filing, PublicChange
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline

pytestmark = pytest.mark.django_db
OPERATOR, REVIEWER = "operator_xiaotaiyang", "reviewer_tinghu"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.FILE_ROOT = tmp_path


@pytest.fixture
def own(institution: Callable[..., Any]) -> Any:
    """The institution operator_xiaotaiyang runs."""
    return institution(uscc="91320902MA1TYC011T", name="盐城市守信托育服务有限公司")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return markup_of(answer)


def give_up(client: Client, case: Filing) -> None:
    case.refresh_from_db()
    path = f"/desk/filings/{case.no}/steps/abandon/"
    assert client.post(path, {"record_version": case.record_version}).status_code == 302
    case.refresh_from_db()
    assert case.status == "CANCELLED"


def test_a_new_filing_holds_what_is_registered(own, as_user):
    client = as_user(OPERATOR)
    data = {"matter": "first", "kind": "INITIAL", "institution": own.uscc}
    assert client.post("/desk/filings/start/", data).status_code == 302
    html = page(client, f"/desk/filings/{Filing.objects.get().no}/sections/basics/")
    for known in (own.name, own.uscc, own.registered_address):
        assert known in html, known


def test_a_filing_given_up_is_the_institutions_own_unless_it_was_handed_in(own, cast, as_user, api):
    client, reviewer = as_user(OPERATOR), as_user(REVIEWER)
    never = start_filing(own, actor=cast[OPERATOR])
    give_up(client, never)
    assert page(client, f"/desk/filings/{never.no}/")
    assert reviewer.get(f"/desk/review/{never.no}/").status_code == 404
    assert api(REVIEWER).get(f"/api/v1/filings/{never.no}/").status_code == 404
    handed_in = take_step(file_it(own, cast, "READY"), "submit", actor=cast[OPERATOR])
    take_step(handed_in, "withdraw", actor=cast[OPERATOR])
    give_up(client, handed_in)
    assert page(client, f"/desk/filings/{handed_in.no}/")
    assert page(reviewer, f"/desk/review/{handed_in.no}/")
    assert handed_in.no in page(api(REVIEWER), f"/api/v1/filings/{handed_in.no}/")
    assert as_user("reviewer_dongtai").get(f"/desk/review/{handed_in.no}/").status_code == 404


def test_another_filing_started_and_given_up_leaves_the_one_in_force(own, institution, cast, as_user):
    case, client = file_it(own, cast), as_user(OPERATOR)
    other = {"matter": "move", "kind": "REFILE", "institution": own.uscc}
    assert client.post("/desk/filings/start/", other).status_code == 302
    move = Filing.objects.exclude(pk=case.pk).get()
    checked = page(client, f"/desk/filings/{move.no}/check/")
    assert own.posts.current().exists() and all(post.name in checked for post in own.posts.current())
    for step in (lambda: None, lambda: give_up(client, move)):
        step()
        case.refresh_from_db()
        assert case.status == "FILED"
        assert "备案有效" in page(Client(), f"/verify/{case.receipt_no}/")
        assert "已登记、已备案" in page(Client(), f"/institutions/{own.uscc}/")


@pytest.mark.parametrize(
    ("steps", "clock"),
    [
        (("return",), "DL-SUPPLEMENT"),
        (("propose_reject", "reject"), ""),
        (("propose_nonconform", "nonconform"), "DL-RECTIFY"),
        (("receipt",), "DL-NONCONF"),
    ],
)
def test_a_letter_is_the_institutions_at_once(own, cast, as_user, django_capture_on_commit_callbacks, steps, clock):
    case = take_step(file_it(own, cast, "READY"), "submit", actor=cast[OPERATOR])
    if steps[0] == "propose_nonconform":
        case = visit(judge_and_receipt(case, cast), cast, fails="S01")
    for item in review.items_of(review.last_version(case)) if steps[0] in {"return", "receipt"} else ():
        lacks = steps[0] == "return" and item == "premises"
        review.give_verdict(
            case, item, verdict="SUPPLEMENT" if lacks else "CONFORMS", reason="租赁合同缺页" if lacks else "",
            clause="", how_to_fix="补交" if lacks else "", actor=cast[REVIEWER],
        )  # fmt: skip
    said: dict[str, dict[str, Any]] = {
        "propose_reject": {"reason": "不属于本辖区", "competent": "盐都区卫生健康委员会"},
        "propose_nonconform": {"reason": "现场与备案不一致", "items": REASONS},
    }
    hands = {"reject": "chief_tinghu", "nonconform": "chief_tinghu", "propose_nonconform": "reviewer_tinghu2"}
    with django_capture_on_commit_callbacks(execute=True):
        for step in steps:
            case = take_step(case, step, actor=cast[hands.get(step, REVIEWER)], **said.get(step, {}))
    client = as_user(OPERATOR)
    assert own.name in page(client, "/desk/messages/") or case.no in page(client, "/desk/messages/")
    if steps == ("receipt",):
        assert case.receipt_no in page(client, f"/desk/filings/{case.no}/receipt/")
    else:
        letter = case.notices.get()
        assert letter.number in page(client, f"/desk/filings/{case.no}/letters/{letter.pk}/")
    running = set(Deadline.objects.running().of(case.subject).filter(paused_on=None).values_list("code", flat=True))
    assert running == ({clock} if clock else set())


def test_what_to_mind_before_handing_in_is_what_the_reviewer_reads(own, cast, as_user):
    case = file_it(own, cast, "READY")
    row = case.sections.get(name="surroundings")
    row.data["window_ratio"] = "5"
    row.save()
    client, pledge = as_user(OPERATOR), f"/desk/filings/{case.no}/pledge/"
    asked = re.findall(r'name="(explain-[^"]+)"', page(client, pledge))
    signed = {"agreed": "on", "signed_name": own.legal_rep_name, **dict.fromkeys(asked, "正在加装照明。")}
    assert asked and client.post(pledge, signed).status_code == 302
    html = page(client, f"/desk/filings/{case.no}/check/")
    mind = html.partition("请留意")[2].partition("</section>")[0]
    said = re.findall(r"([^<>]+)</p>", mind)
    assert said
    take_step(case, "submit", actor=cast[OPERATOR])
    shown = page(as_user(REVIEWER), f"/desk/review/{case.no}/")
    assert [words for words in (*said, "正在加装照明。") if words.strip() not in shown] == []


def test_a_paper_that_ends_is_told_to_the_institution(own, cast, as_user, django_capture_on_commit_callbacks):
    file_it(own, cast)
    held = Credential.objects.filter(kind="HEALTH").first() or Credential.objects.first()
    Credential.objects.update(valid_to=None)
    Credential.objects.filter(pk=held.pk).update(valid_to=today_here() + timedelta(days=30))
    with django_capture_on_commit_callbacks(execute=True):
        run_night()
    assert "30 天" in page(as_user(OPERATOR), "/desk/messages/")


def test_who_comes_back_has_the_papers_of_before(own, cast, as_user):
    file_it(own, cast)
    client, post = as_user(OPERATOR), own.posts.current().filter(role="CARER").first()
    until = {
        day.isoformat() for day in post.person.credentials.exclude(valid_to=None).values_list("valid_to", flat=True)
    }
    today = today_here().isoformat()
    left = client.post(f"/desk/people/{post.pk}/leave/", {"ended_on": today, "end_reason": "本人辞职"})
    assert until and left.status_code == 302
    again = {
        "name": post.name, "id_no": post.person.id_no, "phone": "13900001111", "education": "COLLEGE",
        "experience_years": "3", "role": "CARER", "full_time": "yes", "started_on": today, "no_mental_illness": "on",
    }  # fmt: skip
    assert client.post("/desk/people/new/", again).status_code == 302
    new = own.posts.current().get(person=post.person)
    shown = page(client, f"/desk/people/{new.pk}/")
    assert all(day in shown for day in until)


def test_an_identity_number_in_a_text_is_hidden_and_said(own, cast, as_user):
    case, client = start_filing(own, actor=cast[OPERATOR]), as_user(OPERATOR)
    path, number = f"/desk/filings/{case.no}/sections/basics/", own.legal_rep_id_no
    version = re.search(r'name="record_version" value="(\d*)"', page(client, path))
    assert version is not None
    typed = {"record_version": version[1], "opening_hours": f"请找 {number}"}
    html = markup_of(client.post(path, typed, follow=True)) + page(client, path)
    assert "身份证号码已自动隐去" in html and number not in html
    assert number not in str(case.sections.get(name="basics").data)


def test_what_is_said_to_be_published_is_on_the_page(own, cast, as_user):
    case = file_it(own, cast, basics={"public_phone": "0515-80004711", "opening_hours": "周一至周六 6:47–17:11"})
    form = page(as_user(OPERATOR), f"/desk/filings/{case.no}/sections/basics/")
    shown = page(Client(), f"/institutions/{own.uscc}/")
    for value in ("0515-80004711", "6:47"):
        assert value in form and value in shown, value


def test_a_closure_taken_back_is_gone_from_every_public_page(own, cast, as_user):
    case, why = file_it(own, cast), "不再经营托育服务"
    days = {"from_day": today_here() + timedelta(days=20), "reason": why}
    take_step(case, "request_closure", actor=cast[OPERATOR], reason=why, plan={**plan(final=True), **days})
    pages = [f"/institutions/{own.uscc}/", f"/verify/{case.receipt_no}/"]
    assert all(why in page(Client(), path) for path in pages)
    case.refresh_from_db()
    step = f"/desk/filings/{case.no}/steps/withdraw_closure/"
    assert as_user(OPERATOR).post(step, {"record_version": case.record_version}).status_code == 302
    for path in pages:
        html = page(Client(), path)
        assert 'id="closing"' not in html and "起终止服务" not in html.partition('class="timeline')[0], path
    kept = page(Client(), pages[0]).partition('class="timeline')[2]
    assert why in kept and "撤回" in kept
    assert why not in page(Client(), pages[1])
    assert Client().get(f"/api/v1/institutions/{own.uscc}/").json()["plans"] == []
    assert PublicChange.objects.filter(uscc=own.uscc).latest("id").title.endswith("撤回终止服务安排")
    case.refresh_from_db()
    assert case.status == "FILED"


def test_a_report_passed_on_keeps_number_and_code_and_is_answered_there(own, as_user):
    visitor = Client()
    visitor.post(
        f"/institutions/{own.uscc}/report/", {"block": "registration", "text": "门牌与登记的地址不一致，请核对。"}
    )
    report = Case.objects.get()
    html = page(visitor, "/reports/done/")
    assert "会转给它，编号和查询码不变" in html
    code = re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", html)
    assert code is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(r)::text || row_to_json(c)::text FROM registry_publicreport r JOIN casework_case c ON c.id = r.case_id"
        )
        stored = cursor.fetchone()[0]
    assert code[0] not in stored and code[0].replace("-", "") not in stored
    first, second = "registrar_tinghu", REVIEWER
    desk = f"/desk/cases/{report.no}/"
    passed_on = {"record_version": 1, "owner": "320902-HEALTH", "reason": "属于备案事项"}
    assert as_user(first).post(f"{desk}transfer/", passed_on).status_code == 302
    asked = {"no": report.no, "code": code[0]}
    track = visitor.post("/reports/track/", asked)
    report.refresh_from_db()
    assert track.status_code == 200 and report.authority.name in markup_of(track)
    said = {"record_version": 2, "answer": "经核对，已请机构更正门牌。"}
    assert as_user(second).post(f"{desk}corrected/", said).status_code == 302
    assert said["answer"] in markup_of(visitor.post("/reports/track/", asked))


def test_the_answers_of_the_self_check_are_kept_nowhere(db, caplog):
    """Neither in a table nor in the log of requests, whatever becomes of the request."""
    with CaptureQueriesContext(connection) as asked, caplog.at_level(logging.DEBUG):
        for typed in ("471147", "四七一一四七"):
            Client().get("/self-check/", {"check": "1", "floor_area": typed}, follow=True)
            Client().get("/self-check", {"check": "1", "floor_area": typed})
    assert not [query["sql"] for query in asked if not query["sql"].startswith("SELECT")]
    lines = [f"{record.msg}{record.args}" for record in caplog.records]
    assert any("request_finished" in line and "/self-check/" in line for line in lines)
    assert not [line for line in lines if "471147" in line or "%E5%9B%9B" in line or "四七一一" in line]
