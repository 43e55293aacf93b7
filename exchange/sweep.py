"""Pushes go on without Redis: each process of the push worker looks by itself when nobody called it for a while.

The doorbell and the beat both need the broker. A thread beside the worker's own loop needs only the database.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from celery import current_app
from celery.signals import worker_process_init
from django.db import connection

from .tasks import QUEUE, deliver, idle_seconds

LOOK_SECONDS = 1.0
# The beat calls every second; silence of this length means that it cannot.
QUIET_SECONDS = 3.0


@worker_process_init.connect
def start_sweeping(sender: Any = None, **kwargs: Any) -> None:
    """In every process of a worker that serves the push queue."""
    if QUEUE in current_app.amqp.queues.consume_from:
        threading.Thread(target=_sweep_for_ever, name="sweep", daemon=True).start()


def _sweep_for_ever() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        sweep()


def sweep() -> bool:
    """Deliver what is due if nobody has looked for `QUIET_SECONDS`; True if it looked."""
    if idle_seconds() < QUIET_SECONDS:
        return False
    connection.close_if_unusable_or_obsolete()
    deliver()
    return True
