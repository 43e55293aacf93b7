"""`manage.py benchmark imports`: a table of 100,000 rows, from the stored file to everything committed.

- ours: institutions, their history, outbox, acts and clocks, as a single entry leaves them, in one transaction;
- (a) one validated serializer save per row, which does the same work, on a sample;
- (b) a raw COPY of the rows that ours wrote into an equal table with its indexes, without triggers; (b') the same for
  everything ours leaves per row: six lines in five tables;
- (c) reading xlsx with openpyxl, against our reader with its safety checks.

Each variant runs in a process of its own, so peaks of memory are its own.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from typing import Any

from django.db import connection

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

NAME = "imports"
ROWS, QUICK_ROWS, SAMPLE = 100_000, 10_000, 2_000
_LEDGERS = ("exchange_outboxevent", "registry_institutionevent", "registry_institution", "yancheng_childcare_deadline")


def run(options: Options) -> Result:
    """All variants; about two minutes, `quick` (10,000 rows) about half a minute."""
    result = Result(NAME)
    rows = QUICK_ROWS if options.quick else ROWS
    rounds = 1 if options.quick else max(1, min(options.rounds, 2))
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as folder, harness.throwaway_database() as environment:
        work = Variants({**environment, "BENCH_FOLDER": folder})
        work.run("prepare", rows)
        saves = work.run("one_by_one", min(SAMPLE, rows // 5))
        few = work.run("ours", rows // 5)
        ours, copies = [], []
        for _ in range(rounds):
            _empty()
            harness.quiet_gate(patience=30)
            ours.append(work.run("ours", rows))
            copies.append(work.run("raw_copy", rows))
        everything = work.run("raw_copy_all", rows)
        again = work.run("ours", rows)
        ours_reader, openpyxl = work.run("read_calamine", rows // 5), work.run("read_openpyxl", rows // 5)
    speed = [found["speed"] for found in ours]
    growth = max(found["peak_mb"] for found in ours) - few["peak_mb"]
    for name, found in (
        ("ours: file to everything committed", _median(ours)),
        ("ours, a fifth of the rows", few),
        ("ours, the same file again (nothing changes)", again),
        ("(a) one validated serializer save per row", saves),
        ("(b) raw COPY of the same rows into an equal table", _median(copies)),
        ("(b') raw COPY of all ours wrote: history, outbox, acts, clocks too", everything),
        ("xlsx: our reader with its checks", ours_reader),
        ("xlsx: (c) openpyxl, read-only mode", openpyxl),
    ):
        if found.get("speed"):
            note = f"{found['rows']:,} rows, {found['seconds']:.2f} s, peak {found['peak_mb']:.0f} MB"
            result.rows.append(Row(name, found["speed"], "rows/s", note))
    slack = options.slack
    result.goals = [
        Goal("ours ÷ one save per row", harness.ratio(speed, [saves["speed"]] * rounds), 10 * slack),
        Goal("ours ÷ raw COPY", 100 * harness.ratio(speed, [found["speed"] for found in copies]), 20 * slack, "%"),
        Goal(
            "ours ÷ raw COPY of all it wrote (b')", 100 * _median(ours)["speed"] / everything["speed"], 20 * slack, "%"
        ),
        Goal("peak memory, all rows − a fifth of them", growth, 60, "MB", at_most=True),
    ]
    result.facts = {
        "every row went in, once": all(found["new"] == rows for found in ours),
        "the same file again changed nothing": again["same"] == rows and not again["new"] + again["changed"],
    }
    return result


class Variants:
    """Runs the variants of `variants.py`, one process each."""

    def __init__(self, environment: dict[str, str]):
        self.environment = {**environment, "DJANGO_SETTINGS_MODULE": "yancheng_childcare.settings"}

    def run(self, name: str, count: int) -> dict[str, Any]:
        """What the variant printed, with its speed in rows per second. Raises RuntimeError when it failed."""
        command = [sys.executable, "-m", "benchmarks.imports.variants", name, str(count)]
        done = subprocess.run(
            command, env=self.environment, cwd=harness.ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        if "seconds" in found:
            found["speed"] = found["rows"] / found["seconds"]
        return found


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    middle = statistics.median_low([found["seconds"] for found in runs])
    return next(found for found in runs if found["seconds"] == middle)


def _empty() -> None:
    """Empty the ledgers between runs; the guards against that are the tables' owner's to put aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(_LEDGERS)} CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")
