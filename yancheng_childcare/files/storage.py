"""Where files live: under their own hash in `settings.FILE_ROOT`, written once, never overwritten (reliability.md
T57).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from io import BufferedReader
from pathlib import Path

from django.conf import settings

_SHA256 = re.compile(r"[0-9a-f]{64}")


def path_of(sha256: str, root: Path | None = None) -> Path:
    """The place of a content. Raises ValueError when the text is not a lower-case SHA-256, so no path can be smuggled
    in.
    """
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hex")
    return Path(root or settings.FILE_ROOT) / sha256[:2] / sha256


def store(data: bytes, *, root: Path | None = None) -> str:
    """Write content durably and return its SHA-256. The same content twice is one file. Raises OSError when the disk
    is full; nothing is left behind then."""
    sha256 = hashlib.sha256(data).hexdigest()
    target = path_of(sha256, root)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{sha256[:8]}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, target)  # unlike rename, fails when another process was first
        except FileExistsError:
            return sha256
        _sync_folder(target.parent)
    finally:
        draft.unlink()
    return sha256


def open_stored(sha256: str, *, root: Path | None = None) -> BufferedReader:
    """The content for reading. Raises FileNotFoundError when it is gone."""
    return path_of(sha256, root).open("rb")


def is_intact(sha256: str, *, root: Path | None = None) -> bool:
    """Whether the content is there and still has its hash: for the sweep after a restore."""
    try:
        with open_stored(sha256, root=root) as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
