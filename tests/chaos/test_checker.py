"""The judge of the crash run finds every kind of violation in hand-made logs, and nothing in a faultless run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from .checker import Acknowledged, Effect, Event, Evidence, judge
from .durable import DurableLog, count, read

RECEIVERS = ("health", "police")
TYPES = {1: "registration.recorded", 2: "registration.changed", 3: "registration.cancelled"}


def event(subject: str, version: int) -> Event:
    return Event(f"{subject}-{version}", TYPES[version], subject, version)


def effect(receiver: str, subject: str, version: int, **changes: Any) -> Effect:
    told = event(subject, version)
    return replace(Effect(f"msg_{told.uid}_{receiver}", told.uid, told.type, subject, version), **changes)


@pytest.fixture
def run() -> Evidence:
    """Two institutions with three and two versions; everything arrived once and in order, institutions interleaved."""
    order = [("A", 1), ("B", 1), ("A", 2), ("B", 2), ("A", 3)]
    return Evidence(
        events=[event(*key) for key in order],
        acknowledged=[Acknowledged(*key) for key in order],
        effects={name: [effect(name, *key) for key in order] for name in RECEIVERS},
        versions={"A": 3, "B": 2},
        heal_seconds=12.0,
    )


def only(evidence: Evidence) -> dict[str, int]:
    """The kinds that were found, with their numbers."""
    return {kind: number for kind, number in judge(evidence).counts().items() if number}


def test_a_faultless_run_is_clean(run: Evidence) -> None:
    assert judge(run).clean
    assert only(run) == {}


def test_a_lost_push_is_found_at_the_receiver_that_missed_it(run: Evidence) -> None:
    run.effects["police"] = run.effects["police"][:-1]
    assert only(run) == {"lost": 1}
    assert judge(run).lost == ["police: A v3 (A-3)"]


def test_a_receiver_that_got_nothing_lost_everything(run: Evidence) -> None:
    run.effects["health"] = []
    assert only(run) == {"lost": 5}


def test_an_effect_that_happened_twice_is_found(run: Evidence) -> None:
    run.effects["health"] = [*run.effects["health"], effect("health", "A", 2)]
    assert only(run) == {"duplicates": 1}


def test_one_event_under_two_webhook_ids_is_a_duplicate_no_receiver_can_see(run: Evidence) -> None:
    twin = effect("police", "B", 2, webhook_id="msg_other")
    run.effects["police"] = [*run.effects["police"], twin]
    found = judge(run)
    assert len(found.duplicates) == 1
    assert "B-2" in found.duplicates[0]
    # It also comes after version 2, so it is no step forward either.
    assert found.order == ["police: B v2 after v2"]


def test_swapped_versions_break_the_order_of_that_institution_only(run: Evidence) -> None:
    first, *rest = run.effects["health"]
    moved = [rest[1], rest[0], first, *rest[2:]]
    run.effects["health"] = moved
    found = judge(run)
    assert found.counts()["order"] == len(found.order) > 0
    assert all(" A " in line for line in found.order)
    assert not found.lost
    assert not found.duplicates


def test_a_version_that_is_skipped_and_comes_later_breaks_the_order(run: Evidence) -> None:
    a1, b1, a2, b2, a3 = run.effects["police"]
    run.effects["police"] = [a1, b1, b2, a3, a2]
    assert judge(run).order == ["police: A v3 after v1", "police: A v2 after v3"]


def test_an_effect_without_a_committed_event_is_a_phantom(run: Evidence) -> None:
    run.effects["health"] = [*run.effects["health"], effect("health", "C", 1)]
    assert only(run) == {"phantoms": 1}


@pytest.mark.parametrize("changes", [{"version": 3}, {"subject": "A"}, {"type": "registration.revoked"}])
def test_an_effect_that_tells_something_else_than_was_committed_is_a_phantom(
    run: Evidence, changes: dict[str, Any]
) -> None:
    a1, b1, a2, b2, a3 = run.effects["health"]
    run.effects["health"] = [a1, b1, a2, replace(b2, **changes), a3]
    assert judge(run).phantoms


def test_an_acknowledged_write_that_was_not_committed_is_found(run: Evidence) -> None:
    run.acknowledged = [*run.acknowledged, Acknowledged("A", 4)]
    assert only(run) == {"unkept": 1}


def test_a_committed_write_that_nobody_acknowledged_is_no_violation(run: Evidence) -> None:
    run.acknowledged = run.acknowledged[:-2]
    assert judge(run).clean


def test_a_ledger_ahead_of_its_events_is_found(run: Evidence) -> None:
    run.versions["B"] = 3
    assert only(run) == {"silent": 1}


def test_an_event_without_its_version_in_the_ledger_is_found(run: Evidence) -> None:
    run.versions["A"] = 2
    assert only(run) == {"silent": 1}


def test_an_institution_without_any_event_is_found(run: Evidence) -> None:
    run.versions["C"] = 1
    assert only(run) == {"silent": 1}


@pytest.mark.parametrize("seconds", [None, 60.1])
def test_a_run_that_does_not_heal_in_time_is_found(run: Evidence, seconds: float | None) -> None:
    run.heal_seconds = seconds
    assert only(run) == {"unhealed": 1}


def test_bad_signatures_and_failed_writes_count(run: Evidence) -> None:
    run.bad_signatures, run.failed_writes = 2, 1
    assert only(run) == {"signatures": 2, "writes": 1}


def test_a_log_forgets_the_line_a_crash_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log"
    DurableLog(path).append({"n": 1})
    with path.open("ab") as file:
        file.write(b'{"n": 2')
    assert read(path) == [{"n": 1}]
    DurableLog(path).append({"n": 3})
    assert read(path) == [{"n": 1}, {"n": 3}]
    assert count(path) == 2
    assert read(tmp_path / "none") == []
