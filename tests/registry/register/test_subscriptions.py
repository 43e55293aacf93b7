"""Following by e-mail: asked, confirmed, told, left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from registry.models import PublicChange, PublicSubscription
from registry.register import tasks
from registry.register.subscriptions import token_of
from tests.pages import markup_of
from yancheng_childcare.celery import app

pytestmark = pytest.mark.django_db
EMAIL = "parent-a@example.com"
LATER = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    yield
    app.conf.task_always_eager = before


def ask(client: Client, query: str, email: str = EMAIL, **more: str) -> Any:
    return client.post(f"/subscriptions/new/?{query}", {"email": email, **more})


def link(step: str, number: int = -1) -> str:
    found = re.search(rf"(/subscriptions/[\w-]{{43}}/{step}/)", str(mail.outbox[number].body))
    assert found, mail.outbox[number].body
    return found.group(1)


def follow(client: Client, query: str, email: str = EMAIL) -> PublicSubscription:
    ask(client, query, email)
    assert client.post(link("confirm")).status_code == 200
    mail.outbox.clear()
    return PublicSubscription.objects.latest("id")


def change(row: Any, title: str, **given: Any) -> PublicChange:
    values = {"kind": "FEES", "detail": "1600 → 1800", "occurred_at": timezone.now(), **given}
    return PublicChange.objects.create(
        institution_id=row.pk, uscc=row.uscc, name=row.name, region=row.region, town=row.town, title=title, **values
    )


def old(row: Any, title: str) -> Any:
    return change(row, title, occurred_at=timezone.now() - LATER)


def test_nothing_is_sent_before_the_address_says_yes(entry: Callable[..., Any], client: Client) -> None:
    row = entry()
    old(row, "从前的")
    form = client.get(f"/subscriptions/new/?uscc={row.uscc}")
    assert row.name in markup_of(form) and "no-store" in form["Cache-Control"]
    answer = ask(client, f"uscc={row.uscc}")
    assert answer.status_code == 200 and "如果地址有效，确认邮件已发出" in markup_of(answer)
    kept = PublicSubscription.objects.get()
    assert kept.email == EMAIL and mail.outbox[0].to == [EMAIL]
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"
    with connection.cursor() as cursor:
        cursor.execute("SELECT email || token_hash || email_index FROM registry_publicsubscription")
        stored = cursor.fetchone()[0]
    assert "example.com" not in stored and token_of(kept) not in stored
    assert tasks.send_news() == 0
    assert client.get(link("confirm")).status_code == 200
    kept.refresh_from_db()
    assert kept.confirmed_at is None
    assert "订阅已生效" in markup_of(client.post(link("confirm")))
    mail.outbox.clear()
    assert tasks.send_news() == 0 and not mail.outbox
    old(row, "新的")
    assert tasks.send_news() == 1 and tasks.send_news() == 0
    body = str(mail.outbox[0].body)
    assert "新的" in body and "从前的" not in body and f"/institutions/{row.uscc}/" in body
    headers = mail.outbox[0].extra_headers
    assert (
        headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        and link("leave") in headers["List-Unsubscribe"]
    )


def test_asking_again_makes_no_second_row_and_tells_nothing(
    entry: Callable[..., Any], client: Client, django_assert_max_num_queries: Any, settings: Any
) -> None:
    query = f"uscc={entry().uscc}"
    first = ask(client, query)
    with django_assert_max_num_queries(16):
        again = ask(client, query, EMAIL.upper())
    assert again.content == first.content and PublicSubscription.objects.count() == 1 and len(mail.outbox) == 2
    assert client.post(link("confirm")).status_code == 200
    assert ask(client, query).content == first.content and "您已经订阅" in mail.outbox[-1].subject
    assert ask(client, query).content == first.content and len(mail.outbox) == 3
    other = ask(client, query, "parenta@example.com")
    assert other.content == first.content and PublicSubscription.objects.count() == 2
    assert mail.outbox[-1].to == ["parenta@example.com"]
    settings.SUBSCRIPTION_REQUESTS_AN_HOUR = 5
    assert ask(client, query).status_code == 429


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b\r\nBcc: c@example.com", "a\x00@example.com", "x" * 300 + "@e.cn", "a\ud800@e.cn"]
)
def test_an_address_that_cannot_work_is_said_at_once(reference: None, client: Client, email: str) -> None:
    data = f"email={email}" if "\ud800" not in email else "email=a%ED%A0%80@e.cn"
    answer = client.post("/subscriptions/new/?area=320902", data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {400, 422} and not PublicSubscription.objects.exists() and not mail.outbox


def test_what_cannot_be_followed(reference: None, client: Client) -> None:
    assert client.get("/subscriptions/new/?area=999999").status_code == 404
    assert client.get("/subscriptions/new/?uscc=91320902MA1X000A0R").status_code == 404
    assert "关注的地区" in markup_of(client.get("/subscriptions/new/"))
    assert "请选择要关注的地区" in markup_of(ask(client, ""))
    assert ask(client, "", area="320902").status_code == 200 and PublicSubscription.objects.get().region_id == "320902"
    for step in ("confirm", "leave"):
        assert client.get(f"/subscriptions/{'a' * 43}/{step}/").status_code == 404
        assert client.post(f"/subscriptions/{'a' * 43}/{step}/").status_code == 404


def test_leaving_takes_one_post_without_a_cookie_and_erases(entry: Callable[..., Any], client: Client) -> None:
    row = entry()
    kept = follow(client, f"uscc={row.uscc}")
    leave = f"/subscriptions/{token_of(kept)}/leave/"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/subscriptions/{token_of(kept)}/confirm/").status_code == 403
    assert strict.get(leave).status_code == 200
    kept.refresh_from_db()
    assert kept.ended_at is None
    for _ in range(2):
        assert "已退订" in markup_of(strict.post(leave, {"List-Unsubscribe": "One-Click"}))
    kept.refresh_from_db()
    assert kept.ended_at and kept.email == "" and kept.email_index == ""
    old(row, "之后")
    assert tasks.send_news() == 0 and not mail.outbox
    follow(client, f"uscc={row.uscc}")
    assert PublicSubscription.objects.count() == 2


def test_a_digest_covers_the_area_is_cut_at_thirty_and_catches_up(
    entry: Callable[..., Any], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = entry(), entry(region="320981")
    for query, email in (
        ("area=320902", "county@example.com"),
        (f"area={here.town_id}", "town@example.com"),
        ("area=320900", "city@example.com"),
        ("area=320921", "none@example.com"),
        (f"uscc={there.uscc}", "bad@example.com"),
    ):
        follow(client, query, email)
    for number in range(33):
        old(here, f"第{number:02}条\n第二行")
    old(there, "东台的")
    change(here, "刚刚的")  # may still be overtaken: next round
    plain = mail.EmailMessage.send

    def send(self: Any, *args: Any, **kwargs: Any) -> int:
        if self.to == ["bad@example.com"]:
            raise SMTPRecipientsRefused({})
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    assert tasks.send_news() == 3
    bodies = {message.to[0]: str(message.body) for message in mail.outbox}
    assert set(bodies) == {"county@example.com", "town@example.com", "city@example.com"}
    assert "第29条" in bodies["county@example.com"] and "第30条" not in bodies["county@example.com"]
    assert "另有 3 条" in bodies["county@example.com"] and "另有 4 条" in bodies["city@example.com"]
    assert all("刚刚的" not in body and "东台的" not in body for body in bodies.values())
    monkeypatch.undo()
    mail.outbox.clear()
    assert tasks.send_news() == 1 and mail.outbox[0].to == ["bad@example.com"]
    assert "东台的" in str(mail.outbox[0].body)


def test_unconfirmed_addresses_go_after_two_days(entry: Callable[..., Any], client: Client, settings: Any) -> None:
    query = f"uscc={entry().uscc}"
    ask(client, query)
    kept = PublicSubscription.objects.get()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert f"/subscriptions/{token_of(kept)}/confirm/" == link("confirm")
    PublicSubscription.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert client.post(link("confirm")).status_code == 404
    assert tasks.purge_subscriptions() == 1 and not PublicSubscription.objects.exists()


def test_the_timers_know_their_tasks() -> None:
    app.loader.import_default_modules()
    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}
    mine = {f"registry.register.tasks.{name}" for name in ("send_news", "keep_snapshot", "purge_subscriptions")}
    assert mine <= planned and planned <= set(app.tasks)


def test_one_mailbox_is_not_flooded_under_many_names(entry: Callable[..., Any], client: Client, settings: Any) -> None:
    settings.SUBSCRIPTION_REQUESTS_A_DAY = 3
    query = f"uscc={entry().uscc}"
    for number in range(5):
        assert ask(client, query, f"Victim+{number}@example.com").status_code == 200
    assert len(mail.outbox) == 3
    ask(client, query, "somebody.else+1@example.com")
    assert len(mail.outbox) == 4
