"""Filings in every state, reached by the real services: nothing is written past the transition table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from filing_cases import ITEMS, change_fees, closure_plan, fresh, judge_all, pass_on_site

from registry.demo.sample_filing import fill_filing
from registry.filing.drafts import start_filing
from registry.filing.services import take_step
from registry.models import Filing, Institution
from tests.scenes import Scenes
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import OFFICIAL, SHANGHAI

OWN_USCC = "91320902MA1TYC011T"


@pytest.fixture
def office_open() -> Iterator[None]:
    """Ten in the morning of the last working day before today; the clock ticks on from there.

    For tests of lights and days left: the suite also runs at night and at weekends, when what is handed in counts from
    the next working day and the same clock rightly shows another number.
    """
    day = today_here() - timedelta(days=1)
    while not OFFICIAL.is_workday(day):
        day -= timedelta(days=1)
    with time_machine.travel(datetime.combine(day, time(10), SHANGHAI)):
        yield


@pytest.fixture
def files(settings: Any, tmp_path: Any) -> Any:
    """A folder of its own for uploaded files."""
    settings.FILE_ROOT = tmp_path / "files"
    return settings.FILE_ROOT


@pytest.fixture
def own(institution: Callable[..., Institution], files: Any, scenes: Scenes) -> Institution:
    """The institution operator_xiaotaiyang runs, registered in 亭湖区."""
    return scenes.play("own", lambda: institution(uscc=OWN_USCC, name="盐城市小太阳托育服务有限公司"))


@pytest.fixture
def operator(cast: dict[str, Any]) -> Any:
    """Who files for it."""
    return cast["operator_xiaotaiyang"]


@pytest.fixture
def draft(own: Institution, operator: Any, scenes: Scenes) -> Filing:
    """A filing just started."""
    return scenes.play("draft", lambda: start_filing(own, actor=operator))


@pytest.fixture
def ready(draft: Filing, operator: Any, scenes: Scenes) -> Filing:
    """A complete draft: answers, people, materials, signed pledge."""
    return scenes.play("ready", lambda: fill_filing(draft, actor=operator, today=today_here()))


@pytest.fixture
def filing_in(ready: Filing, cast: dict[str, Any], scenes: Scenes) -> Callable[[str], Filing]:
    """The filing of `own`, driven to a status by the people who may."""

    def drive(status: str) -> Filing:
        operator, first, second = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
        chief = cast["chief_tinghu"]
        if status == "DRAFT":
            return fresh(ready)
        case = take_step(ready, "submit", actor=operator)
        if status == "SUBMITTED":
            return fresh(case)
        if status == "SUPPLEMENT":
            judge_all(case, first, premises=("SUPPLEMENT", "租赁合同缺页"))
            return fresh(take_step(case, "return", actor=first))
        if status == "REJECTED":
            away = {"reason": "不属于本辖区", "competent": "盐都区卫生健康委员会"}
            take_step(case, "propose_reject", actor=first, **away)
            return fresh(take_step(case, "reject", actor=chief))
        judge_all(case, first)
        case = take_step(case, "receipt", actor=first)
        if status == "RECEIPTED":
            return fresh(case)
        officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
        case = take_step(case, "verify", actor=second, officers=officers, planned_on=today_here())
        if status == "VERIFYING":
            return fresh(case)
        if status == "NONCONFORMING":
            pass_on_site(case, officers[0], fails=("S01",))
            take_step(case, "propose_nonconform", actor=second, reason="现场与备案不一致", items=ITEMS)
            return fresh(take_step(case, "nonconform", actor=chief))
        pass_on_site(case, officers[0])
        case = take_step(case, "confirm", actor=second)
        if status == "FILED":
            return fresh(case)
        if status == "RESCINDED":
            take_step(case, "propose_rescind", actor=first, reason="查实材料虚假", clause="登记和备案办法")
            take_step(case, "legal_review", actor=cast["legal_city"], reason="事实清楚", agrees=True)
            return fresh(take_step(case, "rescind", actor=chief))
        if status == "SUSPENDED":
            return fresh(
                take_step(
                    case,
                    "suspend",
                    actor=operator,
                    reason="装修停业",
                    plan=closure_plan(final=False, from_day=today_here()),
                )
            )
        if status == "CANCELLED":
            take_step(case, "request_closure", actor=operator, reason="不再经营", plan=closure_plan())
            return fresh(take_step(case, "cancel", actor=first, reason="机构申请终止服务"))
        case = take_step(case, "start_change", actor=operator)
        if status == "CHANGING":
            return fresh(case)
        change_fees(case, operator)
        return fresh(take_step(case, "submit_change", actor=operator))

    return lambda status: scenes.play(status, lambda: drive(status))
