"""The engine by itself: what runs when, and what is locked. Its step tables are tested beside each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from casework.models import Case
from casework.steps import Workflow
from casework.types import Step
from registry.rules.identity import make_id_number
from yancheng_childcare.models import Department
from yancheng_childcare.problems import Rejected

REPORTER = "REPORTER"


class Actor:
    """May everything here."""

    pk = None

    def has_role(self, *roles: str) -> bool:
        """Of the one role these tables name."""
        return REPORTER in roles


@pytest.fixture
def report(cast: dict[str, Any]) -> Case:
    """An open case of a table of two states."""
    owner = Department.objects.get(kind="HEALTH", region="320902")
    return Case.objects.create(
        no="YC-BC-2026-000001", type="REPORT", status="OPEN", subject_kind="PLACE", subject_name="试验",
        region=owner.region, authority=owner, governed_on=date(2026, 1, 5),
    )  # fmt: skip


@pytest.fixture
def other_connection() -> Callable[[Callable[[], Any]], Any]:
    """Run something on a connection of its own, as another process would."""

    def ask(call: Callable[[], Any]) -> Any:
        answers: list[Any] = []

        def run() -> None:
            try:
                answers.append(call())
            except Exception as error:  # noqa: BLE001  what was raised is the answer
                answers.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)
        return answers[0]

    return ask


def _flow(**parts: Any) -> Workflow:
    step = Step(
        "answer", "答复", frozenset({"OPEN"}), "ANSWERED", frozenset({REPORTER}),
        parts.pop("may", lambda actor, case: True), needs=parts.pop("needs", ()), effect=parts.pop("effect", None),
    )  # fmt: skip
    parts.setdefault("record", lambda case, step, actor, data: None)
    return Workflow(Case, "status", [step], **parts)


def _answer(case: Case, actor: Any, data: dict[str, Any]) -> None:
    case.subject_name = "已核实更正"


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_a_step_that_was_rolled_back(report: Case) -> None:
    told: list[str] = []
    flow = _flow(effect=_answer, after=lambda case, step, actor: told.append(step.name))
    with transaction.atomic():
        flow.run(report, "answer", Actor())
        assert told == []
        transaction.set_rollback(True)
    assert told == []
    report.refresh_from_db()
    assert report.status == "OPEN"
    flow.run(report, "answer", Actor())
    assert told == ["answer"]


@pytest.mark.django_db(transaction=True)
def test_a_step_whose_record_fails_tells_nobody(report: Case) -> None:
    told: list[str] = []

    def record(*args: Any) -> None:
        raise RuntimeError

    flow = _flow(effect=_answer, record=record, after=lambda *args: told.append("after"))
    with pytest.raises(RuntimeError):
        flow.run(report, "answer", Actor())
    assert told == []
    report.refresh_from_db()
    assert report.status == "OPEN"


@pytest.mark.django_db(transaction=True)
def test_who_is_told_finds_the_committed_state(report: Case, other_connection: Any) -> None:
    """A worker reads with its own connection: told inside the transaction it would still find the former state."""
    seen: list[str] = []

    def after(*args: Any) -> None:
        seen.append(other_connection(lambda: Case.objects.get(pk=report.pk).status))

    _flow(effect=_answer, after=after).run(report, "answer", Actor())
    assert seen == ["ANSWERED"]


@pytest.mark.django_db(transaction=True)
def test_no_guard_looks_at_a_case_that_another_step_holds(report: Case, other_connection: Any) -> None:
    """The row is locked before anything is judged, else two steps would both find their guards content."""
    looked: list[str] = []

    def guard(case: Case, actor: Any, data: dict[str, Any]) -> list[Any]:
        looked.append(case.status)
        return []

    def second_step() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
            _flow(effect=_answer, needs=(guard,)).run(report, "answer", Actor())

    with transaction.atomic():
        Case.objects.select_for_update().get(pk=report.pk)
        assert isinstance(other_connection(second_step), OperationalError)
    assert looked == []
    assert other_connection(second_step) is None
    assert looked == ["OPEN"]


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.django_db
def test_only_the_version_that_was_looked_at_is_changed(report: Case, off: int) -> None:
    with pytest.raises(Rejected) as refused:
        _flow(effect=_answer).run(report, "answer", Actor(), expected_version=report.record_version + off)
    assert refused.value.status == 412
    report.refresh_from_db()
    assert report.status == "OPEN"
    _flow(effect=_answer).run(report, "answer", Actor(), expected_version=report.record_version)


@pytest.mark.django_db
def test_the_role_alone_opens_no_case(report: Case) -> None:
    asked: list[Any] = []
    flow = _flow(effect=_answer, may=lambda actor, case: asked.append(case.pk))
    with pytest.raises(Rejected) as refused:
        flow.run(report, "answer", Actor())
    assert (refused.value.status, asked) == (403, [report.pk])


@pytest.mark.django_db
def test_words_with_an_identity_number_stop_the_step(report: Case) -> None:
    words = f"见 {make_id_number('320902', date(1985, 1, 1), 23)}"
    with pytest.raises(Rejected) as refused:
        _flow(effect=_answer).run(report, "answer", Actor(), reason=words)
    assert [(p.code, p.field) for p in refused.value.problems] == [("GEN-ID", "reason")]
    report.refresh_from_db()
    assert report.status == "OPEN"
