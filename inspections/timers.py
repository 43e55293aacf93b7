"""When the background work of inspections runs, in plain words."""

from __future__ import annotations

from celery.schedules import crontab

TIMERS = {
    "every day at 07:20: tell heads of certificates that end within 60 days": {
        "task": "inspections.tasks.tell_certificate_ends",
        "schedule": crontab(hour=7, minute=20),
        "options": {"expires": 12 * 3600},
    },
}
