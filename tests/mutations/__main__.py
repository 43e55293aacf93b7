"""Apply each fault of `faults/` to a copy of the code, run its area's tests there, take the fault out again.

A fault is caught when those tests fail, and survives when they pass. At the end the tests that failed are run once more
on the untouched copy: where one fails there too, it says nothing of the fault. Prints one line a fault, with the first
test that failed, and keeps the results of all runs in build/mutations.json.

    .venv/bin/python -m tests.mutations [--only 3,17] [--workers 2] [--reuse]
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from local import services
from local.paths import ROOT
from local.pytest_plugin import redis_url

from .faults import FAULTS, Fault

SECONDS = 600  # a fault may also make a test hang: that is noticed as well
RESULTS = ROOT / "build" / "mutations.json"
CAUGHT, SURVIVED, FAILS_ANYWAY, NOTHING = "caught", "SURVIVED", "BASELINE FAILED", "NOT RUN"
# Exit codes of pytest that say nothing of the code: it was used wrongly, or there was no test.
NOT_RUN = frozenset({4, 5})
# Redis databases of their own, beyond those of the test runs.
REDIS_FROM = 240


class Copy:
    """The code in a folder of its own, with a test database of its own on the shared servers."""

    def __init__(self, folder: Path, number: int, *, dirty: bool):
        self.folder = folder
        self.dirty = dirty  # the test database must be made anew
        for name in _tracked():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        # The keys as well, else a database that is used again would refuse them.
        shutil.copytree(ROOT / ".local" / "keys", folder / ".local" / "keys", dirs_exist_ok=True)
        self.environment = {
            **os.environ,
            "DATABASE_URL": os.environ["DATABASE_URL"].replace("@/portal?", f"@/mutations{number}?"),
            "PORTAL_LOCAL_DIR": str(folder / ".local"),
            "YANCHENG_PYTHON": "system",
            "REDIS_URL": redis_url(os.environ["REDIS_URL"], REDIS_FROM + number),
        }

    def failures(self, tests: Iterable[str], *, fresh: bool, first: bool, seconds: int) -> list[str]:
        """The tests that fail, only the first with `first`; `fresh` makes the test database anew (triggers)."""
        command = [sys.executable, "-m", "pytest", *(["-x"] if first else []), "-q", "-p", "no:cacheprovider"]
        try:
            ended = subprocess.run(
                [*command, "--reuse-db", *(["--create-db"] if fresh else []), *tests],
                cwd=self.folder, env=self.environment, capture_output=True, timeout=seconds,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return [f"over {seconds} s"]
        said = ended.stdout.decode(errors="replace")
        if ended.returncode in NOT_RUN:
            raise RuntimeError(f"{tests} could not be run:\n{said[-3000:]}{ended.stderr.decode()[-3000:]}")
        if ended.returncode == 0:
            return []
        named = [found[1] for found in re.finditer("^(?:FAILED|ERROR) (.*?)(?: - .*)?$", said, re.MULTILINE)]
        return named or [f"exit {ended.returncode}"]

    def try_fault(self, fault: Fault) -> tuple[str, str]:
        """Put the fault in, run its tests, take it out; the result and the test that failed."""
        path = self.folder / fault.path
        sound = path.read_text()
        if sound.count(fault.old) != 1:
            raise RuntimeError(f"fault {fault.number}: its text stands {sound.count(fault.old)} times in {fault.path}")
        path.write_text(sound.replace(fault.old, fault.new))
        try:
            found = self.failures(fault.tests, fresh=fault.fresh or self.dirty, first=True, seconds=SECONDS)
            # Made by the fault, or left in the middle of a test.
            self.dirty = fault.fresh or found[:1] == [f"over {SECONDS} s"]
            return (CAUGHT, found[0]) if found else (SURVIVED, "")
        finally:
            path.write_text(sound)

    def fail_anyway(self, tests: set[str]) -> set[str]:
        """Which of these tests fail on the untouched code as well."""
        if not tests:
            return set()
        return set(self.failures(sorted(tests), fresh=self.dirty, first=False, seconds=SECONDS * 4))


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def run(faults: list[Fault], workers: int, *, reuse: bool) -> dict[int, tuple[str, str]]:
    """Every fault's result and failing test by number. Each worker has a copy of the code."""
    waiting: queue.Queue[Fault] = queue.Queue()
    for fault in faults:
        waiting.put(fault)
    results: dict[int, tuple[str, str]] = {}

    def work(number: int, folder: Path) -> None:
        copy, mine = Copy(folder, number, dirty=not reuse), set()
        while True:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                break
            begin = time.monotonic()
            try:
                result = copy.try_fault(fault)
            except RuntimeError as error:
                result = (NOTHING, str(error))
            results[fault.number] = result
            mine.add(fault.number)
            keep(fault, result)
            seconds = time.monotonic() - begin
            print(f"{fault.number:3} {result[0]:16} {seconds:5.0f} s  {fault.words}  {result[1]}", flush=True)
        anyway = copy.fail_anyway({results[number][1] for number in mine if "::" in results[number][1]})
        for fault in faults:
            if fault.number in mine and results[fault.number][1] in anyway:
                results[fault.number] = (FAILS_ANYWAY, results[fault.number][1])
                keep(fault, results[fault.number])

    with tempfile.TemporaryDirectory(prefix="mutations-") as base:
        threads = [threading.Thread(target=work, args=(n, Path(base) / str(n)), daemon=True) for n in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results


_keeping = threading.Lock()


def keep(fault: Fault, result: tuple[str, str]) -> None:
    """Write a result down at once, among those of earlier runs."""
    with _keeping:
        rows = {row["number"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
        names = ("number", "fault", "path", "result", "failing")
        rows[fault.number] = dict(zip(names, (fault.number, fault.words, fault.path, *result), strict=True))
        RESULTS.parent.mkdir(exist_ok=True)
        text = json.dumps(sorted(rows.values(), key=lambda row: row["number"]), ensure_ascii=False, indent=1)
        RESULTS.write_text(text)


def main() -> int:
    """Returns 0 when at most one fault in twenty is not caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="numbers of faults, separated by commas: tried in this order")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reuse", action="store_true", help="the test database of the run before is good")
    given = parser.parse_args()
    by_number = {fault.number: fault for fault in FAULTS}
    faults = [by_number[int(number)] for number in given.only.split(",") if number] or list(FAULTS)
    leases = services.ensure("test", quiet=True)
    try:
        results = run(faults, given.workers, reuse=given.reuse)
    finally:
        for lease in leases:
            lease.release()
    caught = sum(result == CAUGHT for result, _ in results.values())
    print(f"{caught} of {len(faults)} faults caught; the others:")
    for fault in faults:
        result, failing = results.get(fault.number, (NOTHING, ""))
        if result != CAUGHT:
            print(f"  {fault.number} {result}: {fault.words} ({fault.path}) {failing}")
    return 0 if caught * 20 >= len(faults) * 19 else 1


if __name__ == "__main__":
    sys.exit(main())
