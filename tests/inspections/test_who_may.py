"""Who takes which step of an inspection, an order and a referral in which state: written by hand, from README and domain-2.md.

Whoever asked for the inspection has it: a colleague is offered only what takes nothing over, such as signing too. It is handed
over by the one whose turn it is, or the head. Where it is not the officers' turn
(the result waits for the head, the order for the institution), either of them may still order, refer, rescind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from casework.cases import steps_for, take
from casework.models import Case
from tests.inspections.going import hand_out, judge, sign_off
from yancheng_childcare.models import Duty
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
Ask = Callable[..., Case]
ONE, TWO, HEAD, OWNER = "inspector_tinghu1", "inspector_tinghu2", "head_tinghu", "operator_xiaotaiyang"
FIRE = "receiver_fire"
HELD = {"hand_over", "put_back"}
WORDS = {"facts": "现场查看了全部项目，情况见逐项结论。", "operator_words": "无", "operator_name": "曹园长", "refusal": "",
         "witness": ""}  # fmt: skip
REPORT = {
    "cause": "硬盘容量不足",
    "measures": "更换硬盘",
    "outcome": "已能回放九十天",
    "prevention": "每月检查一次",
    "stopped": "",
}
INSPECTION_WHO = {
    "REQUESTED": {HEAD: {"approve", "approve_over_cap", "reject"} | HELD},
    "APPROVED": {ONE: {"notify", "drop"} | HELD, HEAD: HELD},
    "NOTIFIED": {ONE: {"arrive", "call_off"} | HELD, HEAD: HELD},
    "ON_SITE": {ONE: {"sign", "refer"} | HELD, HEAD: HELD},
    "ON_SITE, signed by one": {ONE: {"sign", "refer", "withdraw_sign"} | HELD, TWO: {"sign_sign", "refuse_sign"},
                               HEAD: HELD},
    "RECORDED": {ONE: {"conclude", "order", "refer"} | HELD, HEAD: HELD},
    "TOLD": {ONE: {"order", "refer"}, TWO: {"order", "refer"}, HEAD: {"publish"} | HELD, OWNER: {"object"}},
    "OBJECTED": {ONE: {"answer"} | HELD, HEAD: HELD},
    "PUBLISHED": {ONE: {"rescind"}, TWO: {"rescind"}},
}  # fmt: skip
ORDER_WHO = {
    "ISSUED": {ONE: {"rescind"} | HELD, HEAD: HELD},
    "RUNNING": {OWNER: {"submit", "extend"}, ONE: {"rescind"}, TWO: {"rescind"}},
    "SUBMITTED": {ONE: {"pass", "fail", "rescind"} | HELD, HEAD: HELD},
    "SUBMITTED, passed by one": {ONE: {"pass", "fail", "rescind", "withdraw_pass"} | HELD,
                                 TWO: {"sign_pass", "refuse_pass"}, HEAD: HELD},
    "CLOSED": {},
}  # fmt: skip
REFERRAL_WHO = {
    "SENT": {FIRE: {"accept", "return", "hand_over"}},
    "ACCEPTED": {FIRE: {"finish"} | HELD},
    "CLOSED": {},
}
READERS = {ONE, TWO, HEAD, OWNER, "chief_tinghu", "health_city", "auditor_city", "leader_city", "supervisor_justice"}


@pytest.fixture
def owned(place: Any, cast: dict[str, Any]) -> None:
    """The operator of the cast runs the institution inspected."""
    Duty.objects.filter(user=cast[OWNER]).update(uscc=place.uscc)


def offered(case: Case, cast: dict[str, Any]) -> dict[str, set[str]]:
    """Who sees the case as it stands and is offered which steps."""
    seen = readers(case, cast)
    rows = {
        name: {step.name for step in steps_for(Case.objects.get(pk=case.pk), user)}
        for name, user in cast.items()
        if name in seen
    }
    return {name: steps for name, steps in rows.items() if steps}


def readers(case: Case, cast: dict[str, Any]) -> set[str]:
    """Who sees the case."""
    return {
        name for name, user in cast.items() if Case.objects.visible_to(user, user.roles).filter(pk=case.pk).exists()
    }


def test_who_takes_which_step_of_an_inspection(ask: Ask, owned: None, cast: dict[str, Any]) -> None:
    seen = {}
    case = ask()
    assert readers(case, cast) == READERS - {OWNER}, "nothing is told before the notice"
    seen["REQUESTED"] = offered(case, cast)
    case = take(case, "approve", actor=cast[HEAD])
    seen["APPROVED"] = offered(case, cast)
    case = take(case, "notify", actor=cast[ONE])
    assert readers(case, cast) == READERS
    seen["NOTIFIED"] = offered(case, cast)
    case = take(case, "arrive", {"entry": "OPERATOR", "entry_reason": ""}, actor=cast[ONE])
    seen["ON_SITE"] = offered(case, cast)
    judge(case)
    take(case, "sign", WORDS, actor=cast[ONE])
    seen["ON_SITE, signed by one"] = offered(case, cast)
    case = take(Case.objects.get(pk=case.pk), "sign_sign", actor=cast[TWO])
    seen["RECORDED"] = offered(case, cast)
    case = take(case, "conclude", {"result_class": "CLEAN"}, actor=cast[ONE])
    seen["TOLD"] = offered(case, cast)
    case = take(case, "object", {"reason": "请再核对一次"}, actor=cast[OWNER])
    seen["OBJECTED"] = offered(case, cast)
    case = take(case, "answer", {"reason": "已经核对，事实清楚"}, actor=cast[ONE])
    for form in ("INSPECTION_NOTICE", "INSPECTION_RESULT"):
        hand_out(case, form, cast[ONE])
    with time_machine.travel(add_workdays(timezone.localdate(), 6)):
        case = take(case, "publish", actor=cast[HEAD])
    seen["PUBLISHED"] = offered(case, cast)
    for state, expected in INSPECTION_WHO.items():
        assert seen[state] == expected, state


def test_who_takes_which_step_of_an_order(on_site: Ask, owned: None, cast: dict[str, Any]) -> None:
    visit = on_site()
    judge(visit, D2_02="录像只存了 30 天")
    visit = sign_off(visit, cast)
    line = visit.body.lines.get(item__code="D2-02")
    take(visit, "order", {"lines": [str(line.pk)]}, actor=cast[ONE])
    order, seen = Case.objects.get(type="RECTIFICATION"), {}
    assert readers(order, cast) == READERS
    seen["ISSUED"] = offered(order, cast)
    hand_out(order, "RECTIFICATION_ORDER", cast[ONE])
    seen["RUNNING"] = offered(order, cast)
    order = take(Case.objects.get(pk=order.pk), "submit", REPORT, actor=cast[OWNER])
    seen["SUBMITTED"] = offered(order, cast)
    take(order, "pass", {"reason": "现场复查已经改正"}, actor=cast[ONE])
    seen["SUBMITTED, passed by one"] = offered(order, cast)
    take(Case.objects.get(pk=order.pk), "sign_pass", actor=cast[TWO])
    seen["CLOSED"] = offered(order, cast)
    for state, expected in ORDER_WHO.items():
        assert seen[state] == expected, state


def test_who_takes_which_step_of_a_referral(on_site: Ask, cast: dict[str, Any]) -> None:
    visit = on_site()
    judge(visit, D2_09="走廊没有应急照明")
    line = visit.body.lines.get(item__code="D2-09")
    take(visit, "refer", {"lines": [str(line.pk)]}, actor=cast[ONE])
    case, seen = Case.objects.get(type="REFERRAL"), {}
    assert readers(case, cast) == {ONE, FIRE, "health_city", "auditor_city", "leader_city", "supervisor_justice"}
    seen["SENT"] = offered(case, cast)
    case = take(case, "accept", actor=cast[FIRE])
    seen["ACCEPTED"] = offered(case, cast)
    case = take(case, "finish", {"reason": "已责令补装应急照明"}, actor=cast[FIRE])
    seen["CLOSED"] = offered(case, cast)
    for state, expected in REFERRAL_WHO.items():
        assert seen[state] == expected, state
