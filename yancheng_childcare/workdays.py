"""The one clock: Chinese working days, due dates and the lights that show them.

Working day = Monday to Friday − statutory days off + weekends worked in exchange (domain.md §14.1; 行政许可法 第82条,
行政处罚法 第85条). The official arrangement comes from the `holidays` package; the `SpecialDay` table wins over it.
Years without an official arrangement are estimated (weekdays + statutory holidays, 全国年节及纪念日放假办法) and
`is_provisional`.

Every day is an Asia/Shanghai calendar day. The table is read at most once per `CALENDAR_REFRESH_SECONDS` (default 5)
and process, so an administrator's change, also one made by bulk SQL, is seen by every process within that time. It is
a handful of rows: comparing them is as cheap as comparing a version, and nothing can forget to raise the version.
"""

from __future__ import annotations

import time as clock
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_delete, post_save

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _china() -> ModuleType:
    """China alone: imported by its name, the package loads its 250 other countries, 8 MB in every process."""
    spec = spec_from_file_location("holidays_of_china", Path(holidays.__file__).parent / "countries" / "china.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHINA = _china()
LAST_OFFICIAL_YEAR = max(CHINA.ChinaStaticHolidays.special_public_holidays)  # one entry per yearly State Council notice
DEFAULT_CUTOFF = time(17, 30)
MAX_DAYS = 10_000  # about forty years: longer is a typing error
_DAY = timedelta(days=1)


@lru_cache(maxsize=128)
def _arrangement(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off, worked weekends) of one year as the package knows or estimates them."""
    known = CHINA.China(years=year)
    return frozenset(known), frozenset(known.weekend_workdays)


@dataclass(frozen=True)
class Calendar:
    """The built-in calendar with overrides on top: `{day: (is_workday, provisional)}`."""

    overrides: dict[date, tuple[bool, bool]] = field(default_factory=dict)
    _years: dict[int, list[date]] = field(default_factory=dict, repr=False, compare=False)

    def is_official(self, year: int) -> bool:
        """Known for sure: a published year of the package, or a year whose 元旦 and 国庆 rows are final."""
        if year <= LAST_OFFICIAL_YEAR:
            return True
        rows = (self.overrides.get(date(year, 1, 1)), self.overrides.get(date(year, 10, 1)))
        return all(row is not None and not row[1] for row in rows)

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        if (row := self.overrides.get(day)) is not None:
            return row[0]
        if day.year > LAST_OFFICIAL_YEAR and self.is_official(day.year):
            return day.weekday() < 5  # the entered arrangement replaces the estimate as a whole
        off, worked = _arrangement(day.year)
        return day in worked if day.weekday() >= 5 else day not in off

    def workdays_of(self, year: int) -> list[date]:
        """All working days of a year in order."""
        days = self._years.get(year)
        if days is None:
            first = date(year, 1, 1)
            span = (date(year, 12, 31) - first).days + 1
            days = [day for day in (first + timedelta(n) for n in range(span)) if self.is_workday(day)]
            self._years[year] = days
        return days


OFFICIAL = Calendar()  # without the table: for pure code and tests that have no database


class _Live:
    """This process's copy of the table. Reads right after a local write go to the table, so a rolled back
    write leaves nothing behind."""

    SETTLE_SECONDS = 5.0

    def __init__(self) -> None:
        self.calendar: Calendar | None = None
        self.next_check = 0.0
        self.settled_at = 0.0

    def current(self) -> Calendar:
        now = clock.monotonic()
        if self.calendar is not None and now < self.next_check:
            return self.calendar
        model = apps.get_model("yancheng_childcare", "SpecialDay")
        rows = {
            day: (works, provisional)
            for day, works, provisional in model._default_manager.values_list("day", "is_workday", "provisional")
        }
        calendar = self.calendar
        if calendar is None or calendar.overrides != rows:
            calendar = Calendar(rows)
        self.calendar = calendar
        self.next_check = 0.0 if now < self.settled_at else now + getattr(settings, "CALENDAR_REFRESH_SECONDS", 5)
        return calendar

    def written(self, **_signal: Any) -> None:
        self.next_check = 0.0
        self.settled_at = clock.monotonic() + self.SETTLE_SECONDS


_live = _Live()
post_save.connect(_live.written, sender="yancheng_childcare.SpecialDay", dispatch_uid="workdays.saved")
post_delete.connect(_live.written, sender="yancheng_childcare.SpecialDay", dispatch_uid="workdays.deleted")


def current_calendar() -> Calendar:
    """The calendar with the `SpecialDay` overrides, as fresh as `CALENDAR_REFRESH_SECONDS` says. May run one query."""
    return _live.current()


def forget() -> None:
    """Drop this process's copy of the table: the next question reads it again."""
    _live.calendar = None


def is_workday(day: date, *, calendar: Calendar | None = None) -> bool:
    """Whether offices work on `day` (domain.md §14.1)."""
    return (calendar or current_calendar()).is_workday(_plain_day(day))


def is_provisional(day: date, *, calendar: Calendar | None = None) -> bool:
    """Whether a deadline on `day` rests on an estimate: no final arrangement of that year, or a row marked 暂定."""
    known = calendar or current_calendar()
    row = known.overrides.get(_plain_day(day))
    return not known.is_official(day.year) or (row is not None and row[1])


def on_or_after(day: date, *, calendar: Calendar | None = None) -> date:
    """`day` itself, or the next working day when it is a day off (届满日顺延, domain.md §14.1 [K])."""
    known, day = calendar or current_calendar(), _plain_day(day)
    while not known.is_workday(day):
        day += _DAY
    return day


def add_workdays(start: date, n: int, *, calendar: Calendar | None = None) -> date:
    """The day on which a clock of `n` working days ends.

    The start day is not counted (domain.md §14.1). `n=0` is the start day itself, moved to the next working day when
    it is a day off. Raises ValueError when n is negative or over MAX_DAYS.
    """
    known, start = calendar or current_calendar(), _plain_day(start)
    if not 0 <= n <= MAX_DAYS:
        raise ValueError(f"working days must be between 0 and {MAX_DAYS}, not {n}")
    if n == 0:
        return on_or_after(start, calendar=known)
    days = known.workdays_of(start.year)
    index = bisect_right(days, start) + n - 1
    year = start.year
    while index >= len(days):
        index -= len(days)
        year += 1
        days = known.workdays_of(year)
    return days[index]


def workdays_between(a: date, b: date, *, calendar: Calendar | None = None) -> int:
    """Working days after `a` up to and including `b`; negative when `b` is before `a`.

    The inverse of `add_workdays` for n ≥ 1: `workdays_between(a, add_workdays(a, n)) == n`.
    """
    known, a, b = calendar or current_calendar(), _plain_day(a), _plain_day(b)
    if b < a:
        return -workdays_between(b, a, calendar=known)
    whole = sum(len(known.workdays_of(year)) for year in range(a.year, b.year))
    return whole + bisect_right(known.workdays_of(b.year), b) - bisect_right(known.workdays_of(a.year), a)


def local_day(moment: date | datetime) -> date:
    """The Shanghai calendar day of a moment. Raises ValueError for a datetime without a time zone."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHANGHAI).date()


def received_on(moment: datetime) -> date:
    """The day on which a submission counts as received: at or after `settings.RECEIPT_CUTOFF` it is the next day.

    17:30 is our convention, not law: domain.md §14.3 [A]. The setting is a `time` or "HH:MM", Shanghai time.
    """
    day = local_day(moment)
    cutoff = getattr(settings, "RECEIPT_CUTOFF", DEFAULT_CUTOFF)
    limit = time.fromisoformat(cutoff) if isinstance(cutoff, str) else cutoff
    return day + _DAY if moment.astimezone(SHANGHAI).time() >= limit else day


def is_overdue(due: date, now: date | datetime, *, calendar: Calendar | None = None) -> bool:
    """Whether the due day has fully passed in Shanghai. A due day off runs on to the next working day."""
    return local_day(now) > on_or_after(due, calendar=calendar)


def remaining_workdays(due: date, today: date, *, calendar: Calendar | None = None) -> int:
    """Working days left after today, the due day included; 0 = due today; negative = working days past due."""
    known = calendar or current_calendar()
    return workdays_between(today, on_or_after(due, calendar=known), calendar=known)


class Colour(StrEnum):
    """Colours of the light; never shown without icon and word (product.md H)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
    BLUE = "blue"


WORDS = {
    Colour.GREEN: "正常",
    Colour.YELLOW: "临期",
    Colour.RED: "超期",
    Colour.GREY: "暂停",
    Colour.BLUE: "办结",
}


@dataclass(frozen=True, slots=True)
class Light:
    """What a list shows for one clock: colour, its Chinese word, and the working days left (negative = past due)."""

    colour: Colour
    word: str
    remaining: int

    @property
    def number(self) -> str:
        """“剩 3 个工作日” or “超 2 个工作日”. Nothing for a clock that stands still, and nothing on the days off right
        after the due day: past due by no working day is said by the word alone."""
        if self.colour in (Colour.BLUE, Colour.GREY) or (self.colour is Colour.RED and self.remaining == 0):
            return ""
        if self.remaining == 0:
            return "今天到期"
        return f"剩 {self.remaining:,} 个工作日" if self.remaining >= 0 else f"超 {-self.remaining:,} 个工作日"


def light(
    start: date,
    due: date,
    today: date,
    paused: bool = False,
    done: bool = False,
    *,
    calendar: Calendar | None = None,
) -> Light:
    """The light of a clock, product.md H.

    Blue = done; grey = paused; red = past due; yellow = at most 40 % of the working days or at most one left; else
    green.
    """
    known = calendar or current_calendar()
    remaining = remaining_workdays(due, today, calendar=known)
    total = workdays_between(start, on_or_after(due, calendar=known), calendar=known)
    if done:
        colour = Colour.BLUE
    elif paused:
        colour = Colour.GREY
    elif is_overdue(due, today, calendar=known):
        colour = Colour.RED
    elif remaining <= 1 or remaining * 5 <= total * 2:
        colour = Colour.YELLOW
    else:
        colour = Colour.GREEN
    return Light(colour, WORDS[colour], remaining)


def in_words(day: date, today: date | None = None) -> str:
    """`12月7日（星期一）` for prose; with the year when it is not that of `today`."""
    year = "" if today is None or day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"


def by_day(day: date, today: date | None = None) -> str:
    """`12月7日（星期一）前（含当日）`: the last day on which something is in time."""
    return f"{in_words(day, today)}前（含当日）"


def add_months(day: date, months: int) -> date:
    """The last day of a validity of so many months that begins on `day`: the day before the same day of the month."""
    return same_day(day, months) - timedelta(days=1)


def same_day(day: date, months: int) -> date:
    """The same day so many months later (before, when negative); the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _plain_day(value: date) -> date:
    """Refuse a datetime where a day is meant: its date would be UTC's, not Shanghai's."""
    if isinstance(value, datetime):
        raise TypeError("a day is needed, not a moment: use local_day() or received_on()")
    return value
