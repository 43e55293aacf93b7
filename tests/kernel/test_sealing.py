"""Sealing beside writers: no late commit is lost, none is mistaken for a falsification, two runs at once do no harm."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from yancheng_childcare.models import Event, Seal
from yancheng_childcare.seals import sealing
from yancheng_childcare.seals.sealing import seal_new_rows
from yancheng_childcare.seals.verifying import Kind, verify
from yancheng_childcare.tasks import seal_events

TABLE = "yancheng_childcare_event"
INSERT = (
    f"INSERT INTO {TABLE} (actor_label, action, subject, region_prefix, succeeded, summary, data, request_id)"
    " VALUES ('系统', 'test', 'test:1', '', true, '测试', '{}', '') RETURNING id"
)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _copies(settings: Any, tmp_path: Path) -> None:
    settings.SEAL_ROOT = tmp_path / "seals"


@contextmanager
def session() -> Iterator[Any]:
    """A connection of its own to the test's database."""
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}}
    raw = psycopg2.connect(**parameters)
    try:
        yield raw
    finally:
        raw.close()


def insert(raw: Any) -> int:
    cursor = raw.cursor()
    cursor.execute(INSERT)
    return int(cursor.fetchone()[0])


def test_a_late_commit_is_sealed_and_raises_no_alarm() -> None:
    with session() as slow, session() as quick:
        low, high = insert(slow), insert(quick)
        quick.commit()
        assert low < high
        assert TABLE in seal_new_rows(patience=0.05).waiting
        assert not Seal.objects.filter(table=TABLE).exists()
        slow.commit()
        run = seal_new_rows(patience=0.05)
    assert TABLE not in run.waiting and verify().ok
    assert {low, high} <= {n for s in Seal.objects.filter(table=TABLE) for a, z in s.ids for n in range(a, z + 1)}


def test_control_without_waiting_for_writers_a_late_commit_looks_slipped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: this is what happens when ranges are sealed while numbers in them are still out."""
    monkeypatch.setattr(sealing, "writers", lambda names: {name: set() for name in names})
    with session() as slow, session() as quick:
        low, _ = insert(slow), insert(quick)
        quick.commit()
        seal_new_rows()
        slow.commit()
        seal_new_rows()
    assert [(f.kind, f.number) for f in verify().tables[TABLE].first()] == [(Kind.INSERTED, low)]


def test_writers_that_linger_and_roll_back_beside_the_sealer() -> None:
    stop = threading.Event()

    def write(seed: int) -> None:
        rng = random.Random(seed)
        with session() as raw:
            while not stop.is_set():
                for _ in range(rng.randrange(1, 5)):
                    insert(raw)
                    time.sleep(rng.choice([0, 0, 0.01, 0.05]))
                raw.rollback() if rng.random() < 0.2 else raw.commit()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    until, seals = time.monotonic() + 4, 0
    while time.monotonic() < until:
        seals += seal_new_rows(patience=0.5, batch=20).seals
        assert verify().ok
    stop.set()
    for thread in threads:
        thread.join()
    seal_new_rows()
    report = verify()
    assert seals > 3 and report.ok
    assert report.tables[TABLE].compared == Event.objects.count() > 50
    assert report.tables[TABLE].unsealed == 0


def test_two_runs_at_once_do_no_harm() -> None:
    with session() as raw:
        for _ in range(300):
            insert(raw)
        raw.commit()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            seal_new_rows(batch=7)
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_new_rows()
    report = verify()
    assert not failed and report.ok and report.tables[TABLE].compared == Event.objects.count()


def test_an_outage_is_caught_up_with_in_bounded_runs() -> None:
    seal_new_rows()  # what the database held before is no part of the outage
    with session() as raw:
        for _ in range(100):
            insert(raw)
        raw.commit()
    assert seal_new_rows(most_rows=40, batch=25).rows == 40
    assert verify().tables[TABLE].unsealed == Event.objects.count() - 40
    while seal_new_rows(most_rows=40, batch=25).rows:
        continue
    assert verify().ok and verify().tables[TABLE].unsealed == 0


def test_a_second_run_writes_nothing() -> None:
    with session() as raw:
        insert(raw)
        raw.commit()
    seal_events()
    before = Seal.objects.count()
    seal_events()
    assert Seal.objects.count() == before >= 1
