"""Apply each fault of `faults.py` to a copy of the code, run its area's tests there, take the fault out again.

A fault is caught when those tests fail, and survives when they pass. Before the first fault the same tests must pass
on the untouched copy, else "caught" would mean nothing. Prints one line a fault, with the first test that failed, and
keeps the results of all runs in build/mutations.json.

    .venv/bin/python -m tests.mutations [--only 3,17] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from yancheng_childcare.local import services
from yancheng_childcare.local.paths import ROOT
from yancheng_childcare.local.pytest_plugin import redis_url

from .faults import FAULTS, Fault

SECONDS = 600  # a fault may also make a test hang: that is noticed as well
RESULTS = ROOT / "build" / "mutations.json"
CAUGHT, SURVIVED, BASELINE_FAILED, NOTHING = "caught", "SURVIVED", "BASELINE FAILED", "NOT RUN"
# Exit codes of pytest that say nothing of the code: it was used wrongly, or there was no test.
NOT_RUN = frozenset({4, 5})
# Redis databases of their own, beyond those of the test runs.
REDIS_FROM = 240


class Copy:
    """The code in a folder of its own, with a test database of its own on the shared servers."""

    def __init__(self, folder: Path, number: int):
        self.folder = folder
        self.dirty = True  # the test database was made by other code, or left in the middle of a test
        for name in _tracked():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        self.environment = {
            **os.environ,
            "DATABASE_URL": os.environ["DATABASE_URL"].replace("@/portal?", f"@/mutations{number}?"),
            "PORTAL_LOCAL_DIR": str(folder / ".local"),
            "YANCHENG_PYTHON": "system",
            "REDIS_URL": redis_url(os.environ["REDIS_URL"], REDIS_FROM + number),
        }

    def failure(self, tests: tuple[str, ...], *, fresh: bool) -> str:
        """The first test that fails, "" when all pass; `fresh` makes the test database anew (faults in triggers)."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--reuse-db"]
        try:
            ended = subprocess.run(
                [*command, *(["--create-db"] if fresh else []), *tests],
                cwd=self.folder, env=self.environment, capture_output=True, timeout=SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            self.dirty = True  # it was stopped in the middle of a test
            return f"over {SECONDS} s"
        said = ended.stdout.decode(errors="replace")
        if ended.returncode in NOT_RUN:
            raise RuntimeError(f"{tests} could not be run:\n{said[-3000:]}{ended.stderr.decode()[-3000:]}")
        if ended.returncode == 0:
            return ""
        named = [line.split(" ")[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        return named[0] if named else f"exit {ended.returncode}"

    def try_fault(self, fault: Fault) -> tuple[str, str]:
        """Put the fault in, run its tests, take it out; the result and the test that failed."""
        path = self.folder / fault.path
        sound = path.read_text()
        if sound.count(fault.old) != 1:
            raise RuntimeError(f"fault {fault.number}: its text stands {sound.count(fault.old)} times in {fault.path}")
        path.write_text(sound.replace(fault.old, fault.new))
        try:
            found = self.failure(fault.tests, fresh=fault.fresh or self.dirty)
            self.dirty = fault.fresh or found.startswith("over")
            return (CAUGHT, found) if found else (SURVIVED, "")
        finally:
            path.write_text(sound)

    def baseline(self, tests: tuple[str, ...]) -> str:
        """The first test that fails on the untouched code; "" when all is well."""
        found = self.failure(tests, fresh=self.dirty)
        self.dirty = found.startswith("over")
        return found


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def run(faults: list[Fault], workers: int) -> dict[int, tuple[str, str]]:
    """Every fault's result and failing test by number. Each worker has a copy of the code; baselines are asked once per set of tests."""
    waiting: queue.Queue[Fault] = queue.Queue()
    for fault in faults:
        waiting.put(fault)
    results: dict[int, tuple[str, str]] = {}
    baselines: dict[tuple[str, ...], str] = {}

    def work(number: int, folder: Path) -> None:
        copy = Copy(folder, number)
        while True:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                return
            begin = time.monotonic()
            try:
                if fault.tests not in baselines:
                    baselines[fault.tests] = copy.baseline(fault.tests)
                failing = baselines[fault.tests]
                result = (BASELINE_FAILED, failing) if failing else copy.try_fault(fault)
            except RuntimeError as error:
                result = (NOTHING, str(error))
            results[fault.number] = result
            seconds = time.monotonic() - begin
            print(f"{fault.number:3} {result[0]:16} {seconds:5.0f} s  {fault.words}  {result[1]}", flush=True)

    with tempfile.TemporaryDirectory(prefix="mutations-") as base:
        threads = [threading.Thread(target=work, args=(n, Path(base) / str(n)), daemon=True) for n in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results


def main() -> int:
    """Returns 0 when at most one fault in twenty survives and every baseline passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="numbers of faults, separated by commas")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    wanted = {int(number) for number in given.only.split(",") if number}
    faults = [fault for fault in FAULTS if not wanted or fault.number in wanted]
    leases = services.ensure("test", quiet=True)
    try:
        results = run(faults, given.workers)
    finally:
        for lease in leases:
            lease.release()
    kept = {row["number"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    for fault in faults:
        result, failing = results.get(fault.number, (NOTHING, ""))
        row = {"number": fault.number, "fault": fault.words, "path": fault.path, "result": result, "failing": failing}
        kept[fault.number] = row
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(sorted(kept.values(), key=lambda row: row["number"]), ensure_ascii=False, indent=1))
    rows = [kept[fault.number] for fault in faults]
    caught = sum(row["result"] == CAUGHT for row in rows)
    print(f"{caught} of {len(faults)} faults caught; the others:")
    for row in rows:
        if row["result"] != CAUGHT:
            print(f"  {row['number']} {row['result']}: {row['fault']} ({row['path']})")
    return 0 if caught * 20 >= len(faults) * 19 else 1


if __name__ == "__main__":
    sys.exit(main())
