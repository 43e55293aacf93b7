"""Two people at the same instant: one wins, the other is told; a double click makes one case."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from filing_cases import fresh, judge_all, png_upload

from exchange.models import OutboxEvent
from registry.demo.sample_filing import sign
from registry.filing import effects
from registry.filing.casefile import CaseFile
from registry.filing.drafts import save_section, start_filing
from registry.filing.materials import add_page, drop_material
from registry.filing.services import take_next, take_step
from registry.filing.snapshots import snapshot
from registry.models import Filing, FilingReceipt, FilingVersion
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run the calls in threads that start together; returns what each gave or raised."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index, call):
        try:
            barrier.wait(10)
            results[index] = call()
        except Rejected as rejected:
            results[index] = rejected
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_clicks_on_submit_make_one_submission(ready, operator):
    outcome = at_once(*[lambda: take_step(ready, "submit", actor=operator)] * 2)
    assert sorted(isinstance(o, Rejected) for o in outcome) == [False, True]
    loser = next(o for o in outcome if isinstance(o, Rejected))
    assert loser.status == 409 and "刷新" in loser.problems[0].message
    assert FilingVersion.objects.filter(filing=ready).count() == 1
    assert OutboxEvent.objects.filter(type="filing.submitted").count() == 1


def test_two_reviewers_deciding_at_once_make_one_decision(filing_in, cast):
    case = filing_in("SUBMITTED")
    first, chief = cast["reviewer_tinghu"], cast["chief_tinghu"]
    judge_all(case, first)
    case = take_step(case, "propose_reject", actor=cast["reviewer_tinghu2"], reason="不属于本辖区管辖")
    outcome = at_once(
        lambda: take_step(case, "receipt", actor=first, expected_version=case.record_version),
        lambda: take_step(case, "reject", actor=chief, expected_version=case.record_version),
    )
    assert sorted(isinstance(o, Rejected) for o in outcome) == [False, True]
    assert next(o for o in outcome if isinstance(o, Rejected)).status in {409, 412}
    saved = fresh(case)
    assert (saved.status == "RECEIPTED") == FilingReceipt.objects.filter(filing=case).exists()


def test_two_windows_start_one_filing(own, operator):
    outcome = at_once(*[lambda: start_filing(own, actor=operator)] * 2)
    assert Filing.objects.filter(institution=own).count() == 1
    assert next(o for o in outcome if isinstance(o, Rejected)).code == "FIL-105"


def test_two_people_in_one_section_never_overwrite_each_other(ready, operator):
    row = ready.sections.get(name="fees")
    outcome = at_once(
        *[
            lambda fee=fee: save_section(
                ready, "fees", answers={**row.data, "fee_meal": fee}, expected_version=row.version, actor=operator
            )
            for fee in ("20", "21")
        ]
    )
    lost = [o for o in outcome if isinstance(o, Rejected)]
    assert len(lost) == 1 and lost[0].code == "FIL-006"
    row.refresh_from_db()
    assert row.version == 2 and row.data["fee_meal"] in {"20", "21"}


def _while_it_is_submitted(monkeypatch, case, operator, write):
    """Begin `write` from a second connection between the check of a submission and its snapshot; what each gave."""
    checked, written = threading.Event(), []

    def writes():
        try:
            checked.wait(10)
            written.append(at_once(write)[0])
        finally:
            connection.close()

    def snapshot_later(*args, **kwargs):
        checked.set()
        other.join(1.5)
        return snapshot(*args, **kwargs)

    monkeypatch.setattr(effects, "snapshot", snapshot_later)
    other = threading.Thread(target=writes)
    other.start()
    moved = take_step(case, "submit", actor=operator)
    other.join(30)
    return moved, written[0]


@pytest.mark.parametrize("what", ["section", "upload", "pledge", "withdrawn material"])
def test_what_is_written_between_check_and_snapshot_is_refused(ready, operator, monkeypatch, what):
    """The case is locked as the workflow locks it, institution first: whoever comes later finds it handed in."""
    row = ready.sections.get(name="fees")
    writes = {
        "section": lambda: save_section(
            fresh(ready), "fees", answers={**row.data, "fee_meal": "77"}, expected_version=row.version, actor=operator
        ),
        "upload": lambda: add_page(fresh(ready), "M99_OTHER", uploaded=png_upload(), actor=operator),
        "pledge": lambda: sign(fresh(ready), actor=operator),
        "withdrawn material": lambda: drop_material(fresh(ready), "M02_PREMISES", actor=operator),
    }
    moved, outcome = _while_it_is_submitted(monkeypatch, ready, operator, writes[what])
    assert moved.status == "SUBMITTED"
    assert isinstance(outcome, Rejected) and outcome.code == "FIL-007", outcome
    case, version = CaseFile(fresh(ready), today_here()), FilingVersion.objects.get(filing=ready)
    assert snapshot(case) == version.content


def test_two_reviewers_never_take_the_same_case(filing_in, cast):
    filing_in("SUBMITTED")
    outcome = at_once(lambda: take_next(cast["reviewer_tinghu"]), lambda: take_next(cast["reviewer_tinghu2"]))
    assert sorted(o is None for o in outcome) == [False, True]
