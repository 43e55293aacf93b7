"""`manage.py benchmark search`: the public search at 1,000, 100,000 and 1,000,000 institutions.

- ours: the API as it runs, one gunicorn worker, whole middleware;
- (e) the very statements it sends, through psycopg2 in a loop, rows fetched, nothing else;
- (a) the naive way: DRF ModelViewSet + SearchFilter `icontains` + PageNumberPagination, defaults (`naive.py`).

Sizes beyond `--quick` (1,000 and 20,000) take about ten minutes, most of it loading the million. `SEARCH_ROWS=100000` runs
one size. Beside the goals: index sizes, what writing costs with and without the indexes, counts and late pages.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from typing import Any

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

from . import mix, web

NAME = "search"
SIZES, QUICK_SIZES = (1_000, 100_000, 1_000_000), (1_000, 20_000)
# size → (p95 over the raw loop at most, requests per second over the naive way at least)
GOALS = {1_000: (None, 5.0), 20_000: (2.5, 5.0), 100_000: (1.6, 20.0), 1_000_000: (2.0, 30.0)}
MIX = 400


def run(options: Options) -> Result:
    """All sizes one after the other in one database that grows."""
    result = Result(NAME)
    sizes: tuple[int, ...] = QUICK_SIZES if options.quick else SIZES
    if only := os.environ.get("SEARCH_ROWS"):
        sizes = tuple(int(part) for part in only.split(","))
    with harness.throwaway_database() as environment:
        environment |= {
            "API_RATE_ANONYMOUS": "100000000/min", "ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "ERROR", "DEBUG": "1",
        }  # fmt: skip
        loaded = 0
        for size in sizes:
            began = time.monotonic()
            load(loaded, size, result)
            loaded = size
            result.rows.append(Row(f"{size:>9,}: loaded and indexed", time.monotonic() - began, "s"))
            measure(size, options, environment, result)
        write_cost(result)
    return result


def load(first: int, last: int, result: Result) -> None:
    """Institutions and entries; the text indexes are made after the rows, as one would for a first load."""
    from django.db import connection
    from django.utils import timezone

    from registry.demo.city import read_places
    from registry.demo.mass import load_mass
    from registry.demo.mass_entries import load_entries

    load_mass(first, last, today=timezone.localdate(), places=read_places(), progress=lambda text: None)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname IN ('public_words', 'public_latin')")
        kept = cursor.fetchall()
        for name, _ in kept:
            cursor.execute(f"DROP INDEX {name}")
        load_entries()
        for name, definition in kept:
            began = time.monotonic()
            cursor.execute("SET maintenance_work_mem = '256MB'")
            cursor.execute(definition)
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [name])
            size = cursor.fetchone()[0] / 1e6
            note = f"built in {time.monotonic() - began:.1f} s"
            result.rows.append(Row(f"{last:>9,}: index {name}", size, "MB", note))
        cursor.execute("VACUUM ANALYZE registry_publicentry")
        cursor.execute("VACUUM ANALYZE registry_institution")
        cursor.execute("SELECT pg_relation_size('public_order')")
        size = cursor.fetchone()[0] / 1e6
        result.rows.append(Row(f"{last:>9,}: index public_order", size, "MB", "the standing order with the words"))
        cursor.execute("SELECT pg_relation_size('registry_publicentry'), count(*) FROM registry_publicentry")
        heap, rows = cursor.fetchone()
        result.rows.append(Row(f"{last:>9,}: table of {rows:,} entries", heap / 1e6, "MB"))


def write_cost(result: Result, rows: int = 10_000) -> None:
    """What the text indexes add to writing: the same rows into two tables, one without them."""
    from django.db import connection

    found: dict[str, list[float]] = {}
    with connection.cursor() as cursor:
        for name in ("with", "without"):
            cursor.execute("CREATE TABLE bench_copy (LIKE registry_publicentry INCLUDING DEFAULTS INCLUDING INDEXES)")
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'bench_copy'")
            for index, definition in cursor.fetchall():
                if name == "without" and ("registry_pieces" in definition or "INCLUDE" in definition):
                    cursor.execute(f"DROP INDEX {index}")
            began = time.monotonic()
            cursor.execute(f"INSERT INTO bench_copy SELECT * FROM registry_publicentry LIMIT {rows}")
            number = cursor.rowcount
            bulk = (time.monotonic() - began) / number * 1e6
            cursor.execute("VACUUM ANALYZE bench_copy")
            cursor.execute("SELECT institution_id FROM bench_copy ORDER BY institution_id LIMIT 300")
            keys = [key for (key,) in cursor.fetchall()]
            began = time.monotonic()
            for key in keys:
                cursor.execute(
                    "UPDATE bench_copy SET words = words || 'x', version = version + 1 WHERE institution_id = %s", [key]
                )
            found[name] = [bulk, (time.monotonic() - began) / len(keys) * 1e6]
            cursor.execute("DROP TABLE bench_copy")
    for text, position in (("bulk insert", 0), ("one row, text changed", 1)):
        ours, bare = found["with"][position], found["without"][position]
        result.rows.append(
            Row(f"write cost, {text}", ours, "us/row", f"{ours / bare:.2f} x without the search indexes")
        )


def measure(size: int, options: Options, environment: dict[str, str], result: Result) -> None:
    """Rounds of raw loop and API side by side, then requests per second of both ways."""
    questions, statements = prepare(size)
    rounds = 2 if options.quick else max(2, options.rounds)
    ours, naive = [mix.ours(q) for q in questions], [mix.naive(q) for q in questions]
    raw_p50, raw_p95, api_p50, api_p95, faster = [], [], [], [], []
    rates: list[float] = []
    naive_rates: list[float] = []
    seconds = 3.0 if options.quick else (6.0 if size < 1_000_000 else 20.0)
    with (
        web.server("yancheng_childcare.wsgi:application", environment) as port,
        web.server("benchmarks.search.naive:application", naive_environment(environment)) as naive_port,
    ):
        same = agree(port, naive_port, questions)
        web.times(port, ours[:100])
        raw_loop(statements[:100])
        for number in range(rounds):
            harness.quiet_gate(patience=20)
            order = list(range(len(questions)))
            random.Random(number).shuffle(order)
            raw = raw_loop([statements[i] for i in order])
            api = web.times(port, [ours[i] for i in order])
            raw_p50.append(statistics.median(raw))
            raw_p95.append(harness.percentile(raw, 0.95))
            api_p50.append(statistics.median(api))
            api_p95.append(harness.percentile(api, 0.95))
            rates.append(web.rate(port, ours, min(seconds, 6.0)))
            naive_rates.append(web.rate(naive_port, naive, seconds, clients=2))
            faster.append(rates[-1] / naive_rates[-1])
    p95, p50 = harness.ratio(api_p95, raw_p95), harness.ratio(api_p50, raw_p50)
    label = f"{size:>9,}: "
    result.rows += [
        Row(label + "(e) raw loop p50", statistics.median(raw_p50), "ms", f"p95 {statistics.median(raw_p95):.2f} ms"),
        Row(
            label + "ours p50",
            statistics.median(api_p50),
            "ms",
            f"p95 {statistics.median(api_p95):.2f} ms; p50 {p50:.2f} x raw",
        ),
        Row(label + "ours", statistics.median(rates), "req/s", "one worker, three clients"),
        Row(label + "(a) naive", statistics.median(naive_rates), "req/s", "one worker, two clients"),
    ]
    limit, times_naive = GOALS.get(size, (2.0, 20.0))
    if limit:
        result.goals.append(Goal(label + "p95 over the raw loop", p95, limit / options.slack, at_most=True))
    else:
        result.rows.append(Row(label + "p95 over the raw loop", p95, "x", "no goal at this size"))
    result.goals.append(
        Goal(label + "requests/s over the naive way", statistics.median(faster), times_naive * options.slack)
    )
    result.facts[f"{size:,}: the first page holds the rows the naive way finds ({same[0]} questions)"] = same[1]


def naive_environment(environment: dict[str, str]) -> dict[str, str]:
    """The baseline's own settings module."""
    return {**environment, "DJANGO_SETTINGS_MODULE": "benchmarks.search.naive_settings"}


