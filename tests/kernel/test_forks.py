"""Processes are forked after everything is loaded: nothing open is shared, and a worker ends with the timer inside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from django.db import connection

from local import running
from local.paths import ROOT
from yancheng_childcare.keys import register_keys

FOUND = """
import psutil, threading
me = psutil.Process()
print(len(me.net_connections("all")), threading.active_count(), gc.get_freeze_count() > 100_000)
"""
LOADED = {
    "web": f"import gc, yancheng_childcare.wsgi\n{FOUND}",
    # The signal a worker sends before its pool is forked; each of our answers to it looks into the database.
    "worker": f"import gc, django; django.setup()\nfrom celery.signals import worker_init\nworker_init.send(None)\n{FOUND}",
}
TIMER = [
    "-m",
    "celery",
    "--skip-checks",
    "-A",
    "yancheng_childcare.celery",
    "worker",
    "-Q",
    "nothing",
    "--pool",
    "solo",
]


def environment() -> dict[str, str]:
    """This test's database, and a broker that nobody else hears."""
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")
    settings = {"DJANGO_SETTINGS_MODULE": "yancheng_childcare.settings", "CELERY_BROKER_URL": "memory://"}
    return {**os.environ, **settings, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}


@pytest.mark.slow
@pytest.mark.parametrize("process", LOADED)
@pytest.mark.django_db(transaction=True)
def test_nothing_is_open_before_the_fork(process: str) -> None:
    register_keys()
    command = [sys.executable, "-c", LOADED[process]]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1", "True"], done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_ends_with_its_timer() -> None:
    register_keys()
    worker = subprocess.Popen([sys.executable, *TIMER, "--beat", "-n", "timer@%h"], cwd=ROOT, env=environment())
    try:
        mine = psutil.Process(worker.pid)
        assert running.wait_until(mine.children, 60)
        time.sleep(3)
        assert worker.poll() is None and len(mine.children()) == 1
        mine.children()[0].send_signal(signal.SIGKILL)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
