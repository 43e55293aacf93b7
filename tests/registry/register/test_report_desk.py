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

from registry.demo.public_reports import SAMPLES, report_some
from registry.models import PublicReport
from registry.register.report_clocks import remind_reports
from registry.register.report_workflow import REPORT, answer_report, reveal_contact, transfer_report
from registry.register.reporting import Words, masked_contact, submit_report
from registry.tasks import run_nightly
from tests.pages import markup_of, page_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, Notification
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
ANSWER = "经核对，收费公示牌已经更新，页面同步更正。"
DATA = {
    "answer": {"outcome": "CORRECTED", "answer": ANSWER},
    "transfer": {"owner": "320902-MARKET", "reason": "属于登记事项"},
}
STAFF = {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"}
READERS = STAFF | {"health_city", "auditor_city", "leader_city"}


@pytest.fixture
def reported(institution: Callable[..., Any]) -> PublicReport:
    found = institution()
    words = Words("ERROR", "页面上的保育费与公示的不一样。", "", "parent@example.com", uscc=found.uscc, block="fees")
    return PublicReport.objects.get(no=submit_report(words=words, nonce="d" * 43).no)


def test_every_state_and_step_and_person(reported: PublicReport, cast: dict[str, Any]) -> None:
    for state in ("OPEN", "ANSWERED"):
        if state == "ANSWERED":
            reported = answer_report(
                report=reported, outcome="CORRECTED", answer=ANSWER, actor=cast["reviewer_tinghu"], expected_version=1
            )
        for username, user in cast.items():
            allowed = state == "OPEN" and username in STAFF
            offered = {t.name for t in REPORT.available(reported, user)}
            assert offered == ({"answer", "transfer"} if allowed else set()), (username, state)
            assert PublicReport.objects.visible_to(user, user.roles).exists() is (username in READERS), username
            for step in () if allowed else REPORT.steps:
                with pytest.raises(Rejected) as raised:
                    REPORT.run(reported, step, user, **DATA[step])
                assert raised.value.status == (409 if username in STAFF else 403)
    assert PublicReport.objects.get().record_version == 2


def test_answered_once_and_mailed(
    reported: PublicReport, as_user: Callable[[str], Client], django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("registry.register.report_workflow.hand_over", lambda task, no: task(no) or True)
    client, url = as_user("reviewer_tinghu"), f"/desk/reports/{reported.no}/"
    short = client.post(url, {"step": "answer", "version": 1, "outcome": "", "answer": "好"})
    assert short.status_code == 422 and "请选择办理结果" in markup_of(short)
    stale = client.post(url, {"step": "answer", "version": 9, **DATA["answer"]})
    assert stale.status_code == 412
    page = markup_of(stale)
    # What was typed stands in the form again, with the version it can be sent with.
    assert f">{ANSWER}</textarea>" in page.replace("\n", "") and 'name="version" value="1"' in page
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(url, {"step": "answer", "version": 1, **DATA["answer"]})
    assert done.status_code == 302
    assert [m.to for m in mail.outbox] == [["parent@example.com"]] and ANSWER in str(mail.outbox[0].body)
    assert Deadline.objects.get(code="DL-REPORT").closed_on is not None
    again = as_user("chief_tinghu").post(url, {"step": "answer", "version": 2, **DATA["answer"]})
    assert again.status_code == 409
    page = markup_of(again)
    assert "您刚才写的内容（没有保存）" in page and page.count(ANSWER) == 2
    saved = PublicReport.objects.get()
    assert (saved.status, saved.outcome, saved.answered_by.username) == ("ANSWERED", "CORRECTED", "reviewer_tinghu")
    assert client.post(url, {"step": "delete"}).status_code == 400


def test_transfer_keeps_the_clock(reported: PublicReport, as_user: Callable[[str], Client], cast: Any) -> None:
    url = f"/desk/reports/{reported.no}/"
    before = Deadline.objects.get(code="DL-REPORT").due_on
    client = as_user("reviewer_tinghu")
    wrong = client.post(url, {"step": "transfer", "version": 1, "owner": "320981-HEALTH", "reason": "转"})
    assert wrong.status_code == 422 and PublicReport.objects.get().transfers == 0
    assert client.post(url, {"step": "transfer", "version": 1, **DATA["transfer"]}).status_code == 302
    saved, clock = PublicReport.objects.get(), Deadline.objects.get(code="DL-REPORT")
    assert (saved.owner_id, saved.transfers, saved.status) == ("320902-MARKET", 1, "OPEN")
    assert clock.due_on == before and clock.closed_on is None
    assert as_user("registrar_tinghu").get(url).status_code == 200
    back = transfer_report(
        report=saved, owner="320902-HEALTH", reason="不是登记事项", actor=cast["registrar_tinghu"], expected_version=2
    )
    assert (back.owner_id, back.transfers) == ("320902-HEALTH", 2)


def test_list_detail_contact_and_budgets(reported: PublicReport, as_user: Callable[[str], Client]) -> None:
    url = f"/desk/reports/{reported.no}/"
    client = as_user("reviewer_tinghu")
    client.get("/desk/")
    for address, most in (("/desk/reports/", 4), (url, 6)):
        with CaptureQueriesContext(connection) as queries:
            html = markup_of(client.get(address))
        assert reported.no in html
        own = [q["sql"] for q in queries if not any(t in q["sql"] for t in ("_session", "_user", "_duty", "SAVEPOINT"))]
        assert len(own) <= most, "\n".join(own)
    assert "收费" in page_of(html).lines and "Node" not in html and 'href="tel:12345"' in html
    assert "parent@example.com" not in html and "p***@example.com" in html
    for reader in ("auditor_city", "leader_city", "health_city"):
        seen = markup_of(as_user(reader).get(url))
        assert (
            "parent@example.com" not in seen
            and "p***" not in seen
            and "只有承办单位" in seen
            and 'name="step"' not in seen
        )
    assert as_user("reviewer_dongtai").get(url).status_code == 404
    assert as_user("registrar_tinghu").get(url).status_code == 404
    assert as_user("operator_xiaotaiyang").get(url).status_code == 403
    for hostile in ("?status=ANSWERED", "?status=x&page=x"):
        assert client.get(f"/desk/reports/{hostile}").status_code == 200
    assert reported.no not in markup_of(client.get("/desk/reports/?status=ANSWERED"))
    assert client.get("/desk/reports/YC-BC-2026-x/").status_code == 404


def test_the_contact_is_shown_for_a_reason_that_is_kept(
    reported: PublicReport, as_user: Callable[[str], Client]
) -> None:
    looks = Event.objects.filter(action="personal.read", subject=reported.subject)
    client, url = as_user("reviewer_tinghu"), f"/desk/reports/{reported.no}/"
    unsaid = client.post(url, {"step": "contact", "look": "看"})
    assert unsaid.status_code == 422 and "parent@example.com" not in markup_of(unsaid) and not looks.exists()
    seen = client.post(url, {"step": "contact", "look": "回电核实收费"})
    assert seen.status_code == 200 and "parent@example.com" in markup_of(seen)
    assert "no-store" in seen["Cache-Control"]
    look = looks.get()
    assert look.data == {"field": "contact", "reason": "回电核实收费"} and look.actor.username == "reviewer_tinghu"
    assert "example.com" not in look.summary
    assert "parent@example.com" not in markup_of(client.get(url)) and looks.count() == 1
    for reader in ("auditor_city", "leader_city", "health_city"):
        refused = as_user(reader).post(url, {"step": "contact", "look": "我想看一看"})
        assert refused.status_code == 403 and "parent@" not in markup_of(refused)
    assert as_user("reviewer_dongtai").post(url, {"step": "contact", "look": "我想看一看"}).status_code == 404
    PublicReport.objects.update(contact="")
    assert client.post(url, {"step": "contact", "look": "没有留的"}).status_code == 404
    assert looks.count() == 1


def test_what_the_registration_says_is_the_registrars_alone(institution: Callable[..., Any], cast: Any) -> None:
    """The health department of the same county answers nothing of it, and who only reads it sees no contact."""
    words = Words(
        "ERROR", "登记的名称与门口的招牌不一样。", "", "a@b.cn", uscc=institution().uscc, block="registration"
    )
    report = PublicReport.objects.get(no=submit_report(words=words, nonce="e" * 43).no)
    answering = {name for name, user in cast.items() if REPORT.available(report, user)}
    reading = {name for name, user in cast.items() if PublicReport.objects.visible_to(user, user.roles).exists()}
    assert answering == {"registrar_tinghu"}
    assert reading == answering | {"chief_tinghu", "health_city", "auditor_city", "leader_city"}
    for name in reading - answering:
        with pytest.raises(Rejected) as refused:
            reveal_contact(report=report, reason="我想看一看", actor=cast[name])
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
def test_two_officers_at_once_give_one_answer(reported: PublicReport, as_user: Callable[[str], Client]) -> None:
    url, barrier, codes = f"/desk/reports/{reported.no}/", threading.Barrier(2), []
    clients = [as_user("reviewer_tinghu"), as_user("reviewer_tinghu2")]

    def answer(client: Client) -> None:
        try:
            barrier.wait(10)
            codes.append(client.post(url, {"step": "answer", "version": 1, **DATA["answer"]}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(codes) == [302, 409]
    assert PublicReport.objects.get().record_version == 2
    assert Event.objects.filter(action="public_report.answer").count() == 1


def test_the_clock_rings_once_before_and_once_after(reported: PublicReport, cast: dict[str, Any]) -> None:
    due = Deadline.objects.get(code="DL-REPORT").due_on
    told = Notification.objects.filter(title__startswith="公众报错")
    third, fourth = (add_workdays(today_here(), days) for days in (3, 4))  # of five
    assert [remind_reports(today=day).done for day in (third, fourth, due)] == [0, 1, 0]
    assert set(told.values_list("user__username", flat=True)) == STAFF
    assert [remind_reports(today=add_workdays(due, days)).done for days in (1, 2, 30)] == [1, 0, 0]
    late = told.filter(title="公众报错超期未答复")
    assert set(late.values_list("user__username", flat=True)) == STAFF | {"health_city"}
    assert all(message.url == f"/desk/reports/{reported.no}/" for message in late)
    assert run_nightly(today=str(due))["reports"] == 0


def test_a_reminder_that_broke_is_told_by_the_next_run(
    reported: PublicReport, cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.register import report_clocks

    due = Deadline.objects.get(code="DL-REPORT").due_on

    def broken(*args: Any, **rest: Any) -> int:
        raise RuntimeError("no message")

    monkeypatch.setattr(report_clocks, "notify", broken)
    assert (remind_reports(today=due).done, remind_reports(today=due).failed) == (0, 1)
    monkeypatch.undo()
    assert [remind_reports(today=due).done for _ in range(2)] == [1, 0]


def test_an_answered_report_is_quiet(reported: PublicReport, cast: dict[str, Any]) -> None:
    answer_report(
        report=reported, outcome="CORRECTED", answer=ANSWER, actor=cast["reviewer_tinghu"], expected_version=1
    )
    assert remind_reports(today=today_here() + timedelta(days=60)).done == 0


def test_the_table_in_the_docs_is_the_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text(encoding="utf-8")
    for transition in REPORT.steps.values():
        for source in transition.sources:
            assert f"| {transition.name} | {transition.label} | {source} | {transition.target or source} |" in text


def test_the_demo_city_has_reports_once(entry: Callable[..., Any], cast: dict[str, Any]) -> None:
    today = today_here()
    assert report_some(cast, today) == sum(not sample.block for sample in SAMPLES)
    for _ in range(2):
        entry()
    assert report_some(cast, today) == sum(bool(sample.block) for sample in SAMPLES)
    assert report_some(cast, today) == 0
    waiting = PublicReport.objects.open()
    assert (waiting.count(), PublicReport.objects.count()) == (3, 5)
    late = waiting.get(block="fees")
    clock = Deadline.objects.get(subject=late.subject)
    assert clock.due_on < today and late.created_at.date() <= today - timedelta(days=11)
    assert not mail.outbox
