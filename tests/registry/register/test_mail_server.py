"""Mail over the wire: a real SMTP server receives what the background tasks send; programs that check mails look at it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import timezone

from casework.cases import take
from casework.models import Case
from registry.models import Institution, PublicChange, PublicEntry, PublicSubscription
from registry.register import news, tasks
from registry.register.entry import refresh_entry
from registry.register.reporting import Words, submit_report
from yancheng_childcare.celery import app

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"


class Mailbox:
    """Keeps what arrives; refuses addresses that say so, for good (550) or for now (451)."""

    def __init__(self) -> None:
        self.raw: list[tuple[list[str], bytes]] = []
        self.asked: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked.append(address)
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        if address.startswith("busy"):
            return "451 4.2.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append((list(envelope.rcpt_tos), envelope.content))
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, read as a mail program reads it."""
        return [message_from_bytes(content, policy=policy.default) for _, content in self.raw]  # type: ignore[misc]


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    """The server, the portal set to send through it, tasks carried out at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    yield box
    app.conf.task_always_eager = before
    server.stop()


def ask(uscc: str, email: str) -> None:
    assert Client().post(f"/subscriptions/new/?uscc={uscc}", {"email": email}).status_code == 200


def follow(box: Mailbox, uscc: str, email: str) -> PublicSubscription:
    ask(uscc, email)
    assert Client().post(links(box.mails[-1])["confirm"]).status_code == 200
    box.raw.clear()
    return PublicSubscription.objects.latest("id")


def links(mail: EmailMessage) -> dict[str, str]:
    """step → path, as they stand in the text."""
    return {step: path for path, step in re.findall(r"(/subscriptions/[\w-]{43}/(confirm|leave)/)", mail.get_content())}


def header(mail: EmailMessage, name: str) -> str:
    """The one header of this name; the blank of its folded first line is not part of it."""
    (value,) = mail.get_all(name) or []
    return str(value).strip()


def told(row: Any, title: str, **given: Any) -> None:
    values = {"kind": "FEES", "detail": "1600 → 1800", "occurred_at": timezone.now() - timedelta(minutes=5), **given}
    PublicChange.objects.create(
        institution_id=row.pk, uscc=row.uscc, name=row.name, region=row.region, town=row.town, title=title, **values
    )


def test_headers_are_those_of_one_mail_to_one_reader(entry: Callable[..., Any], box: Mailbox, settings: Any) -> None:
    row = entry()
    hostile = "盐城市\r\nBcc: stranger@example.com\r\n\r\n正文" + "很长的名称" * 12
    PublicEntry.objects.filter(pk=row.pk).update(card={**row.card, "name": hostile})
    ask(row.uscc, "parent@example.com")
    (receivers, raw), mail = box.raw[0], box.mails[0]
    assert receivers == ["parent@example.com"] and mail["To"] == "parent@example.com" and mail["Bcc"] is None
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii() and max(map(len, head.split(b"\r\n"))) <= 998
    shown = re.sub(r"\s", "", mail["Subject"])
    assert shown == re.sub(r"\s", "", f"【盐城托育平台】请确认订阅：{hostile}") and "\n" not in mail["Subject"]
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL and mail["Message-ID"] and mail["Date"]
    assert mail["Auto-Submitted"] == "auto-generated"
    leave = links(mail)["leave"]
    assert header(mail, "List-Unsubscribe") == f"<{settings.PORTAL_URL}{leave}>"
    assert header(mail, "List-Unsubscribe-Post") == ONE_CLICK
    assert mail.get_content_charset() == "utf-8" and "请在 48 小时内" in mail.get_content()


def test_looking_changes_nothing_and_one_click_leaves(entry: Callable[..., Any], box: Mailbox) -> None:
    row = entry()
    ask(row.uscc, "parent@example.com")
    scanner = Client(enforce_csrf_checks=True)
    for path in links(box.mails[0]).values():
        assert scanner.head(path).status_code == scanner.get(path).status_code == 200
    kept = PublicSubscription.objects.get()
    assert kept.confirmed_at is None and kept.ended_at is None
    assert Client().post(links(box.mails[0])["confirm"]).status_code == 200
    box.raw.clear()
    told(row, "收费变更：甲")
    assert tasks.send_news.delay().get() == 1
    news_mail = box.mails[0]
    assert "收费变更：甲" in news_mail.get_content() and "1 条公开信息变更" in news_mail["Subject"]
    found = re.fullmatch(r"<https?://[^/]+(/[^>]+)>", header(news_mail, "List-Unsubscribe"))
    assert found
    for path in (found[1], *links(news_mail).values()):
        scanner.get(path)
    kept.refresh_from_db()
    assert kept.ended_at is None
    robot = Client(enforce_csrf_checks=True)  # a mail program: no cookie, no token (RFC 8058 §3.2)
    answer = robot.post(found[1], ONE_CLICK, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and not answer.cookies
    kept.refresh_from_db()
    assert kept.ended_at is not None and kept.email == ""
    told(row, "收费变更：乙")
    assert tasks.send_news.delay().get() == 0 and len(box.raw) == 1


def test_a_door_told_before_the_place_became_a_home_is_not_mailed_after(
    entry: Callable[..., Any], box: Mailbox
) -> None:
    row = entry(name="盐城市家庭托育点")
    follow(box, row.uscc, "parent@example.com")
    told(row, "地址变更", kind="ADDRESS", detail="地址：甲路1号 → 赤鱬路8317号")
    assert tasks.send_news() == 1 and "8317" in box.mails[-1].get_content()
    told(row, "地址变更", kind="ADDRESS", detail="地址：赤鱬路8317号 → 赤鱬路8318号")
    Institution.objects.filter(pk=row.pk).update(nature="HOME")
    assert refresh_entry(row.pk)
    assert tasks.send_news() == 1
    last = box.mails[-1].get_content()
    assert "地址变更" in last and "831" not in last and "赤鱬" not in last


def test_an_address_refused_for_good_is_not_asked_every_five_minutes(entry: Callable[..., Any], box: Mailbox) -> None:
    row = entry()
    for name in ("one", "two", "three"):
        follow(box, row.uscc, f"{name}@example.com")
    gone, busy, _ = PublicSubscription.objects.order_by("pk")
    gone.email, busy.email = "gone@example.com", "busy@example.com"
    gone.save(update_fields=["email"])
    busy.save(update_fields=["email"])
    told(row, "第一条")
    box.asked.clear()
    assert [tasks.send_news() for _ in range(3)] == [1, 0, 0]
    assert box.asked.count("gone@example.com") == 1 and box.asked.count("busy@example.com") == 3
    told(row, "第二条")
    assert tasks.send_news() == 1 and box.asked.count("gone@example.com") == 2


def test_a_mail_server_that_is_away_holds_up_no_worker_and_loses_nothing(
    entry: Callable[..., Any], box: Mailbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, tried, plain = entry(), [], news._send_digest
    for number in range(5):
        follow(box, row.uscc, f"parent{number}@example.com")
    told(row, "第一条")

    def counted(*given: Any) -> None:
        tried.append(given[0])
        plain(*given)

    monkeypatch.setattr(news, "_send_digest", counted)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert tasks.send_news() == 0 and len(tried) == news.TROUBLES
    settings.EMAIL_PORT = port
    assert tasks.send_news() == 5 and len(box.raw) == 5


def test_the_answer_of_a_report_reaches_who_asked(
    institution: Callable[..., Any], cast: dict[str, Any], box: Mailbox, django_capture_on_commit_callbacks: Any
) -> None:
    words = Words("ERROR", "保育费与公示的不一样。", "", "parent@example.com", uscc=institution().uscc, block="fees")
    report = Case.objects.get(no=submit_report(words=words, nonce="e" * 43).no)
    with django_capture_on_commit_callbacks(execute=True):
        take(report, "corrected", {"answer": "经核对已经更正，谢谢您的提醒。"}, actor=cast["reviewer_tinghu"])
    mail = box.mails[-1]
    assert mail["To"] == "parent@example.com" and header(mail, "Subject") == f"【盐城托育平台】{report.no} 已答复"
    assert "经核对已经更正" in mail.get_content() and "王" not in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
