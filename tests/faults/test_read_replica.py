"""A read replica makes the portal stronger, never weaker: used while good, done without when not (operations.md 3).

The replica is a real one that streams from the stage's primary. The black hole is a loopback port that takes connections
and packets and never answers, which is worse than a route that drops packets: the kernel's own time-outs do not end it.
"""

from __future__ import annotations

import ast
import threading
import time
from pathlib import Path

import pytest

from yancheng_childcare.replica_watch import State, judge

from .stage import Answer, Stage

pytestmark = pytest.mark.django_db

# Reads of visitors, each through another module: figures of the front page, SQL of the search, of the filters, the ORM.
READS = [
    "/",
    "/institutions/",
    "/institutions/?q=tuoyu",
    "/api/v1/institutions/?q=a&count=1",
    "/api/v1/regions/",
    "/open-data/",
]
# What the replica has no part in, whoever asks.
OTHERS = [("/accounts/login/", ""), ("/reports/track/", ""), ("/desk/", "session"), ("/institutions/", "session")]
ROOT = Path(__file__).resolve().parents[2]
# They write, under a lock, in the transaction of their act.
WRITERS = {"reporting.py", "snapshots.py"}


def everything_answers(stage: Stage, *, within: float) -> None:
    """Visitors, people and sign-in get their pages."""
    for path, who in [*((path, "") for path in READS), *OTHERS[:1], *OTHERS[2:]]:
        answer = stage.ask("GET", path, who=who)
        assert answer.status == 200, (path, who, answer, answer.text[:300])
        assert answer.seconds < within, (path, who, answer)


@pytest.mark.parametrize("path", READS)
def test_what_visitors_read_comes_from_the_replica(stage: Stage, path: str) -> None:
    stage.forget_caches()
    before = stage.now()
    assert stage.ask("GET", path).status == 200
    assert stage.queries_since("replica", before)
    assert not stage.queries_since("primary", before)


@pytest.mark.parametrize(("path", "who"), OTHERS)
def test_people_sign_in_and_what_one_just_wrote_come_from_the_primary(stage: Stage, path: str, who: str) -> None:
    before = stage.now()
    stage.ask("GET", path, who=who)
    assert not stage.queries_since("replica", before)


def test_a_stopped_replica_costs_nobody_anything(stage: Stage) -> None:
    stage.gates["replica"].shut()
    everything_answers(stage, within=3)
    ready = stage.ask("GET", "/readyz")
    assert (ready.status, ready.data["replica"]) == (200, False)


def test_a_replica_that_comes_back_is_used_again(stage: Stage) -> None:
    stage.gates["replica"].shut()
    assert stage.ask("GET", READS[1]).status == 200
    stage.until(lambda: stage.ask("GET", "/readyz").data["replica"] is False)
    stage.gates["replica"].restore()

    def used() -> bool:
        before = stage.now()
        assert stage.ask("GET", READS[1]).status == 200
        return bool(stage.queries_since("replica", before))

    stage.until(used, 15)


def test_a_replica_that_lags_is_not_read(stage: Stage) -> None:
    """It calls itself up to date; only the primary's position tells."""
    stage.sql("replica", "SELECT pg_wal_replay_pause()")
    stage.beat()
    stage.until(lambda: stage.ask("GET", "/readyz").data["replica"] == "lagging", 15)
    before = stage.now()
    everything_answers(stage, within=3)
    assert not stage.queries_since("replica", before)
    assert stage.ask("GET", "/readyz").status == 200


def test_a_black_hole_in_place_of_the_replica_holds_nobody_longer_than_a_few_seconds(stage: Stage) -> None:
    """Twice as many visitors as the web server has threads wait on the replica at once; the kept connections hang too."""
    everything_answers(stage, within=3)
    stage.gates["replica"].freeze()
    answers: list[Answer] = []
    askers = [
        threading.Thread(target=lambda n=n: answers.append(stage.ask("GET", READS[n % len(READS)], seconds=25)))
        for n in range(16)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    assert len(answers) == 16
    assert {answer.status for answer in answers} == {200}
    assert max(answer.seconds for answer in answers) < 8, answers
    everything_answers(stage, within=3)
    ready = stage.ask("GET", "/readyz")
    assert (ready.status, ready.data["replica"]) == (200, False)


def test_without_the_primary_visitors_read_on(stage: Stage) -> None:
    stage.ask("GET", "/")
    stage.gates["primary"].shut()
    for path in READS:
        answer = stage.ask("GET", path)
        assert answer.status == 200, (path, answer)


def test_connections_to_the_replica_are_kept(stage: Stage) -> None:
    """One new connection per request was the half of a page's time."""
    for _ in range(12):
        stage.ask("GET", READS[1])
    first = {pid for (pid,) in stage.sql("replica", BACKENDS)}
    for _ in range(24):
        stage.ask("GET", READS[1])
    later = {pid for (pid,) in stage.sql("replica", BACKENDS)}
    assert len(later - first) < 8
    guards = stage.sql("replica", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'portal'")
    assert guards[0][0] >= 2


BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'portal'"


def test_every_read_of_visitors_goes_through_the_one_door() -> None:
    """Their own SQL takes `public_cursor`; the plain connection is for those that write."""
    found = []
    for file in sorted((ROOT / "registry" / "register").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            if (
                isinstance(node, ast.ImportFrom)
                and node.module == "django.db"
                and names & {"connection", "connections"}
            ):
                found.append(file.name)
    assert set(found) <= WRITERS


@pytest.mark.parametrize(
    ("replayed", "samples", "state"),
    [
        (0.0, [], State.UNKNOWN),
        (100.0, [(99.0, 100.0)], State.GOOD),  # just begun: it has everything
        (99.0, [(99.0, 100.0)], State.LAGGING),  # just begun and not quite: wait and see
        (99.0, [(89.0, 99.0), (99.0, 100.0)], State.GOOD),  # what was there ten seconds ago is enough
        (98.0, [(89.0, 99.0), (99.0, 100.0)], State.LAGGING),
        (99.0, [(50.0, 99.0)], State.GOOD),  # the primary has been away for long
    ],
)
def test_lag_is_judged_by_what_the_primary_had(
    replayed: float, samples: list[tuple[float, float]], state: State
) -> None:
    assert judge(replayed, samples, 100.0, 10.0) is state


def test_probes_answer_while_every_thread_hangs(stage: Stage) -> None:
    """The primary froze: it neither refuses nor answers, and nothing on this side ends a read from it."""
    for _ in range(12):
        stage.ask("GET", "/desk/", who="session")
    stage.gates["primary"].freeze()
    answers: list[Answer] = []
    held = [
        threading.Thread(target=lambda: answers.append(stage.ask("GET", "/desk/", who="session", seconds=40)))
        for _ in range(12)
    ]
    for asker in held:
        asker.start()
    time.sleep(1)
    for _ in range(3):
        assert stage.ask("GET", "/healthz", seconds=5).seconds < 1
        ready = stage.ask("GET", "/readyz", seconds=5)
        assert (ready.status, ready.data["database"]) == (503, False)
        assert ready.seconds < 2.5
    assert not answers
    stage.gates["primary"].restore()
    for asker in held:
        asker.join(30)
    assert [answer.status for answer in answers] == [200] * 12


def test_the_probe_waits_for_nothing(stage: Stage) -> None:
    for name, gate in stage.gates.items():
        gate.freeze()
        began = time.monotonic()
        stage.ask("GET", "/readyz", seconds=5)
        assert time.monotonic() - began < 2.5, name
        assert stage.ask("GET", "/healthz", seconds=5).seconds < 1
        gate.restore()
