"""已登记未备案: each step is told once, to the county's reviewers in one digest a day and to the operator."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from registry.models import Institution
from registry.registration.reminders import GOVERN, REMIND
from registry.tasks import remind_unfiled
from yancheng_childcare.models import Duty, Event, Notification

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def aged(institution: Any, days: int, **fields: Any) -> Institution:
    """An institution established so many days before TODAY."""
    made = institution(**fields)
    day = TODAY - timedelta(days=days)
    Institution.objects.filter(pk=made.pk).update(established_on=day, approved_on=day)
    made.refresh_from_db()
    return made


def told(username: str) -> list[str]:
    return list(Notification.objects.filter(user__username=username).order_by("id").values_list("title", flat=True))


def test_each_step_once_and_one_digest_a_day(cast: Any, institution: Any) -> None:
    young, due, late = aged(institution, 29), aged(institution, 30), aged(institution, 75)
    Duty.objects.filter(user=cast["operator_xiaotaiyang"]).update(uscc=due.uscc)
    assert remind_unfiled(today=str(TODAY)) == 2
    assert Event.objects.filter(action=REMIND, subject=due.subject).count() == 1
    assert Event.objects.filter(action=GOVERN, subject=late.subject).count() == 1
    assert not Event.objects.filter(action__in=[REMIND, GOVERN], subject=young.subject).exists()
    assert told("reviewer_tinghu") == ["亭湖：新增 2 家已登记未备案机构需跟进"]
    assert len(told("operator_xiaotaiyang")) == 1
    assert told("reviewer_dongtai") == []

    assert remind_unfiled(today=str(TODAY)) == 0
    aged(institution, 40)
    assert remind_unfiled(today=str(TODAY)) == 0  # the county had its digest today
    assert remind_unfiled(today=str(TODAY + timedelta(days=1))) == 2  # that one, and `young`, which is 30 days old now
    assert (
        remind_unfiled(today=str(TODAY + timedelta(days=30))) == 2
    )  # `due` and the 40 days old one reach the next step
    assert Event.objects.filter(action=REMIND, subject=due.subject).count() == 1
    assert Event.objects.filter(action=GOVERN, subject=due.subject).count() == 1


def test_filed_and_ended_institutions_are_left_alone(cast: Any, institution: Any) -> None:
    filed, ended = aged(institution, 90), aged(institution, 90)
    Institution.objects.filter(pk=filed.pk).update(filed_on=TODAY, national_filing_no="TY-1")
    Institution.objects.filter(pk=ended.pk).update(status="CANCELLED", terminated_on=TODAY)
    assert remind_unfiled(today=str(TODAY)) == 0
    assert told("reviewer_tinghu") == []
