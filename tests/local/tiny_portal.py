"""A portal with a tiny process table, for tests: real services, real supervisor, children that only sleep.

python tiny_portal.py PORT [table]      tables: sleepers (default), dying
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from local import portal
from local.failure import LocalFailure
from local.processes import Process

# A master that forks a grandchild, like gunicorn and Celery do. The grandchild ignores SIGTERM, the hard case.
MASTER = """
import os, signal, sys, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
"""
TABLES = {
    "sleepers": [
        Process("receiver", "接收端", [sys.executable, "-c", MASTER, "tiny"], patience=2),
        Process("worker", "后台任务", [sys.executable, "-c", MASTER, "tiny"], patience=2),
        Process("web", "网站", [sys.executable, "-c", MASTER, "tiny"], patience=2),
    ],
    "dying": [Process("web", "网站", [sys.executable, "-c", "print('no such module'); raise SystemExit(9)"])],
}


def main(port: int, table: str = "sleepers") -> int:
    """Run it."""
    tiny = portal.Portal(
        port, table=lambda *_: TABLES[table], prepare=False, ready_path=None if table != "dying" else "/"
    )
    try:
        return tiny.run()
    except LocalFailure as failure:
        portal.say(str(failure))
        return failure.exit_code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
