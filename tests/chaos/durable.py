"""An append-only log of JSON lines that survives kill -9 of its writer: what `append` returned from is on the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class DurableLog:
    """One writer at a time; the caller locks when it has several threads."""

    def __init__(self, path: Path, *, sync: bool = True):
        """Open `path` for appending. A last line that was cut off by a crash is removed: nobody was told of it."""
        self.path = path
        self._sync = sync
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        whole = path.read_bytes()
        os.ftruncate(self._descriptor, whole.rfind(b"\n") + 1)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record; with `sync` it is on the disk when this returns."""
        os.write(self._descriptor, json.dumps(record, ensure_ascii=False).encode() + b"\n")
        if self._sync:
            os.fsync(self._descriptor)


def read(path: Path) -> list[dict[str, Any]]:
    """Every whole record of a log, in the order of writing; [] when there is none."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def count(path: Path) -> int:
    """How many whole records a log has."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
