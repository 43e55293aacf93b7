"""One crash run from start to verdict."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

from local.progress import say

from . import durable, facts, faults, report
from .checker import Acknowledged, Effect, Evidence, judge
from .stack import RECEIVERS, TIMEOUT, Stack

# The engine's lease outlasts the endpoint's timeout by this much; a zombie sleeps longer than both.
LEASE_MARGIN_SECONDS = 15
ZOMBIE_EXTRA_SECONDS = 4
# How long the heal may be watched before it is called off, and how long a naive sender may be silent.
WATCH_SECONDS = 150.0
NAIVE_SILENCE_SECONDS = 20.0
RECEIVER_WAIT_SECONDS = 0.25
# A run that has not reached its numbers in time goes on for at most this many times as long.
LONGEST = 2.0


class Run:
    """`seconds` of faults, at least `pushes` pushes and `faults` faults."""

    def __init__(self, *, seconds: float, pushes: int, fault_number: int, seed: int, rate: float, naive: bool):
        """`rate` in writes per second; each write makes one push per receiver."""
        self.seconds = seconds
        self.pushes = pushes
        self.fault_number = fault_number
        self.seed = seed
        self.rate = rate
        self.naive = naive
        self.stack = Stack(seed=seed, naive=naive)
        rng = random.Random(seed)
        self.injector = faults.Injector(
            rng,
            self.stack.variant,
            self.stack.processes_file,
            zombie_seconds=LEASE_MARGIN_SECONDS + TIMEOUT + ZOMBIE_EXTRA_SECONDS,
        )
        self.diary = durable.DurableLog(self.stack.folder / "faults.jsonl", sync=False)
        # A few more than asked for, because now and then every victim is just starting again.
        self.plan = faults.schedule(rng, seconds=seconds, faults=round(fault_number * 1.08) + 2)

    def execute(self) -> report.Outcome:
        """Start, strike, heal, judge. Raises LocalFailure when the stack does not come up."""
        say("启动数据库、Redis、各进程……")
        self.stack.start()
        self.stack.start_writers(self.rate)
        began = time.monotonic()
        say(f"开始：{self.seconds:.0f} 秒内 {len(self.plan)} 次故障，每秒 {self.rate:g} 次写入，种子 {self.seed}")
        self._strike(began)
        lasted = time.monotonic() - began
        self.injector.thaw(everything=True)
        self.stack.calm()
        say("故障结束，等待恢复……")
        writers_ended = self.stack.stop_writers(120)
        heal = self._heal()
        outcome = self._judge(lasted, heal, writers_ended)
        report.write(outcome)
        return outcome

    def _pushes_so_far(self) -> int:
        return len(RECEIVERS) * sum(durable.count(log) for log in self.stack.acknowledged_logs())

    def _strike(self, began: float) -> None:
        """The fault phase: as planned, and on in the same manner while the numbers are not reached."""
        plan = list(self.plan)
        pace = self.seconds / max(1, len(plan))
        progress_at = began
        while True:
            now = time.monotonic()
            passed = now - began
            reached = self._pushes_so_far() >= self.pushes and self.injector.done.total() >= self.fault_number
            if (passed >= self.seconds and (reached or self.naive)) or passed >= self.seconds * LONGEST:
                return
            if not plan:
                plan = [passed + pace]
            self.injector.thaw()
            if passed >= plan[0]:
                plan.pop(0)
                self.diary.append({"at": time.time(), "kind": self.injector.strike()})
            self.stack.revive_services()
            if not self.stack.alive():
                raise RuntimeError(f"the supervisor or a writer ended by itself; logs in {self.stack.folder}/log")
            if now >= progress_at:
                progress_at = now + 20
                say(
                    f"{passed:4.0f} 秒  推送 {self._pushes_so_far()}  故障 {self.injector.done.total()}{self._waiting()}"
                )
            time.sleep(0.1)

    def _waiting(self) -> str:
        rows = facts.query(self.stack.database_url, facts.WAITING)
        if rows is None:
            return "  数据库不在"
        return "".join(f"  {status} {number}（最多 {most} 次，{due} 秒后）" for status, number, most, due in rows)

    def _heal(self) -> float | None:
        """Seconds from the last fault until nothing is open any more, None when that did not come."""
        if self.naive:
            self._wait_for_silence()
            return None
        until = time.monotonic() + WATCH_SECONDS
        progress_at = 0.0
        while time.monotonic() < until:
            self.stack.revive_services()
            if facts.number(self.stack.database_url, facts.OPEN) == 0:
                return time.monotonic() - self.injector.last_at
            if time.monotonic() >= progress_at:
                progress_at = time.monotonic() + 10
                say(f"  恢复中 {time.monotonic() - self.injector.last_at:4.0f} 秒{self._waiting()}")
            time.sleep(RECEIVER_WAIT_SECONDS)
        return None

    def _wait_for_silence(self) -> None:
        """The naive sender has no table that says when it is done: wait until its worker has been idle for a while.

        Idle means: its pool is up, its queue is empty, and nothing arrives. What it still holds in memory it has lost.
        """
        until = time.monotonic() + WATCH_SECONDS
        arrived, changed_at = -1, time.monotonic()
        while time.monotonic() < until and time.monotonic() - changed_at < NAIVE_SILENCE_SECONDS:
            now_arrived = sum(durable.count(self.stack.folder / f"{name}.effects.jsonl") for name in RECEIVERS)
            if now_arrived != arrived or not self.injector.push_worker_is_idle():
                arrived, changed_at = now_arrived, time.monotonic()
            time.sleep(0.5)

    def _judge(self, lasted: float, heal: float | None, writers_ended: bool) -> report.Outcome:
        folder, url = self.stack.folder, self.stack.database_url
        written = [record for log in self.stack.acknowledged_logs() for record in durable.read(log)]
        endings = [record for record in written if "end" in record]
        acknowledged = [Acknowledged(r["subject"], r["version"]) for r in written if "end" not in r]
        visits = [record for name in RECEIVERS for record in durable.read(folder / f"{name}.visits.jsonl")]
        surprises: Counter[str] = Counter()
        for ending in endings:
            surprises.update(ending["surprises"])
            surprises["fate of a write unknown"] += ending["unresolved"]
        if not writers_ended or len(endings) != len(self.stack.writers):
            surprises["a writer did not end in order"] += 1
        surprises = +surprises
        evidence = Evidence(
            events=facts.events(url),
            acknowledged=acknowledged,
            effects={name: _effects(folder / f"{name}.effects.jsonl") for name in RECEIVERS},
            versions=facts.versions(url),
            heal_seconds=heal,
            bad_signatures=sum(1 for visit in visits if visit.get("bad")),
            failed_writes=surprises.total(),
        )
        moods = Counter(visit["mood"] for visit in visits if visit.get("mood", "fine") != "fine")
        outcome = report.Outcome(
            naive=self.naive,
            seed=self.seed,
            seconds=lasted,
            api=self.stack.stage["api"],
            events=len(evidence.events),
            pushes=len(evidence.events) * len(RECEIVERS),
            acknowledged=len(acknowledged),
            faults=self.injector.done.total(),
            faults_by_kind=dict(self.injector.done),
            arrivals=len(visits),
            absorbed=sum(1 for visit in visits if visit.get("again")),
            receiver_moods=dict(moods),
            receiver_restarts=sum(durable.count(folder / f"{name}.starts.jsonl") - 1 for name in RECEIVERS),
            tries=facts.tries(url),
            writer_repeats=sum(ending["repeats"] for ending in endings),
            surprises=dict(surprises),
            statuses=facts.statuses(url),
            heal_seconds=heal,
            load_average=os.getloadavg()[0],
            target_reached=self.naive
            or (
                len(evidence.events) * len(RECEIVERS) >= self.pushes and self.injector.done.total() >= self.fault_number
            ),
        )
        outcome.take(judge(evidence))
        return outcome


def _effects(path: Path) -> list[Effect]:
    return [
        Effect(record["id"], record["event"], record["type"], record["subject"], record["version"])
        for record in durable.read(path)
    ]
