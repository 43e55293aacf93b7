"""`manage.py benchmark nightly`: every entry of the public register looked at on a day on which nothing changed.

- ours: slice by slice, three queries each, only what differs is taken up under its lock;
- (a) one by one, as a step of a filing does it: lock, read, compare; on a sample, told for the same number of entries.

Both find that nothing is to be written; a third of the institutions has an accepted filing with its people and papers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection, reset_queries

from benchmarks import harness
from benchmarks.harness import Goal, Options, Result, Row

NAME = "nightly"
INSTITUTIONS, QUICK_INSTITUTIONS, SAMPLE = 10_000, 2_000, 500


def run(options: Options) -> Result:
    """Some seven minutes, nearly all of it for building the city; `quick` two."""
    from registry.models import Filing, PublicChange, PublicEntry
    from registry.register.daily import refresh_all
    from registry.register.entry import refresh_entry

    from .city import build

    result = Result(NAME)
    institutions = QUICK_INSTITUTIONS if options.quick else INSTITUTIONS
    with harness.throwaway_database():
        build(institutions)
        entries, filed = PublicEntry.objects.count(), Filing.objects.exclude(receipt_no="").count()
        rows = PublicEntry.objects.order_by("pk").values_list("pk", "version", "changed_at")
        before = list(rows), PublicChange.objects.count()
        sample = [pk for pk, *_ in before[0]][:: max(1, entries // SAMPLE)]
        ours, singles = [], []
        for _ in range(options.rounds):
            harness.quiet_gate()
            ours.append(measure(refresh_all))
            singles.append(measure(lambda: [refresh_entry(pk) for pk in sample]))
        result.facts["nothing was written"] = before == (list(rows.all()), PublicChange.objects.count())
    seconds, queries = sorted(ours)[len(ours) // 2]
    scale = entries / len(sample)
    slow, asked = sorted(singles)[len(singles) // 2]
    result.rows = [
        Row("ours, slice by slice", seconds, "s", f"{entries} entries, {filed} of them with filing and people"),
        Row("ours, statements", queries, ""),
        Row("(a) one by one", slow * scale, "s", f"{len(sample)} measured"),
        Row("(a) statements", asked * scale, ""),
    ]
    faster = harness.ratio([found[0] * scale for found in singles], [found[0] for found in ours])
    result.goals = [
        Goal("entries looked at, against one by one", faster, 3 * options.slack),
        Goal("seconds for 10,000", seconds * INSTITUTIONS / entries, 10 / options.slack, "s", at_most=True),
        Goal("statements for 10,000", queries * INSTITUTIONS / entries, 2_500, "", at_most=True),
    ]
    return result


def measure(work: Callable[[], Any]) -> tuple[float, int]:
    """Seconds, and then in a second round the statements."""
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    reset_queries()
    connection.force_debug_cursor = True
    try:
        work()
        return took, len(connection.queries_log)
    finally:
        connection.force_debug_cursor = False
        reset_queries()
