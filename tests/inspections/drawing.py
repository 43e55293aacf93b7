"""A plan published and a batch drawn, as tests do it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine

from casework.cases import open_case, take
from casework.models import Case
from inspections.batch import BATCH
from inspections.plan import PLAN
from yancheng_childcare.workdays import SHANGHAI

PLANNED = {
    "title": "2026 年托育机构双随机抽查计划", "year": "2026", "special": "no", "matter": "HEALTH-01",
    "content": "全区托育机构按百分之五十抽查，下半年完成。", "approval_ref": "",
}  # fmt: skip
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=SHANGHAI)
KNOWN = datetime(2026, 12, 1, 21, 15, tzinfo=SHANGHAI)


def publish_plan(cast: dict[str, Any]) -> Case:
    """A published annual plan."""
    case = take(open_case(PLAN, PLANNED, actor=cast["planner_tinghu"]), "approve", actor=cast["head_tinghu"])
    return take(case, "publish", {"filed_no": "亭司执监〔2026〕3号"}, actor=cast["planner_tinghu"])


def prepare(plan: Case, cast: dict[str, Any], **changed: str) -> Case:
    """A batch whose source comes tomorrow evening."""
    rules = {
        "plan": plan.no, "source": "福彩3D 2026-12-01 晚开奖号", "source_day": "2026-12-01", "source_time": "21:15",
        "unit": "total", "amount": "2", "all_below": "0", "visits_until": "2026-12-31",
    }  # fmt: skip
    return open_case(BATCH, rules | changed, actor=cast["planner_tinghu"])


def drawn(batch: Case, cast: dict[str, Any], text: str = "3 7 1") -> Case:
    """Frozen today, drawn tomorrow evening by two witnesses."""
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    with time_machine.travel(KNOWN + timedelta(minutes=5), tick=False):
        case = take(case, "witness", {"text": text}, actor=cast["witness_tinghu1"])
        return take(case, "second_witness", {"text": text}, actor=cast["witness_tinghu2"])
