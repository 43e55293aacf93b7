"""执法监督: every figure is the length of the list behind it, in the supervisor's own area, by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.cases import take
from casework.models import Case, CaseProposal
from inspections.models import Officer, Visit
from registry.models import Institution
from tests.pages import page_of
from yancheng_childcare.models import Deadline, Duty

pytestmark = pytest.mark.django_db
URL = "/desk/inspections/supervision/"
LISTS = ("meters", "alarms", "over", "late", "unscanned", "expired", "visits")


@pytest.fixture
def visits(ask: Callable[..., Case], cast: dict[str, Any]) -> Callable[..., list[Case]]:
    """So many approved inspections of one kind."""

    def make(number: int, **asked: Any) -> list[Case]:
        return [take(ask(**asked), "approve", actor=cast["head_tinghu"]) for _ in range(number)]

    return make


@pytest.fixture
def figures(as_user: Callable[[str], Client]) -> Callable[..., dict[str, int]]:
    """The figure of each list as the page counts it."""

    def read(who: str = "supervisor_justice") -> dict[str, int]:
        shown = as_user(who).get(URL).context["figures"]
        return dict(zip(LISTS, (figure["value"] for figure in shown), strict=True))

    return read


def test_the_meter_counts_what_the_cap_counts_and_alarms_over_twice_the_cap(
    as_user: Callable[[str], Client], visits: Callable[..., list[Case]], figures: Any, place: Institution
) -> None:
    visits(2, kind="DAILY")
    visits(2, kind="CASE")
    assert (figures()["meters"], figures()["alarms"], figures()["visits"]) == (1, 0, 4)
    (row,) = page_of(as_user("supervisor_justice").get(URL)).rows[1:]
    assert place.name in row and "2 次" in row and "达到上限" in row
    tags = page_of(as_user("supervisor_justice").get(URL)).tags
    for meter, name, kind in (("counted", "计入上限", "日常检查"), ("exempt", "不计入", "个案检查")):
        address = next(has["href"] for tag, has in tags if tag == "a" and f"meter={meter}" in has["href"])
        behind = page_of(as_user("supervisor_justice").get(address)).rows[1:]
        assert len(behind) == 2 and all(name in row and kind in row for row in behind)
    visits(1, kind="SPECIAL", from_above="苏卫〔2026〕1号")
    assert figures()["alarms"] == 1
    assert "明显偏多" in page_of(as_user("supervisor_justice").get(f"{URL}?show=alarms")).text


def test_what_was_refused_or_only_asked_for_is_no_visit(
    ask: Callable[..., Case], cast: dict[str, Any], figures: Any
) -> None:
    ask()
    take(ask(), "reject", {"reason": "没有必要"}, actor=cast["head_tinghu"])
    assert figures()["visits"] == 0


def test_a_second_approval_over_the_cap_is_listed_with_its_reason(
    as_user: Callable[[str], Client], visits: Callable[..., list[Case]], cast: dict[str, Any], figures: Any
) -> None:
    (case,) = visits(1)
    CaseProposal.objects.create(
        case=case, step="approve_over_cap", answers={"reason": "连续接到投诉"}, proposed_by=cast["head_tinghu"],
        decided_by=cast["head_market"], decided_at=timezone.now(), outcome="SIGNED",
    )  # fmt: skip
    CaseProposal.objects.create(
        case=case, step="approve_over_cap", proposed_by=cast["head_tinghu"], decided_by=cast["head_market"],
        decided_at=timezone.now(), outcome="WITHDRAWN",
    )  # fmt: skip
    assert figures()["over"] == 1
    assert "连续接到投诉" in page_of(as_user("supervisor_justice").get(f"{URL}?show=over")).text


def test_a_result_is_late_from_the_day_after_its_last(
    as_user: Callable[[str], Client], visits: Callable[..., list[Case]], figures: Any
) -> None:
    (case,) = visits(1)
    today = timezone.localdate()
    clock = Deadline.objects.create(
        subject=case.subject, code="DL-INSPECTION-PUBLISH", label="公开检查结果", source="试验", region=case.region,
        started_on=today, days=20, due_on=today,
    )  # fmt: skip
    assert figures()["late"] == 0
    Deadline.objects.filter(pk=clock.pk).update(due_on=today - timedelta(days=1))
    assert figures()["late"] == 1
    assert case.no in page_of(as_user("supervisor_justice").get(f"{URL}?show=late")).text
    Deadline.objects.filter(pk=clock.pk).update(due_on=today, closed_on=today)
    assert figures()["late"] == 0


def test_entries_without_a_scan_and_ended_certificates(
    as_user: Callable[[str], Client], visits: Callable[..., list[Case]], figures: Any
) -> None:
    ended = Officer.objects.expired(timezone.localdate()).count()
    (case,) = visits(1)
    assert (figures()["unscanned"], figures()["expired"]) == (0, ended)
    Visit.objects.filter(pk=case.body.pk).update(entry="NONE", entry_reason="手机没有信号", arrived_at=timezone.now())
    Officer.objects.filter(user__username="inspector_tinghu1").update(valid_to=timezone.localdate() - timedelta(days=1))
    assert (figures()["unscanned"], figures()["expired"]) == (1, ended + 1)
    assert "手机没有信号" in page_of(as_user("auditor_city").get(f"{URL}?show=unscanned")).text
    assert "吴执法" in page_of(as_user("health_city").get(f"{URL}?show=expired")).text


def test_every_figure_leads_to_a_list_of_that_length_within_the_budget(
    as_user: Callable[[str], Client], visits: Callable[..., list[Case]]
) -> None:
    visits(2)
    client = as_user("supervisor_justice")
    for figure in client.get(URL).context["figures"]:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(figure["url"])
        assert page.context["page"].paginator.count == figure["value"], figure["label"]
        # Session, person, duties; seven figures; the list and its length.
        assert len(asked) <= 3 + 7 + 2, [query["sql"][:80] for query in asked]


def test_another_area_sees_nothing_of_it(visits: Callable[..., list[Case]], cast: dict[str, Any], figures: Any) -> None:
    visits(1)
    Duty.objects.filter(user=cast["supervisor_justice"]).update(region_id="320981")
    assert set(figures().values()) == {0}
