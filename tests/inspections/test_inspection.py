"""An inspection from request to publication: who may, what stands in the way, what each side sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import InternalError, transaction
from django.utils import timezone

from casework.cases import open_case, steps_for, take
from casework.models import Case, Letter
from inspections.inspection import INSPECTION
from inspections.models import Officer, OrderLine, Rectification, Tie, VisitOfficer
from inspections.rectification import RECTIFICATION
from tests.inspections.going import hand_out, judge, refused, sign_off
from yancheng_childcare.models import Deadline
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
Ask = Callable[..., Case]


def concluded(on_site: Ask, cast: dict[str, Any], **wrong: str) -> Case:
    """An inspection whose result was told."""
    case = on_site()
    judge(case, **wrong)
    case = sign_off(case, cast)
    outcome = "ORDERED" if case.body.counts["NOT_MET"] else "PENDING" if wrong else "CLEAN"
    return take(case, "conclude", {"result_class": outcome}, actor=cast["inspector_tinghu1"])


def test_from_request_to_publication(on_site: Ask, cast: dict[str, Any]) -> None:
    case = concluded(on_site, cast)
    assert (case.status, case.body.result_class) == ("TOLD", "CLEAN")
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-INSPECTION-PUBLISH")
    assert clock.due_on == add_workdays(timezone.localdate(), 20)
    assert refused(lambda: take(case, "publish", actor=cast["head_tinghu"])) == {"INS-110"}, "neither letter was served"
    hand_out(case, "INSPECTION_NOTICE", cast["inspector_tinghu1"])
    hand_out(case, "INSPECTION_RESULT", cast["inspector_tinghu1"])
    assert refused(lambda: take(case, "publish", actor=cast["head_tinghu"])) == {"INS-112"}, "it may still object"
    with time_machine.travel(add_workdays(timezone.localdate(), 6)):
        case = take(case, "publish", actor=cast["head_tinghu"])
    assert (case.status, case.result, case.body.published_on is not None) == ("PUBLISHED", "PUBLISHED", True)


def test_the_institution_sees_nothing_before_the_notice(ask: Ask, cast: dict[str, Any], place: Any) -> None:
    from yancheng_childcare.models import Duty

    owner = cast["operator_xiaotaiyang"]
    Duty.objects.filter(user=owner).update(uscc=place.uscc)
    case = ask()
    seen = Case.objects.visible_to(owner, owner.roles)
    assert not seen.exists(), "unannounced visits stay secret"
    case = take(case, "approve", actor=cast["head_tinghu"])
    assert not seen.exists()
    take(case, "notify", actor=cast["inspector_tinghu1"])
    assert seen.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"source_ref": ""}, "INS-105"),
        ({"planned_on": "2020-01-01"}, "INS-105"),
        ({"uscc": "91320902MA00000000"}, "INS-101"),
    ],
)
def test_what_stands_in_the_way_of_a_request(ask: Ask, changed: dict[str, Any], code: str) -> None:
    assert code in refused(lambda: ask(**changed))
    assert not Case.objects.exists()


def test_an_expired_certificate_is_no_certificate(ask: Ask, cast: dict[str, Any]) -> None:
    """domain-2.md I12."""
    expired, mine = cast["inspector_expired"].certificates.get(), cast["inspector_tinghu1"].certificates.get()
    assert refused(lambda: ask(officers=[str(expired.pk), str(mine.pk)])) == {"CAS-101"}, "not even offered"
    case = ask()
    Officer.objects.filter(user=cast["inspector_tinghu2"]).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert refused(lambda: take(case, "approve", actor=cast["head_tinghu"])) == {"INS-102"}


def test_a_tie_keeps_an_officer_away(ask: Ask, cast: dict[str, Any], place: Any) -> None:
    Tie.objects.create(user=cast["inspector_tinghu2"], uscc=place.uscc, kind="FAMILY", declared_by=cast["head_tinghu"],
                       declared_on=timezone.localdate())  # fmt: skip
    assert refused(ask) == {"INS-102"}


def test_the_cap_holds_the_third_back_and_a_second_head_may_let_it_pass(ask: Ask, cast: dict[str, Any]) -> None:
    """domain-2.md I8, I9, I10: two counted; the third needs two signatures; a complaint passes; from above does not count."""
    for kind in ("DAILY", "SPECIAL"):
        take(ask(kind=kind), "approve", actor=cast["head_tinghu"])
    third = ask(kind="DAILY")
    assert refused(lambda: take(third, "approve", actor=cast["head_tinghu"])) == {"INS-103"}
    assert take(ask(kind="CASE"), "approve", actor=cast["head_tinghu"]).status == "APPROVED"
    above = ask(kind="SPECIAL", from_above="苏卫办〔2026〕1号")
    assert take(above, "approve", actor=cast["head_tinghu"]).status == "APPROVED"
    take(third, "approve_over_cap", {"reason": "国庆前食品安全专项"}, actor=cast["head_tinghu"])
    assert "sign_approve_over_cap" not in {one.name for one in steps_for(third, cast["head_tinghu"])}, "not alone"


def test_an_officer_signs_and_the_other_officer_signs_too(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    words = {
        "facts": "现场查看了全部项目。情况如下",
        "operator_words": "无",
        "operator_name": "",
        "refusal": "",
        "witness": "",
    }
    judge(case)
    assert refused(lambda: take(case, "sign", words, actor=cast["inspector_tinghu1"])) == {"INS-109"}
    case = take(
        case, "sign", words | {"refusal": "负责人不愿签", "witness": "社区李某"}, actor=cast["inspector_tinghu1"]
    )
    assert "sign_sign" not in {step.name for step in steps_for(case, cast["inspector_tinghu1"])}
    case = take(case, "sign_sign", actor=cast["inspector_tinghu2"])
    assert (case.status, case.body.witness) == ("RECORDED", "社区李某")


def test_an_unfinished_list_is_not_signed(on_site: Ask, cast: dict[str, Any]) -> None:
    case = on_site()
    words = {
        "facts": "现场查看了全部项目。情况如下",
        "operator_words": "无",
        "operator_name": "曹园长",
        "refusal": "",
        "witness": "",
    }
    assert refused(lambda: take(case, "sign", words, actor=cast["inspector_tinghu1"])) == {"INS-107"}


def test_an_order_names_findings_and_its_clock_begins_with_the_service(on_site: Ask, cast: dict[str, Any]) -> None:
    case = concluded(on_site, cast, D2_05="没有保健观察室", D2_02="录像只存了 30 天")
    lines = case.body.lines.filter(item__code__in=["D2-05", "D2-02"]).values_list("pk", flat=True)
    take(case, "order", {"lines": [str(pk) for pk in lines]}, actor=cast["inspector_tinghu1"])
    order = Case.objects.get(type=RECTIFICATION.name)
    assert (order.parent, order.authority_id, order.body.severity) == (case, "320902-HEALTH", "CRITICAL")
    assert not Deadline.objects.running().filter(subject=order.subject).exists()
    hand_out(order, "RECTIFICATION_ORDER", cast["inspector_tinghu1"])
    order.refresh_from_db()
    clock = Deadline.objects.running().get(subject=order.subject)
    assert (order.status, clock.code, clock.due_on) == ("RUNNING", "DL-RECTIFY", add_workdays(timezone.localdate(), 5))
    assert refused(lambda: take(case, "order", {"lines": [str(next(iter(lines)))]}, actor=cast["inspector_tinghu1"]))


def test_without_a_binding_basis_or_in_another_field_there_is_no_order(on_site: Ask, cast: dict[str, Any]) -> None:
    """domain-2.md I14, I15: by the step, by a service call, by the database."""
    case = concluded(on_site, cast, D2_07="冰箱没有测温", D2_05="没有保健观察室")
    officer, line = cast["inspector_tinghu1"], case.body.lines.get(item__code="D2-07")
    assert refused(lambda: take(case, "order", {"lines": [str(line.pk)]}, actor=officer)) == {"CAS-101"}
    assert refused(lambda: open_case(RECTIFICATION, {"visit": case.no, "lines": [str(line.pk)]}, actor=officer)) == {
        "INS-111"
    }
    right = case.body.lines.get(item__code="D2-05")
    take(case, "order", {"lines": [str(right.pk)]}, actor=officer)
    order = Rectification.objects.get()
    with pytest.raises(InternalError, match="in its own field"), transaction.atomic():
        OrderLine.objects.create(order=order, line=line)


def test_the_database_refuses_an_order_without_two_certificates_of_the_day(on_site: Ask, cast: dict[str, Any]) -> None:
    case = concluded(on_site, cast, D2_05="没有保健观察室")
    VisitOfficer.objects.filter(visit=case.body, officer__user=cast["inspector_tinghu2"]).delete()
    line = case.body.lines.get(item__code="D2-05")
    with pytest.raises(InternalError, match="two certified officers"), transaction.atomic():
        open_case(RECTIFICATION, {"visit": case.no, "lines": [str(line.pk)]}, actor=cast["inspector_tinghu1"])


def test_a_clue_leads_to_no_order(cast: dict[str, Any], registers: None) -> None:
    """domain-2.md I18."""
    from inspections.clues import CLUE

    seen = {
        "region": "320902",
        "name": "无招牌",
        "uscc": "",
        "place": "迎宾路88号二楼",
        "seen": "上午九点，约十五名幼儿在二楼。",
    }
    clue = open_case(CLUE, seen, actor=cast["grid_tinghu"])
    assert refused(
        lambda: open_case(RECTIFICATION, {"visit": clue.no, "lines": ["1"]}, actor=cast["inspector_tinghu1"])
    )
    case = Case.objects.create(
        no="YC-ZG-2026-999999", type="RECTIFICATION", status="ISSUED", subject_kind="PLACE", subject_name="无招牌",
        region_id="320902", authority_id="320902-HEALTH", governed_on=date.today(), parent=clue,
    )  # fmt: skip
    with pytest.raises(InternalError, match="two certified officers"), transaction.atomic():
        Rectification.objects.create(case=case, severity="MAJOR")


def test_what_belongs_to_another_body_is_noted_and_goes_there(on_site: Ask, cast: dict[str, Any]) -> None:
    case = concluded(on_site, cast, D2_09="走廊没有应急照明")
    line = case.body.lines.get(item__code="D2-09")
    assert line.verdict == ""
    take(case, "refer", {"lines": [str(line.pk)]}, actor=cast["inspector_tinghu1"])
    sent = Case.objects.get(type="REFERRAL")
    assert (sent.authority_id, "应急照明" in sent.body.facts, sent.parent) == ("320902-FIRE", True, case)
    assert "accept" in {step.name for step in steps_for(sent, cast["receiver_fire"])}
    assert not steps_for(sent, cast["receiver_market"])
    sent = take(sent, "accept", actor=cast["receiver_fire"])
    sent = take(sent, "finish", {"reason": "已责令补装应急照明"}, actor=cast["receiver_fire"])
    assert sent.result == "HANDLED"


def test_the_notice_says_how_often_and_what_the_institution_may(ask: Ask, cast: dict[str, Any]) -> None:
    """54号: frequency, recusal, defence, the five prohibitions, where to complain."""
    take(take(ask(), "approve", actor=cast["head_tinghu"]), "notify", actor=cast["inspector_tinghu1"])
    words = str(Letter.objects.get().content)
    for part in ("申请回避", "陈述、申辩", "五个严禁", "12345", "苏卫监09020101", "今年以来"):
        assert part in words, part
    assert INSPECTION.states["NOTIFIED"].inside is False
