"""Numbers of letters and receipts run through the county, not through the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from filing_cases import fresh, judge_all

from registry.choices import NoticeKind
from registry.demo.sample_filing import fill_filing
from registry.filing.drafts import start_filing
from registry.filing.services import take_step
from registry.models import Filing, FilingReceipt, Institution, Notice
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in(
    ready: Filing, operator: Any, cast: dict[str, Any], institution: Callable[..., Institution]
) -> list[Filing]:
    """Two filings of 亭湖区, both waiting for the reviewer."""
    neighbour = institution(name="盐城市邻家托育服务有限公司")
    Duty.objects.create(
        user=operator, role=Role.OPERATOR, uscc=neighbour.uscc, granted_by=cast["admin"], approved_by=cast["health_city"],
        valid_from=date(2024, 1, 1),
    )  # fmt: skip
    both = type(operator).objects.get(pk=operator.pk)
    second = fill_filing(start_filing(neighbour, actor=both), actor=both, today=today_here(), serial=1)
    return [fresh(take_step(case, "submit", actor=both)) for case in (ready, second)]


def test_two_institutions_of_a_county_never_share_a_letter_number(
    handed_in: list[Filing], cast: dict[str, Any]
) -> None:
    reviewer = cast["reviewer_tinghu"]
    for case in handed_in:
        judge_all(case, reviewer, premises=("SUPPLEMENT", "租赁合同缺页"))
        take_step(case, "return", actor=reviewer)
    numbers = list(Notice.objects.order_by("id").values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == ["0001", "0002"]
    assert {number[:-4] for number in numbers} == {f"320902BZ{today_here().year}"}


def test_two_rejections_of_a_county_have_two_numbers(handed_in: list[Filing], cast: dict[str, Any]) -> None:
    for case in handed_in:
        take_step(case, "propose_reject", actor=cast["reviewer_tinghu"], reason="不属于本辖区管辖")
        take_step(case, "reject", actor=cast["chief_tinghu"])
    numbers = Notice.objects.filter(kind=NoticeKind.REJECTION).order_by("id").values_list("number", flat=True)
    assert [number[-4:] for number in numbers] == ["0001", "0002"]


def test_two_institutions_of_a_county_never_share_a_receipt_number(
    handed_in: list[Filing], cast: dict[str, Any]
) -> None:
    for case in handed_in:
        judge_all(case, cast["reviewer_tinghu"])
        take_step(case, "receipt", actor=cast["reviewer_tinghu"])
    numbers = FilingReceipt.objects.order_by("id").values_list("receipt_no", flat=True)
    assert [number[-4:] for number in numbers] == ["0001", "0002"]
