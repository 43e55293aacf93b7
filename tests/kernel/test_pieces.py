"""Work done piece by piece: what fails keeps back nothing else, what is told is told once, missed rounds are made up for."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError
from django.utils import timezone

from exchange import alarms, clients
from exchange.models import Endpoint
from registry.models import Institution
from registry.registration import reminders
from yancheng_childcare import unmasking
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Department, Event, Notification, Region
from yancheng_childcare.notifications import mail_unsent, notify
from yancheng_childcare.pieces import each
from yancheng_childcare.tasks import tell_looks

pytestmark = pytest.mark.django_db


def test_a_piece_that_fails_is_undone_and_keeps_back_no_other(reference: Any) -> None:
    def mark(name: str) -> int:
        Event.objects.create(action="x.marked", subject=name, summary=name, actor_label="")
        if name == "b":
            raise ValueError(name)
        return 2

    tally = each("work", ["a", "b", "c"], mark)
    assert (tally.done, tally.failed) == (4, 1)
    assert set(Event.objects.filter(action="x.marked").values_list("subject", flat=True)) == {"a", "c"}


def test_pieces_end_when_the_database_is_away() -> None:
    tried: list[int] = []

    def away(number: int) -> int:
        tried.append(number)
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        each("work", [1, 2, 3], away)
    assert tried == [1]


class Choosy(EmailBackend):
    """A mail server that refuses some addresses."""

    answers: dict[str, Exception] = {}

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if trouble := self.answers.get(message.to[0]):
                raise trouble
        return super().send_messages(messages)


def test_one_address_that_fails_stops_no_mail_and_repeats_none(cast: Any, settings: Any, mailoutbox: Any) -> None:
    """One refusal rolled the whole round back: those before it got the same mail every minute, those after it none."""
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    names = ("reviewer_tinghu", "chief_tinghu", "health_city", "legal_city")
    for name in names:
        EmailAddress.objects.create(user=cast[name], email=f"{name}@example.org", verified=True)
    notify([cast[name] for name in names], title="t", body="b")
    gone = "chief_tinghu@example.org"
    Choosy.answers = {
        gone: SMTPRecipientsRefused({gone: (550, b"no such user")}),
        "health_city@example.org": SMTPDataError(451, b"later"),
    }
    assert mail_unsent() == 2
    assert mail_unsent() == 0, "nobody gets it twice"
    Choosy.answers = {gone: Choosy.answers[gone]}
    assert mail_unsent() == 1, "what failed for a while is tried again"
    assert sorted(m.to[0] for m in mailoutbox) == sorted(f"{n}@example.org" for n in names if n != "chief_tinghu")


def test_a_mail_server_that_is_away_is_not_asked_once_per_message(cast: Any, settings: Any) -> None:
    asked: list[str] = []

    class Away(dict[str, Exception]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return ConnectionRefusedError()

    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    Choosy.answers = Away()
    EmailAddress.objects.create(user=cast["reviewer_tinghu"], email="r@example.org", verified=True)
    for _ in range(9):
        notify([cast["reviewer_tinghu"]], title="t", body="b")
    assert mail_unsent() == 0 and len(asked) == 3


def test_missed_mornings_of_the_auditors_are_made_up_for_once(cast: Any) -> None:
    for back in (1, 2, 5):
        Event.objects.create(
            action="personal.read", actor=cast["reviewer_tinghu"], subject="x:1", summary="查看", actor_label="",
            at=timezone.now() - timedelta(days=back),
        )  # fmt: skip
    assert tell_looks() == 3 and tell_looks() == 0
    titles = Notification.objects.filter(user=cast["auditor_city"]).values_list("title", flat=True)
    assert sorted(titles) == sorted(f"{today_here() - timedelta(days=back)} 查看个人信息" for back in (1, 2, 5))


def test_looks_that_could_not_be_told_are_told_by_the_next_run(cast: Any, monkeypatch: Any) -> None:
    Event.objects.create(
        action="personal.read", actor=cast["reviewer_tinghu"], subject="x:1", summary="查看", actor_label="",
        at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    broken(unmasking, monkeypatch)
    assert tell_looks() == 0
    monkeypatch.undo()
    assert tell_looks() == 1 and Notification.objects.filter(user=cast["auditor_city"]).count() == 1


def broken(module: Any, monkeypatch: Any, word: str = "") -> None:
    """Messages of this module whose text holds the word cannot be kept."""

    def refuse(users: Any, *, title: str, body: str, **rest: Any) -> int:
        if word in title + body:
            raise RuntimeError("broken")
        return notify(users, title=title, body=body, **rest)

    monkeypatch.setattr(module, "notify", refuse)


def test_one_county_that_fails_keeps_back_no_other(cast: Any, institution: Any, monkeypatch: Any) -> None:
    day = today_here() - timedelta(days=40)
    other = Region.objects.get(pk="320981")
    first, second = institution(), institution()
    Institution.objects.filter(pk__in=[first.pk, second.pk]).update(established_on=day, approved_on=day)
    Institution.objects.filter(pk=second.pk).update(region=other)
    broken(reminders, monkeypatch, "亭湖：")
    assert reminders.remind() == 1
    monkeypatch.undo()
    assert reminders.remind() == 1 and reminders.remind() == 0
    digests = Notification.objects.filter(title__contains="已登记未备案机构需跟进")
    assert digests.filter(title__startswith="亭湖").exists() and digests.filter(title__startswith="东台").exists()


def test_a_key_that_ends_is_told_although_the_first_try_broke(cast: Any, monkeypatch: Any) -> None:
    for name in ("registrar_tinghu", "police_tinghu"):
        client, _ = clients.issue_key(user=cast[name], name=name, actor=None)
        type(client).objects.filter(pk=client.pk).update(expires_at=timezone.now() + timedelta(days=5))
    broken(clients, monkeypatch, "police")
    assert clients.remind_of_ending_keys() == 1
    monkeypatch.undo()
    assert clients.remind_of_ending_keys() == 1 and clients.remind_of_ending_keys() == 0


def test_an_alarm_and_its_message_are_kept_together(cast: Any, monkeypatch: Any) -> None:
    endpoint = Endpoint.objects.create(department=Department.objects.first(), name="x", url="https://example.org/in")
    since = timezone.now() - timedelta(hours=1)

    def look(_: Any) -> int:
        return alarms._raise(endpoint, "push.alarm.late", since=since, title="t", body="b")

    broken(alarms, monkeypatch)
    assert each("alarms", [endpoint], look).failed == 1
    monkeypatch.undo()
    assert [each("alarms", [endpoint], look).done for _ in range(2)] == [1, 0]
