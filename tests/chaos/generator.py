"""Registers, changes and ends registrations at a steady pace, and keeps a synced log of what was acknowledged.

    python -m tests.chaos.generator --name g1 --how direct --rate 6 --stage STAGE.json

Runs until SIGTERM, then finishes the write in hand. Every institution has several versions; one writer owns it.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import django

from registry.demo.sample_registration import sample_registration

from .durable import DurableLog
from .stage import REGISTRAR
from .writers import ApiWriter, DirectWriter, Unresolved

# Institutions under way at the same time; fewer make longer queues per institution.
OPEN_AT_ONCE = 25
SHARE_NEW = 0.2
SHARE_END = 0.06
BLOCK = 1_000_000


class Generator:
    """One writer with its own range of fictional institutions."""

    def __init__(self, name: str, writer: DirectWriter | ApiWriter, *, number: int, rate: float, seed: int, log: Path):
        """`rate` in writes per second; `number` sets the range of serial numbers."""
        self.writer = writer
        self.log = DurableLog(log)
        self.rate = rate
        self.stopping = False
        self._name = name
        self._rng = random.Random(f"{seed} {name}")
        self._serial = number * BLOCK
        self._standing: dict[str, int] = {}
        self._unresolved = 0

    def run(self) -> None:
        """Write until told to stop. After an outage it catches up for at most five seconds' worth."""
        due = time.monotonic()
        while not self.stopping:
            now = time.monotonic()
            if now < due:
                time.sleep(min(due - now, 0.2))
                continue
            due = max(due + 1 / self.rate, now - 5)
            try:
                self._one()
            except Unresolved:
                self._unresolved += 1
        self.log.append(
            {
                "end": self._name,
                "surprises": self.writer.surprises,
                "repeats": self.writer.repeats,
                "unresolved": self._unresolved,
            }
        )

    def _one(self) -> None:
        if not self._standing or (len(self._standing) < OPEN_AT_ONCE and self._rng.random() < SHARE_NEW):
            self._serial += 1
            data = sample_registration(self._serial)
            self._note("register", data["uscc"], lambda: self.writer.register(data))
            return
        uscc = self._rng.choice(sorted(self._standing))
        version = self._standing[uscc]
        if self._rng.random() < SHARE_END:
            step = self._rng.choice(["cancel", "revoke", "rescind"])
            self._note(step, uscc, lambda: self.writer.end(uscc, version, step, "试验终止"))
            del self._standing[uscc]
            return
        changes = {"registered_address": f"盐城市亭湖区试验路{version}号", "contact_phone": f"138{version:08d}"}
        self._note("change", uscc, lambda: self.writer.change(uscc, version, changes))

    def _note(self, step: str, uscc: str, write: Any) -> None:
        began = time.time()
        version = write()
        self._standing[uscc] = version
        self.log.append({"step": step, "subject": uscc, "version": version, "began": began, "at": time.time()})


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--how", choices=["direct", "api"], required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--stage", type=Path, required=True)
    options = parser.parse_args()
    stage = json.loads(options.stage.read_text())
    django.setup()
    writer = DirectWriter(REGISTRAR) if options.how == "direct" else ApiWriter(stage["portal"], stage["key"])
    log = Path(stage["folder"]) / f"{options.name}.acknowledged.jsonl"
    generator = Generator(options.name, writer, number=options.number, rate=options.rate, seed=stage["seed"], log=log)

    def stop(*_: Any) -> None:
        generator.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    generator.run()


if __name__ == "__main__":
    sys.exit(main())
