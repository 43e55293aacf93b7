"""The registers an inspection stands on: announced bodies, a published matter each, certified officers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from casework.cases import open_case, take
from casework.models import Case
from inspections.demo import make_registers
from inspections.inspection import INSPECTION
from registry.models import Institution
from tests.inspections.drawing import NOW, prepare, publish_plan

DIMENSIONS = ["设施设备", "人员配置"]


@pytest.fixture
def no_hold(settings: Any) -> None:
    """Letters go out at once."""
    settings.LETTER_HOLD_MINUTES = 0


@pytest.fixture
def registers(cast: dict[str, Any]) -> None:
    """Bodies, matters and officers of the demo city."""
    make_registers(cast)


@pytest.fixture
def place(institution: Callable[..., Institution]) -> Institution:
    """The institution inspected."""
    return institution()


@pytest.fixture
def ask(registers: None, no_hold: None, cast: dict[str, Any], place: Institution) -> Callable[..., Case]:
    """Ask for an inspection as an officer; keyword arguments replace what is asked."""
    from inspections.models import Officer

    def request(by: str = "inspector_tinghu1", **changed: Any) -> Case:
        mine = cast[by].certificates.get().subject
        officers = [
            str(pk)
            for pk in Officer.objects.certified(timezone.localdate()).filter(subject=mine).values_list("pk", flat=True)
        ]
        asked: dict[str, Any] = {
            "uscc": place.uscc, "kind": "CASE", "source_ref": "12345-2026-0001", "from_above": "",
            "matter": f"{mine.field}-01", "dimensions": DIMENSIONS, "officers": officers[:2],
            "planned_on": timezone.localdate().isoformat(), "notice_mode": "ON_ARRIVAL", "reason": "群众反映监控不全",
        }  # fmt: skip
        return open_case(INSPECTION, asked | changed, actor=cast[by])

    return request


@pytest.fixture
def on_site(ask: Callable[..., Case], cast: dict[str, Any]) -> Callable[..., Case]:
    """An inspection whose officers are in the house."""

    def go(by: str = "inspector_tinghu1", head: str = "head_tinghu", **changed: Any) -> Case:
        case = take(ask(by, **changed), "approve", actor=cast[head])
        case = take(case, "notify", actor=cast[by])
        return take(case, "arrive", {"entry": "OPERATOR", "entry_reason": ""}, actor=cast[by])

    return go


@pytest.fixture
def draw_day() -> Iterator[None]:
    """The day before the random source is known."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def plan(draw_day: None, registers: None, no_hold: None, cast: dict[str, Any]) -> Case:
    """A published annual plan."""
    return publish_plan(cast)


@pytest.fixture
def batch(plan: Case, cast: dict[str, Any], institution: Callable[..., Any]) -> Case:
    """A batch with six places, not frozen yet."""
    for number in range(6):
        institution(name=f"盐城亭湖第{'一二三四五六'[number]}托育服务有限公司")
    return prepare(plan, cast)
