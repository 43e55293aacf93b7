"""`manage.py benchmark migrate`: the whole schema into an empty database, beside the apps of others alone.

Each variant in a process of its own and an empty database of its own; imports are not counted, only `migrate` itself.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

NAME = "migrate"
OURS, OTHERS = "yancheng_childcare.settings", "benchmarks.migrate.third_party_settings"
GOAL = 5.0


def run(options: Options) -> Result:
    """Some ten seconds a round."""
    result = Result(NAME)
    rounds = 1 if options.quick else options.rounds
    ours, others = zip(*((seconds(OURS), seconds(OTHERS)) for _ in range(rounds)), strict=True)
    result.rows = [
        Row("everything, empty database", statistics.median(ours), "s"),
        Row("(a) the apps of others alone", statistics.median(others), "s"),
    ]
    result.goals = [
        Goal("everything over the others alone", harness.ratio(ours, others), GOAL / options.slack, at_most=True)
    ]
    return result


def seconds(settings: str) -> float:
    """What `migrate` takes with these settings, in a new database."""
    with harness.empty_database() as environment:
        done = subprocess.run(  # noqa: S603  # our own module, our own interpreter
            [sys.executable, "-m", "benchmarks.migrate.bench"],
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout.split()[-1])


def main() -> None:
    """In the child: imports first, then the clock."""
    import django
    from django.core.management import call_command

    django.setup()
    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
