"""The crash run of the push, by one command:

    python -m tests.chaos [--seconds 420] [--pushes N] [--faults N] [--seed N] [--rate 16] [--naive] [--keep]

Starts its own PostgreSQL (with fsync), Redis, workers, beat, web, two receivers and two writers in `.local/chaos-…`, kills
them at seeded random moments, waits until all is whole again and judges. Exit code: 0 held, 1 violated, 2 not started.
`--naive` runs the same against one Celery task per event (`naive.py`) and succeeds only if that was caught losing.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from typing import NoReturn

from local.failure import LocalFailure
from local.progress import say

from . import report
from .run import Run
from .stack import leftovers

# What a run must reach when no number is given: 10,000 pushes and 150 faults in 420 s, 1,500 and 32 in 90 s. Short runs
# push less per second, because starting again after a fault takes as long as ever.
LONG_SECONDS, LONG_PUSHES = 300, 10_000
PUSHES_PER_SECOND = 16.7
FAULTS_PER_SECOND = 0.36


class _Interrupted(BaseException):
    """Ctrl-C or SIGTERM: stop everything, judge nothing."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; numbers that were not given follow from `--seconds`."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="推送的崩溃演练")
    parser.add_argument("--seconds", type=float, default=420, help="故障阶段的长度，默认 420")
    parser.add_argument("--pushes", type=int, help="至少多少次推送")
    parser.add_argument("--faults", type=int, help="至少多少次故障")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="随机种子")
    parser.add_argument("--rate", type=float, default=16, help="每秒写入次数，默认 16")
    parser.add_argument("--naive", action="store_true", help="换成对照方案，必须丢失")
    parser.add_argument("--keep", action="store_true", help="保留现场文件夹")
    options = parser.parse_args(arguments)
    if options.pushes is None:
        long = options.seconds >= LONG_SECONDS
        options.pushes = LONG_PUSHES if long else round(options.seconds * PUSHES_PER_SECOND)
    if options.faults is None:
        options.faults = round(options.seconds * FAULTS_PER_SECOND)
    return options


def main(arguments: list[str]) -> int:
    """Run and print the table; nothing is left running whatever happens."""
    options = parse(arguments)
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, _interrupt)
    run = Run(
        seconds=options.seconds,
        pushes=options.pushes,
        fault_number=options.faults,
        seed=options.seed,
        rate=options.rate,
        naive=options.naive,
    )
    code, keep = 2, True
    try:
        outcome = run.execute()
        print(report.table(outcome), flush=True)
        code = 0 if outcome.passed else 1
        keep = options.keep or code != 0
    except _Interrupted:
        say("已中断，正在停止……")
        keep = options.keep
    except LocalFailure as failure:
        say(str(failure))
    finally:
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(how, signal.SIG_IGN)
        run.stack.stop(keep=keep)
    if left := leftovers(run.stack.variant):
        say("有进程没有停止：\n" + "\n".join(left))
        code = code or 1
    return code


def _interrupt(*_: object) -> NoReturn:
    raise _Interrupted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
