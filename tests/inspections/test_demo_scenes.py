"""The demo city has an inspection, an order and a referral in every state, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from casework.models import Case
from inspections.demo_visits import play
from registry.models import Institution
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(institution: Callable[..., Institution], registers: None) -> list[Institution]:
    """The operator's institution and nine of its county."""
    User.objects.get_or_create(username="demo_operator", defaults={"display_name": "演示经办人", "is_active": False})
    own = institution(uscc="91320902MA1TYC011T", name="盐城市小太阳托育服务有限公司")
    return [own, *(institution(name=f"演示托育{number}") for number in range(9))]


def states(kind: str) -> Counter[str]:
    return Counter(Case.objects.filter(type=kind).values_list("status", flat=True))


def test_every_state_stands_once_lived_through(places: Any, cast: dict[str, Any]) -> None:
    assert play(cast) == 10
    assert states("INSPECTION") == Counter(
        REQUESTED=1, APPROVED=1, NOTIFIED=1, ON_SITE=1, RECORDED=1, TOLD=2, OBJECTED=1, PUBLISHED=2
    )
    assert states("RECTIFICATION") == Counter(RUNNING=2, SUBMITTED=1, CLOSED=1)
    assert states("REFERRAL") == Counter(SENT=1, CLOSED=1)
    due = Deadline.objects.running().filter(code="DL-RECTIFY", paused_on=None).order_by("due_on")
    assert [row.due_on < today_here() for row in due] == [True, False], "one is overdue"
    own = Case.objects.get(type="RECTIFICATION", uscc="91320902MA1TYC011T")
    assert own.status == "RUNNING", "the demo operator has something to do"
    assert play(cast) == 0 and Case.objects.filter(type="INSPECTION").count() == 10
