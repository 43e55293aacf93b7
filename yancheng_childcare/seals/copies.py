"""Every seal once more outside the database: one file a month under SEAL_ROOT, one line a seal, only ever appended to.

Whoever rules the database can cut its tail, seals included; the lines outside then name what is missing. A machine
writes what its files lack whenever it seals, so several machines may each keep a complete set, and a full disk or a
crash between commit and write heals by itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .chain import Record, from_line, to_line

# A seal of the largest batch is far shorter: 5,000 rows of 16 bytes in base64, and their numbers.
_LONGEST_LINE = 1 << 20


def files() -> list[Path]:
    """The files in the order of time."""
    return sorted(Path(settings.SEAL_ROOT).glob("seals-*.jsonl"))


def read() -> Iterator[tuple[Path, int, Record | None]]:
    """(file, line number, seal) of every line; None for a line that is no seal, but for a last one cut off by a crash."""
    for path in files():
        with path.open("rb") as lines:
            for place, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                try:
                    yield path, place, from_line(line.decode())
                except ValueError:
                    yield path, place, None


def last() -> Record | None:
    """The newest seal outside; None when there is none yet. Raises ValueError when the last line is no seal."""
    for path in reversed(files()):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LONGEST_LINE))
            whole = [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
        if whole:
            return from_line(whole[-1].decode())
    return None


def append(records: Iterable[Record]) -> None:
    """Write seals and return once they are on the disk; the caller holds `lock`. Raises OSError."""
    by_month: dict[str, list[Record]] = {}
    for record in records:
        by_month.setdefault(record.sealed_at[:7], []).append(record)
    for month, ours in sorted(by_month.items()):
        path = Path(settings.SEAL_ROOT) / f"seals-{month}.jsonl"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            _cut_half_a_line(file)
            file.write("".join(f"{to_line(record)}\n" for record in ours).encode())
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def lock() -> Iterator[None]:
    """One process of this machine at a time."""
    root = Path(settings.SEAL_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _cut_half_a_line(file: BinaryIO) -> None:
    """Go to the end; what a crash left of a line is cut off first (the database still has that seal)."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - _LONGEST_LINE)
    file.seek(start)
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        file.truncate(start + tail.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
