"""What a dishonest or careless officer, head or institution would try with an inspection and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from casework.cases import open_case, take
from casework.letters import recall
from casework.models import Case, Deputy
from inspections.models import Officer
from inspections.plan import PLAN
from inspections.rectification import RECTIFICATION
from inspections.referral import REFERRAL
from tests.inspections.drawing import PLANNED
from tests.inspections.going import hand_out, judge, refused, sign_off
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
Ask = Callable[..., Case]


def also(user: Any, role: Role, like: Any) -> Any:
    """Gives this person a duty of another's department too."""
    duty = Duty.objects.get(user=like)
    Duty.objects.create(
        user=user, role=role, region=duty.region, department=duty.department, granted_by=duty.granted_by,
        approved_by=duty.approved_by, valid_from=duty.valid_from,
    )  # fmt: skip
    return type(user).objects.get(pk=user.pk)


def told(on_site: Ask, cast: dict[str, Any], **wrong: str) -> Case:
    """An inspection whose result was told, its letter still held."""
    case = on_site()
    judge(case, **wrong)
    outcome = "ORDERED" if wrong else "CLEAN"
    return take(sign_off(case, cast), "conclude", {"result_class": outcome}, actor=cast["inspector_tinghu1"])


@pytest.fixture
def owner(cast: dict[str, Any], place: Any) -> Any:
    """The person of the institution inspected."""
    Duty.objects.filter(user=cast["operator_xiaotaiyang"]).update(uscc=place.uscc)
    return cast["operator_xiaotaiyang"]


# --- a result before its time


def test_a_result_whose_letter_was_taken_back_is_not_published(
    on_site: Ask, cast: dict[str, Any], settings: Any
) -> None:
    case = on_site()
    judge(case)
    hand_out(case, "INSPECTION_NOTICE", cast["inspector_tinghu1"])
    settings.LETTER_HOLD_MINUTES = 30
    case = take(sign_off(case, cast), "conclude", {"result_class": "CLEAN"}, actor=cast["inspector_tinghu1"])
    recall(case.letters.get(form="INSPECTION_RESULT"), reason="内容有误，需要重写", actor=cast["inspector_tinghu1"])
    assert refused(lambda: take(case, "publish", actor=cast["head_tinghu"])) == {"INS-110"}


def test_whoever_is_in_the_house_has_a_notice_that_cannot_be_taken_back(
    on_site: Ask, cast: dict[str, Any], settings: Any
) -> None:
    """凡检查必通知: shown at the door, it is out."""
    settings.LETTER_HOLD_MINUTES = 30
    notice = on_site().letters.get(form="INSPECTION_NOTICE")
    with pytest.raises(Rejected):
        recall(notice, reason="当作没有通知过", actor=cast["inspector_tinghu1"])


def test_an_objection_is_made_once_and_in_its_days(on_site: Ask, cast: dict[str, Any], owner: Any) -> None:
    case = told(on_site, cast)
    hand_out(case, "INSPECTION_NOTICE", cast["inspector_tinghu1"])
    hand_out(case, "INSPECTION_RESULT", cast["inspector_tinghu1"])
    with time_machine.travel(add_workdays(timezone.localdate(), 6)):
        late = refused(lambda: take(case, "object", {"reason": "监控其实是好的"}, actor=owner))
    case = take(case, "object", {"reason": "监控其实是好的"}, actor=owner)
    case = take(case, "answer", {"reason": "经核对录像，事实无误"}, actor=cast["inspector_tinghu1"])
    again = refused(lambda: take(case, "object", {"reason": "还是不同意"}, actor=owner))
    assert (late, again) == ({"INS-130"}, {"INS-130"})


# --- what the institution may not know


@pytest.mark.parametrize("steps", [("reject",), ("approve", "drop")])
def test_what_came_to_nothing_before_its_notice_stays_inside(
    ask: Ask, cast: dict[str, Any], owner: Any, steps: tuple[str, ...]
) -> None:
    """That a visit was planned, by whom and on whose word, is not for the place that was to be visited."""
    case = ask()
    for name in steps:
        actor = cast["inspector_tinghu1" if name == "drop" else "head_tinghu"]
        case = take(case, name, {} if name == "approve" else {"reason": "线索不具体"}, actor=actor)
    assert case.closed_on is not None
    assert not Case.objects.visible_to(owner, owner.roles).exists()


def test_a_visit_called_off_after_its_notice_is_known_as_such(ask: Ask, cast: dict[str, Any], owner: Any) -> None:
    case = take(take(ask(), "approve", actor=cast["head_tinghu"]), "notify", actor=cast["inspector_tinghu1"])
    case = take(case, "call_off", {"reason": "机构停电，改日再来"}, actor=cast["inspector_tinghu1"])
    assert Case.objects.visible_to(owner, owner.roles).get().result == "CALLED_OFF"


