"""Many looks at full numbers by one person are told to the auditors (reliability.md T17)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.registration.services import reveal_personal
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event, Notification
from yancheng_childcare.tasks import tell_looks
from yancheng_childcare.unmasking import ALERT, keep_look

pytestmark = pytest.mark.django_db


def look(actor, times: int) -> None:
    for number in range(times):
        keep_look(actor=actor, subject=f"x:{number}", summary="查看", region_prefix="", data={"field": "id_no"})


def told(cast) -> int:
    return Notification.objects.filter(user=cast["auditor_city"], title="集中查看个人信息").count()


def test_the_look_after_the_limit_of_an_hour_is_told_once(cast, settings):
    settings.REVEALS_PER_HOUR = 5
    look(cast["registrar_tinghu"], 5)
    look(cast["reviewer_tinghu"], 5)
    assert (told(cast), Event.objects.filter(action=ALERT).count()) == (0, 0)
    look(cast["registrar_tinghu"], 1)
    assert told(cast) == 1
    act = Event.objects.get(action=ALERT)
    assert (act.actor, act.subject) == (cast["registrar_tinghu"], f"user:{cast['registrar_tinghu'].pk}")
    look(cast["registrar_tinghu"], 10)
    assert told(cast) == 1


def test_looks_of_an_hour_ago_do_not_count(cast, settings):
    settings.REVEALS_PER_HOUR = 3
    for number in range(3):
        Event.objects.create(
            action="personal.read", actor=cast["registrar_tinghu"], subject=f"x:{number}", summary="查看",
            actor_label="", at=timezone.now() - timedelta(minutes=61),
        )  # fmt: skip
    look(cast["registrar_tinghu"], 3)
    assert told(cast) == 0


def test_every_service_that_unmasks_is_counted(cast, settings, institution):
    settings.REVEALS_PER_HOUR = 0
    saved = institution()
    value = reveal_personal(saved, field="legal_rep_id_no", reason="核对登记材料", actor=cast["registrar_tinghu"])
    assert value == saved.legal_rep_id_no
    assert told(cast) == 1


def test_the_auditors_read_every_morning_who_looked_at_how_many(cast):
    day = today_here() - timedelta(days=1)
    assert tell_looks() == 0
    for name, number in (("registrar_tinghu", 3), ("reviewer_tinghu", 1)):
        for _ in range(number):
            Event.objects.create(
                action="personal.read", actor=cast[name], subject="x:1", summary="查看", actor_label="",
                at=timezone.now() - timedelta(days=1),
            )  # fmt: skip
    look(cast["chief_tinghu"], 1)  # today: not yet
    assert tell_looks(day.isoformat()) == 2
    message = Notification.objects.get(user=cast["auditor_city"])
    assert "陈登科 3 次；王审阅 1 次" in message.body and "赵负责" not in message.body
