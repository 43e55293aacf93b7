"""A plan and its draw: published first, frozen before the source, typed by two, drawn once, verified by anyone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import InternalError, transaction
from django.utils import timezone

from casework.cases import open_case, steps_for, take
from casework.models import Case
from inspections import draw, pools
from inspections.inspection import INSPECTION
from inspections.models import Batch, DrawFile
from inspections.plan import PLAN
from tests.inspections.drawing import KNOWN, PLANNED, drawn, prepare
from tests.inspections.going import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("draw_day")]


def test_a_plan_is_made_by_one_and_approved_by_another_body_person(plan: Case, cast: dict[str, Any]) -> None:
    assert (plan.status, plan.result, str(plan.body.published_on)) == ("PUBLISHED", "PUBLISHED", "2026-11-30")


def test_a_special_plan_without_the_governments_approval_is_not_published(
    registers: None, cast: dict[str, Any]
) -> None:
    """domain-2.md I20."""
    case = open_case(PLAN, PLANNED | {"special": "yes"}, actor=cast["planner_tinghu"])
    assert refused(lambda: take(case, "approve", actor=cast["head_tinghu"])) == {"INS-115"}
    with pytest.raises(Exception, match="plan_special_published_with_approval"), transaction.atomic():
        type(case.body).objects.filter(pk=case.pk).update(published_on=timezone.localdate())


def test_frozen_then_drawn_by_two_and_anyone_comes_to_the_same(batch: Case, cast: dict[str, Any]) -> None:
    case = drawn(batch, cast)
    files = pools.files_of(case.body)
    assert case.body.fingerprint and draw.verify(files, fingerprint=case.body.fingerprint).deviation is None
    sent = pools.chosen(case.body)
    assert len(sent) == 2 and all(len(officers) == 2 for _, officers in sent)
    assert not any("托育" in content.decode() for content in files.values()), "no name beside a weight"
    case = take(case, "send_out", actor=cast["planner_tinghu"])
    visits = Case.objects.filter(type=INSPECTION.name)
    assert (case.status, set(visits.values_list("uscc", flat=True))) == ("SENT", {uscc for uscc, _ in sent})
    assert {visit.body.kind for visit in visits} == {"DAILY"}


def test_one_changed_byte_is_named(batch: Case, cast: dict[str, Any]) -> None:
    case = drawn(batch, cast)
    files = pools.files_of(case.body)
    before, second, after = files["tickets.csv"].partition(b"\n")
    changed = b"1" if after[:1] == b"0" else b"0"
    files["tickets.csv"] = before + second + changed + after[1:]
    found = draw.verify(files, fingerprint=case.body.fingerprint).deviation
    assert found is not None and (found.file, found.line) in {("tickets.csv", 2), ("drawn.csv", found.line)}


def test_nothing_changes_once_it_is_frozen(batch: Case, cast: dict[str, Any]) -> None:
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    for change in ({"total": 6}, {"source": "别的随机源"}, {"fingerprint": "0" * 64}):
        with pytest.raises(InternalError), transaction.atomic():
            Batch.objects.filter(pk=case.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        DrawFile.objects.filter(batch=case.body).update(content=b"")
    assert refused(lambda: take(case, "freeze", actor=cast["planner_tinghu"]))


def test_nobody_types_the_source_before_it_is_there(batch: Case, cast: dict[str, Any]) -> None:
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    assert refused(lambda: take(case, "witness", {"text": "3 7 1"}, actor=cast["witness_tinghu1"])) == {"INS-118"}


def test_what_is_not_frozen_before_its_source_is_never_frozen(batch: Case, cast: dict[str, Any]) -> None:
    with time_machine.travel(KNOWN, tick=False):
        assert refused(lambda: take(batch, "freeze", actor=cast["planner_tinghu"])) == {"INS-118"}


def test_two_witnesses_are_two_persons_who_read_the_same(batch: Case, cast: dict[str, Any]) -> None:
    case = take(batch, "freeze", actor=cast["planner_tinghu"])
    with time_machine.travel(KNOWN, tick=False):
        case = take(case, "witness", {"text": "3 7 1"}, actor=cast["witness_tinghu1"])
        again = lambda who, text: lambda: take(case, "second_witness", {"text": text}, actor=cast[who])  # noqa: E731
        assert refused(again("witness_tinghu1", "3 7 1")) == {"INS-117"}
        assert refused(again("witness_tinghu2", "3 7 2")) == {"INS-117"}
        assert "retract" not in {step.name for step in steps_for(case, cast["witness_tinghu2"])}
        case = take(case, "retract", actor=cast["witness_tinghu1"])
        assert (case.status, case.body.first_text) == ("FROZEN", "")


def test_a_batch_is_drawn_once(batch: Case, cast: dict[str, Any]) -> None:
    case = drawn(batch, cast)
    assert refused(lambda: take(case, "second_witness", {"text": "9 9 9"}, actor=cast["witness_tinghu1"]))
    with pytest.raises(InternalError), transaction.atomic():
        Batch.objects.filter(pk=case.pk).update(seed="0" * 64)


def test_a_void_batch_stays_visible_and_needs_two(batch: Case, cast: dict[str, Any]) -> None:
    case = take(drawn(batch, cast), "void", {"reason": "随机源公布有误"}, actor=cast["planner_tinghu"])
    assert case.status == "DRAWN"
    case = take(case, "sign_void", actor=cast["head_tinghu"])
    assert (case.status, case.body.files.count() > 0) == ("VOID", True)


def test_a_rule_that_cannot_be_is_said(plan: Case, cast: dict[str, Any], institution: Callable[..., Any]) -> None:
    assert refused(lambda: prepare(plan, cast, source_day="2026-11-29")) == {"INS-118"}
    assert refused(lambda: prepare(plan, cast, source_time="晚上九点")) == {"INS-118"}
    assert refused(lambda: prepare(plan, cast, unit="rate", amount="101")) == {"INS-116"}


def test_a_place_that_is_gone_is_followed_by_the_next_of_the_reserve(batch: Case, cast: dict[str, Any]) -> None:
    case = take(drawn(batch, cast), "send_out", actor=cast["planner_tinghu"])
    first = pools.chosen(case.body)[0][0]
    reserve = pools.draw_of(case.body).reserves("320902")
    case = take(case, "substitute", {"place": first, "why": "CLOSED"}, actor=cast["planner_tinghu"])
    case = take(case, "sign_substitute", actor=cast["head_tinghu"])
    following = case.body.rows.get(row_id=reserve[0]).uscc
    assert following in set(Case.objects.filter(type=INSPECTION.name).values_list("uscc", flat=True))
    assert refused(lambda: take(case, "substitute", {"place": first, "why": "CLOSED"}, actor=cast["planner_tinghu"]))


def test_names_are_published_after_all_visits_and_beside_no_id(batch: Case, cast: dict[str, Any]) -> None:
    case = take(drawn(batch, cast), "send_out", actor=cast["planner_tinghu"])
    assert refused(lambda: take(case, "finish", actor=cast["planner_tinghu"])) == {"INS-118"}
    for visit in Case.objects.filter(type=INSPECTION.name):
        holder = visit.assignee
        visit = take(take(visit, "approve", actor=cast["head_tinghu"]), "notify", actor=holder)
        take(visit, "arrive", {"entry": "OFFICER", "entry_reason": ""}, actor=holder)
    case = take(case, "finish", actor=cast["planner_tinghu"])
    files = pools.files_of(case.body)
    names = files["visited.csv"].decode()
    assert case.status == "DONE" and names.count("托育") == 2
    assert not any(row.row_id in names for row in case.body.rows.all())
    assert draw.verify(files, fingerprint=case.body.fingerprint).deviation is None
