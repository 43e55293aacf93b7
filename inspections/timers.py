"""When the background work of inspections runs, in plain words."""

from __future__ import annotations

from celery.schedules import crontab

TIMERS = {
    "every 5 minutes: incidents whose hours are over and that somebody is still to be told of": {
        "task": "inspections.tasks.tell_late_incidents",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "every day at 07:20: tell heads of certificates that end within 60 days": {
        "task": "inspections.tasks.tell_certificate_ends",
        "schedule": crontab(hour=7, minute=20),
        "options": {"expires": 12 * 3600},
    },
}
