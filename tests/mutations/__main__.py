"""Apply each fault of `faults.py` to a copy of the code, run its area's tests there, take the fault out again.

A fault is caught when those tests fail, and survives when they pass. Before the first fault the same tests must pass
on the untouched copy, else "caught" would mean nothing. Prints one line a fault and writes build/mutations.json.

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
CAUGHT, SURVIVED, BASELINE_FAILED = "caught", "SURVIVED", "BASELINE FAILED"


class Copy:
    """The code in a folder of its own, with a test database of its own on the shared servers."""

    def __init__(self, folder: Path, number: int):
        self.folder = folder
        for name in _tracked():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        self.environment = {
            **os.environ,
            "DATABASE_URL": os.environ["DATABASE_URL"].replace("@/portal?", f"@/mutations{number}?"),
            "PORTAL_LOCAL_DIR": str(folder / ".local"),
            "YANCHENG_PYTHON": "system",
            "REDIS_URL": redis_url(os.environ["REDIS_URL"], number),
        }

    def passes(self, tests: tuple[str, ...], *, fresh: bool) -> bool:
        """Whether these tests pass; `fresh` makes the test database anew (faults in triggers and constraints)."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--reuse-db"]
        try:
            ended = subprocess.run(
                [*command, *(["--create-db"] if fresh else []), *tests],
                cwd=self.folder, env=self.environment, capture_output=True, timeout=SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        if ended.returncode not in (0, 1, 2, 3):
            sys.exit(
                f"the tests {tests} could not be run:\n{ended.stdout.decode()[-3000:]}{ended.stderr.decode()[-3000:]}"
            )
        return ended.returncode == 0

    def try_fault(self, fault: Fault) -> str:
        """Put the fault in, run its tests, take it out."""
        path = self.folder / fault.path
        sound = path.read_text()
        if sound.count(fault.old) != 1:
            sys.exit(f"fault {fault.number}: its text stands {sound.count(fault.old)} times in {fault.path}, not once")
        path.write_text(sound.replace(fault.old, fault.new))
        try:
            return SURVIVED if self.passes(fault.tests, fresh=fault.fresh) else CAUGHT
        finally:
            path.write_text(sound)
            if fault.fresh:
                self.forget_database()

    def forget_database(self) -> None:
        """The next run makes its test database anew: this one was made by the fault."""
        self.passes(("tests/kernel/test_outages.py",), fresh=True)


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def run(faults: list[Fault], workers: int) -> dict[int, str]:
    """Every fault's result by number. Each worker has a copy of the code; baselines are asked once per set of tests."""
    waiting: queue.Queue[Fault] = queue.Queue()
    for fault in faults:
        waiting.put(fault)
    results: dict[int, str] = {}
    baselines: dict[tuple[str, ...], bool] = {}

    def work(number: int, folder: Path) -> None:
        copy = Copy(folder, number)
        while True:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                return
            begin = time.monotonic()
            if fault.tests not in baselines:
                baselines[fault.tests] = copy.passes(fault.tests, fresh=False)
            results[fault.number] = copy.try_fault(fault) if baselines[fault.tests] else BASELINE_FAILED
            print(
                f"{fault.number:3} {results[fault.number]:16} {time.monotonic() - begin:5.0f} s  {fault.words}",
                flush=True,
            )

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
    caught = sum(result == CAUGHT for result in results.values())
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [{"number": f.number, "fault": f.words, "path": f.path, "result": results.get(f.number, "")} for f in faults]
    RESULTS.write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    print(f"{caught} of {len(faults)} faults caught; the others:")
    for row in rows:
        if row["result"] != CAUGHT:
            print(f"  {row['number']} {row['result']}: {row['fault']} ({row['path']})")
    return 0 if caught * 20 >= len(faults) * 19 else 1


if __name__ == "__main__":
    sys.exit(main())
