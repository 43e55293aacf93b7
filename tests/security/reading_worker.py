"""A process that takes tables in as a worker does and says what each cost it: run by `test_table_bombs.py`.

Reads lines "NAME of the file on disk" from the arguments; prints one JSON line per file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import django


def peak_mb() -> float:
    """The most memory this process has held since `forget_peak`."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Start measuring anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def processor_seconds() -> float:
    """Processor time of this process and its children: the clock on the wall shows what else the machine does."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(files: list[str]) -> None:
    """Take in, open, read to the end: the way of `keep_import` and of every later look at the file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")
    django.setup()
    from casework.imports.reading import open_upload
    from registry.people.imports import COLUMNS
    from yancheng_childcare.files import SHEETS, intake
    from yancheng_childcare.problems import Rejected

    for file in files:
        forget_peak()
        before, started, rows = peak_mb(), processor_seconds(), 0
        with open(file, "rb") as upload:
            try:
                taken = intake(upload, purpose="person-import", allowed=SHEETS)
                with open_upload(taken, columns=COLUMNS) as table:
                    rows = sum(len(piece) for piece in table.pieces)
                outcome = "read"
            except Rejected as rejected:
                outcome = rejected.code
        taken = table = None  # type: ignore[assignment]  # nothing of it counts for the next
        seconds = processor_seconds() - started
        print(json.dumps({"outcome": outcome, "rows": rows, "seconds": seconds, "mb": peak_mb() - before}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
