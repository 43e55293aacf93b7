"""The Celery app and the kernel's timers, in plain words; those of an app stand in its `timers.py`."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Mapping
from threading import Thread
from typing import Any

import structlog
from celery import Celery
from celery.schedules import crontab
from celery.signals import after_setup_logger, worker_init, worker_ready
from celery.worker import state

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")

log = structlog.get_logger("storage")
app = Celery("yancheng_childcare")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 1000
app.autodiscover_tasks()
app.autodiscover_tasks(["registry.accounts", "registry.register", "registry.registration.imports"])
# Work that must never wait behind a long import has its own queue and worker.
app.conf.task_routes = {"exchange.tasks.*": {"queue": "push"}}
app.conf.beat_schedule = {
    "every 10 seconds: sign of life of the general queue": {
        "task": "yancheng_childcare.tasks.beat_general",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "every minute: mail what is unread and unsent": {
        "task": "yancheng_childcare.tasks.mail_notifications",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "every minute: seal what was added to the append-only tables": {
        "task": "yancheng_childcare.tasks.seal_events",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "every hour: forget limits whose window is over": {
        "task": "yancheng_childcare.tasks.purge_limit_counts",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "every night at 00:10: tell the auditors who looked at full numbers; missed nights too": {
        "task": "yancheng_childcare.tasks.tell_looks",
        "schedule": crontab(hour=0, minute=10),
        "options": {"expires": 6 * 3600},
    },
}


def add_timers(timers: Mapping[str, Mapping[str, Any]]) -> None:
    """An app's own timers, in plain words → Celery's entry; told when the app is ready, before any schedule is read."""
    app.conf.beat_schedule.update(timers)


SIGNS_OF_LIFE = {"push": "exchange.tasks.beat_push", "celery": "yancheng_childcare.tasks.beat_general"}


# The timer has no earlier signal of its own: its "init" comes after it has read its table.
@after_setup_logger.connect
@worker_init.connect
def keys_first(**kwargs: Any) -> None:
    """A worker or timer with other keys than the database's never takes or sends a task."""
    from .keys import refuse_wrong_keys

    refuse_wrong_keys()


@worker_init.connect
def refuse_foreign_storage(**kwargs: Any) -> None:
    """A worker whose FILE_ROOT is not this database's says so and does not start; a local one only says so."""
    from django.conf import settings
    from django.db import DatabaseError

    from .files.marking import WrongStorage, check_mark

    try:
        check_mark()
    except WrongStorage as wrong:
        log.error("wrong_storage", message=str(wrong))
        if not settings.LOCAL:
            raise SystemExit(str(wrong)) from None
    except DatabaseError as error:  # an outage is no reason not to start: the next look at a file will tell
        log.warning("storage_not_compared", kind=type(error).__name__)


@worker_init.connect
def ready_to_fork(**kwargs: Any) -> None:
    """The pool is forked next: no connection may be shared with it, and what is loaded stays in shared memory."""
    from django.db import connections

    connections.close_all()
    gc.freeze()


@worker_ready.connect
def end_with_the_timer(sender: Any, **kwargs: Any) -> None:
    """A worker that runs the timer too (-B) ends when the timer does: who looks after it starts both anew."""
    timer = sender.controller.beat

    def follow() -> None:
        timer.join()
        if state.should_stop is None:
            log.error("timer_ended")
            os.kill(os.getpid(), signal.SIGTERM)

    if timer is not None:
        Thread(target=follow, name="timer", daemon=True).start()


@worker_ready.connect
def first_sign_of_life(sender: Any, **kwargs: Any) -> None:
    """A worker that just came up says so through its own queue, without waiting for the next tick of the beat."""
    for queue in sender.app.amqp.queues.consume_from:
        if queue in SIGNS_OF_LIFE:
            app.send_task(SIGNS_OF_LIFE[queue], queue=queue, expires=20)
