"""When the exchange's background work runs, in plain words."""

from __future__ import annotations

TIMERS = {
    "every second: deliver what is due": {"task": "exchange.tasks.drain", "schedule": 1.0, "options": {"expires": 5}},
    "every 10 seconds: sign of life of the push queue": {
        "task": "exchange.tasks.beat_push",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "every 5 minutes: alarms of the push": {
        "task": "exchange.tasks.raise_alarms",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "every hour: API keys that end soon": {
        "task": "exchange.tasks.remind_of_ending_keys",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
}
