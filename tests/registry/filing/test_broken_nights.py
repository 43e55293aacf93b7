"""Nights that break: killed at any statement, failing for one institution, missed, twice at once. Everything is told, once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from filing_cases import day

from exchange.models import OutboxEvent
from registry.filing import expiry
from registry.filing.expiry import run_night
from registry.filing.services import take_step
from registry.models import Credential, Filing, Material
from registry.tasks import run_nightly
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, Heartbeat, Notification
from yancheng_childcare.pieces import Tally


class Killed(BaseException):
    """The process is gone; no handler of ours may see it."""


@contextmanager
def killed_at(number: int) -> Iterator[list[int]]:
    """Die at the statement of this number, savepoints aside; the list counts them."""
    count = [0]

    def statement(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "SAVEPOINT" not in sql:
            count[0] += 1
            if count[0] == number:
                raise Killed
        return execute(sql, *rest)

    with connection.execute_wrapper(statement):
        yield count


def told() -> Counter[Any]:
    """Every message, every event that leaves the house, every clock and every act of the night."""
    found: Counter[Any] = Counter(Notification.objects.values_list("user__username", "title", "body"))
    found.update(OutboxEvent.objects.filter(type="filing.expired").values_list("type", "subject"))
    found.update(Deadline.objects.values_list("subject", "code", "closed_on"))
    found.update(Event.objects.filter(action="expiry.told").values_list("subject", "data__key"))
    return found


@pytest.fixture
def busy_night(filing_in: Any) -> tuple[Filing, date]:
    """A filing with a paper that ends soon, one that has ended, a carer's certificate, and a year without confirmation."""
    case = filing_in("FILED")
    today = today_here() + timedelta(days=366)
    Material.objects.filter(filing=case).update(valid_to=None)
    Material.objects.filter(filing=case, code="M05_FIRE").update(valid_to=today + timedelta(days=20))
    Material.objects.filter(filing=case, code="M07_FOOD").update(valid_to=today - timedelta(days=1))
    Credential.objects.update(valid_to=None)
    Credential.objects.filter(pk=Credential.objects.filter(kind="HEALTH").order_by("pk").first().pk).update(
        valid_to=today + timedelta(days=3)
    )
    return case, today


@pytest.mark.django_db
def test_a_night_killed_at_any_statement_is_made_up_for_by_the_next_run(busy_night: Any) -> None:
    _, today = busy_night
    before = transaction.savepoint()
    with killed_at(0) as count:
        run_night(today)
    expected, statements = told(), count[0]
    assert sum(1 for row in expected if "项材料或事项需要处理" in str(row[1])) == 1 and statements > 20
    transaction.savepoint_rollback(before)
    for number in range(1, statements + 1):
        before = transaction.savepoint()
        with pytest.raises(Killed), killed_at(number):
            run_night(today)
        run_night(today)
        assert told() == expected, number
        assert not run_night(today).words
        transaction.savepoint_rollback(before)


@pytest.mark.django_db
def test_one_piece_that_fails_keeps_back_no_other(busy_night: Any, monkeypatch: Any) -> None:
    case, today = busy_night
    real = expiry.notify
    broken = True

    def notify(users: Any, *, title: str, **rest: Any) -> int:
        if broken and "需要处理" in title:
            raise RuntimeError("no message for this one")
        return real(users, title=title, **rest)

    monkeypatch.setattr(expiry, "notify", notify)
    Deadline.objects.create(
        subject=case.subject, code="DL-CHANGE-REVIEW", label="变更审查", source="x", region=case.institution.region,
        kind="WORKDAYS", started_on=today - timedelta(days=9), days=5, due_on=today - timedelta(days=2),
    )  # fmt: skip
    night = run_night(today)
    assert (night.failed, night.overdue, dict(night.words)) == (1, 1, {})
    # Nothing of the failed piece stays: neither the mark nor the event nor the state.
    assert not Event.objects.filter(action="expiry.told", subject=case.institution.subject).exists()
    assert not OutboxEvent.objects.filter(type="filing.expired").exists()
    assert Material.objects.get(filing=case, code="M07_FOOD", replaced_at=None).status != "EXPIRED"
    assert run_nightly(today=str(today))["failed"] == 1
    broken = False
    night = run_night(today)
    assert (night.failed, night.overdue) == (0, 0)
    assert len(night.words[case.institution.uscc]) == 4
    assert not run_night(today).words


