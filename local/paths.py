"""Where the embedded services keep their files and sockets."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from .failure import LocalFailure

ROOT = Path(__file__).resolve().parents[1]

# Linux refuses socket addresses over 107 bytes; leave room for PostgreSQL's ".s.PGSQL.5432.lock".
LONGEST_SOCKET_PATH = 100
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def local_folder(variant: str = "portal") -> Path:
    """Return the folder of a variant: `.local` for the portal, `.local/<variant>` for others.

    A variant is a separate set of servers and data ("portal", "test", "chaos" …). `PORTAL_LOCAL_DIR` moves the whole
    `.local` folder elsewhere, for example onto a faster disk.
    """
    base = Path(os.environ.get("PORTAL_LOCAL_DIR") or ROOT / ".local")
    return base if variant == "portal" else base / variant


def log_folder(variant: str = "portal") -> Path:
    """Return the folder of the log files of a variant, made if missing."""
    return private_folder(local_folder(variant) / "log")


def private_folder(folder: Path) -> Path:
    """Make `folder` (and its parents) readable by its owner only and return it.

    Raises LocalFailure if it belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except PermissionError as error:
        raise LocalFailure(
            f"无法写入 {error.filename}：它属于其他用户。",
            "请改用上次启动门户的用户运行，或把该文件夹改归当前用户（chown -R）。",
        ) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise LocalFailure(
            f"{folder} 不是当前用户的文件夹，拒绝使用。",
            "请改用上次启动门户的用户运行，或删除该文件夹后重试。",
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def socket_folder(variant: str = "portal") -> Path:
    """Return a 0700 folder for the sockets of a variant.

    It is `run` inside the variant's folder, unless that path is too long for a socket or holds characters that the
    URL parsers of Django, redis-py and Celery treat differently (blanks, Chinese). Then it is a short folder under
    $XDG_RUNTIME_DIR or /tmp whose name is derived from the path, so every command of the checkout finds the same one.
    """
    preferred = local_folder(variant).resolve() / "run"
    longest = os.fsencode(preferred / ".s.PGSQL.5432.lock")
    if len(longest) <= LONGEST_SOCKET_PATH and _PLAIN.fullmatch(str(preferred)):
        return private_folder(preferred)
    digest = hashlib.sha256(os.fsencode(preferred) + str(os.geteuid()).encode()).hexdigest()[:16]
    return private_folder(_short_parent() / f"yancheng-{digest}")


def _short_parent() -> Path:
    for place in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()):
        if len(place) < 50 and _PLAIN.fullmatch(place) and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return Path("/tmp")  # noqa: S108


def write_whole(path: Path, text: str) -> None:
    """Replace a file of ours in one step: others read the old text or the new one."""
    draft = path.with_name(f"{path.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
