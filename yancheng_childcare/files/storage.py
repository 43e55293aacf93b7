"""Where contents lie: sealed, under a random name in `settings.FILE_ROOT`, written once (reliability.md T57).

The name says nothing of the content: a name made from its hash would let whoever sees the folder confirm a guess.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from .codes import refuse

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
log = structlog.get_logger("storage")


@dataclass(frozen=True, slots=True)
class StorageState:
    """Free space of FILE_ROOT in percent and bytes, and whether it is enough to take files in."""

    free_percent: float
    free_bytes: int
    enough: bool


def storage_state() -> StorageState:
    """How full the disk of FILE_ROOT is. Raises OSError when the folder cannot be reached."""
    root = Path(settings.FILE_ROOT)
    while not root.exists() and root != root.parent:
        root = root.parent
    usage = shutil.disk_usage(root)
    percent = 100 * usage.free / usage.total if usage.total else 0.0
    return StorageState(percent, usage.free, percent >= settings.FILE_FREE_PERCENT)


def require_space(field: str = "file") -> None:
    """Raises Rejected FILE-026 (507) before a file is looked at when less than FILE_FREE_PERCENT is free."""
    state = storage_state()
    if not state.enough:
        log.error("storage_nearly_full", free_percent=round(state.free_percent, 1), free_bytes=state.free_bytes)
        raise refuse("FILE-026", field)


def is_full(error: OSError) -> bool:
    """Whether a disk or its quota is used up."""
    return error.errno in _FULL


def path_of(content: UUID) -> Path:
    """The place of a content."""
    return Path(settings.FILE_ROOT) / content.hex[:2] / content.hex


def write(content: UUID, pieces: Iterable[bytes], *, field: str = "file") -> None:
    """Write a content durably. Nothing is left behind when it fails.

    Raises Rejected FILE-026 (507) when the disk is full, FileExistsError for a content that is there already.
    """
    target = path_of(content)
    try:
        _write(target, pieces)
    except OSError as error:
        if not is_full(error):
            raise
        log.error("storage_full", error=errno.errorcode.get(error.errno or 0, ""))
        raise refuse("FILE-026", field) from error


def _write(target: Path, pieces: Iterable[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name[:8]}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, target)  # unlike rename, fails when the name is taken
        _sync_folder(target.parent)
    finally:
        draft.unlink()


def remove(content: UUID) -> None:
    """Delete a content; none to delete is no error."""
    path_of(content).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
