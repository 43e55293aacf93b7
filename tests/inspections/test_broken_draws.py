"""What a dishonest or careless planner, inspector or witness would try with a draw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from casework.cases import take
from casework.models import Case
from inspections import draw, pools
from inspections.inspection import INSPECTION
from inspections.models import Visit
from tests.inspections.drawing import KNOWN, NOW, drawn, prepare
from tests.inspections.going import refused
from tests.pages import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("draw_day")]


@pytest.fixture
def sent(batch: Case, cast: dict[str, Any]) -> Case:
    """Drawn, its two inspections asked for."""
    return take(drawn(batch, cast), "send_out", actor=cast["planner_tinghu"])


def visit(case: Case, cast: dict[str, Any]) -> Case:
    """Approved, notified, entered."""
    holder = case.assignee
    case = take(take(case, "approve", actor=cast["head_tinghu"]), "notify", actor=holder)
    return take(case, "arrive", {"entry": "OFFICER", "entry_reason": ""}, actor=holder)


def end(uscc: str) -> None:
    """The registration ended, as the register keeps it."""
    from casework.events import institution_ended
    from registry.models import Institution

    Institution.objects.filter(uscc=uscc).update(status="CANCELLED", terminated_on=NOW.date())
    institution_ended(uscc)


def test_a_plan_is_for_its_own_year(plan: Case, cast: dict[str, Any]) -> None:
    assert refused(lambda: prepare(plan, cast, visits_until="2027-01-31")) == {"INS-115"}


def test_what_was_drawn_and_never_visited_keeps_the_names_back(sent: Case, cast: dict[str, Any]) -> None:
    """A visit refused or called off is none: a place does not slip out of the draw by it."""
    first, second = Case.objects.filter(type=INSPECTION.name).order_by("pk")
    take(first, "reject", {"reason": "这家不用查了"}, actor=cast["head_tinghu"])
    visit(second, cast)
    assert refused(lambda: take(sent, "finish", actor=cast["planner_tinghu"])) == {"INS-118"}


def test_a_visit_of_another_body_is_none_of_the_batch(
    sent: Case, cast: dict[str, Any], ask: Callable[..., Case]
) -> None:
    other = ask("inspector_market1", source_ref=sent.no)
    other = take(take(other, "approve", actor=cast["head_market"]), "notify", actor=cast["inspector_market1"])
    take(other, "arrive", {"entry": "OFFICER", "entry_reason": ""}, actor=cast["inspector_market1"])
    for one in Case.objects.filter(type=INSPECTION.name, authority="320902-HEALTH"):
        visit(one, cast)
    case = take(sent, "finish", actor=cast["planner_tinghu"])
    assert "苏市监" not in pools.files_of(case.body)["visitors.csv"].decode()


def test_a_place_that_ended_before_the_tasks_went_out_is_replaced(batch: Case, cast: dict[str, Any]) -> None:
    """Else the whole batch stands still."""
    case = drawn(batch, cast)
    gone = pools.chosen(case.body)[0][0]
    end(gone)
    case = take(case, "send_out", actor=cast["planner_tinghu"])
    asked = set(Case.objects.filter(type=INSPECTION.name).values_list("uscc", flat=True))
    assert (case.status, len(asked), gone in asked) == ("SENT", 2, False)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_place_that_ended_and_has_no_reserve_holds_up_nobody(
    plan: Case, cast: dict[str, Any], institution: Callable[..., Any], before: bool
) -> None:
    """Where every place of the county is visited, nobody takes its turn."""
    for number in range(3):
        institution(name=f"盐城亭湖第{'一二三'[number]}托育服务有限公司")
    case = drawn(prepare(plan, cast, amount="3"), cast)
    gone = pools.chosen(case.body)[0][0]
    if before:
        end(gone)
    case = take(case, "send_out", actor=cast["planner_tinghu"])
    if not before:
        end(gone)
    left = Case.objects.filter(type=INSPECTION.name, closed_on=None)
    assert left.count() == 2
    for one in left:
        visit(one, cast)
    assert take(case, "finish", actor=cast["planner_tinghu"]).status == "DONE"


def test_nobody_is_replaced_on_the_planners_word_alone(sent: Case, cast: dict[str, Any]) -> None:
    """What still stands on the register did not end there; what is said to be closed a head has to sign for."""
    first = pools.chosen(sent.body)[0][0]
    ended = {"place": first, "why": "CANCELLED"}
    assert refused(lambda: take(sent, "substitute", ended, actor=cast["planner_tinghu"])) == {"INS-116"}
    take(sent, "substitute", {"place": first, "why": "CLOSED"}, actor=cast["planner_tinghu"])
    assert not sent.body.gone.exists(), "one alone"


def test_the_visit_of_a_place_that_is_gone_is_over(sent: Case, cast: dict[str, Any]) -> None:
    first = pools.chosen(sent.body)[0][0]
    case = take(sent, "substitute", {"place": first, "why": "CLOSED"}, actor=cast["planner_tinghu"])
    take(case, "sign_substitute", actor=cast["head_tinghu"])
    assert Case.objects.get(type=INSPECTION.name, uscc=first).closed_on is not None


@pytest.mark.parametrize("text", ["3 7\u20281", '3,7"1', "=3 7 1", "3" * 200, "３ ７\u3000１"])
def test_whatever_the_source_says_the_draw_is_verified(
    batch: Case, cast: dict[str, Any], client: Client, text: str
) -> None:
    case = drawn(batch, cast, text)
    files = pools.files_of(case.body)
    assert draw.verify(files, fingerprint=case.body.fingerprint).deviation is None
    assert text in page_of(client.get(f"/draws/{case.no}/")).text


def test_the_second_witness_reads_nothing_of_the_first(batch: Case, cast: dict[str, Any], client: Client) -> None:
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    with time_machine.travel(KNOWN + timedelta(minutes=5), tick=False):
        case = take(case, "witness", {"text": "371-秘"}, actor=cast["witness_tinghu1"])
        for who in ("witness_tinghu2", "planner_tinghu"):
            client.force_login(cast[who])
            for page in (
                f"/desk/cases/{case.no}/",
                f"/desk/cases/{case.no}/second_witness/",
                f"/api/v1/cases/{case.no}/",
            ):
                assert "371-秘" not in client.get(page, follow=True).content.decode(), page


def test_the_weights_and_salts_leave_by_no_page(batch: Case, cast: dict[str, Any], client: Client) -> None:
    case = drawn(batch, cast)
    salts = list(case.body.rows.values_list("salt", flat=True))
    client.force_login(cast["planner_tinghu"])
    for page in (f"/desk/cases/{case.no}/", f"/api/v1/cases/{case.no}/", f"/draws/{case.no}/"):
        seen = client.get(page, follow=True).content.decode()
        assert not any(salt in seen for salt in salts), page


def test_what_is_edited_after_freezing_changes_nothing(batch: Case, cast: dict[str, Any], institution: Any) -> None:
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    before = pools.files_of(case.body)["pool.csv"]
    institution(name="盐城亭湖第七托育服务有限公司")
    with time_machine.travel(KNOWN + timedelta(minutes=5), tick=False):
        case = take(case, "witness", {"text": "3 7 1"}, actor=cast["witness_tinghu1"])
        case = take(case, "second_witness", {"text": "3 7 1"}, actor=cast["witness_tinghu2"])
    assert pools.files_of(case.body)["pool.csv"] == before
    assert not Visit.objects.exists()
