"""Every step of a filing keeps its budget of queries, savepoints aside; a new step cannot be forgotten.

Fifteen is the goal. `OVER` lists the steps that still cost more, with what they may cost: a number may only go down.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_state_matrix import WHO, data_for, prepare

from registry.filing.services import supersede
from registry.filing.workflow import FILING
from yancheng_childcare.workflow import System

pytestmark = pytest.mark.django_db

STEP = 15
OVER: dict[str, int] = {}


def who_takes(step: str, cast: dict[str, Any]) -> Any:
    """Somebody who may; the second reviewer for what the one who issued the receipt may not do."""
    names = sorted(WHO[step])
    return cast[names[-1]] if names else System()


@pytest.mark.parametrize("step", sorted(FILING.transitions))
def test_every_step_of_a_filing_keeps_its_budget(filing_in, cast, step):
    case = prepare(filing_in(sorted(FILING.transitions[step].sources)[0]), step, cast)
    extra = {"supersede": supersede} if step == "receipt" else {}
    with CaptureQueriesContext(connection) as captured:
        FILING.run(case, step, who_takes(step, cast), **data_for(step, cast), **extra)
    asked = [q["sql"][:200] for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= OVER.get(step, STEP), f"{step} asks {len(asked)}:\n" + "\n".join(asked)


def test_no_step_is_listed_that_needs_no_more_than_the_goal():
    assert set(OVER) <= set(FILING.transitions)
    assert all(number > STEP for number in OVER.values())