@pytest.mark.django_db
def test_a_database_that_is_away_ends_the_run_at_once(busy_night: Any, monkeypatch: Any) -> None:
    tried: list[int] = []

    def away(pk: int) -> Any:
        tried.append(pk)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(expiry, "_held", away)
    with pytest.raises(OperationalError):
        run_night(busy_night[1])
    assert len(tried) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("missed", [1, 2, 9])
def test_missed_nights_lose_no_reminder_and_repeat_none(busy_night: Any, missed: int) -> None:
    case, today = busy_night
    until = today + timedelta(days=100)
    Material.objects.filter(filing=case).update(valid_to=None)
    Material.objects.filter(filing=case, code="M05_FIRE").update(valid_to=until)
    found = []
    for left in range(70, -4, -1):
        # Nights are missed from each step on: the night of 60, of 30, … and those after it.
        if any(step - missed < left <= step for step in (60, 30, 15, 7)):
            continue
        for _ in range(2):
            night = run_night(until - timedelta(days=left))
            found += [left for words in night.words.get(case.institution.uscc, []) if "消防" in words]
    if missed < 9:
        assert found == [60 - missed, 30 - missed, 15 - missed, 7 - missed, 1, -1]
    else:  # from 7 on nothing ran until the last day had passed
        assert found == [51, 21, -2]


@pytest.mark.django_db
def test_an_expired_certificate_is_not_told_again_years_later(busy_night: Any) -> None:
    """Keys told were forgotten after 400 days."""
    case, today = busy_night
    first = run_night(today + timedelta(days=10)).words[case.institution.uscc]
    assert any("不计入在岗" in words for words in first)
    later = run_night(today + timedelta(days=1200)).words.get(case.institution.uscc, [])
    assert not any("不计入在岗" in words for words in later)


@pytest.mark.django_db
def test_a_missed_night_of_the_reviewers_clock_is_made_up_for(ready: Any, operator: Any, cast: Any) -> None:
    case = take_step(ready, "submit", actor=operator, received_on=day("2026-11-02"))
    mine = Notification.objects.filter(
        user=cast["reviewer_tinghu"], body__contains=case.no, title__startswith="备案办理"
    )
    run_night(day("2026-11-06"))  # the night of the 5th, two days before the end, was missed
    assert mine.count() == 1 and "剩 1 个工作日" in mine.get().body
    run_night(day("2026-11-12"))  # so were the last day and the day after
    assert [row.title for row in mine.order_by("-pk")] == ["备案办理超期", "备案办理即将到期"]


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_tell_once(busy_night: Any) -> None:
    _, today = busy_night
    barrier, failed = threading.Barrier(2), []

    def run() -> None:
        try:
            barrier.wait(10)
            failed.append(run_night(today).failed)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [0, 0]
    assert set(Counter(Event.objects.filter(action="expiry.told").values_list("subject", "data__key")).values()) == {1}
    assert Notification.objects.filter(title__contains="需要处理").count() == 1
    assert OutboxEvent.objects.filter(type="filing.expired").count() == 1


@pytest.mark.django_db
def test_a_day_of_which_one_piece_failed_is_not_done(cast: Any, monkeypatch: Any, files: Any) -> None:
    from registry import tasks

    real = tasks.delete_old_tables
    monkeypatch.setattr(tasks, "delete_old_tables", lambda **rest: Tally(failed=1))
    assert run_nightly()["failed"] == 1
    assert not Heartbeat.objects.filter(name="night").exists()
    monkeypatch.setattr(tasks, "delete_old_tables", real)
    assert run_nightly()["failed"] == 0
    assert Heartbeat.objects.filter(name="night").exists()


@pytest.mark.django_db
def test_a_day_is_done_once_it_got_through_whole(cast: Any, monkeypatch: Any, files: Any) -> None:
    """The timer rings every hour: a night that was missed or broke is made up for the same morning."""
    from registry import tasks

    def broken(*, today: date) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    real = tasks.delete_old_tables
    monkeypatch.setattr(tasks, "delete_old_tables", broken)
    with pytest.raises(OperationalError):
        run_nightly()
    assert not Heartbeat.objects.filter(name="night").exists()
    monkeypatch.setattr(tasks, "delete_old_tables", real)
    assert run_nightly()["failed"] == 0
    assert run_nightly() == {}
    yesterday = Heartbeat.objects.get(name="night").at - timedelta(days=1)
    Heartbeat.objects.filter(name="night").update(at=yesterday)
    assert run_nightly()["failed"] == 0
