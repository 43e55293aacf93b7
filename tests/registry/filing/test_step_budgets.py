"""Every step of every table keeps its budget of queries, savepoints aside; a new step cannot be forgotten.

Fifteen is the goal, ten that of a plain create. `OVER` lists the steps that still cost more, with what they may cost: a number may only go down.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_state_matrix import WHO, data_for, prepare

from casework.cases import take
from casework.types import System
from registry.filing.drafts import start_filing
from registry.filing.services import supersede
from registry.filing.workflow import FILING
from registry.register.report_type import REPORT
from registry.register.reporting import Words, submit_report
from registry.registration.services import register_institution, registry_department
from registry.registration.workflow import REGISTRATION
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db

STEP = 15
# What these read and write cannot be had for less without writing less. All lock the institution, read and write the case,
# write the institution, the event and the act (receipt, changes and nonconformity also the outbox); and beside that:
OVER = {
    # submission, verdicts, sections, materials, people, rules; number, letters, receipt, clock; public entry and its change
    "approve_change": 19,
    # proposal; clocks stopped and started; number, letter, notice; public entry read (2) and written, its change
    "nonconform": 16,
    # as approve_change
    "receipt": 19,
    # sections, materials, people, rules, letter, submission; new submission, verdicts (2); last check, new check with its
    # officers; clocks stopped and started; public entry read and written, its change
    "rectify": 23,
    # proposal; number, letter, notice; accepted submission, the next one, verdicts (2); sections (2), materials (2); clocks
    "refuse_change": 18,
    # sections, materials, people, rules, letter, submission; new submission, verdicts (2); clocks stopped and started
    "resubmit": 17,
    # as resubmit, and the promise to file the change
    "submit_change": 18,
}


def within(captured: CaptureQueriesContext, step: str, budget: int) -> None:
    """Opening and closing a savepoint is no question to the database."""
    asked = [q["sql"][:200] for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= budget, f"{step} asks {len(asked)}:\n" + "\n".join(asked)


def who_takes(step: str, cast: dict[str, Any]) -> Any:
    """Somebody who may; the second reviewer for what the one who issued the receipt may not do."""
    names = sorted(WHO[step])
    return cast[names[-1]] if names else System()


def warm(actor: Any) -> None:
    """What every request has read before it comes to a step: the duties of its user; the calendar of the process."""
    assert actor.active_duties is not None
    assert add_workdays(date(2026, 11, 30), 5) == date(2026, 12, 7)


@pytest.mark.parametrize("step", sorted(FILING.steps))
def test_every_step_of_a_filing_keeps_its_budget(filing_in, cast, step):
    case = prepare(filing_in(sorted(FILING.steps[step].sources)[0]), step, cast)
    extra = {"supersede": supersede} if step == "receipt" else {}
    actor, data = who_takes(step, cast), data_for(step, cast)
    if step == "begin_suspension":  # on its day
        data["today"] += timedelta(days=10)
    warm(actor)
    with CaptureQueriesContext(connection) as captured:
        FILING.run(case, step, actor, **data, **extra)
    within(captured, step, OVER.get(step, STEP))


ENDED = {"reason": "申请注销", "terminated_on": date(2026, 2, 3)}


@pytest.mark.parametrize("step", sorted(REGISTRATION.steps))
def test_every_step_of_a_registration_keeps_its_budget(institution, cast, step):
    saved = institution()
    data = {"changes": {"registered_address": "盐城市亭湖区另一条路 9 号"}} if step == "change" else ENDED
    with CaptureQueriesContext(connection) as captured:
        REGISTRATION.run(saved, step, cast["registrar_tinghu"], **data)
    within(captured, step, STEP)


@pytest.mark.parametrize("step", ["corrected", "transfer", "hand_over"])
def test_every_step_of_a_public_report_keeps_its_budget(institution, cast, step):
    data = {
        "corrected": {"answer": "经核对，收费公示牌已经更新，页面同步更正。"},
        "hand_over": {"to": str(cast["reviewer_tinghu2"].pk), "reason": "请您核实"},
        "transfer": {"owner": "320902-MARKET", "reason": "属于登记事项"},
    }[step]
    words = Words("ERROR", "页面上的保育费与公示的不一样。", "", "", uscc=institution().uscc, block="fees")
    report = REPORT.cases().get(no=submit_report(words=words, nonce="d" * 43).no)
    with CaptureQueriesContext(connection) as captured:
        take(report, step, data, actor=cast["reviewer_tinghu"])
    within(captured, step, STEP)


CREATE = 10


def test_a_registration_keeps_the_budget_of_a_create(cast, registration):
    actor = cast["registrar_tinghu"]
    data, office = registration(), registry_department(actor)
    warm(actor)
    with CaptureQueriesContext(connection) as captured:
        register_institution(data=data, actor=actor, registry_org=office)
    within(captured, "register", CREATE)


def test_a_new_filing_keeps_the_budget_of_a_create(own, operator):
    warm(operator)
    with CaptureQueriesContext(connection) as captured:
        start_filing(own, actor=operator)
    within(captured, "start_filing", CREATE)


def test_a_public_report_keeps_the_budget_of_a_create(institution):
    words = Words("ERROR", "页面上的保育费与公示的不一样。", "", "", uscc=institution().uscc, block="fees")
    with CaptureQueriesContext(connection) as captured:
        submit_report(words=words, nonce="e" * 43)
    # The case and what the report says are two rows.
    within(captured, "submit_report", CREATE + 1)


def test_no_step_is_listed_that_needs_no_more_than_the_goal():
    assert set(OVER) <= set(FILING.steps)
    assert all(number > STEP for number in OVER.values())
