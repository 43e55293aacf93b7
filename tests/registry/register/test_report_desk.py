"""The desk of the reports: scope, answer once, transfer, the contact, conflicts, budgets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework import clocks, telling
from casework.cases import steps_for, take
from casework.inbox import inbox_for
from casework.models import Case
from registry.choices import ReportOutcome
from registry.demo.public_reports import SAMPLES, report_some
from registry.register.pages.report_contact import masked_contact, reveal_contact
from registry.register.report_type import REPORT
from registry.register.reporting import Words, submit_report
from tests.pages import markup_of, page_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, Notification
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
ANSWER = "经核对，收费公示牌已经更新，页面同步更正。"
ANSWERS = {"corrected", "followed_up", "unfounded", "unverifiable"}
DATA = {
    **dict.fromkeys(ANSWERS, {"answer": ANSWER}),
    "transfer": {"owner": "320902-MARKET", "reason": "属于登记事项"},
}
STAFF = {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"}
READERS = STAFF | {"health_city", "auditor_city", "leader_city"}


@pytest.fixture
def reported(institution: Callable[..., Any]) -> Case:
    found = institution()
    words = Words("ERROR", "页面上的保育费与公示的不一样。", "", "parent@example.com", uscc=found.uscc, block="fees")
    return Case.objects.get(no=submit_report(words=words, nonce="d" * 43).no)


def who_takes(case: Case, cast: dict[str, Any]) -> dict[str, set[str]]:
    """Who is offered which steps."""
    found = {name: {step.name for step in steps_for(case, user)} for name, user in cast.items()}
    return {name: steps for name, steps in found.items() if steps}


def who_reads(cast: dict[str, Any]) -> set[str]:
    """Who finds a case."""
    return {name for name, user in cast.items() if Case.objects.visible_to(user, user.roles).exists()}


def step_page(case: Case, step: str) -> str:
    return f"/desk/cases/{case.no}/{step}/"


def test_every_state_and_step_and_person(reported: Case, cast: dict[str, Any]) -> None:
    offered = ANSWERS | {"transfer", "hand_over"}
    assert {outcome.value.lower() for outcome in ReportOutcome} == ANSWERS
    for state in ("OPEN", "ANSWERED"):
        if state == "ANSWERED":
            reported = take(reported, "corrected", DATA["corrected"], actor=cast["reviewer_tinghu"])
        assert reported.status == state
        assert who_takes(reported, cast) == (dict.fromkeys(STAFF, offered) if state == "OPEN" else {})
        assert who_reads(cast) == READERS
        for username, user in cast.items():
            for step in DATA if state == "ANSWERED" or username not in STAFF else ():
                with pytest.raises(Rejected) as raised:
                    take(reported, step, DATA[step], actor=user)
                assert raised.value.status == (409 if username in STAFF else 403), (username, step)
    assert (Case.objects.get().record_version, Case.objects.get().result) == (2, "CORRECTED")


def test_answered_once_and_mailed(
    reported: Case, as_user: Callable[[str], Client], django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("registry.register.report_type.hand_over", lambda task, no: task(no) or True)
    client, url = as_user("reviewer_tinghu"), step_page(reported, "corrected")
    short = client.post(url, {"record_version": 1, "answer": "好"})
    assert short.status_code == 422 and "答复不少于 10 个字" in markup_of(short)
    stale = client.post(url, {"record_version": 9, "answer": ANSWER})
    assert stale.status_code == 412
    page = markup_of(stale)
    # What was typed stands in the form again, with the version it can be sent with.
    assert f">{ANSWER}</textarea>" in page.replace("\n", "") and 'name="record_version" value="1"' in page
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(url, {"record_version": 1, "answer": ANSWER})
    assert done.status_code == 302
    assert [m.to for m in mail.outbox] == [["parent@example.com"]] and ANSWER in str(mail.outbox[0].body)
    assert Deadline.objects.get(code="DL-REPORT").closed_on is not None
    again = as_user("chief_tinghu").post(url, {"record_version": 2, "answer": ANSWER})
    assert again.status_code == 409
    # Somebody was faster: what was typed here is not lost.
    assert "当前状态为“已答复”" in markup_of(again) and f">{ANSWER}</textarea>" in markup_of(again).replace("\n", "")
    saved = Case.objects.get()
    assert (saved.status, saved.result, saved.assignee.username) == ("ANSWERED", "CORRECTED", "reviewer_tinghu")
    assert client.post(step_page(reported, "delete"), {}).status_code == 404


def test_transfer_keeps_the_clock(reported: Case, as_user: Callable[[str], Client], cast: Any) -> None:
    url = step_page(reported, "transfer")
    before = Deadline.objects.get(code="DL-REPORT").due_on
    client = as_user("reviewer_tinghu")
    wrong = client.post(url, {"record_version": 1, "owner": "320981-HEALTH", "reason": "转"})
    assert wrong.status_code == 422 and Case.objects.get().body.transfers == 0
    assert client.post(url, {"record_version": 1, **DATA["transfer"]}).status_code == 302
    saved, clock = Case.objects.get(), Deadline.objects.get(code="DL-REPORT")
    assert (saved.authority_id, saved.body.transfers, saved.status) == ("320902-MARKET", 1, "OPEN")
    assert clock.due_on == before and clock.closed_on is None
    told = Notification.objects.filter(title="转来公众报错")
    assert [(row.user.username, "理由：属于登记事项" in row.body) for row in told] == [("registrar_tinghu", True)]
    # It is the other body's altogether: its staff have it to do, of the first one only the chief of the area reads it.
    assert set(who_takes(saved, cast)) == {"registrar_tinghu"}
    assert who_reads(cast) == READERS - STAFF | {"registrar_tinghu", "chief_tinghu"}
    doing = {
        name
        for name, user in cast.items()
        if any(row["item"].url.endswith(f"/{saved.no}/") for row in inbox_for(user).todo)
    }
    assert doing == {"registrar_tinghu"}
    back = take(
        saved, "transfer", {"owner": "320902-HEALTH", "reason": "不是登记事项"}, actor=cast["registrar_tinghu"],
        expected_version=2,
    )  # fmt: skip
    assert (back.authority_id, back.body.transfers, back.assignee) == ("320902-HEALTH", 2, None)


def test_what_one_has_another_answers_only_once_it_was_handed_over(reported: Case, cast: dict[str, Any]) -> None:
    one, other = cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
    take(reported, "hand_over", {"to": str(one.pk), "reason": "由您核实"}, actor=other)
    with pytest.raises(Rejected) as refused:
        take(Case.objects.get(), "corrected", DATA["corrected"], actor=other)
    assert refused.value.status == 422
    moved = take(Case.objects.get(), "transfer", DATA["transfer"], actor=one)
    assert (moved.authority_id, moved.assignee) == ("320902-MARKET", None)


def test_list_detail_contact_and_budgets(reported: Case, as_user: Callable[[str], Client]) -> None:
    url = f"/desk/cases/{reported.no}/"
    client = as_user("reviewer_tinghu")
    client.get("/desk/")
    for address, most in (("/desk/cases/?type=REPORT", 4), (url, 7)):
        with CaptureQueriesContext(connection) as queries:
            html = markup_of(client.get(address))
        assert reported.no in html
        own = [q["sql"] for q in queries if not any(t in q["sql"] for t in ("_session", "_user", "_duty", "SAVEPOINT"))]
        assert len(own) <= most, "\n".join(own)
    assert "收费" in page_of(html).lines and "Node" not in html
    assert f'href="/institutions/{reported.uscc}/#fees"' in html
    contact = f"/desk/reports/{reported.no}/contact/"
    masked = markup_of(client.get(contact))
    assert "parent@example.com" not in html + masked and "p***@example.com" in masked and f'href="{contact}"' in html
    for reader in ("auditor_city", "leader_city", "health_city"):
        seen = markup_of(as_user(reader).get(url))
        assert not any(word in seen for word in ("parent@example.com", "p***", contact, "可以办理"))
        assert "已留" in seen and as_user(reader).get(contact).status_code == 403
    assert as_user("reviewer_dongtai").get(url).status_code == 404
    assert as_user("registrar_tinghu").get(url).status_code == 404
    assert as_user("operator_xiaotaiyang").get(url).status_code == 404
    assert reported.no not in markup_of(client.get("/desk/cases/?type=REPORT&state=closed"))
    assert client.get("/desk/reports/YC-BC-2026-x/contact/").status_code == 404


def test_the_contact_is_shown_for_a_reason_that_is_kept(reported: Case, as_user: Callable[[str], Client]) -> None:
    looks = Event.objects.filter(action="personal.read", subject=reported.subject)
    client, url = as_user("reviewer_tinghu"), f"/desk/reports/{reported.no}/contact/"
    unsaid = client.post(url, {"look": "看"})
    assert client.post(url, {}).status_code == 422
    assert unsaid.status_code == 422 and "parent@example.com" not in markup_of(unsaid) and not looks.exists()
    seen = client.post(url, {"look": "回电核实收费"})
    assert seen.status_code == 200 and "parent@example.com" in markup_of(seen)
    assert "no-store" in seen["Cache-Control"]
    look = looks.get()
    assert look.data == {"field": "contact", "reason": "回电核实收费"} and look.actor.username == "reviewer_tinghu"
    assert "example.com" not in look.summary
    assert "parent@example.com" not in markup_of(client.get(url)) and looks.count() == 1
    for reader in ("auditor_city", "leader_city", "health_city"):
        refused = as_user(reader).post(url, {"look": "我想看一看"})
        assert refused.status_code == 403 and "parent@" not in markup_of(refused)
    assert as_user("reviewer_dongtai").post(url, {"look": "我想看一看"}).status_code == 404
    reported.body.contact = ""
    reported.body.save()
    assert client.post(url, {"look": "没有留的"}).status_code == 404
    assert looks.count() == 1


def test_what_the_registration_says_is_the_registrars_alone(institution: Callable[..., Any], cast: Any) -> None:
    """The health department of the same county answers nothing of it, and who only reads it sees no contact."""
    words = Words(
        "ERROR", "登记的名称与门口的招牌不一样。", "", "a@b.cn", uscc=institution().uscc, block="registration"
    )
    report = Case.objects.get(no=submit_report(words=words, nonce="e" * 43).no)
    answering, reading = set(who_takes(report, cast)), who_reads(cast)
    assert answering == {"registrar_tinghu"}
    assert reading == answering | {"chief_tinghu", "health_city", "auditor_city", "leader_city"}
    for name in reading - answering:
        with pytest.raises(Rejected) as refused:
            reveal_contact(case=report, reason="我想看一看", actor=cast[name])
        assert refused.value.status == 403, name


@pytest.mark.parametrize(
    ("clear", "shown"),
    [
        ("13800000002", "138****0002"),
        ("0515-88123456", "051********56"),
        ("a@b.cn", "***@b.cn"),
        ("ab@b.cn", "a***@b.cn"),
    ],
)
def test_a_masked_contact(clear: str, shown: str) -> None:
    assert masked_contact(clear) == shown


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_give_one_answer(reported: Case, as_user: Callable[[str], Client]) -> None:
    url, barrier, codes = step_page(reported, "corrected"), threading.Barrier(2), []
    clients = [as_user("reviewer_tinghu"), as_user("reviewer_tinghu2")]

    def answer(client: Client) -> None:
        try:
            barrier.wait(10)
            codes.append(client.post(url, {"record_version": 1, "answer": ANSWER}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(codes) == [302, 409]
    assert Case.objects.get().record_version == 2
    assert Event.objects.filter(action="case.report.corrected").count() == 1


def test_the_clock_rings_once_before_and_once_after(reported: Case, cast: dict[str, Any]) -> None:
    due = Deadline.objects.get(code="DL-REPORT").due_on
    told = Notification.objects.filter(title__startswith="公众报错")
    third, fourth = (add_workdays(today_here(), days) for days in (3, 4))  # of five
    assert [clocks.ring(today=day).done for day in (third, fourth, due)] == [0, 1, 0]
    assert set(told.values_list("user__username", flat=True)) == STAFF
    assert [clocks.ring(today=add_workdays(due, days)).done for days in (1, 2, 30)] == [1, 0, 0]
    late = told.filter(title="公众报错超期未答复")
    assert set(late.values_list("user__username", flat=True)) == STAFF | {"health_city"}
    assert all(message.url == f"/desk/cases/{reported.no}/" for message in late)


def test_a_reminder_that_broke_is_told_by_the_next_run(
    reported: Case, cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    due = Deadline.objects.get(code="DL-REPORT").due_on

    def broken(*args: Any, **rest: Any) -> int:
        raise RuntimeError("no message")

    monkeypatch.setattr(telling, "notify", broken)
    assert (clocks.ring(today=due).done, clocks.ring(today=due).failed) == (0, 1)
    monkeypatch.undo()
    assert [clocks.ring(today=due).done for _ in range(2)] == [1, 0]


def test_an_answered_report_is_quiet(reported: Case, cast: dict[str, Any]) -> None:
    take(reported, "corrected", DATA["corrected"], actor=cast["reviewer_tinghu"])
    assert clocks.ring(today=today_here() + timedelta(days=60)).done == 0


def test_the_table_in_the_docs_is_the_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text(encoding="utf-8")
    for step in REPORT.rows:
        for source in step.sources:
            assert f"| {step.name} | {step.label} | {source} | {step.target or source} |" in text


def test_the_demo_city_has_reports_once(entry: Callable[..., Any], cast: dict[str, Any]) -> None:
    today = today_here()
    assert report_some(cast, today) == sum(not sample.block for sample in SAMPLES)
    for _ in range(2):
        entry()
    assert report_some(cast, today) == sum(bool(sample.block) for sample in SAMPLES)
    assert report_some(cast, today) == 0
    waiting = Case.objects.open()
    assert (waiting.count(), Case.objects.count()) == (3, 5)
    late = waiting.get(publicreport__block="fees")
    clock = Deadline.objects.get(subject=late.subject)
    assert clock.due_on < today and late.opened_at.date() <= today - timedelta(days=11)
    assert not mail.outbox
