"""What every benchmark shares: results with goals, a table, JSON, a look at the machine's load, a throwaway database.

Only ratios of figures from the same run are judged; the load of the machine is written beside them.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Goal:
    """One figure that is judged: `value` must be at least (or at most) `limit`; `unit` is ×, %, s …"""

    name: str
    value: float
    limit: float
    unit: str = "×"
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is good enough."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit


@dataclass(slots=True)
class Row:
    """One line of the table: a variant, its figure and what it is compared with."""

    variant: str
    figure: float
    unit: str
    note: str = ""


@dataclass(slots=True)
class Result:
    """What a benchmark found. `facts` are counts that must hold exactly: {text: held}."""

    name: str
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    facts: dict[str, bool] = field(default_factory=dict)
    load_before: str = ""
    load_after: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """All goals met and all facts held."""
        return all(goal.met for goal in self.goals) and all(self.facts.values())


@dataclass(slots=True)
class Options:
    """`quick` is the short form for CI: fewer rounds, looser limits (factor `slack`)."""

    quick: bool = False
    rounds: int = 3

    @property
    def slack(self) -> float:
        """What a limit is multiplied with (at least) or divided by (at most) in the short form."""
        return 0.67 if self.quick else 1.0


def load() -> str:
    """The machine's load averages over 1, 5 and 15 minutes and its number of cores."""
    one, five, fifteen = os.getloadavg()
    return f"{one:.2f} {five:.2f} {fifteen:.2f} / {os.cpu_count()} cores"


def quiet_gate(*, patience: float = 20.0, busy: float = 0.25) -> float:
    """Wait until other work takes less than `busy` of the machine, at most `patience` seconds; returns the busy share."""
    until = time.monotonic() + patience
    while True:
        share = _busy_share()
        if share <= busy or time.monotonic() > until:
            return share


def _busy_share(seconds: float = 0.5) -> float:
    def ticks() -> tuple[int, int]:
        fields = [int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    total, idle = ticks()
    time.sleep(seconds)
    total_after, idle_after = ticks()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of pairwise ratios: each round's figure against the baseline of the same round."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_result(result: Result) -> None:
    """A table for people: figures, goals, facts."""
    print(f"\n== {result.name} ==  load before {result.load_before}, after {result.load_after}, {result.seconds:.0f} s")
    for row in result.rows:
        print(f"  {row.variant:<58} {row.figure:>12,.2f} {row.unit:<8} {row.note}")
    for goal in result.goals:
        sign, mark = ("≤" if goal.at_most else "≥"), ("met" if goal.met else "MISSED")
        print(f"  goal  {goal.name:<52} {goal.value:>12,.2f} {goal.unit:<3} {sign} {goal.limit:g}  {mark}")
    for text, held in result.facts.items():
        print(f"  fact  {text:<70} {'holds' if held else 'BROKEN'}")


def write_json(result: Result, folder: Path | None = None) -> Path:
    """Keep the figures under `build/benchmarks/`; returns the file."""
    target = (folder or ROOT / "build" / "benchmarks") / f"{result.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    content = asdict(result) | {
        "passed": result.passed,
        "goals": [asdict(goal) | {"met": goal.met} for goal in result.goals],
    }
    target.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return target


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    # urlunsplit would drop the empty host of `postgres://user@/name?host=…`
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


@contextmanager
def throwaway_database() -> Iterator[dict[str, str]]:
    """A database of its own on the configured server, dropped at the end; yields the environment for child processes.

    The current process works in it as well. Redis is a numbered database that was empty, and is emptied afterwards.
    """
    from django.test.utils import override_settings

    from yancheng_childcare.owner import as_owner

    # A database is made, emptied and dropped by the owner; variants work as the same role.
    url = os.environ.get("OWNER_DATABASE_URL") or os.environ.get("DATABASE_URL", "postgres://portal@/portal")
    with as_owner(), override_settings(OWNER_DATABASE=None):
        yield from _throwaway(url)


@contextmanager
def empty_database() -> Iterator[dict[str, str]]:
    """A database without a table, dropped at the end; yields the environment for child processes."""
    from django.db import connection

    from yancheng_childcare.owner import as_owner

    url = os.environ.get("OWNER_DATABASE_URL") or os.environ.get("DATABASE_URL", "postgres://portal@/portal")
    name = f"empty_{os.getpid()}"
    with as_owner(), connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]  # Django's own, unstubbed
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield {"DATABASE_URL": _with_database(url, name), "OWNER_DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
        finally:
            cursor.execute(f"DROP DATABASE {name} (FORCE)")


def _throwaway(url: str) -> Iterator[dict[str, str]]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import override_settings

    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    name = connection.settings_dict["NAME"]
    try:
        with _empty_redis(settings.REDIS_URL) as (redis_url, broker_url):
            call_command("load_reference", verbosity=0, stdout=io.StringIO())
            caches = {"default": {**settings.CACHES["default"], "LOCATION": redis_url}}
            with override_settings(CACHES=caches, REDIS_URL=redis_url), _broker(broker_url):
                yield {
                    **os.environ,
                    "DATABASE_URL": _with_database(url, name),
                    "OWNER_DATABASE_URL": "",
                    "REDIS_URL": redis_url,
                    "CELERY_BROKER_URL": broker_url,
                    "PYTHONPATH": str(ROOT),
                    "LOG_LEVEL": "WARNING",
                }
    finally:
        connection.close()
        _end_sessions(name)
        connection.creation.destroy_test_db(original, verbosity=0)


def _end_sessions(name: str) -> None:
    """Workers of ours that are slow to die must not keep the database from being dropped."""
    from django.db import connection

    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]  # Django's own, unstubbed
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@contextmanager
def _broker(url: str) -> Iterator[None]:
    from yancheng_childcare.celery import app

    before = app.conf.broker_url
    app.conf.broker_url = url
    try:
        yield
    finally:
        app.conf.broker_url = before


@contextmanager
def _empty_redis(url: str) -> Iterator[tuple[str, str]]:
    """(cache URL, broker URL) of a numbered database in which nothing is stored."""
    import redis

    for number in range(15, 0, -1):
        mine, broker = _numbered(url, number)
        client = redis.Redis.from_url(mine)
        if client.dbsize() == 0:
            client.set("benchmark", os.getpid(), ex=3600)
            try:
                yield mine, broker
            finally:
                client.flushdb()
            return
    raise RuntimeError("no empty Redis database between 1 and 15: is another benchmark running?")


def _numbered(url: str, number: int) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}", f"redis+socket://{parts.path}?virtual_host={number}"
    mine = urlunsplit(parts._replace(path=f"/{number}"))
    return mine, mine
