"""The clock: official vectors, inverse and monotone by property, overrides seen without a restart."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import holidays
import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from yancheng_childcare import workdays
from yancheng_childcare.workdays import (
    OFFICIAL,
    SHANGHAI,
    Calendar,
    Colour,
    add_workdays,
    is_overdue,
    is_provisional,
    is_workday,
    light,
    on_or_after,
    received_on,
    remaining_workdays,
    workdays_between,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def span(first: str, last: str) -> set[date]:
    start = day(first)
    return {start + timedelta(days=n) for n in range((day(last) - start).days + 1)}


# domain.md §14.2, from the State Council's notices
OFF = {
    2025: span("2025-01-01", "2025-01-01")
    | span("2025-01-28", "2025-02-04")
    | span("2025-04-04", "2025-04-06")
    | span("2025-05-01", "2025-05-05")
    | span("2025-05-31", "2025-06-02")
    | span("2025-10-01", "2025-10-08"),
    2026: span("2026-01-01", "2026-01-03")
    | span("2026-02-15", "2026-02-23")
    | span("2026-04-04", "2026-04-06")
    | span("2026-05-01", "2026-05-05")
    | span("2026-06-19", "2026-06-21")
    | span("2026-09-25", "2026-09-27")
    | span("2026-10-01", "2026-10-07"),
}
WORKED = {
    2025: {day(t) for t in ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11")},
    2026: {day(t) for t in ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")},
}
VECTORS = [
    ("2026-02-12", 5, "2026-02-26"),
    ("2026-02-12", 15, "2026-03-11"),
    ("2026-09-18", 5, "2026-09-24"),
    ("2026-09-21", 5, "2026-09-29"),
    ("2026-09-30", 5, "2026-10-13"),
    ("2026-04-29", 5, "2026-05-09"),
    ("2026-11-23", 5, "2026-11-30"),
    ("2026-11-23", 15, "2026-12-14"),
    ("2026-11-23", 20, "2026-12-21"),
    ("2026-12-24", 15, "2027-01-15"),
]
days = st.dates(date(2019, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_official_years(year: int) -> None:
    for each in sorted(span(f"{year}-01-01", f"{year}-12-31")):
        expected = each in WORKED[year] or (each.weekday() < 5 and each not in OFF[year])
        assert is_workday(each, calendar=OFFICIAL) is expected, each


@pytest.mark.parametrize(("start", "n", "due"), VECTORS)
def test_vectors_of_the_dossier(start: str, n: int, due: str) -> None:
    assert add_workdays(day(start), n, calendar=OFFICIAL) == day(due)
    assert workdays_between(day(start), day(due), calendar=OFFICIAL) == n


def test_a_year_without_notice_is_provisional_and_has_the_statutory_days() -> None:
    assert not is_provisional(day("2026-12-31"), calendar=OFFICIAL)
    assert is_provisional(add_workdays(day("2026-12-24"), 15, calendar=OFFICIAL), calendar=OFFICIAL)
    for text in ("2027-01-01", "2027-05-01", "2027-05-02", "2027-10-01", "2027-10-02", "2027-10-03", "2027-02-08"):
        assert not is_workday(day(text), calendar=OFFICIAL), text
    assert is_workday(day("2027-01-04"), calendar=OFFICIAL)


@given(days, st.integers(1, 600))
def test_between_undoes_add(start: date, n: int) -> None:
    due = add_workdays(start, n, calendar=OFFICIAL)
    assert due > start
    assert OFFICIAL.is_workday(due)
    assert workdays_between(start, due, calendar=OFFICIAL) == n
    assert workdays_between(due, start, calendar=OFFICIAL) == -n


@given(days, days, st.integers(0, 300), st.integers(0, 300))
def test_add_is_monotone(a: date, b: date, n: int, m: int) -> None:
    a, b = min(a, b), max(a, b)
    n, m = min(n, m), max(n, m)
    assert add_workdays(a, n, calendar=OFFICIAL) <= add_workdays(b, n, calendar=OFFICIAL)
    assert add_workdays(a, n, calendar=OFFICIAL) <= add_workdays(a, m, calendar=OFFICIAL)


@given(days, days, days)
def test_between_adds_up(a: date, b: date, c: date) -> None:
    def between(x: date, y: date) -> int:
        return workdays_between(x, y, calendar=OFFICIAL)

    assert between(a, b) + between(b, c) == between(a, c)


@given(days, st.integers(0, 40))
def test_counting_by_hand_agrees(start: date, n: int) -> None:
    walked, left = start, n
    while left or not OFFICIAL.is_workday(walked):
        walked += timedelta(days=1)
        left -= OFFICIAL.is_workday(walked) and left > 0
    assert add_workdays(start, n, calendar=OFFICIAL) == walked


def test_zero_days_and_refusals() -> None:
    assert add_workdays(day("2026-11-23"), 0, calendar=OFFICIAL) == day("2026-11-23")
    assert add_workdays(day("2026-11-21"), 0, calendar=OFFICIAL) == day("2026-11-23")
    for n in (-1, workdays.MAX_DAYS + 1):
        with pytest.raises(ValueError, match="working days"):
            add_workdays(day("2026-11-23"), n, calendar=OFFICIAL)
    with pytest.raises(TypeError, match="received_on"):
        add_workdays(datetime(2026, 11, 23, tzinfo=SHANGHAI), 5, calendar=OFFICIAL)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 17, 29, 59, tzinfo=SHANGHAI), "2026-11-23"),
        (datetime(2026, 11, 23, 17, 30, tzinfo=SHANGHAI), "2026-11-24"),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "2026-11-24"),  # midnight in Shanghai
        (datetime(2026, 11, 23, 9, 29, tzinfo=UTC), "2026-11-23"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), "2027-01-01"),
    ],
)
def test_received_on(moment: datetime, expected: str) -> None:
    assert received_on(moment) == day(expected)


def test_the_cutoff_is_a_setting(settings: Any) -> None:
    moment = datetime(2026, 11, 23, 17, 0, tzinfo=SHANGHAI)
    for value in (time(17, 0), "17:00"):
        settings.RECEIPT_CUTOFF = value
        assert received_on(moment) == day("2026-11-24")
    with pytest.raises(ValueError, match="time zone"):
        received_on(datetime(2026, 11, 23, 17, 0))


def test_overdue_is_judged_at_the_end_of_the_shanghai_day() -> None:
    due = day("2026-11-30")
    assert not is_overdue(due, datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), calendar=OFFICIAL)
    assert is_overdue(due, datetime(2026, 11, 30, 16, 0, tzinfo=UTC), calendar=OFFICIAL)
    assert not is_overdue(day("2026-10-01"), day("2026-10-08"), calendar=OFFICIAL)  # a due day off runs on
    assert is_overdue(day("2026-10-01"), day("2026-10-09"), calendar=OFFICIAL)
    assert on_or_after(day("2026-10-01"), calendar=OFFICIAL) == day("2026-10-08")


def test_remaining_workdays() -> None:
    due = day("2026-11-30")
    for today, left in (("2026-11-23", 5), ("2026-11-27", 1), ("2026-11-29", 1), ("2026-11-30", 0), ("2026-12-02", -2)):
        assert remaining_workdays(due, day(today), calendar=OFFICIAL) == left


@pytest.mark.parametrize(
    ("today", "colour", "word", "left"),
    [
        ("2026-11-23", Colour.GREEN, "正常", 5),
        ("2026-11-25", Colour.GREEN, "正常", 3),
        ("2026-11-26", Colour.YELLOW, "临期", 2),  # exactly 40 %
        ("2026-11-30", Colour.YELLOW, "临期", 0),
        ("2026-12-01", Colour.RED, "超期", -1),
        ("2026-12-05", Colour.RED, "超期", -4),  # a Saturday
    ],
)
def test_light(today: str, colour: Colour, word: str, left: int) -> None:
    shown = light(day("2026-11-23"), day("2026-11-30"), day(today), calendar=OFFICIAL)
    assert (shown.colour, shown.word, shown.remaining) == (colour, word, left)


def test_light_of_paused_done_and_short_clocks() -> None:
    start, due, late = day("2026-11-23"), day("2026-11-30"), day("2026-12-03")
    assert light(start, due, late, paused=True, calendar=OFFICIAL).colour is Colour.GREY
    assert light(start, due, late, paused=True, done=True, calendar=OFFICIAL).colour is Colour.BLUE
    assert light(start, day("2026-11-24"), start, calendar=OFFICIAL).colour is Colour.YELLOW  # 100 % left, but one day
    assert light(start, day("2026-11-25"), start, calendar=OFFICIAL).colour is Colour.GREEN


def test_an_entered_final_year_replaces_the_estimate() -> None:
    final = {day("2027-01-01"): (False, False), day("2027-10-01"): (False, False), day("2027-02-14"): (True, False)}
    known = Calendar(final)
    assert not is_provisional(day("2027-06-01"), calendar=known)
    assert is_workday(day("2027-02-14"), calendar=known)  # a Sunday worked in exchange
    assert is_workday(day("2027-02-09"), calendar=known)  # only estimated before
    draft = Calendar({**final, day("2027-10-01"): (False, True)})
    assert is_provisional(day("2027-06-01"), calendar=draft)
    assert is_provisional(day("2026-11-30"), calendar=Calendar({day("2026-11-30"): (True, True)}))


@pytest.fixture
def special(db: None) -> Any:
    workdays.forget()
    workdays._live.settled_at = 0.0  # as in a process that has not written yet
    yield apps.get_model("yancheng_childcare", "SpecialDay")
    workdays.forget()


def test_an_edit_in_this_process_counts_at_once(special: Any) -> None:
    assert add_workdays(day("2026-11-23"), 5) == day("2026-11-30")
    row = special.objects.create(day=day("2026-11-26"), is_workday=False, name="台风停工", source="市政府通告")
    assert add_workdays(day("2026-11-23"), 5) == day("2026-12-01")
    row.delete()
    assert add_workdays(day("2026-11-23"), 5) == day("2026-11-30")


def test_a_rolled_back_edit_leaves_nothing_behind(special: Any) -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        special.objects.create(day=day("2026-11-26"), is_workday=False, name="台风停工", source="市政府通告")
        workdays.forget()  # as the receiver that recomputes deadlines does
        assert not is_workday(day("2026-11-26"))
        raise RuntimeError("the edit fails")
    assert is_workday(day("2026-11-26"))


def test_an_edit_by_another_process_is_seen_after_the_interval(
    special: Any, settings: Any, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CALENDAR_REFRESH_SECONDS = 5
    now = 1_000.0
    monkeypatch.setattr(workdays.clock, "monotonic", lambda: now)
    with django_assert_num_queries(1):
        assert not is_workday(day("2026-11-28"))
        assert is_workday(day("2026-11-27"))
    with connection.cursor() as cursor:  # no signal here, as in another process
        cursor.execute(
            "insert into yancheng_childcare_specialday (day, is_workday, name, source, provisional, updated_at)"
            " values ('2026-11-28', true, '调休', '试验', false, now())"
        )
    now += 4.9
    with django_assert_num_queries(0):
        assert not is_workday(day("2026-11-28"))
    now += 0.2
    with django_assert_num_queries(1):
        assert is_workday(day("2026-11-28"))
    special.objects.filter(day=day("2026-11-28")).update(is_workday=False)  # sends no signal either
    now += 5.1
    assert not is_workday(day("2026-11-28"))


def test_lists_are_sorted_and_unique() -> None:
    for year in (2025, 2026, 2027):
        assert all(a < b for a, b in pairwise(OFFICIAL.workdays_of(year)))
    assert len(OFFICIAL.workdays_of(2025)) == 248


def test_china_is_read_alone_and_says_what_the_package_says() -> None:
    """Every process holds the calendar: the package's other countries would cost each of them 8 MB."""
    loaded = "import sys; from yancheng_childcare import workdays; print(*(m for m in sys.modules if 'holidays.countries' in m))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    for year in range(2000, workdays.LAST_OFFICIAL_YEAR + 5):
        known = holidays.country_holidays("CN", years=year)
        assert workdays._arrangement(year) == (frozenset(known), frozenset(known.weekend_workdays)), year
