"""工作日调整 on the pages of the staff: listed by year, entered, changed, deleted; open clocks follow."""

from __future__ import annotations

from datetime import date

import pytest

from yancheng_childcare.models import Deadline, Event, Region, SpecialDay

pytestmark = pytest.mark.django_db
LIST = "/desk/staff/calendar/"
DAY = {"day": "2026-12-07", "is_workday": "0", "name": "演练放假", "source": "苏政办发〔2026〕1号"}


@pytest.fixture
def admin(as_user):
    return as_user("admin")


@pytest.fixture
def clock(reference):
    return Deadline.objects.create(
        subject="x:1", code="DL-X", label="试验时限", source="试验", region=Region.objects.get(code="320902"),
        started_on=date(2026, 12, 1), days=5, due_on=date(2026, 12, 8),
    )  # fmt: skip


def test_a_new_day_moves_the_open_clocks_and_is_kept(admin, clock):
    answer = admin.post(f"{LIST}new/", DAY, follow=True)
    html = answer.content.decode()
    assert "没有办结的办理时限已按新日历重新计算" in html and "演练放假" in html
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 12, 9)
    assert Event.objects.filter(action="calendar.changed", summary__contains="新增工作日调整").count() == 1


def test_a_day_is_changed_and_deleted(admin, clock):
    admin.post(f"{LIST}new/", DAY)
    found = SpecialDay.objects.get(day=date(2026, 12, 7))
    assert 'value="0"' in admin.get(f"{LIST}{found.pk}/").content.decode()
    admin.post(f"{LIST}{found.pk}/", {**DAY, "day": "2026-12-12", "is_workday": "1"})
    found.refresh_from_db()
    assert (found.day, found.is_workday) == (date(2026, 12, 12), True)
    assert "办理时限立即重新计算" in admin.get(f"{LIST}{found.pk}/delete/").content.decode()
    assert admin.post(f"{LIST}{found.pk}/delete/").status_code == 302
    assert not SpecialDay.objects.filter(pk=found.pk).exists()
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 12, 8)
    assert Event.objects.filter(action="calendar.deleted").count() == 1


@pytest.mark.parametrize("fields", [{"day": "2026-02-30"}, {"source": ""}, {"is_workday": ""}, {"day": "2026-12-07"}])
def test_what_cannot_be_is_refused(admin, fields):
    SpecialDay.objects.create(day=date(2026, 12, 7), is_workday=False, name="已有", source="依据")
    assert admin.post(f"{LIST}new/", {**DAY, "day": "2026-12-08", **fields}).status_code == 422
    assert SpecialDay.objects.filter(name="演练放假").count() == 0


def test_the_years_are_listed_apart(admin):
    SpecialDay.objects.create(day=date(2027, 2, 10), is_workday=True, name="明年调休", source="依据", provisional=True)
    assert "明年调休" not in admin.get(LIST).content.decode()
    html = admin.get(LIST, {"year": "2027"}).content.decode()
    assert "明年调休" in html and "暂定" in html
    assert admin.get(LIST, {"year": "x"}).status_code == 200
