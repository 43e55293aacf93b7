"""Log files of the services and processes: never endless, and their end is what a failure shows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LARGEST = 20_000_000


def trim(log: Path) -> None:
    """Empty a log file of more than `LARGEST` bytes; one older file is kept beside it as `.1`.

    Processes hold the file open for appending, so it is copied and emptied, not moved.
    """
    if log.exists() and log.stat().st_size > LARGEST:
        shutil.copyfile(log, f"{log}.1")
        os.truncate(log, 0)


def tail(log: Path, characters: int) -> str:
    """Return the end of a log file, empty when there is none."""
    return log.read_text(encoding="utf-8", errors="replace").strip()[-characters:] if log.exists() else ""
