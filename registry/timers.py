"""When the registry's background work runs, in plain words."""

from __future__ import annotations

from celery.schedules import crontab

TIMERS = {
    "every hour: remind registered institutions without a filing": {
        "task": "registry.tasks.remind_unfiled",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "every hour from 01:10: papers that end, terms that run out; once a day": {
        "task": "registry.tasks.run_nightly",
        "schedule": crontab(hour="1-23", minute=10),
        "options": {"expires": 3000},
    },
    "every 10 minutes: requests for accounts that nobody was told of or that ran out": {
        "task": "registry.accounts.tasks.attend_openings",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    "every 5 minutes: approved tables of people and duties that nobody has taken yet": {
        "task": "registry.accounts.staff_table.taking.take_staff_tables",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "every hour from 01:15: entries of the public register that the day changes; once a day": {
        "task": "registry.register.tasks.refresh_register",
        "schedule": crontab(hour="1-23", minute=15),
        "options": {"expires": 3000},
    },
    "every 5 minutes: mail followers what is new on the public register": {
        "task": "registry.register.tasks.send_news",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "every night at 00:20: keep the open data of the year": {
        "task": "registry.register.tasks.keep_snapshot",
        "schedule": crontab(hour=0, minute=20),
        "options": {"expires": 6 * 3600},
    },
    "every night at 02:40: delete addresses that were not confirmed": {
        "task": "registry.register.tasks.purge_subscriptions",
        "schedule": crontab(hour=2, minute=40),
        "options": {"expires": 6 * 3600},
    },
}
