"""Every step of every table keeps its budget: fifteen queries, savepoints aside; a new step cannot be forgotten.

The filing's steps are measured here, prepared as the state matrix prepares them; those of the other tables beside them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from filing_cases import fresh, judge_all
from test_state_matrix import WHO, data_for, prepare

from registry.filing import judging, review
from registry.filing.drafts import start_filing
from registry.filing.services import supersede
from registry.filing.workflow import FILING
from registry.models import PublicReport
from registry.public import report_workflow
from registry.public.report_workflow import REPORT
from registry.workflow import REGISTRATION
from yancheng_childcare.workflow import System

pytestmark = pytest.mark.django_db

STEP, CREATE = 15, 10


def cost(captured: CaptureQueriesContext) -> list[str]:
    """The queries that count: opening and closing a savepoint is no question to the database."""
    return [q["sql"] for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]


def within(captured: CaptureQueriesContext, budget: int) -> None:
    asked = cost(captured)
    assert len(asked) <= budget, f"{len(asked)} queries:\n" + "\n".join(sql[:220] for sql in asked)


def who_takes(step: str, cast: dict[str, Any]) -> Any:
    """Somebody who may; the second reviewer for what the one who issued the receipt may not do."""
    names = sorted(WHO[step])
    return cast[names[-1]] if names else System()


@pytest.mark.parametrize("step", sorted(FILING.transitions))
def test_every_step_of_a_filing_keeps_its_budget(filing_in, cast, step):
    transition = FILING.transitions[step]
    case = filing_in(sorted(transition.sources - {"REJECTED"})[0])
    case = prepare(case, step, cast)
    extra = {"supersede": supersede} if step == "receipt" else {}
    with CaptureQueriesContext(connection) as captured:
        FILING.run(case, step, who_takes(step, cast), **data_for(step, cast), **extra)
    within(captured, STEP)