# --- one person for two


def test_nobody_approves_what_they_asked_for_or_go_on(ask: Ask, cast: dict[str, Any]) -> None:
    case = ask()
    for who in ("inspector_tinghu1", "inspector_tinghu2"):
        both = also(cast[who], Role.HEAD, cast["head_tinghu"])
        assert "INS-138" in refused(partial(take, case, "approve", actor=both))


def test_whoever_stands_in_for_the_asker_is_the_same_person(ask: Ask, cast: dict[str, Any]) -> None:
    today = timezone.localdate()
    Deputy.objects.create(
        person=cast["inspector_tinghu1"], deputy=cast["head_tinghu"], from_day=today, until_day=today, reason="外出学习"
    )
    assert refused(lambda: take(ask(), "approve", actor=cast["head_tinghu"])) == {"INS-138"}


def test_a_plan_is_not_approved_by_who_made_it(registers: None, cast: dict[str, Any]) -> None:
    case = open_case(PLAN, PLANNED | {"year": str(timezone.localdate().year)}, actor=cast["planner_tinghu"])
    both = also(cast["planner_tinghu"], Role.HEAD, cast["head_tinghu"])
    assert refused(lambda: take(case, "approve", actor=both)) == {"INS-138"}


def test_a_repair_is_looked_at_by_two_who_hold_certificates(on_site: Ask, cast: dict[str, Any], owner: Any) -> None:
    case = told(on_site, cast, D2_05="没有保健观察室")
    line = case.body.lines.get(item__code="D2-05")
    take(case, "order", {"lines": [str(line.pk)]}, actor=cast["inspector_tinghu1"])
    order = Case.objects.get(type=RECTIFICATION.name)
    hand_out(order, "RECTIFICATION_ORDER", cast["inspector_tinghu1"])
    order.refresh_from_db()
    report = {
        "cause": "当时没有场地",
        "measures": "腾出一间屋子",
        "outcome": "已经改好并使用",
        "prevention": "每月自查一次",
        "stopped": "",
    }
    order = take(order, "submit", report, actor=owner)
    order = take(order, "pass", {"reason": "现场复查，已经改好"}, actor=cast["inspector_tinghu1"])
    certificate = Officer.objects.filter(user=cast["inspector_tinghu2"])
    valid_to = certificate.get().valid_to
    certificate.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert refused(lambda: take(order, "sign_pass", actor=cast["inspector_tinghu2"])) == {"INS-102"}
    certificate.update(valid_to=valid_to)
    assert take(order, "sign_pass", actor=cast["inspector_tinghu2"]).result == "CORRECTED"


# --- the cap


def test_the_cap_is_that_of_the_year_of_the_visit(ask: Ask, cast: dict[str, Any]) -> None:
    """A day of next year on the paper and a visit today counts for no year."""
    later = timezone.localdate().replace(month=1, day=20) + timedelta(days=366)
    case = take(ask(kind="DAILY", planned_on=later.isoformat()), "approve", actor=cast["head_tinghu"])
    case = take(case, "notify", actor=cast["inspector_tinghu1"])
    arrived = {"entry": "OPERATOR", "entry_reason": ""}
    assert refused(lambda: take(case, "arrive", arrived, actor=cast["inspector_tinghu1"])) == {"INS-105"}


@pytest.mark.parametrize("kind", ["DAILY", "CASE"])
def test_only_a_special_inspection_is_ordered_from_above(ask: Ask, kind: str) -> None:
    """domain-2.md B2.1: a daily one that names an order of the province would escape the cap."""
    assert refused(lambda: ask(kind=kind, from_above="苏卫办〔2026〕1号")) == {"INS-105"}


# --- powers


def test_a_body_inspects_in_its_own_county(ask: Ask, elsewhere: Callable[..., Any]) -> None:
    assert refused(lambda: ask(uscc=elsewhere().uscc)) == {"INS-101"}


def test_nothing_is_ordered_before_the_record_is_signed(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    judge(case, D2_05="没有保健观察室")
    line = case.body.lines.get(item__code="D2-05")
    answers = {"visit": case.no, "lines": [str(line.pk)]}
    assert refused(lambda: open_case(RECTIFICATION, answers, actor=cast["inspector_tinghu1"])) == {"INS-111"}


def test_a_body_refers_nothing_to_itself(ask: Ask, cast: dict[str, Any]) -> None:
    sending = {"parent": ask().no, "field": "HEALTH", "facts": "二楼没有保健观察室", "urgent": "no"}
    assert refused(lambda: open_case(REFERRAL, sending, actor=cast["inspector_tinghu1"])) == {"INS-114"}