def prepare(size: int) -> tuple[list[dict[str, str]], list[list[tuple[str, Any]]]]:
    """The questions, and for each the statements our search sends."""
    from django.db import connection
    from django.http import QueryDict
    from django.utils.http import urlencode

    from registry.models import PublicEntry
    from registry.register import frequency
    from registry.register.apart import unlisted
    from registry.register.query import read_search
    from registry.register.search import find

    frequency.forget()
    names = list(PublicEntry.objects.order_by("institution_id").values_list("words", "region_id")[:2000])
    questions = mix.questions(names, MIX)
    statements: list[list[tuple[str, Any]]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements[-1].append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        for question in questions:
            statements.append([])
            query = read_search(QueryDict(urlencode(question)))
            page = find(query)
            unlisted(query, slips=page.unsure)
    return questions, statements


def raw_loop(statements: list[list[tuple[str, Any]]]) -> list[float]:
    """Milliseconds of each question's statements through psycopg2, on one connection with the portal's options."""
    import psycopg2
    from django.db import connection

    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        settings.pop(name, None)
    link = psycopg2.connect(
        **{key: value for key, value in settings.items() if key not in {"assume_role", "isolation_level"}}
    )
    link.autocommit = True
    found = []
    with link.cursor() as cursor:
        for group in statements:
            began = time.perf_counter()
            for sql, params in group:
                cursor.execute(sql, params)
                cursor.fetchall()
            found.append((time.perf_counter() - began) * 1000)
    link.close()
    return found


def agree(port: int, naive_port: int, questions: list[dict[str, str]], number: int = 25) -> tuple[int, bool]:
    """Whether the same institutions are found: all rows of ours are in the naive answer's set, and counts agree.

    Asked for the letters alone: what 街道 or 盐都 mean is nothing the naive way knows.
    """
    import orjson

    ours, naive = web.Client(port), web.Client(naive_port)
    for question in questions[:number]:
        mine = orjson.loads(ours.get(mix.ours({**question, "count": "1", "literal": "1"}))[1])
        theirs = orjson.loads(naive.get(mix.naive(question))[1])
        if not mine.get("count_capped") and not mine.get("similar") and mine["count"] != theirs["count"]:
            return number, False
        if mine.get("count_capped"):
            expected = [row["uscc"] for row in theirs["results"]]
            if [row["uscc"] for row in mine["results"]] != expected:
                return number, False
    return number, True
