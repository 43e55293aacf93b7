"""When casework's background work runs, in plain words."""

from __future__ import annotations

from celery.schedules import crontab

TIMERS = {
    "every minute: send letters that can no longer be recalled": {
        "task": "casework.tasks.release_letters",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "every hour from 01:05: what is due soon, due or late in cases": {
        "task": "casework.tasks.ring_clocks",
        "schedule": crontab(hour="1-23", minute=5),
        "options": {"expires": 3000},
    },
}
