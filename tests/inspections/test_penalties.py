"""Penalties are registered against the ladder of article 41, never decided here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from casework import clocks
from casework.cases import open_case, take
from casework.models import Case
from inspections.ladder import hearing_by, problems_of, serve_by
from inspections.models import Penalty
from inspections.penalty import PENALTY
from tests.inspections.going import hand_out, judge, sign_off
from yancheng_childcare.models import Deadline
from yancheng_childcare.problems import Rejected


@pytest.mark.parametrize(
    ("kind", "fine", "grave", "ordered", "refused", "fields"),
    [
        # domain-2.md I16: 4,999 / 5,000 / 50,000 / 50,001 without 情节严重
        ("FINE", 4_999, False, True, True, {"fine"}),
        ("FINE", 5_000, False, True, True, set()),
        ("FINE", 50_000, False, True, True, set()),
        ("FINE", 50_001, False, True, True, {"fine"}),
        # I17: no earlier served order
        ("FINE", 8_000, False, False, False, {"kind"}),
        ("FINE", 8_000, False, False, True, {"kind"}),  # not obeyed, but never ordered
        ("FINE", 8_000, False, True, False, {"kind"}),
        ("STOP", 60_000, False, True, True, {"grave"}),
        ("STOP", 60_000, True, False, False, set()),
        ("STOP", 100_001, True, True, True, {"fine"}),
        ("WARNING", 0, False, False, False, set()),
        ("WARNING", 1, False, False, False, {"fine"}),
    ],
)
def test_the_ladder(kind: str, fine: int, grave: bool, ordered: bool, refused: bool, fields: set[str]) -> None:
    found = problems_of(kind, fine=fine, grave=grave, ordered=ordered, refused=refused)
    assert {field for field, _ in found} == fields


@pytest.mark.django_db
def test_days_of_hearing_and_service(reference: None) -> None:
    """domain-2.md I6, I7."""
    assert hearing_by(date(2026, 9, 28)) == date(2026, 10, 10)
    assert serve_by(date(2026, 9, 30)) == date(2026, 10, 15)


@pytest.fixture
def order(on_site: Callable[..., Case], cast: dict[str, Any]) -> Case:
    """An order that was served."""
    case = on_site()
    judge(case, D2_05="没有保健观察室")
    case = take(sign_off(case, cast), "conclude", {"result_class": "ORDERED"}, actor=cast["inspector_tinghu1"])
    line = case.body.lines.get(item__code="D2-05")
    take(case, "order", {"lines": [str(line.pk)]}, actor=cast["inspector_tinghu1"])
    found = Case.objects.get(type="RECTIFICATION")
    hand_out(found, "RECTIFICATION_ORDER", cast["inspector_tinghu1"])
    return found


def register(order: Case, cast: dict[str, Any], by: str = "inspector_tinghu1", **changed: Any) -> Case:
    said = {"order": order.no, "kind": "FINE", "document_no": "盐亭卫托罚〔2026〕1号", "fine": "8000", "grave": "no",
            "decided_on": timezone.localdate().isoformat()}  # fmt: skip
    return open_case(PENALTY, said | changed, actor=cast[by])


@pytest.mark.django_db
def test_a_fine_follows_an_order_that_was_not_obeyed(order: Case, cast: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as early, transaction.atomic():
        register(order, cast)
    assert [(problem.code, problem.field) for problem in early.value.problems] == [("INS-119", "kind")]
    due = Deadline.objects.running().get(subject=order.subject, code="DL-RECTIFY").due_on
    with time_machine.travel(due + timedelta(days=7)):
        clocks.ring()
        order.refresh_from_db()
        assert order.body.overdue_shown
        case = register(order, cast)
        assert (case.status, case.parent, case.body.fine) == ("DECIDED", order, 8000)
        case = take(case, "serve", {"served_on": timezone.localdate().isoformat()}, actor=cast["inspector_tinghu1"])
    assert case.result == "SERVED"


@pytest.mark.django_db
def test_another_body_registers_nothing_on_it_and_a_document_stands_once(order: Case, cast: dict[str, Any]) -> None:
    with pytest.raises(Rejected), transaction.atomic():
        register(order, cast, by="inspector_market1", kind="WARNING", fine="0")
    register(order, cast, kind="WARNING", fine="0")
    with pytest.raises(Rejected) as twice, transaction.atomic():
        register(order, cast, kind="WARNING", fine="0")
    assert [problem.field for problem in twice.value.problems] == ["document_no"]


@pytest.mark.django_db
def test_the_database_holds_the_ranges_too(order: Case, cast: dict[str, Any]) -> None:
    case = register(order, cast, kind="WARNING", fine="0")
    for wrong in ({"fine": 1}, {"kind": "FINE", "fine": 4_999}, {"kind": "STOP", "fine": 60_000}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Penalty.objects.filter(pk=case.pk).update(**wrong)
