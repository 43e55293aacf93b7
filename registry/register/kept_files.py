"""The open data's files on disk: each state of the register is written out once, however many people ask for it.

A workbook of 20,000 rows takes seconds of a processor. The files hold nothing of record: they may be deleted any time.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from yancheng_childcare.problems import Problem, Rejected

from .open_data import State, cards, pieces

PATIENCE = 5.0  # seconds a visitor waits for a file that somebody else's request is writing


def open_kept(kind: str, state: State) -> IO[bytes]:
    """The file of this kind and state, at its start; the caller closes it.

    Raises Rejected 503 while another request has been writing it for `PATIENCE` seconds, OSError when the disk takes none.
    """
    folder = Path(settings.OPEN_DATA_ROOT)
    path = folder / f"{state.mark}.{kind}"
    try:
        return path.open("rb")
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder / f"{kind}.lock"):
        try:
            return path.open("rb")
        except FileNotFoundError:
            return _write(path, kind, state)


def _write(path: Path, kind: str, state: State) -> IO[bytes]:
    # Only the holder of the lock writes this name, so a draft that a killed process left is simply written over.
    draft = path.with_name(f"{kind}.draft")
    file = draft.open("w+b")
    try:
        for piece in pieces(kind, cards(), state.changed_at):
            file.write(piece)
        file.flush()
        draft.replace(path)
    except BaseException:
        file.close()
        raise
    for other in path.parent.glob(f"*.{kind}"):
        if other != path:
            other.unlink(missing_ok=True)  # who is reading it reads on
    file.seek(0)
    return file


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of this kind; the kernel gives it back when its holder dies."""
    descriptor, until = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), time.monotonic() + PATIENCE
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Rejected(Problem("GEN-503", "", "文件正在生成，请一分钟后再下载。"), status=503) from None
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
