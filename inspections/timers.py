"""When the background work of inspections runs, in plain words."""

from __future__ import annotations

TIMERS = {
    "every 5 minutes: incidents whose hours are over and that somebody is still to be told of": {
        "task": "inspections.tasks.tell_late_incidents",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
}
